"""``flask catalog``: keep the listing in step with what was published."""

from __future__ import annotations

from functools import partial

import click
from flask.cli import AppGroup

from app.domain.catalog import services as catalog_services
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel import clock

commands = AppGroup("catalog", help="Products and their listing.")


@commands.command("refresh")
def refresh() -> None:
    """Write every listing row anew, one UPT at a time; needed after a UPT was renamed."""
    count = 0
    for upt in upt_queries.list_all():
        refresh_one = partial(catalog_services.refresh_listings, upt_id=upt.upt_id, at=clock.now())
        count += db.transact(refresh_one)
    click.echo(f"{count} produk disegarkan.")
