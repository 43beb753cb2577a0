"""Rows as counters see them. Nothing here reads the book: there is no column of it in any statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from app.domain.counts import rules
from app.domain.counts.errors import RowsUnfit
from app.domain.counts.models import CountRow, CountSheet
from app.domain.counts.queries import locks, sheets
from app.domain.counts.types import (
    ROWS_A_PAGE,
    ROWS_A_PAPER,
    STOCK_COUNT,
    BlindRow,
    CountState,
    RowFilter,
    TypedCheck,
    TypedRow,
    TypedRowError,
)
from app.domain.stock.types import Account
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.paging import Page, decode_cursor, encode_cursor

FOUND_MAX: Final = 40

_COLUMNS: Final = (
    CountRow.id,
    CountRow.number,
    CountRow.variant_id,
    CountRow.account,
    CountRow.lot_code,
    CountRow.expires_on,
    CountRow.sku,
    CountRow.name,
    CountRow.is_added,
    CountRow.quantity,
    CountRow.note,
    CountRow.version,
    CountRow.counted_by,
    CountRow.counted_at,
)


def blind_of(*, row: Any) -> BlindRow:
    """Return what a counter may see of a row."""
    return BlindRow(
        row.id, row.number, row.variant_id, Account(row.account), row.lot_code, row.expires_on,
        row.sku, row.name, row.is_added, row.quantity, row.note, row.version, row.counted_by,
        row.counted_at,
    )  # fmt: skip


def blind_rows(
    *,
    actor: Actor,
    count_id: int,
    show: RowFilter = RowFilter.ALL,
    cursor: str | None = None,
    size: int = ROWS_A_PAGE,
) -> Page[BlindRow]:
    """Return rows of a sheet in the order of the walk.

    Raises:
        NotFound: No such sheet, or not the actor's.
        NotAllowed: ``stock.count`` is not held there.
    """
    _ensure_counter(actor, count_id)
    conditions: list[ColumnElement[bool]] = [CountRow.sheet_id == count_id]
    if show is RowFilter.LEFT:
        conditions.append(CountRow.quantity.is_(None))
    elif show is RowFilter.DONE:
        conditions.append(CountRow.quantity.is_not(None))
    last = decode_cursor(cursor, kinds=(int,))
    if last is not None:
        conditions.append(CountRow.number > last[0])
    rows = (
        db.read_session()
        .execute(select(*_COLUMNS).where(*conditions).order_by(CountRow.number).limit(size + 1))
        .all()
    )
    shown = tuple(blind_of(row=row) for row in rows[:size])
    after = encode_cursor((shown[-1].number,)) if len(rows) > size else None
    return Page(shown, after=after)


def _ensure_counter(actor: Actor, count_id: int) -> None:
    record = sheets.get_count(actor=actor, count_id=count_id)
    actor.ensure(STOCK_COUNT, upt_id=record.upt_id)


def blind_row(*, actor: Actor, count_id: int, row_id: int) -> BlindRow:
    """Return one row of a sheet.

    Raises:
        NotFound: No such row or sheet, or not the actor's.
        NotAllowed: ``stock.count`` is not held there.
    """
    _ensure_counter(actor, count_id)
    row = (
        db.read_session()
        .execute(select(*_COLUMNS).where(CountRow.sheet_id == count_id, CountRow.id == row_id))
        .first()
    )
    if row is None:
        raise NotFound
    return blind_of(row=row)


def find_rows(
    *, actor: Actor, count_id: int, sku: str, lot_code: str | None = None
) -> tuple[BlindRow, ...]:
    """Return the rows that a scan means: the code first, else every row whose name holds the words.

    Raises:
        NotFound: No such sheet, or not the actor's.
        NotAllowed: ``stock.count`` is not held there.
    """
    _ensure_counter(actor, count_id)
    text = sku.strip()
    if not text:
        return ()
    found = _where(count_id, func.lower(CountRow.sku) == text.lower())
    of_lot = tuple(row for row in found if lot_code and row.lot_code.lower() == lot_code.lower())
    if found:
        return of_lot or found
    words = text.lower().split()[:5]
    return _where(
        count_id, *(func.lower(CountRow.name).contains(word, autoescape=True) for word in words)
    )


def _where(count_id: int, *conditions: ColumnElement[bool]) -> tuple[BlindRow, ...]:
    rows = db.read_session().execute(
        select(*_COLUMNS)
        .where(CountRow.sheet_id == count_id, *conditions)
        .order_by(CountRow.number)
        .limit(FOUND_MAX)
    )
    return tuple(blind_of(row=row) for row in rows)


def recount_rows(*, actor: Actor, count_id: int) -> tuple[BlindRow, ...]:
    """Return the rows that wait for their second number, without the first one.

    Raises:
        NotFound: No such sheet, or not the actor's.
        NotAllowed: ``stock.count`` is not held there.
    """
    _ensure_counter(actor, count_id)
    rows = db.read_session().execute(
        select(*_COLUMNS)
        .where(CountRow.sheet_id == count_id, CountRow.is_recount_asked)
        .order_by(CountRow.number)
        .limit(FOUND_MAX)
    )
    return tuple(_unnumbered(row) for row in rows)


def _unnumbered(row: Any) -> BlindRow:
    return BlindRow(
        row.id, row.number, row.variant_id, Account(row.account), row.lot_code, row.expires_on,
        row.sku, row.name, row.is_added, None, "", row.version, None, None,
    )  # fmt: skip


def paper_rows(*, actor: Actor, count_id: int, part: int) -> tuple[BlindRow, ...]:
    """Return the rows of one part of the printed sheet; parts count from 1.

    Raises:
        NotFound: No such sheet or part, or not the actor's.
        NotAllowed: ``stock.count`` is not held there.
    """
    _ensure_counter(actor, count_id)
    first = (part - 1) * ROWS_A_PAPER
    rows = (
        db.read_session()
        .execute(
            select(*_COLUMNS)
            .where(
                CountRow.sheet_id == count_id,
                CountRow.number > first,
                CountRow.number <= first + ROWS_A_PAPER,
            )
            .order_by(CountRow.number)
        )
        .all()
    )
    if part < 1 or (part > 1 and not rows):
        raise NotFound
    return tuple(blind_of(row=row) for row in rows)


def check_rows(
    *,
    actor: Actor,
    count_id: int,
    rows: Sequence[TypedRow],
    sequence: int | None = None,
    is_replacing: bool = False,
) -> TypedCheck:
    """Say what typed rows would do, with every error of every row, without writing anything.

    Args:
        sequence: Ledger position that the file names; must be the sheet's.

    Raises:
        NotFound: No such sheet, or not the actor's.
        NotAllowed: ``stock.count`` is not held there.
        CountClosed: The sheet is not being counted.
    """
    _ensure_counter(actor, count_id)
    sheet = db.read_session().get(CountSheet, count_id)
    assert sheet is not None
    rules.ensure_state(found=CountState(sheet.state), wanted=(CountState.COUNTING,))
    try:
        ensure_position(sheet=sheet, sequence=sequence)
    except RowsUnfit as refusal:
        return TypedCheck(refusal.rows, 0, 0, 0)
    found = match_rows(sheet=sheet, rows=rows, is_replacing=is_replacing)
    return TypedCheck(found.errors, len(found.known), len(found.new), found.unchanged)


def ensure_position(*, sheet: CountSheet, sequence: int | None) -> None:
    """Refuse a file that was made for another position of the ledger."""
    if sequence is not None and sequence != sheet.ledger_sequence:
        wrong = TypedRowError(0, "sequence", "counts.position_unfit", f"{sequence}")
        raise RowsUnfit((wrong,))


def match_rows(*, sheet: CountSheet, rows: Sequence[TypedRow], is_replacing: bool) -> rules.Matched:
    """Match typed rows against a sheet; three statements whatever their number."""
    scope = sheets.scope_of(row=sheet)
    goods = locks.goods_of(upt_id=sheet.upt_id, scope=rules.everything())
    allowed = None
    if rules.is_narrow(scope):
        allowed = frozenset(locks.goods_of(upt_id=sheet.upt_id, scope=scope))
    return rules.match(
        typed=rows,
        sheet=locks.known_rows(count_id=sheet.id),
        goods={found.sku.casefold(): found for found in goods.values()},
        places=rules.places_of(scope),
        allowed=allowed,
        on=sheet.opened_at.date(),
        is_replacing=is_replacing,
    )
