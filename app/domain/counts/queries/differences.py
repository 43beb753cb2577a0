"""What differs, once the counters have handed in: the only place where the book is read.

While a sheet is being counted every function here refuses, whoever asks.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select, tuple_

from app.domain.counts import rules
from app.domain.counts.errors import BookHidden
from app.domain.counts.models import CountRow
from app.domain.counts.queries import sheets
from app.domain.counts.types import (
    REASON_PIECES,
    REASON_VALUE_IDR,
    ROWS_A_PAGE,
    STOCK_APPROVE,
    CountRecord,
    CountState,
    DifferenceFilter,
    DifferenceRow,
    Totals,
)
from app.domain.stock.types import Account
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.paging import Page, decode_cursor, encode_cursor

_FINAL: Final = case(
    (
        CountRow.recount_quantity.is_not(None),
        CountRow.recount_quantity - CountRow.recount_moved,
    ),
    else_=CountRow.quantity - CountRow.moved_quantity,
)
DIFFERENCE: Final = _FINAL - CountRow.book_quantity
_VALUE: Final = DIFFERENCE * CountRow.price_idr
_RANK: Final = (
    case((DIFFERENCE == 0, 1), else_=0),
    case((CountRow.price_idr.is_(None), 0), else_=1),
    -func.abs(func.coalesce(_VALUE, 0)),
    -func.abs(DIFFERENCE),
    CountRow.number,
)
_NEEDS_REASON: Final = and_(
    DIFFERENCE != 0,
    (CountRow.price_idr.is_(None))
    | (func.abs(_VALUE) >= REASON_VALUE_IDR)
    | (func.abs(DIFFERENCE) >= REASON_PIECES),
)


def _rows() -> Select[Any]:
    return select(
        CountRow,
        _FINAL.label("final"),
        DIFFERENCE.label("difference"),
        _VALUE.label("value"),
        *(part.label(f"rank_{number}") for number, part in enumerate(_RANK)),
    )


def _row(found: Any) -> DifferenceRow:
    row: CountRow = found.CountRow
    return DifferenceRow(
        row_id=row.id, number=row.number, variant_id=row.variant_id, lot_id=row.lot_id,
        account=Account(row.account), lot_code=row.lot_code, expires_on=row.expires_on,
        sku=row.sku, name=row.name, is_added=row.is_added, price_idr=row.price_idr,
        book_quantity=row.book_quantity, counted_quantity=row.quantity or 0,
        moved_quantity=(
            row.moved_quantity if row.recount_quantity is None else row.recount_moved
        ),
        recount_quantity=row.recount_quantity, is_recount_asked=row.is_recount_asked,
        final_quantity=found.final, difference=found.difference, value_idr=found.value,
        reason=rules.reason_of(row.reason), reason_note=row.reason_note, note=row.note,
        version=row.version, entry_id=row.entry_id, is_left=row.is_left,
    )  # fmt: skip


def differences(
    *,
    actor: Actor,
    count_id: int,
    show: DifferenceFilter = DifferenceFilter.DIFFERING,
    cursor: str | None = None,
    size: int = ROWS_A_PAGE,
) -> Page[DifferenceRow]:
    """Return rows with book and difference, what is at stake first.

    Rows that wait for a second number are shown to those who may approve only: whoever counts them
    again must not know the first.

    Raises:
        NotFound: No such sheet, or not the actor's.
        NotAllowed: ``stock.view`` is not held there.
        BookHidden: The sheet is being counted.
    """
    record = _ensure_shown(actor, count_id)
    conditions: list[ColumnElement[bool]] = [
        CountRow.sheet_id == count_id,
        *_for(actor, record),
    ]
    if show is DifferenceFilter.DIFFERING:
        conditions.append(DIFFERENCE != 0)
    elif show is DifferenceFilter.REASON:
        conditions += [_NEEDS_REASON, CountRow.reason == ""]
    elif show is DifferenceFilter.LEFT:
        conditions.append(CountRow.is_left.is_(True))
    last = decode_cursor(cursor, kinds=(int,) * len(_RANK))
    if last is not None:
        conditions.append(tuple_(*_RANK) > tuple_(*(literal(part) for part in last)))
    found = (
        db.read_session().execute(_rows().where(*conditions).order_by(*_RANK).limit(size + 1)).all()
    )
    after = None
    if len(found) > size:
        end = found[size - 1]
        after = encode_cursor([int(getattr(end, f"rank_{n}")) for n in range(len(_RANK))])
    return Page(tuple(_row(row) for row in found[:size]), after=after)


def _ensure_shown(actor: Actor, count_id: int) -> CountRecord:
    record = sheets.get_count(actor=actor, count_id=count_id)
    if record.state not in (CountState.HANDED_IN, CountState.APPROVED):
        raise BookHidden
    return record


def _for(actor: Actor, record: CountRecord) -> list[ColumnElement[bool]]:
    if actor.may(STOCK_APPROVE, upt_id=record.upt_id):
        return []
    return [CountRow.is_recount_asked.is_(False)]


def difference_row(*, actor: Actor, count_id: int, row_id: int) -> DifferenceRow:
    """Return one row with book and difference.

    Raises:
        NotFound: No such sheet or row, or not the actor's.
        BookHidden: The sheet is being counted, or the row waits for a second number.
    """
    record = _ensure_shown(actor, count_id)
    found = (
        db.read_session()
        .execute(
            _rows().where(
                CountRow.sheet_id == count_id, CountRow.id == row_id, *_for(actor, record)
            )
        )
        .first()
    )
    if found is None:
        raise NotFound
    return _row(found)


def list_differing(*, count_id: int) -> tuple[DifferenceRow, ...]:
    """Return every row that differs, in the order of the sheet, for the posting itself."""
    found = db.session().execute(
        _rows()
        .where(CountRow.sheet_id == count_id, DIFFERENCE != 0)
        .order_by(CountRow.number)
        .execution_options(populate_existing=True)
    )
    return tuple(_row(row) for row in found)


def totals(*, actor: Actor, count_id: int) -> Totals:
    """Return the sums of a sheet's differences.

    Raises:
        NotFound: No such sheet, or not the actor's.
        BookHidden: The sheet is being counted.
    """
    _ensure_shown(actor, count_id)
    return totals_of(count_id=count_id)


def totals_of(*, count_id: int) -> Totals:
    """Return the sums of a sheet's differences, in one statement."""

    def summed(value: Any) -> Any:
        return func.coalesce(func.sum(value), 0)

    row = (
        db.read_session()
        .execute(
            select(
                func.count(),
                summed(case((DIFFERENCE != 0, 1), else_=0)),
                summed(case((DIFFERENCE > 0, DIFFERENCE), else_=0)),
                summed(case((DIFFERENCE < 0, -DIFFERENCE), else_=0)),
                summed(case((_VALUE > 0, _VALUE), else_=0)),
                summed(case((_VALUE < 0, -_VALUE), else_=0)),
                summed(case((and_(DIFFERENCE != 0, CountRow.price_idr.is_(None)), 1), else_=0)),
                summed(case((and_(_NEEDS_REASON, CountRow.reason == ""), 1), else_=0)),
            ).where(CountRow.sheet_id == count_id)
        )
        .one()
    )
    return Totals(*(int(part) for part in row))
