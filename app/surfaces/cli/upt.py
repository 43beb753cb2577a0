"""``flask upt``: the register of units from the server's shell."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
from flask.cli import AppGroup

from app.domain.upt import queries as upt_queries
from app.domain.upt import rules as upt_rules
from app.domain.upt import services as upt_services
from app.domain.upt.adapters import register_file
from app.domain.upt.errors import RegisterUnreadable
from app.infra import db
from app.kernel import actor as kernel_actor
from app.kernel import clock
from app.surfaces.web import messages

SYSTEM: Final = kernel_actor.system("cli")

commands = AppGroup("upt", help="Units and their register.")


@commands.command("list")
def list_units() -> None:
    """Print every unit: address, short name, regency."""
    for upt in upt_queries.list_register(actor=SYSTEM):
        state = "" if upt.is_active else "\tditutup"
        click.echo(f"{upt.slug}\t{upt.short_name}\t{upt.town}{state}")


@commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what is wrong and what would happen.")
def import_register(file: Path, dry_run: bool) -> None:
    """Apply a register FILE (CSV or XLSX); all rows or none."""
    at = clock.now()
    try:
        rows = register_file.read_rows(file.read_bytes())
    except RegisterUnreadable as error:
        raise click.ClickException(messages.text(error.reason)) from None
    preview = upt_rules.read_register(
        rows=rows,
        context=upt_queries.register_context(),
        today=clock.local_date(at=at, timezone="Asia/Jakarta"),
    )
    for wrong in preview.errors:
        words = messages.text(wrong.code)
        click.echo(f"baris {wrong.row_number} {wrong.column}: {words} [{wrong.value}]", err=True)
    if preview.errors:
        raise click.ClickException(f"{len(preview.errors)} kesalahan; tidak ada yang diubah")
    if dry_run:
        click.echo(f"{preview.count_new} baru, {preview.count_known} sudah tercatat")
        return
    outcome = db.transact(lambda: upt_services.apply_register(actor=SYSTEM, preview=preview, at=at))
    click.echo(
        f"{outcome.added} ditambahkan, {outcome.changed} diperbarui, {outcome.unchanged} tetap"
    )
