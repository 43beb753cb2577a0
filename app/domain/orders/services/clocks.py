"""Who is told when a clock runs out; each clock tells each of them once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.domain.audit import services as audit_services
from app.domain.orders import queries, rules
from app.domain.orders.events import UptOrderAlerted
from app.domain.orders.models import OrderAlert
from app.domain.orders.types import AlertKind, AlertLevel, LockedUptOrder, UptOrderState
from app.infra import db, jobs
from app.kernel.actor import Actor


def tell(*, number: str, actor: Actor, at: datetime) -> tuple[int, bool]:
    """Tell those who must know by now about a child order's clock.

    Returns:
        How many were told now, and whether the order is to be cancelled, because nobody answered.

    Raises:
        NotFound: No such order.
    """
    order = queries.lock_upt_order(number=number)
    if order.state not in queries.CLOCKED or order.act_by_at is None:
        return 0, False
    due = rules.alerts_due(state=order.state, due_at=order.act_by_at, at=at)
    told = set(
        db.session().scalars(
            select(OrderAlert.kind).where(
                OrderAlert.upt_order_id == order.upt_order_id,
                OrderAlert.due_at == order.act_by_at,
            )
        )
    )
    new = [(kind, level) for kind, level in due if kind not in told]
    for kind, level in new:
        write(order=order, kind=kind, level=level, due_at=order.act_by_at, actor=actor, at=at)
    is_over = order.state is UptOrderState.PLACED and at >= order.act_by_at + rules.CANCEL_AFTER
    return len(new), is_over


def write(
    *,
    order: LockedUptOrder,
    kind: AlertKind,
    level: AlertLevel,
    due_at: datetime,
    actor: Actor,
    at: datetime,
) -> None:
    """Write that somebody was told, and tell them."""
    db.add(
        OrderAlert(
            upt_order_id=order.upt_order_id,
            upt_id=order.upt_id,
            kind=str(kind),
            level=str(level),
            due_at=due_at,
            at=at,
        )
    )
    audit_services.record(
        actor=actor,
        action="order.alert",
        subject=f"order:{order.number}",
        at=at,
        upt_id=order.upt_id,
        detail={"kind": str(kind), "level": str(level)},
    )
    alerted = UptOrderAlerted(
        upt_order_id=order.upt_order_id, upt_id=order.upt_id, kind=str(kind), level=str(level)
    )
    jobs.publish(alerted, at=at)
