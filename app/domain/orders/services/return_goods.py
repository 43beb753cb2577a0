"""Which lots goods that come back are of: those that were delivered, the first parcel first."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from app.domain.orders import queries
from app.domain.orders.errors import TooManyPieces
from app.domain.orders.models import OrderParcel, OrderParcelPiece, OrderReturnPiece
from app.domain.orders.types import LockedUptOrder, ParcelState
from app.infra import db


def from_lots(
    *, order: LockedUptOrder, counted: Mapping[int, int]
) -> list[tuple[int, int, int, int]]:
    """Return (line, hold, lot, pieces) that make up what came back, from what was delivered."""
    back = (
        select(OrderReturnPiece.hold_id, func.sum(OrderReturnPiece.quantity).label("pieces"))
        .group_by(OrderReturnPiece.hold_id)
        .subquery()
    )
    rows = db.session().execute(
        select(
            OrderParcelPiece.order_line_id,
            OrderParcelPiece.hold_id,
            OrderParcelPiece.quantity - func.coalesce(back.c.pieces, 0),
        )
        .join(OrderParcel, OrderParcel.id == OrderParcelPiece.parcel_id)
        .outerjoin(back, back.c.hold_id == OrderParcelPiece.hold_id)
        .where(
            OrderParcel.upt_order_id == order.upt_order_id,
            OrderParcel.state == str(ParcelState.DELIVERED),
        )
        .order_by(OrderParcelPiece.id)
    )
    there = [(line_id, hold_id, int(left)) for line_id, hold_id, left in rows]
    lots = queries.lots_of_holds(hold_ids=[hold_id for _, hold_id, _ in there])
    left = dict(counted)
    taken = []
    for line_id, hold_id, pieces_there in there:
        quantity = min(pieces_there, left.get(line_id, 0))
        if quantity:
            taken.append((line_id, hold_id, lots[hold_id][0], quantity))
            left[line_id] -= quantity
    for line_id, quantity in left.items():
        if quantity:
            raise TooManyPieces(line_id=line_id, left=counted[line_id] - quantity)
    return taken


def take(*, left: list[list[int]], line_id: int, quantity: int) -> list[tuple[int, int]]:
    """Take pieces of a line from what came back; return them by lot."""
    found = []
    for part in left:
        taken = min(part[2], quantity) if part[0] == line_id else 0
        if taken:
            found.append((part[1], taken))
            part[2] -= taken
            quantity -= taken
    return found
