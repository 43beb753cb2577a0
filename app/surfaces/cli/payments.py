"""``flask payments``: does all money add up?"""

from __future__ import annotations

from datetime import timedelta

import click
from flask.cli import AppGroup

from app.domain.checkout import flows as checkout_flows
from app.domain.payments import queries as payments_queries
from app.kernel import clock
from app.surfaces.web import filters

commands = AppGroup("payments", help="Money rows and what must add up.")


@commands.command("reconcile")
@click.option("--days", type=click.IntRange(1, 90), default=2, show_default=True)
def reconcile(days: int) -> None:
    """Compare the card provider's list with our books; exit 1 and name every difference."""
    differences = checkout_flows.reconcile(since=clock.now() - timedelta(days=days))
    for difference in differences:
        click.echo(f"✗ {difference.intent_id}: {difference.what}")
    if differences:
        raise click.exceptions.Exit(1)
    click.echo(f"Daftar penyedia dan buku kita sama, {days} hari terakhir.")


@commands.command("verify")
def verify() -> None:
    """Recompute every payment and order total; exit 1 and name what does not add up."""
    report = payments_queries.verify()
    click.echo(
        f"{report.payments} pembayaran, {report.entries} baris uang. "
        f"Masuk {filters.idr(report.received_idr)}"
        f" = untuk pesanan {filters.idr(report.settled_idr)}"
        f" + diperiksa {filters.idr(report.in_review_idr)}"
        f" + di luar pesanan, wajib kembali {filters.idr(report.owed_unsettled_idr)}."
    )
    click.echo(
        f"Masih harus dikembalikan {filters.idr(report.owed_idr)};"
        f" sudah dikembalikan {filters.idr(report.refunded_idr)}."
    )
    for fault in report.faults:
        click.echo(f"✗ {fault.reference}: {fault.what}")
    if report.faults:
        raise click.exceptions.Exit(1)
    click.echo("Semua cocok.")
