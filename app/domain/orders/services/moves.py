"""One step of the state table, as it is written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update

from app.domain.audit import services as audit_services
from app.domain.orders import rules
from app.domain.orders.events import UptOrderMoved
from app.domain.orders.models import OrderEvent, UptOrder
from app.domain.orders.types import LockedGroup, LockedUptOrder, UptOrderAction, UptOrderState
from app.domain.shipping import services as shipping_services
from app.domain.shipping.types import DeliveryMethod
from app.infra import db, jobs
from app.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Move:
    """One step to be written.

    Attributes:
        changes: Further columns of the child order that the step sets.
    """

    action: UptOrderAction
    actor: Actor
    at: datetime
    note: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


def write_move(*, order: LockedUptOrder, move: Move) -> dict[str, Any]:
    """Change a locked child order by one step of the state table; return its row of history.

    Raises:
        IllegalTransition: The step does not exist in the present state.
    """
    state = rules.next_state(state=order.state, action=move.action)
    act_by_at = rules.act_by_at(
        state=state,
        at=move.at,
        present=order.act_by_at,
        days_max=order.delivery_days_max,
        before=order.state,
    )
    values = {"act_by_at": act_by_at, **move.changes}
    is_over = state in (UptOrderState.CANCELLED, UptOrderState.EXPIRED)
    if is_over and order.delivery_method is DeliveryMethod.PICKUP:
        shipping_services.release_slot(number=order.number, at=move.at)
    db.session().execute(
        update(UptOrder)
        .where(UptOrder.id == order.upt_order_id, UptOrder.version == order.version)
        .values(state=str(state), version=order.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    return event_values(
        group_id=order.group_id,
        upt_order_id=order.upt_order_id,
        from_state=order.state,
        to_state=state,
        move=move,
    )


def event_values(
    *,
    group_id: int,
    upt_order_id: int,
    from_state: UptOrderState,
    to_state: UptOrderState,
    move: Move,
) -> dict[str, Any]:
    """Return the row of history for one step, not yet written."""
    return {
        "group_id": group_id,
        "upt_order_id": upt_order_id,
        "event": str(move.action),
        "from_state": str(from_state),
        "to_state": str(to_state),
        "actor_kind": str(move.actor.kind),
        "actor_user_id": move.actor.user_id,
        "actor_label": move.actor.label[:200],
        "at": move.at,
        "note": move.note,
        "is_public": True,
    }


def record_group_move(*, group: LockedGroup, action: str, move: Move) -> None:
    """Add the audit entry of a step that a whole purchase took."""
    audit_services.record(
        actor=move.actor, action=action, subject=f"order:{group.number}", at=move.at
    )


def move_one(*, order: LockedUptOrder, move: Move) -> LockedUptOrder:
    """Write one step of a locked child order: state, history, audit, event; return it as it is now.

    Raises:
        IllegalTransition: The step does not exist in the present state.
    """
    step = write_move(order=order, move=move)
    db.insert_rows(OrderEvent, [step])
    audit_services.record(
        actor=move.actor,
        action=f"order.{move.action}",
        subject=f"order:{order.number}",
        at=move.at,
        upt_id=order.upt_id,
        detail={"from": step["from_state"], "to": step["to_state"]},
    )
    moved = UptOrderMoved(
        group_id=order.group_id,
        upt_order_id=order.upt_order_id,
        action=str(move.action),
        state=step["to_state"],
    )
    jobs.publish(moved, at=move.at)
    return replace(order, state=UptOrderState(step["to_state"]), version=order.version + 1)
