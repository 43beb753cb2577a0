"""Looking at a file, and posting it: work between transactions, so that nobody waits for a spreadsheet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final

import structlog

from app.domain.counts import queries as counts_queries
from app.domain.counts.errors import CountClosed, RowsUnfit
from app.domain.imports import queries, rules, services
from app.domain.imports.errors import (
    FileUnreadable,
    ImportRepeated,
    ImportStopped,
    TargetMissing,
    TargetUnfit,
)
from app.domain.imports.services.posting import typed
from app.domain.imports.services.turning import ensure_may
from app.domain.imports.types import (
    COLUMNS_MAX,
    FILE_BYTES_MAX,
    LINES_MAX,
    NAME_MAX,
    STOCK_IMPORT,
    UNPACKED_BYTES_MAX,
    CellError,
    CheckedFile,
    Mode,
    RowState,
    StagedRow,
    Table,
)
from app.infra import db, sheets
from app.kernel.actor import Actor
from app.kernel.errors import DomainError, NotFound, Unavailable
from app.kernel.text import has_control_signs

log = structlog.get_logger("imports")

LIMITS: Final = sheets.Limits(
    bytes_max=FILE_BYTES_MAX,
    unpacked_max=UNPACKED_BYTES_MAX,
    rows_max=LINES_MAX,
    columns_max=COLUMNS_MAX,
)
_COUNT_COLUMNS: Final = {
    "sku": "kode",
    "lot": "lot",
    "place": "tempat",
    "quantity": "dihitung",
    "note": "catatan",
    "sequence": "posisi",
}


def read_sheet(*, content: bytes) -> sheets.Sheet:
    """Return the cells of a file.

    Raises:
        FileUnreadable: It is no table that we read, or too large.
    """
    try:
        return sheets.read(content, limits=LIMITS)
    except sheets.SheetUnreadable as error:
        raise FileUnreadable(f"imports.file_{error.reason}") from None


def look(
    *,
    actor: Actor,
    upt_id: int,
    content: bytes,
    name: str,
    chosen: Mode | None,
    target: str,
    today: date,
) -> CheckedFile:
    """Return everything that a file says and everything that is wrong with it; nothing is written.

    Args:
        chosen: What the form says the list is for; None leaves it to the file.
        target: Count sheet that the form names; empty leaves it to the file.
        today: Date in the UPT.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: The actor may not bring in such a list.
        FileUnreadable, ModeUnclear, ModeMismatch: The file as a whole does not fit.
        TargetMissing, TargetUnfit: No count sheet is named, or it takes no numbers.
    """
    actor.ensure(STOCK_IMPORT, upt_id=upt_id)
    sheet = read_sheet(content=content)
    table = rules.read_table(rows=sheet.rows, first_line=sheet.first_line, chosen=chosen)
    ensure_may(actor=actor, upt_id=upt_id, mode=table.mode)
    if table.mode is Mode.COUNT:
        table = _targeted(table, target)
    goods = queries.goods_by_sku(upt_id=upt_id)
    rows = rules.judge(table=table, goods=goods, today=today)
    rows = rules.refuse_twins(rows=rows, mode=table.mode)
    fingerprint = rules.fingerprint(mode=table.mode, target=table.target, rows=rows)
    if table.mode is Mode.RECEIPTS:
        unique = {good.variant_id for good in goods.values() if good.is_unique}
        rows = _against_books(upt_id, rows, unique, today)
    elif table.mode is Mode.COUNT:
        rows = _against_sheet(actor, upt_id, table, rows)
    return CheckedFile(
        mode=table.mode,
        name=_clean_name(name),
        format=sheet.format.value,
        content=content,
        target=table.target,
        target_sequence=table.target_sequence,
        fingerprint=fingerprint,
        unread=table.unread,
        rows_blank=table.rows_blank,
        rows=rows,
    )


def _clean_name(name: str) -> str:
    """Return the name of a file without folders and signs that no name needs."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if not has_control_signs(sign)).strip()[-NAME_MAX:]


def _targeted(table: Table, target: str) -> Table:
    named = target.strip().upper()
    said = table.target.upper()
    if not (named or said):
        raise TargetMissing
    if named and said and named != said:
        raise TargetUnfit(said)
    return replace(table, target=named or said)


