"""``flask payments``: does all money add up?"""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.domain.payments import queries as payments_queries
from app.surfaces.web import filters

commands = AppGroup("payments", help="Money rows and what must add up.")


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
