"""What letters, papers and a buyer's export ask about orders."""

from __future__ import annotations

from sqlalchemy import func, select

from app.domain.orders.models import OrderEvent, OrderGroup
from app.infra import db


def latest_event_id(*, upt_order_id: int, event: str) -> int | None:
    """Return the newest step of a kind in the history of a child order."""
    return db.read_session().scalar(
        select(func.max(OrderEvent.id)).where(
            OrderEvent.upt_order_id == upt_order_id, OrderEvent.event == event
        )
    )


def numbers_of_buyer(*, user_id: int) -> dict[int, str]:
    """Return the numbers of all orders of an account by id, oldest first."""
    rows = db.read_session().execute(
        select(OrderGroup.id, OrderGroup.number)
        .where(OrderGroup.buyer_user_id == user_id)
        .order_by(OrderGroup.id)
    )
    return {row.id: row.number for row in rows}
