"""``flask imports``: look at a list, or bring it in, from the server's shell."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Final

import click
from flask.cli import AppGroup

from app.domain.imports import flows, queries, services
from app.domain.imports.types import MODE_NAMES, CheckedFile, FileState, RowState
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel import actor as kernel_actor
from app.kernel import clock
from app.kernel.errors import DomainError, Invalid
from app.surfaces.web import messages

SYSTEM: Final = kernel_actor.system("cli")
MODES: Final = {name: mode for mode, name in MODE_NAMES.items()}
ERRORS_SHOWN: Final = 1_000

commands = AppGroup("imports", help="Lists of goods: receipts, counts, prices.")


def _options(command: click.decorators.FC) -> click.decorators.FC:
    for option in (
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
        click.option("--upt", "slug", required=True, help="Address part of the UPT."),
        click.option("--mode", type=click.Choice(list(MODES)), help="When the file does not say."),
        click.option("--sheet", default="", help="Code of the count sheet, for opname."),
    ):
        command = option(command)
    return command


@commands.command("check")
@_options
def check(file: Path, slug: str, mode: str | None, sheet: str) -> None:
    """Look at FILE and say everything that is wrong; nothing is kept. Exit 1 on any error."""
    _tell(_look(file, slug, mode, sheet, at=clock.now())[1])


@commands.command("run")
@_options
@click.option("--partial", is_flag=True, help="Post the good rows, step by step.")
@click.option("--again", is_flag=True, help="Take rows again that were imported before.")
def run(file: Path, slug: str, mode: str | None, sheet: str, partial: bool, again: bool) -> None:
    """Bring FILE in at once; all rows or none, unless told otherwise."""
    at = clock.now()
    upt_id, checked = _look(file, slug, mode, sheet, at=at)
    _tell(checked, is_fatal=not partial)
    key = hashlib.sha256(f"{at.isoformat()} {file.resolve()}".encode()).hexdigest()
    try:
        file_id = db.transact(
            lambda: services.stage(
                actor=SYSTEM, upt_id=upt_id, checked=checked, entry_key=key, at=at
            )
        )
        db.transact(
            lambda: services.confirm(
                actor=SYSTEM, file_id=file_id, is_whole=not partial, with_known=again, at=at
            )
        )
    except DomainError as error:
        raise click.ClickException(messages.for_error(error)) from None
    flows.post_file(file_id=file_id, at=at)
    record = queries.get_file(actor=SYSTEM, file_id=file_id)
    if record.state is not FileState.DONE:
        raise click.ClickException(messages.text(record.stop_code or "imports.stopped"))
    click.echo(f"{record.rows_posted} baris masuk sebagai impor {file_id}")


def _look(
    file: Path, slug: str, mode: str | None, sheet: str, *, at: datetime
) -> tuple[int, CheckedFile]:
    try:
        upt = upt_queries.find_by_slug(slug=slug, on=at.date())
        return upt.upt_id, flows.look(
            actor=SYSTEM,
            upt_id=upt.upt_id,
            content=file.read_bytes(),
            name=file.name,
            chosen=MODES[mode] if mode else None,
            target=sheet,
            today=clock.local_date(at=at, timezone=upt.timezone),
        )
    except Invalid as error:
        words = " ".join(messages.for_field(each) for each in error.errors)
        raise click.ClickException(words) from None
    except DomainError as error:
        raise click.ClickException(messages.for_error(error)) from None


def _tell(checked: CheckedFile, *, is_fatal: bool = True) -> None:
    wrong = [(row, error) for row in checked.rows for error in row.errors]
    for row, error in wrong[:ERRORS_SHOWN]:
        words = messages.text(error.code, hint=error.hint)
        where = f"baris {row.number} {error.column}".rstrip()
        click.echo(f"{where}: {words} [{error.value}]", err=True)
    ready = [row for row in checked.rows if row.state is RowState.READY]
    known = sum(row.state is RowState.KNOWN for row in checked.rows)
    name = MODE_NAMES[checked.mode]
    goods = len({row.variant_id for row in ready})
    same = sum(row.state is RowState.SAME for row in checked.rows)
    click.echo(
        f"{name}: {len(ready)} baris baik dari {goods} SKU, {known} sudah pernah diimpor,"
        f" {same} tidak berubah"
    )
    if wrong and is_fatal:
        raise click.ClickException(f"{len(wrong)} kesalahan; tidak ada yang diubah")
