"""``flask orders``: what the clock does to orders, by hand."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.domain.checkout import flows as checkout_flows
from app.domain.orders import queries as order_queries
from app.kernel import clock

commands = AppGroup("orders", help="Orders and their deadlines.")


@commands.command("expire")
def expire() -> None:
    """Expire unpaid orders whose grace is over, and give their stock back."""
    count = checkout_flows.expire_unpaid(at=clock.now())
    click.echo(f"{count} pesanan kedaluwarsa; stoknya tersedia lagi.")


@commands.command("close")
def close() -> None:
    """Take long shipped orders as delivered, and close long delivered ones."""
    count = checkout_flows.close_delivered(at=clock.now())
    click.echo(f"{count} pesanan maju karena waktunya tiba.")


@commands.command("verify")
def verify() -> None:
    """Prove for every line: ordered = cancelled + held + shipped; exit 1 naming what differs."""
    wrong = order_queries.list_wrong_quantities()
    for number in wrong:
        click.echo(f"{number}: jumlah dipesan bukan batal + disimpan + dikirim")
    if wrong:
        raise SystemExit(1)
    click.echo("Setiap baris pesanan cocok: dipesan = batal + disimpan + dikirim.")
