"""``flask stock``: prove the ledger."""

from __future__ import annotations

import time
from datetime import date

import click
from flask.cli import AppGroup

from app.domain.stock import flows as stock_flows
from app.domain.upt import queries as upt_queries
from app.kernel import clock

commands = AppGroup("stock", help="Prove the stock ledger.")


@commands.command("verify")
@click.option("--upt", "slug", help="Address part of one UPT, for example lapas-indramayu.")
def verify(slug: str | None) -> None:
    """Replay every entry and check chains, sequences, balances and holds; exit 1 on any fault."""
    today = clock.now().date()
    upt_id = upt_queries.find_by_slug(slug=slug, on=today).upt_id if slug else None
    started = time.perf_counter()
    report = stock_flows.verify(upt_id=upt_id)
    seconds = time.perf_counter() - started
    click.echo(
        f"Diperiksa: {report.entries} entri dalam {report.chains} rantai, {report.balances} saldo,"
        f" {report.holds} penahanan; {seconds:.1f} detik."
    )
    names = _names({fault.upt_id for fault in report.faults}, today)
    for fault in report.faults:
        where = names.get(fault.upt_id, f"UPT {fault.upt_id}")
        number = "" if fault.sequence is None else f" #{fault.sequence}"
        click.echo(f"SALAH {where}{number} [{fault.code}] {fault.what}", err=True)
    if report.faults:
        raise SystemExit(1)
    click.echo("Buku stok utuh.")


def _names(upt_ids: set[int], today: date) -> dict[int, str]:
    return {upt_id: upt_queries.get(upt_id=upt_id, on=today).slug for upt_id in sorted(upt_ids)}