def _against_books(
    upt_id: int, rows: tuple[StagedRow, ...], unique: set[int], today: date
) -> tuple[StagedRow, ...]:
    """Return received rows held against lots, one-of-a-kind pieces and earlier files."""
    rows = rules.with_keys(rows=rows)
    lots = queries.lots_by_code(upt_id=upt_id)
    rows = rules.settle_lots(rows=rows, lots=lots, today=today)
    keys = {row.row_key for row in rows if row.row_key}
    rows = rules.mark_known(rows=rows, known=queries.known_keys(upt_id=upt_id, keys=keys))
    single = unique & {row.variant_id for row in rows if row.variant_id is not None}
    there = queries.pieces_anywhere(upt_id=upt_id, variant_ids=single)
    return rules.refuse_seconds(rows=rows, unique=single, there=there)


def _against_sheet(
    actor: Actor, upt_id: int, table: Table, rows: tuple[StagedRow, ...]
) -> tuple[StagedRow, ...]:
    """Return counted rows held against the sheet that they are for."""
    try:
        sheet = counts_queries.find_by_code(actor=actor, code=table.target)
        if sheet is None or sheet.upt_id != upt_id:
            raise TargetUnfit(table.target)
        good = [row for row in rows if row.state is RowState.READY]
        found = counts_queries.check_rows(
            actor=actor,
            count_id=sheet.count_id,
            rows=typed(rows=good),
            sequence=table.target_sequence,
        )
        errors = found.errors
    except (NotFound, CountClosed):
        raise TargetUnfit(table.target) from None
    except RowsUnfit as refused:
        errors = refused.rows
    by_line = {row.number: row for row in rows}
    for wrong in errors:
        line = wrong.row_number or rows[0].number
        column = _COUNT_COLUMNS.get(wrong.column, wrong.column)
        by_line[line] = rules.with_error(
            by_line[line], CellError(column, wrong.code, wrong.value[:120])
        )
    return tuple(by_line.values())


def check_file(
    *,
    actor: Actor,
    upt_id: int,
    content: bytes,
    name: str,
    chosen: Mode | None,
    target: str,
    entry_key: str,
    today: date,
    at: datetime,
) -> int:
    """Look at a file and keep what was found; return its id. The same form twice is one file.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: The actor may not bring in such a list.
        FileUnreadable, ModeUnclear, ModeMismatch, TargetMissing, TargetUnfit: See ``look``.
    """
    actor.ensure(STOCK_IMPORT, upt_id=upt_id)
    known = queries.find_by_key(upt_id=upt_id, entry_key=entry_key)
    if known is not None:
        return known
    checked = look(
        actor=actor, upt_id=upt_id, content=content, name=name, chosen=chosen, target=target,
        today=today,
    )  # fmt: skip
    try:
        return db.transact(
            lambda: services.stage(
                actor=actor, upt_id=upt_id, checked=checked, entry_key=entry_key, at=at
            )
        )
    except ImportRepeated:
        known = queries.find_by_key(upt_id=upt_id, entry_key=entry_key)
        if known is None:
            raise
        return known


def post_file(*, file_id: int, at: datetime) -> None:
    """Post what is left of a confirmed file; killed at any point, it goes on where it was.

    A refusal by the books stops the file and is written down with it.

    Raises:
        NotFound: No such file.
        Unavailable: A lock was not to be had; trying again later helps.
    """
    file = db.transact(lambda: services.begin(file_id=file_id, at=at))
    if file is None:
        return
    chunks = rules.chunks(rows=queries.rows_to_post(file=file))
    try:
        if file.is_whole:
            db.transact(lambda: services.post_whole(file_id=file_id, chunks=chunks, at=at))
        elif all(_post_chunk(file_id, chunk, at) for chunk in chunks):
            db.transact(lambda: services.finish(file_id=file_id, at=at))
    except ImportStopped as error:
        raise Unavailable from error  # another worker is at it; look again later
    except Unavailable:
        raise
    except DomainError as error:
        code = error.code
        log.warning("import_stopped", file_id=file_id, code=code)
        db.transact(lambda: services.stop(file_id=file_id, code=code, at=at))
        return
    _halt_if_asked(file_id, at)


def _post_chunk(file_id: int, rows: tuple[StagedRow, ...], at: datetime) -> bool:
    return db.transact(lambda: services.post_chunk(file_id=file_id, rows=rows, at=at))


def _halt_if_asked(file_id: int, at: datetime) -> None:
    """Write down that a file stopped because somebody asked for it; otherwise change nothing."""
    db.transact(lambda: services.stop(file_id=file_id, code="", at=at))
