"""``flask search``: the index of goods and UPT."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.domain.search import flows as search_flows
from app.kernel.errors import DomainError
from app.surfaces.web import messages

commands = AppGroup("search", help="The search index, which can always be made anew.")


@commands.command("rebuild")
def rebuild() -> None:
    """Build the index anew beside the old one and swap it in; searches go on meanwhile."""
    try:
        report = search_flows.rebuild()
    except DomainError as error:
        raise click.ClickException(messages.for_error(error)) from None
    click.echo(f"{report.products} produk dan {report.upts} UPT di indeks baru.")


@commands.command("reconcile")
def reconcile() -> None:
    """Mend what differs between the index and the database."""
    try:
        count = search_flows.reconcile()
    except DomainError as error:
        raise click.ClickException(messages.for_error(error)) from None
    click.echo(f"{count} dokumen diperbarui." if count else "Indeks sudah sama dengan basis data.")
