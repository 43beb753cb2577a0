"""Returns as buyers, UPT and the clock see them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, select

from app.domain.orders.models import (
    OrderLine,
    OrderReturn,
    OrderReturnLine,
    OrderReturnPhoto,
    OrderReturnPiece,
    UptOrder,
)
from app.domain.orders.types import (
    PERMISSION_VIEW,
    LockedReturn,
    ReturnLineRecord,
    ReturnReason,
    ReturnRecord,
    ReturnState,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound

OPEN_RETURNS: Final = (ReturnState.ASKED, ReturnState.APPROVED, ReturnState.RECEIVED)
LIST_MAX: Final = 100


def list_returns(*, upt_order_ids: Collection[int]) -> tuple[ReturnRecord, ...]:
    """Return the returns of child orders, oldest first."""
    return _records(OrderReturn.upt_order_id.in_(sorted(upt_order_ids)))


def list_open_returns(*, actor: Actor, upt_id: int) -> tuple[ReturnRecord, ...]:
    """Return the returns of a UPT that wait, oldest first.

    Raises:
        NotFound, NotAllowed: ``order.view`` is not held there.
    """
    actor.ensure(PERMISSION_VIEW, upt_id=upt_id)
    of_upt = select(UptOrder.id).where(UptOrder.upt_id == upt_id)
    return _records(
        OrderReturn.upt_order_id.in_(of_upt)
        & OrderReturn.state.in_([str(state) for state in OPEN_RETURNS])
    )


def get_return(*, number: str) -> ReturnRecord:
    """Return a return.

    Raises:
        NotFound: There is none with this number.
    """
    found = _records(OrderReturn.number == number)
    if not found:
        raise NotFound
    return found[0]


def number_of_return(*, number: str) -> str:
    """Return the number of the child order whose goods come back.

    Raises:
        NotFound: There is no such return.
    """
    found = db.read_session().scalar(
        select(UptOrder.number)
        .join(OrderReturn, OrderReturn.upt_order_id == UptOrder.id)
        .where(OrderReturn.number == number)
    )
    if found is None:
        raise NotFound
    return found


def lock_return(*, number: str) -> LockedReturn:
    """Hold a return; its child order is held before.

    Raises:
        NotFound: There is no such return.
    """
    row = db.session().execute(
        db.for_update(
            select(
                OrderReturn.id, OrderReturn.number, OrderReturn.upt_order_id, OrderReturn.state,
                OrderReturn.version, OrderReturn.approved_by,
            ).where(OrderReturn.number == number)
        )
    ).first()  # fmt: skip
    if row is None:
        raise NotFound
    return LockedReturn(
        row.id, row.number, row.upt_order_id, ReturnState(row.state), row.version, row.approved_by
    )


def list_return_pieces(*, return_id: int) -> list[list[int]]:
    """Return line, lot and pieces of what came back, to be taken from."""
    rows = db.read_session().execute(
        select(OrderReturnPiece.order_line_id, OrderReturnPiece.lot_id, OrderReturnPiece.quantity)
        .where(OrderReturnPiece.return_id == return_id)
        .order_by(OrderReturnPiece.id)
    )
    return [list(row) for row in rows]


def list_due_returns(*, at: datetime) -> tuple[str, ...]:
    """Return returns whose clock ran out, oldest first."""
    rows = db.read_session().scalars(
        select(OrderReturn.number)
        .where(
            OrderReturn.state.in_([str(state) for state in OPEN_RETURNS]),
            OrderReturn.act_by_at <= at,
        )
        .order_by(OrderReturn.act_by_at, OrderReturn.id)
        .limit(LIST_MAX)
    )
    return tuple(rows)


def has_open_return(*, upt_order_id: int) -> bool:
    """Say whether goods of a child order are on their way back."""
    found = db.read_session().scalar(
        select(OrderReturn.id).where(
            OrderReturn.upt_order_id == upt_order_id,
            OrderReturn.state.in_([str(state) for state in OPEN_RETURNS]),
        )
    )
    return found is not None


def _line_record(row: Any) -> ReturnLineRecord:
    return ReturnLineRecord(
        line_id=row.id,
        product_name=row.product_name,
        sku=row.sku,
        unit_price_idr=row.unit_price_idr,
        quantity=row.quantity,
        received=row.received,
        sellable=row.sellable,
        second_grade=row.second_grade,
        damaged=row.damaged,
    )


def _records(condition: ColumnElement[bool]) -> tuple[ReturnRecord, ...]:
    session = db.read_session()
    heads = session.execute(
        select(
            OrderReturn.id, OrderReturn.number, OrderReturn.upt_order_id, OrderReturn.state,
            OrderReturn.reason, OrderReturn.note, OrderReturn.answer, OrderReturn.version,
            OrderReturn.asked_at, OrderReturn.act_by_at, OrderReturn.refund_idr,
        )
        .where(condition)
        .order_by(OrderReturn.id)
        .limit(LIST_MAX)
    ).all()  # fmt: skip
    if not heads:
        return ()
    ids = [head.id for head in heads]
    lines: dict[int, list[ReturnLineRecord]] = {}
    for row in session.execute(
        select(
            OrderReturnLine.return_id, OrderLine.id, OrderLine.product_name, OrderLine.sku,
            OrderLine.unit_price_idr, OrderReturnLine.quantity, OrderReturnLine.received,
            OrderReturnLine.sellable, OrderReturnLine.second_grade, OrderReturnLine.damaged,
        )
        .join(OrderLine, OrderLine.id == OrderReturnLine.order_line_id)
        .where(OrderReturnLine.return_id.in_(ids))
        .order_by(OrderReturnLine.id)
    ):  # fmt: skip
        lines.setdefault(row.return_id, []).append(_line_record(row))
    photos: dict[int, list[int]] = {}
    for return_id, asset_id in session.execute(
        select(OrderReturnPhoto.return_id, OrderReturnPhoto.asset_id)
        .where(OrderReturnPhoto.return_id.in_(ids))
        .order_by(OrderReturnPhoto.id)
    ):
        photos.setdefault(return_id, []).append(asset_id)
    return tuple(
        ReturnRecord(
            return_id=head.id,
            number=head.number,
            upt_order_id=head.upt_order_id,
            state=ReturnState(head.state),
            reason=ReturnReason(head.reason),
            note=head.note,
            answer=head.answer,
            version=head.version,
            asked_at=head.asked_at,
            act_by_at=head.act_by_at,
            refund_idr=head.refund_idr,
            lines=tuple(lines.get(head.id, ())),
            photo_ids=tuple(photos.get(head.id, ())),
        )
        for head in heads
    )
