"""Files that came in: lists, one with its errors and sums, its rows for posting."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from app.domain.catalog import queries as catalog_queries
from app.domain.imports.models import ImportContent, ImportFile, ImportRow
from app.domain.imports.types import (
    ERRORS_A_PAGE,
    STOCK_IMPORT,
    SUMS_A_PAGE,
    TAKEN,
    CellError,
    Earlier,
    FileRecord,
    FileState,
    Mode,
    Origin,
    RowState,
    StagedRow,
    Sum,
)
from app.domain.stock import queries as stock_queries
from app.domain.stock.types import PLACES
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor

_AT_ONCE: Final = 5_000


def record(*, row: ImportFile) -> FileRecord:
    """Return a loaded file as it leaves the package."""
    plain = (
        "upt_id", "name", "format", "target", "target_sequence", "fingerprint", "rows_total", "rows_blank", "rows_wrong",
        "rows_known", "rows_same", "rows_posted", "pieces", "goods", "is_whole", "with_known",
        "uploaded_by", "uploaded_at", "confirmed_by", "confirmed_at", "finished_at", "stop_code",
        "has_rows",
    )  # fmt: skip
    return FileRecord(
        file_id=row.id,
        mode=Mode(row.mode),
        state=FileState(row.state),
        unread=tuple(json.loads(row.unread)),
        **{name: getattr(row, name) for name in plain},
    )


def list_files(*, actor: Actor, upt_id: int, cursor: str | None = None) -> Page[FileRecord]:
    """Return the files of a UPT, newest first.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.import`` is not held there.
    """
    actor.ensure(STOCK_IMPORT, upt_id=upt_id)
    last = decode_cursor(cursor, kinds=(int,))
    statement = select(ImportFile).where(ImportFile.upt_id == upt_id)
    if last is not None:
        statement = statement.where(ImportFile.id < last[0])
    rows = list(
        db.read_session().scalars(statement.order_by(ImportFile.id.desc()).limit(PAGE_SIZE + 1))
    )
    shown = tuple(record(row=row) for row in rows[:PAGE_SIZE])
    after = encode_cursor((shown[-1].file_id,)) if len(rows) > PAGE_SIZE else None
    return Page(shown, after=after)


def get_file(*, actor: Actor, file_id: int) -> FileRecord:
    """Return a file.

    Raises:
        NotFound: No such file, or of a UPT with which the actor has nothing to do.
        NotAllowed: ``stock.import`` is not held there.
    """
    row = db.read_session().get(ImportFile, file_id, populate_existing=True)
    if row is None:
        raise NotFound
    actor.ensure(STOCK_IMPORT, upt_id=row.upt_id)
    return record(row=row)


def lock_file(*, file_id: int) -> ImportFile:
    """Return the row of a file, held until the end of the unit of work.

    Raises:
        NotFound: There is none.
    """
    row = db.session().scalar(
        db.for_update(select(ImportFile).where(ImportFile.id == file_id)),
        execution_options={"populate_existing": True},
    )
    if row is None:
        raise NotFound
    return row


def find_by_key(*, upt_id: int, entry_key: str) -> int | None:
    """Return the file that a form with this key brought."""
    return db.read_session().scalar(
        select(ImportFile.id).where(ImportFile.upt_id == upt_id, ImportFile.entry_key == entry_key)
    )


def find_earlier(*, file: FileRecord) -> Earlier | None:
    """Return the other file that stands for the same content, if there is one."""
    row = (
        db.read_session()
        .execute(
            select(
                ImportFile.id, ImportFile.state, ImportFile.confirmed_by, ImportFile.confirmed_at
            ).where(
                ImportFile.upt_id == file.upt_id,
                ImportFile.mode == file.mode.value,
                ImportFile.fingerprint == file.fingerprint,
                ImportFile.id != file.file_id,
                ImportFile.state.in_([state.value for state in TAKEN]),
            )
        )
        .first()
    )
    return Earlier(row[0], FileState(row[1]), row[2], row[3]) if row else None


def known_keys(*, upt_id: int, keys: Collection[str]) -> frozenset[str]:
    """Return those keys of received rows that files of this UPT have posted."""
    ordered = sorted(keys)
    found: set[str] = set()
    for start in range(0, len(ordered), _AT_ONCE):
        found.update(
            db.read_session().scalars(
                select(ImportRow.row_key)
                .join(ImportFile, ImportFile.id == ImportRow.file_id)
                .where(
                    ImportRow.row_key.in_(ordered[start : start + _AT_ONCE]),
                    ImportRow.state == RowState.POSTED.value,
                    ImportFile.upt_id == upt_id,
                )
            )
        )
    return frozenset(found)


def get_content(*, file_id: int) -> bytes:
    """Return the file as it was sent.

    Raises:
        NotFound: It was cleaned away.
    """
    content = db.read_session().scalar(
        select(ImportContent.content).where(ImportContent.file_id == file_id)
    )
    if content is None:
        raise NotFound
    return content


def list_wrong(*, file_id: int, cursor: str | None = None) -> Page[StagedRow]:
    """Return rows with what is wrong with them, a hundred at a time."""
    last = decode_cursor(cursor, kinds=(int,))
    statement = select(ImportRow).where(
        ImportRow.file_id == file_id, ImportRow.state == RowState.WRONG.value
    )
    if last is not None:
        statement = statement.where(ImportRow.number > last[0])
    rows = list(
        db.read_session().scalars(statement.order_by(ImportRow.number).limit(ERRORS_A_PAGE + 1))
    )
    shown = tuple(staged(row=row) for row in rows[:ERRORS_A_PAGE])
    after = encode_cursor((shown[-1].number,)) if len(rows) > ERRORS_A_PAGE else None
    return Page(shown, after=after)


def errors_by_line(*, file_id: int) -> dict[int, tuple[CellError, ...]]:
    """Return everything wrong with a file by line."""
    rows = db.read_session().execute(
        select(ImportRow.number, ImportRow.errors).where(
            ImportRow.file_id == file_id, ImportRow.state == RowState.WRONG.value
        )
    )
    return {row.number: _errors(row.errors) for row in rows}


def rows_to_post(*, file: FileRecord) -> tuple[StagedRow, ...]:
    """Return the rows that are chosen and not posted yet, in the order of the file."""
    states = [RowState.READY.value, *([RowState.KNOWN.value] if file.with_known else ())]
    columns = [column for column in ImportRow.__table__.columns if column.name != "errors"]
    rows = db.read_session().execute(
        select(*columns)
        .where(ImportRow.file_id == file.file_id, ImportRow.state.in_(states))
        .order_by(ImportRow.number)
    )
    return tuple(staged(row=row) for row in rows)


def has_opening(*, file_id: int) -> bool:
    """Say whether a file brings opening balances."""
    found = db.read_session().scalar(
        select(ImportRow.number)
        .where(ImportRow.file_id == file_id, ImportRow.origin == Origin.OPENING.value)
        .limit(1)
    )
    return found is not None


def list_sums(*, file: FileRecord, cursor: str | None = None) -> Page[Sum]:
    """Return what a file does to each SKU, before and after, a hundred at a time."""
    last = decode_cursor(cursor, kinds=(str,))
    statement = (
        select(
            ImportRow.variant_id,
            ImportRow.sku,
            func.count().label("rows"),
            func.sum(case((_is_counted(file), ImportRow.quantity), else_=0)).label("pieces"),
            func.max(ImportRow.price_idr).label("price_idr"),
            func.max(ImportRow.before_idr).label("before_idr"),
        )
        .where(ImportRow.file_id == file.file_id, _is_counted(file))
        .group_by(ImportRow.variant_id, ImportRow.sku)
        .order_by(ImportRow.sku)
        .limit(SUMS_A_PAGE + 1)
    )
    if last is not None:
        statement = statement.where(ImportRow.sku > last[0])
    rows = db.read_session().execute(statement).all()
    shown = rows[:SUMS_A_PAGE]
    after = encode_cursor((shown[-1].sku,)) if len(rows) > SUMS_A_PAGE else None
    return Page(tuple(_sums(file, shown)), after=after)


def _is_counted(file: FileRecord) -> ColumnElement[bool]:
    states = [RowState.READY.value, RowState.POSTED.value]
    if file.with_known:
        states.append(RowState.KNOWN.value)
    return and_(ImportRow.state.in_(states), or_(ImportRow.variant_id.is_not(None)))


def _sums(file: FileRecord, rows: Collection[Any]) -> Iterator[Sum]:
    ids = [row.variant_id for row in rows]
    names = catalog_queries.variant_briefs(variant_ids=ids)
    there = stock_queries.places(upt_id=file.upt_id, variant_ids=ids) if ids else {}
    for row in rows:
        brief = names.get(row.variant_id)
        name = ", ".join(filter(None, (brief.product_name, brief.variant_name))) if brief else ""
        lying = there.get(row.variant_id, {})
        before = sum(lying[place].on_hand for place in PLACES if place in lying)
        pieces = int(row.pieces or 0)
        plain = (row.variant_id, row.sku, name, row.rows, pieces)
        if file.mode is Mode.PRICES:
            yield Sum(*plain, row.before_idr, row.price_idr)
        else:
            yield Sum(*plain, before, before + pieces)


def staged(*, row: Any) -> StagedRow:
    """Return a stored row as it leaves the package."""
    return StagedRow(
        number=row.number,
        state=RowState(row.state),
        sku=row.sku,
        variant_id=row.variant_id,
        quantity=row.quantity,
        price_idr=row.price_idr,
        before_idr=row.before_idr,
        place=row.place,
        origin=Origin(row.origin) if row.origin else None,
        lot_code=row.lot_code,
        produced_on=row.produced_on,
        expires_on=row.expires_on,
        happened_on=row.happened_on,
        document=row.document,
        note=row.note,
        row_key=row.row_key,
        errors=_errors(getattr(row, "errors", "")),
    )


def _errors(text: str) -> tuple[CellError, ...]:
    return tuple(CellError(**each) for each in json.loads(text)) if text else ()
