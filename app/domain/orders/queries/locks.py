"""Rows held for a change, and what is due for one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select

from app.domain.orders.models import OrderGroup, OrderLine, OrderLineHold, UptOrder
from app.domain.orders.types import (
    LockedGroup,
    LockedUptOrder,
    UptOrderState,
)
from app.domain.shipping.types import DeliveryMethod
from app.infra import db
from app.kernel.errors import NotFound

DUE_LIMIT: Final = 100


def lock_group(*, group_id: int) -> LockedGroup:
    """Hold an order and its children, children in the order of their ids.

    Raises:
        NotFound: No such order.
    """
    group = (
        db.session()
        .execute(
            db.for_update(
                select(OrderGroup.number, OrderGroup.total_idr, OrderGroup.holds_until).where(
                    OrderGroup.id == group_id
                )
            )
        )
        .first()
    )
    if group is None:
        raise NotFound
    children = _locked(UptOrder.group_id == group_id)
    return LockedGroup(group_id, group.number, group.total_idr, group.holds_until, children)


def lock_upt_order(*, number: str) -> LockedUptOrder:
    """Hold one child order.

    Raises:
        NotFound: No such order.
    """
    found = _locked(UptOrder.number == number)
    if not found:
        raise NotFound
    return found[0]


def list_hold_ids(*, upt_order_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Return the stock holds behind each child order, sorted."""
    rows = db.read_session().execute(
        select(OrderLine.upt_order_id, OrderLineHold.hold_id)
        .join(OrderLine, OrderLine.id == OrderLineHold.order_line_id)
        .where(OrderLine.upt_order_id.in_(sorted(upt_order_ids)))
        .order_by(OrderLine.upt_order_id, OrderLineHold.hold_id)
    )
    found: dict[int, list[int]] = {}
    for upt_order_id, hold_id in rows:
        found.setdefault(upt_order_id, []).append(hold_id)
    return {upt_order_id: tuple(hold_ids) for upt_order_id, hold_ids in found.items()}


def list_due_groups(*, at: datetime, limit: int = DUE_LIMIT) -> tuple[int, ...]:
    """Return orders whose stock is still held unpaid though their grace is over, oldest first."""
    rows = db.read_session().execute(
        select(UptOrder.group_id, func.min(UptOrder.act_by_at))
        .where(UptOrder.state == UptOrderState.HELD, UptOrder.act_by_at <= at)
        .group_by(UptOrder.group_id)
        .order_by(func.min(UptOrder.act_by_at), UptOrder.group_id)
        .limit(limit)
    )
    return tuple(group_id for group_id, _ in rows)


def list_due_numbers(
    *, state: UptOrderState, at: datetime, limit: int = DUE_LIMIT
) -> tuple[str, ...]:
    """Return the numbers of child orders whose clock in this state ran out, oldest first."""
    rows = db.read_session().scalars(
        select(UptOrder.number)
        .where(UptOrder.state == state, UptOrder.act_by_at <= at)
        .order_by(UptOrder.act_by_at, UptOrder.id)
        .limit(limit)
    )
    return tuple(rows)


def _locked(condition: ColumnElement[bool]) -> tuple[LockedUptOrder, ...]:
    rows = db.session().execute(
        db.for_update(
            select(
                UptOrder.id,
                UptOrder.group_id,
                UptOrder.number,
                UptOrder.upt_id,
                UptOrder.state,
                UptOrder.version,
                UptOrder.total_idr,
                UptOrder.delivery_method,
                UptOrder.delivery_days_max,
                UptOrder.act_by_at,
            )
            .where(condition)
            .order_by(UptOrder.id)
        )
    )
    return tuple(
        LockedUptOrder(
            upt_order_id=row.id,
            group_id=row.group_id,
            number=row.number,
            upt_id=row.upt_id,
            state=UptOrderState(row.state),
            version=row.version,
            total_idr=row.total_idr,
            delivery_method=DeliveryMethod(row.delivery_method),
            delivery_days_max=row.delivery_days_max,
            act_by_at=row.act_by_at,
        )
        for row in rows
    )
