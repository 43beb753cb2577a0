"""The sales of a day: list, figures, export."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.domain.till import rules
from app.domain.till.models import TillLine, TillPayment, TillSale
from app.domain.till.types import (
    TILL_SELL,
    DayTotals,
    Grade,
    PayMethod,
    SaleKind,
    SaleRow,
    SoldRow,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor

_UNDO: Final = aliased(TillSale)
_SOLD: Final = aliased(TillSale)
_GOODS: Final = (
    select(func.min(TillLine.name))
    .where(TillLine.sale_id == TillSale.id)
    .correlate(TillSale)
    .scalar_subquery()
)
_PIECES: Final = (
    select(func.sum(TillLine.quantity))
    .where(TillLine.sale_id == TillSale.id)
    .correlate(TillSale)
    .scalar_subquery()
)
_KINDS: Final = (
    select(func.count(TillLine.variant_id.distinct()))
    .where(TillLine.sale_id == TillSale.id)
    .correlate(TillSale)
    .scalar_subquery()
)
_DIGITS: Final = re.compile(r"[\d.]+")


def list_sales(
    *,
    actor: Actor,
    upt_id: int,
    day: date,
    text: str = "",
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[SaleRow]:
    """Return a page of the receipts of a day, newest first; a whole number finds any day's.

    Args:
        text: Number of a receipt or its last digits, an amount, or words of goods.

    Raises:
        NotFound, NotAllowed: The actor may not sell there.
    """
    actor.ensure(TILL_SELL, upt_id=upt_id)
    last = decode_cursor(cursor, kinds=(int,))
    conditions: list[ColumnElement[bool]] = [TillSale.upt_id == upt_id]
    if text.upper().startswith("K-"):
        conditions.append(TillSale.number == "K" + text.strip()[1:].lower())
    else:
        conditions += [TillSale.day == day, *_matching(text)]
    if last is not None:
        conditions.append(TillSale.id < int(last[0]))
    rows = (
        db.read_session()
        .execute(
            select(
                TillSale, TillPayment.method, _GOODS.label("goods"), _PIECES.label("pieces"), _KINDS.label("kinds"),
                _UNDO.number.label("undone_by"), _SOLD.number.label("undoes"),
            )
            .join(TillPayment, TillPayment.sale_id == TillSale.id)
            .outerjoin(_UNDO, _UNDO.undoes_id == TillSale.id)
            .outerjoin(_SOLD, _SOLD.id == TillSale.undoes_id)
            .where(*conditions)
            .order_by(TillSale.id.desc())
            .limit(size + 1)
        )
        .all()
    )  # fmt: skip
    shown = tuple(_row(row) for row in rows[:size])
    return Page(shown, after=encode_cursor((shown[-1].sale_id,)) if len(rows) > size else None)


def _matching(text: str) -> list[ColumnElement[bool]]:
    words = text.casefold().split()[:6]
    if len(words) == 1 and _DIGITS.fullmatch(words[0]) and len(words[0]) <= 15:
        figure = int(words[0].replace(".", "") or 0)
        sequence = TillSale.sequence == figure if figure < 2**31 else TillSale.id < 0
        found = [sequence, func.abs(TillSale.total_idr) == figure]
        return [or_(*found, _has_goods(words[0])) if len(words[0]) > 2 else or_(*found)]
    return [_has_goods(word) for word in words]


def _has_goods(word: str) -> ColumnElement[bool]:
    return exists().where(
        TillLine.sale_id == TillSale.id,
        or_(
            func.lower(TillLine.name).contains(word, autoescape=True),
            func.lower(TillLine.sku).contains(word, autoescape=True),
        ),
    )


def _row(row: Any) -> SaleRow:
    sale = row[0]
    return SaleRow(
        sale_id=sale.id,
        number=sale.number,
        kind=SaleKind(sale.kind),
        day=sale.day,
        sold_at=sale.sold_at,
        total_idr=sale.total_idr,
        quantity=int(row.pieces or 0),
        method=PayMethod(row.method),
        goods=row.goods or "",
        kinds=int(row.kinds or 0),
        undone_by=row.undone_by,
        undoes=row.undoes,
    )


def day_totals(*, actor: Actor, upt_id: int, day: date) -> DayTotals:
    """Return a day in figures, in two statements however many sales.

    Raises:
        NotFound, NotAllowed: The actor may not sell there.
    """
    actor.ensure(TILL_SELL, upt_id=upt_id)
    of_day = and_(TillSale.upt_id == upt_id, TillSale.day == day)
    rows = (
        db.read_session()
        .execute(
            select(
                TillPayment.method, TillSale.kind,
                func.count().label("sales"), func.sum(TillPayment.amount_idr).label("amount_idr"),
            )
            .join(TillSale, TillSale.id == TillPayment.sale_id)
            .where(of_day)
            .group_by(TillPayment.method, TillSale.kind)
        )
        .all()
    )  # fmt: skip
    pieces = db.read_session().scalar(
        select(func.sum(TillLine.quantity))
        .join(TillSale, TillSale.id == TillLine.sale_id)
        .where(of_day)
    )
    count = {kind: sum(row.sales for row in rows if row.kind == kind.value) for kind in SaleKind}
    by_method = rules.sum_by_method((row.method, int(row.amount_idr)) for row in rows)
    return DayTotals(
        sales=count[SaleKind.SALE],
        undone=count[SaleKind.UNDO],
        pieces=int(pieces or 0),
        total_idr=sum(by_method.values()),
        by_method=dict(by_method),
    )


def stream_lines(*, actor: Actor, upt_id: int, first: date, last: date) -> Iterator[SoldRow]:
    """Give every line sold in a stretch of days, oldest first, as the database sends them.

    Raises:
        NotFound, NotAllowed: The actor may not sell there.
    """
    actor.ensure(TILL_SELL, upt_id=upt_id)
    return _stream(upt_id, first, last)


def _stream(upt_id: int, first: date, last: date) -> Iterator[SoldRow]:
    """Open the cursor when the first line is wanted, close it whoever stops reading."""
    rows = db.read_session().execute(
        select(TillSale, TillLine, TillPayment, _SOLD.number)
        .join(TillLine, TillLine.sale_id == TillSale.id)
        .join(TillPayment, TillPayment.sale_id == TillSale.id)
        .outerjoin(_SOLD, _SOLD.id == TillSale.undoes_id)
        .where(TillSale.upt_id == upt_id, TillSale.day.between(first, last))
        .order_by(TillSale.id, TillLine.position)
        .execution_options(yield_per=500)
    )
    try:
        for row in rows:
            yield _sold(*row)
    finally:
        rows.close()


def _sold(sale: TillSale, line: TillLine, paid: TillPayment, undoes: str | None) -> SoldRow:
    return SoldRow(
        day=sale.day,
        sold_at=sale.sold_at,
        number=sale.number,
        kind=SaleKind(sale.kind),
        undoes=undoes or "",
        sku=line.sku,
        name=line.name,
        grade=Grade(line.grade),
        lot_code=line.lot_code,
        quantity=line.quantity,
        price_idr=line.price_idr,
        amount_idr=line.amount_idr,
        method=PayMethod(paid.method),
        reference=paid.reference,
    )
