"""What may be promised: the one place where availability is worked out.

A lapsed hold never counts, whether or not a worker has closed it: every figure adds back what holds
past their end still keep. Expired and blocked lots are left out.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Select,
    and_,
    bindparam,
    case,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    table,
    union_all,
)

from app.domain.stock import rules
from app.domain.stock.models import StockBalance, StockHold, StockLot
from app.domain.stock.types import PROMISED_FROM, Account, HoldState, LotState, StockPosition
from app.infra import db
from app.infra.db import UtcDateTime

_VARIANT: Final = table(
    "variant", column("id"), column("upt_id"), column("product_id"), column("is_active")
)
_FREE: Final = StockBalance.in_posted - StockBalance.out_posted - StockBalance.out_pending
_OPEN: Final = StockHold.state == HoldState.OPEN.value
_PROMISED_FROM: Final = [account.value for account in PROMISED_FROM]


def _sellable(*, on: date | BindParameter[date]) -> ColumnElement[bool]:
    return and_(
        StockLot.state == LotState.OPEN.value,
        or_(StockLot.expires_on.is_(None), StockLot.expires_on >= on),
    )


def _lapsed(*, at: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return and_(_OPEN, StockHold.expires_at <= at)


def _positions(
    *,
    at: datetime | BindParameter[datetime],
    on: date | BindParameter[date],
    balance: ColumnElement[bool],
    hold: ColumnElement[bool],
) -> Select[Any]:
    """Return the figures of ``StockPosition`` by variant; ``held`` counts holds in force only."""
    sellable = _sellable(on=on)
    is_work = StockBalance.account == Account.CAPACITY.value
    of_work = StockHold.from_account == Account.CAPACITY.value
    counters = (
        select(
            StockBalance.variant_id.label("variant_id"),
            case((is_work, 0), else_=StockBalance.in_posted - StockBalance.out_posted).label(
                "on_hand"
            ),
            case((is_work, 0), else_=StockBalance.out_pending).label("held"),
            case((sellable, _FREE), else_=0).label("available"),
            case((and_(is_work, sellable), _FREE), else_=0).label("capacity"),
        )
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .where(StockBalance.account.in_(_PROMISED_FROM), balance)
    )
    lapsed = (
        select(
            StockHold.variant_id,
            literal(0),
            case((of_work, 0), else_=-StockHold.quantity),
            case((sellable, StockHold.quantity), else_=0),
            case((and_(of_work, sellable), StockHold.quantity), else_=0),
        )
        .join(StockLot, StockLot.id == StockHold.lot_id)
        .where(StockHold.from_account.in_(_PROMISED_FROM), _lapsed(at=at), hold)
    )
    parts = union_all(counters, lapsed).subquery()
    return select(
        parts.c.variant_id,
        func.sum(parts.c.on_hand).label("on_hand"),
        func.sum(parts.c.held).label("held"),
        func.sum(parts.c.available).label("available"),
        func.sum(parts.c.capacity).label("capacity"),
    ).group_by(parts.c.variant_id)


@cache
def _availability() -> Select[Any]:
    """Return the statement that most pages ask, built once for the process."""
    wanted: BindParameter[Any] = bindparam("variant_ids", expanding=True)
    return _positions(
        at=bindparam("at", type_=UtcDateTime),
        on=bindparam("on", type_=Date),
        balance=StockBalance.variant_id.in_(wanted),
        hold=StockHold.variant_id.in_(wanted),
    )


def availability(*, variant_ids: Collection[int], at: datetime) -> dict[int, int]:
    """Return how many pieces of each variant may be promised now, in one statement.

    Lapsed holds, expired lots and blocked lots do not count. Every id asked for is in the answer.
    """
    found = dict.fromkeys(variant_ids, 0)
    if found:
        values = {"variant_ids": list(found), "at": at, "on": rules.selling_date(at=at)}
        rows = db.read_session().execute(_availability(), values)
        found.update({row.variant_id: int(row.available) for row in rows})
    return found


def product_has_available(*, product_id: ColumnElement[int], at: datetime) -> ColumnElement[bool]:
    """Return the condition that some active variant of the product may be promised now.

    Args:
        product_id: Column of the outer statement.
    """
    sellable = _sellable(on=rules.selling_date(at=at))
    of_product = and_(_VARIANT.c.product_id == product_id, _VARIANT.c.is_active)
    in_balance = exists().where(
        of_product,
        StockBalance.variant_id == _VARIANT.c.id,
        StockBalance.account.in_(_PROMISED_FROM),
        _FREE > 0,
        StockLot.id == StockBalance.lot_id,
        sellable,
    )
    in_lapsed = exists().where(
        of_product,
        StockHold.variant_id == _VARIANT.c.id,
        StockHold.from_account.in_(_PROMISED_FROM),
        _lapsed(at=at),
        StockLot.id == StockHold.lot_id,
        sellable,
    )
    return or_(in_balance, in_lapsed)


def get_position(*, upt_id: int, variant_id: int, at: datetime) -> StockPosition:
    """Return how a variant stands in a UPT."""
    row = (
        db.read_session()
        .execute(
            _positions(
                at=at,
                on=rules.selling_date(at=at),
                balance=and_(StockBalance.upt_id == upt_id, StockBalance.variant_id == variant_id),
                hold=and_(StockHold.upt_id == upt_id, StockHold.variant_id == variant_id),
            )
        )
        .first()
    )
    if row is None:
        return StockPosition(upt_id, variant_id, 0, 0, 0)
    return _position(upt_id, row)


def of_upt(*, upt_id: int, at: datetime) -> dict[int, StockPosition]:
    """Return how every variant that ever entered a UPT's store stands, in one statement."""
    rows = db.read_session().execute(
        _positions(
            at=at,
            on=rules.selling_date(at=at),
            balance=StockBalance.upt_id == upt_id,
            hold=StockHold.upt_id == upt_id,
        )
    )
    return {row.variant_id: _position(upt_id, row) for row in rows}


def _position(upt_id: int, row: Any) -> StockPosition:
    return StockPosition(
        upt_id=upt_id,
        variant_id=row.variant_id,
        on_hand=int(row.on_hand),
        held=int(row.held),
        available=int(row.available),
        capacity=int(row.capacity),
    )
