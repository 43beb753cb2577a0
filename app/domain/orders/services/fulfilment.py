"""One child order on its way from the UPT to the buyer."""

from __future__ import annotations

from datetime import datetime

from app.domain.audit import services as audit_services
from app.domain.orders import queries, rules
from app.domain.orders.commands import (
    AcceptOrder,
    HandOverOrder,
    PrepareOrder,
    RefuseOrder,
    ShipOrder,
)
from app.domain.orders.errors import WrongDelivery
from app.domain.orders.events import UptOrderMoved
from app.domain.orders.models import OrderEvent
from app.domain.orders.services.moves import Move, write_move
from app.domain.orders.types import (
    PERMISSION_FULFIL,
    LockedUptOrder,
    UptOrderAction,
    UptOrderState,
)
from app.domain.shipping.types import DeliveryMethod
from app.domain.stock import services as stock_services
from app.domain.stock.types import EntrySource
from app.domain.upt import queries as upt_queries
from app.infra import db, jobs
from app.kernel import clock
from app.kernel.actor import Actor


def accept(*, actor: Actor, number: str, command: AcceptOrder, at: datetime) -> None:
    """Promise the buyer a day by which the goods leave the unit.

    Raises:
        NotFound, NotAllowed: ``order.fulfil`` is not held in the order's UPT.
        OrderChanged, IllegalTransition, PromiseInThePast: See the classes.
    """
    order = _lock_for_staff(actor, number, command.expected_version)
    timezone = upt_queries.briefs(upt_ids=(order.upt_id,))[order.upt_id].timezone
    rules.next_state(state=order.state, action=UptOrderAction.ACCEPT)
    today = clock.local_date(at=at, timezone=timezone)
    rules.ensure_promise(promised_on=command.promised_on, today=today)
    ends_at = rules.promise_ends_at(promised_on=command.promised_on, timezone=timezone)
    changes = {"promised_on": command.promised_on, "act_by_at": ends_at}
    _move_one(order, Move(UptOrderAction.ACCEPT, actor, at, changes=changes))


def start_preparing(*, actor: Actor, number: str, command: PrepareOrder, at: datetime) -> None:
    """Start packing an accepted order.

    Raises:
        NotFound, NotAllowed, OrderChanged, IllegalTransition: See the classes.
    """
    order = _lock_for_staff(actor, number, command.expected_version)
    _move_one(order, Move(UptOrderAction.PREPARE, actor, at))


def ship(*, actor: Actor, number: str, command: ShipOrder, at: datetime) -> None:
    """Hand the whole order to a courier; its holds are posted to transit.

    Raises:
        NotFound, NotAllowed, OrderChanged, IllegalTransition: See the classes.
        WrongDelivery: The buyer fetches it.
    """
    order = _lock_for_staff(actor, number, command.expected_version)
    if order.delivery_method is not DeliveryMethod.COURIER:
        raise WrongDelivery(number=number)
    changes = {
        "carrier": command.carrier,
        "tracking_number": command.tracking_number,
        "shipped_at": at,
    }
    note = f"{command.carrier} {command.tracking_number}"
    _move_one(order, Move(UptOrderAction.SHIP, actor, at, note, changes))
    stock_services.ship(
        actor=actor,
        upt_id=order.upt_id,
        hold_ids=_hold_ids(order),
        source=EntrySource("order", f"{order.number}:ship"),
        at=at,
    )


def hand_over(*, actor: Actor, number: str, command: HandOverOrder, at: datetime) -> None:
    """Give the whole order to the buyer at the gallery; stock goes through transit at once.

    Raises:
        NotFound, NotAllowed, OrderChanged, IllegalTransition: See the classes.
        WrongDelivery: It goes by courier.
    """
    order = _lock_for_staff(actor, number, command.expected_version)
    if order.delivery_method is not DeliveryMethod.PICKUP:
        raise WrongDelivery(number=number)
    changes = {"shipped_at": at, "delivered_at": at}
    _move_one(order, Move(UptOrderAction.HAND_OVER, actor, at, changes=changes))
    hold_ids = _hold_ids(order)
    for step, post in (("ship", stock_services.ship), ("deliver", stock_services.deliver)):
        post(
            actor=actor,
            upt_id=order.upt_id,
            hold_ids=hold_ids,
            source=EntrySource("order", f"{order.number}:{step}"),
            at=at,
        )


def refuse(
    *, actor: Actor, number: str, command: RefuseOrder, at: datetime
) -> tuple[LockedUptOrder, str]:
    """End a paid order that the unit cannot fulfil; its stock goes back.

    The money is the business of ``checkout.services.refuse_order``, which calls this.

    Returns:
        The order as it was, and the name of the action that ended it.

    Raises:
        NotFound, NotAllowed, OrderChanged, IllegalTransition: See the classes.
    """
    order = _lock_for_staff(actor, number, command.expected_version)
    action = rules.refusal_action(state=order.state)
    changes = {"reason_code": str(command.reason)}
    _move_one(order, Move(action, actor, at, command.note, changes))
    stock_services.release(
        actor=actor,
        upt_id=order.upt_id,
        hold_ids=_hold_ids(order),
        source=EntrySource("order", f"{order.number}:refuse"),
        reason=str(command.reason),
        at=at,
    )
    return order, str(action)


def confirm_delivered(*, number: str, actor: Actor, at: datetime) -> None:
    """Record that the buyer has the goods; a second call changes nothing.

    Raises:
        NotFound: No such order.
        IllegalTransition: It was not shipped.
    """
    order = queries.lock_upt_order(number=number)
    if order.state in {UptOrderState.DELIVERED, UptOrderState.COMPLETED}:
        return
    _move_one(order, Move(UptOrderAction.DELIVER, actor, at, changes={"delivered_at": at}))
    stock_services.deliver(
        actor=actor,
        upt_id=order.upt_id,
        hold_ids=_hold_ids(order),
        source=EntrySource("order", f"{order.number}:deliver"),
        at=at,
    )


def complete(*, number: str, actor: Actor, at: datetime) -> None:
    """Close a delivered order; a second call changes nothing.

    Raises:
        NotFound: No such order.
        IllegalTransition: It was not delivered.
    """
    order = queries.lock_upt_order(number=number)
    if order.state is not UptOrderState.COMPLETED:
        _move_one(order, Move(UptOrderAction.COMPLETE, actor, at))


def _lock_for_staff(actor: Actor, number: str, expected_version: int) -> LockedUptOrder:
    order = queries.lock_upt_order(number=number)
    actor.ensure(PERMISSION_FULFIL, upt_id=order.upt_id)
    rules.ensure_version(
        number=number, state=order.state, expected=expected_version, version=order.version
    )
    return order


def _hold_ids(order: LockedUptOrder) -> tuple[int, ...]:
    found = queries.list_hold_ids(upt_order_ids=(order.upt_order_id,))
    return found.get(order.upt_order_id, ())


def _move_one(order: LockedUptOrder, move: Move) -> None:
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
