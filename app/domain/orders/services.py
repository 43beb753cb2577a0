"""Writes of orders. Every move locks, asks the state table, moves stock, and leaves one event row.

Locks are taken in the order of docs/algorithms/locking.md: order group, child orders by id, then
(through ``stock``) heads and balances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import update

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
from app.domain.orders.events import OrderClosedUnpaid, OrderPaid, OrderPlaced, UptOrderMoved
from app.domain.orders.models import OrderEvent, OrderGroup, OrderLine, OrderLineHold, UptOrder
from app.domain.orders.types import (
    PERMISSION_FULFIL,
    CreatedOrder,
    LineHold,
    LockedGroup,
    LockedUptOrder,
    OrderDraft,
    UptOrderAction,
    UptOrderState,
)
from app.domain.shipping.types import DeliveryMethod
from app.domain.stock import services as stock_services
from app.domain.stock.errors import HoldClosed
from app.domain.stock.types import EntrySource
from app.domain.upt import queries as upt_queries
from app.infra import db, jobs
from app.kernel import clock
from app.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class _Move:
    """One step to be written.

    Attributes:
        changes: Further columns of the child order that the step sets.
    """

    action: UptOrderAction
    actor: Actor
    at: datetime
    note: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


def create(*, draft: OrderDraft, actor: Actor, at: datetime) -> CreatedOrder:
    """Write an order whose stock is already held: group, children, lines, holds, history.

    Raises:
        OrderNumberTaken: The random number exists; the whole transaction is rolled back.
    """
    group = OrderGroup.from_draft(draft, at=at)
    db.add(group)
    children = [
        UptOrder.from_draft(part, group=group, position=position)
        for position, part in enumerate(draft.upt_orders, start=1)
    ]
    db.add_all(list(children))
    pairs = [
        (OrderLine.from_draft(line, upt_order_id=child.id), line)
        for child, part in zip(children, draft.upt_orders, strict=True)
        for line in part.lines
    ]
    db.add_all([row for row, _ in pairs])
    holds = [
        OrderLineHold(order_line_id=row.id, hold_id=hold.hold_id, quantity=hold.quantity)
        for row, line in pairs
        for hold in line.holds
    ]
    move = _Move(UptOrderAction.CHECK_OUT, actor, at)
    steps = [
        _event_row(group.id, child.id, UptOrderState.DRAFT, UptOrderState.HELD, move)
        for child in children
    ]
    db.add_all([*holds, *steps])
    audit_services.record(
        actor=actor,
        action="order.place",
        subject=f"order:{draft.number}",
        at=at,
        detail={"total_idr": draft.total_idr, "upt_count": len(children)},
    )
    jobs.publish(OrderPlaced(group_id=group.id), at=at)
    return CreatedOrder(group.id, {child.id: child.total_idr for child in children})


def mark_paid(*, group: LockedGroup, actor: Actor, at: datetime) -> None:
    """Move every child to ``placed`` and keep its stock without an end; the one road to "paid".

    Args:
        group: As locked by the caller, who recorded the money in the same transaction.

    Raises:
        IllegalTransition: A child does not wait for payment.
        HoldClosed: Its stock went back meanwhile.
    """
    holds = queries.list_hold_ids(upt_order_ids=[child.upt_order_id for child in group.children])
    move = _Move(UptOrderAction.CONFIRM_PAYMENT, actor, at)
    _move_all(group, move)
    for child in group.children:
        stock_services.keep(
            actor=actor,
            upt_id=child.upt_id,
            hold_ids=holds[child.upt_order_id],
            source=EntrySource("order", f"{child.number}:keep"),
            expires_at=None,
            at=at,
        )
    _audit(group, "order.pay", move)
    jobs.publish(OrderPaid(group_id=group.group_id), at=at)


def ensure_can_reopen(*, group: LockedGroup) -> None:
    """Refuse unless the whole order is expired; asked before stock is promised anew.

    Raises:
        IllegalTransition: A child is in another state.
    """
    for child in group.children:
        rules.next_state(state=child.state, action=UptOrderAction.CONFIRM_LATE_PAYMENT)


def reopen_paid(
    *,
    group: LockedGroup,
    holds: Mapping[tuple[int, int], tuple[LineHold, ...]],
    actor: Actor,
    at: datetime,
) -> None:
    """Move an expired order to ``placed`` on new holds, after late money.

    Args:
        group: As locked by the caller.
        holds: New holds, without an end, by child order and variant.

    Raises:
        IllegalTransition: A child is not expired.
    """
    move = _Move(UptOrderAction.CONFIRM_LATE_PAYMENT, actor, at)
    _move_all(group, move)
    lines = queries.list_lines(upt_order_ids=[child.upt_order_id for child in group.children])
    db.add_all(
        [
            OrderLineHold(order_line_id=line.line_id, hold_id=hold.hold_id, quantity=hold.quantity)
            for upt_order_id, rows in lines.items()
            for line in rows
            for hold in holds[upt_order_id, line.variant_id]
        ]
    )
    _audit(group, "order.pay_late", move)
    jobs.publish(OrderPaid(group_id=group.group_id), at=at)


def expire(*, group: LockedGroup, actor: Actor, at: datetime) -> None:
    """End an order whose deadline and grace are over; its stock goes back.

    Raises:
        IllegalTransition: A child does not wait for payment.
    """
    _close_unpaid(group, _Move(UptOrderAction.EXPIRE, actor, at))


def cancel_unpaid(*, group: LockedGroup, actor: Actor, at: datetime) -> None:
    """End an order that nobody paid, at the buyer's wish; its stock goes back.

    Raises:
        IllegalTransition: A child does not wait for payment.
    """
    _close_unpaid(group, _Move(UptOrderAction.CANCEL_UNPAID, actor, at))


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
    _move_one(order, _Move(UptOrderAction.ACCEPT, actor, at, changes=changes))


def start_preparing(*, actor: Actor, number: str, command: PrepareOrder, at: datetime) -> None:
    """Start packing an accepted order.

    Raises:
        NotFound, NotAllowed, OrderChanged, IllegalTransition: See the classes.
    """
    order = _lock_for_staff(actor, number, command.expected_version)
    _move_one(order, _Move(UptOrderAction.PREPARE, actor, at))


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
    _move_one(order, _Move(UptOrderAction.SHIP, actor, at, note, changes))
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
    _move_one(order, _Move(UptOrderAction.HAND_OVER, actor, at, changes=changes))
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
    _move_one(order, _Move(action, actor, at, command.note, changes))
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
    _move_one(order, _Move(UptOrderAction.DELIVER, actor, at, changes={"delivered_at": at}))
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
        _move_one(order, _Move(UptOrderAction.COMPLETE, actor, at))


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


def _close_unpaid(group: LockedGroup, move: _Move) -> None:
    holds = queries.list_hold_ids(upt_order_ids=[child.upt_order_id for child in group.children])
    _move_all(group, move)
    for child in group.children:
        _release_open(child, holds[child.upt_order_id], move)
    state = rules.next_state(state=UptOrderState.HELD, action=move.action)
    _audit(group, f"order.{move.action}", move)
    jobs.publish(OrderClosedUnpaid(group_id=group.group_id, state=str(state)), at=move.at)


def _release_open(child: LockedUptOrder, hold_ids: Sequence[int], move: _Move) -> None:
    """Give back what is still held; holds past their end may have been closed one by one before."""

    def release(chosen: Sequence[int], key: str) -> None:
        stock_services.release(
            actor=move.actor,
            upt_id=child.upt_id,
            hold_ids=chosen,
            source=EntrySource("order", key),
            reason=str(move.action),
            at=move.at,
        )

    try:
        release(hold_ids, f"{child.number}:{move.action}")
    except HoldClosed:
        for hold_id in hold_ids:
            with suppress(HoldClosed):
                release((hold_id,), f"{child.number}:{move.action}:{hold_id}")


def _move_all(group: LockedGroup, move: _Move) -> None:
    steps = [_write_move(child, move) for child in group.children]
    db.add_all(list(steps))


def _move_one(order: LockedUptOrder, move: _Move) -> None:
    step = _write_move(order, move)
    db.add(step)
    audit_services.record(
        actor=move.actor,
        action=f"order.{move.action}",
        subject=f"order:{order.number}",
        at=move.at,
        upt_id=order.upt_id,
        detail={"from": step.from_state, "to": step.to_state},
    )
    moved = UptOrderMoved(
        group_id=order.group_id,
        upt_order_id=order.upt_order_id,
        action=str(move.action),
        state=step.to_state,
    )
    jobs.publish(moved, at=move.at)


def _write_move(order: LockedUptOrder, move: _Move) -> OrderEvent:
    state = rules.next_state(state=order.state, action=move.action)
    act_by_at = rules.act_by_at(
        state=state, at=move.at, present=order.act_by_at, days_max=order.delivery_days_max
    )
    values = {"act_by_at": act_by_at, **move.changes}
    db.session().execute(
        update(UptOrder)
        .where(UptOrder.id == order.upt_order_id, UptOrder.version == order.version)
        .values(state=str(state), version=order.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    return _event_row(order.group_id, order.upt_order_id, order.state, state, move)


def _audit(group: LockedGroup, action: str, move: _Move) -> None:
    audit_services.record(
        actor=move.actor, action=action, subject=f"order:{group.number}", at=move.at
    )


def _event_row(
    group_id: int,
    upt_order_id: int,
    from_state: UptOrderState,
    to_state: UptOrderState,
    move: _Move,
) -> OrderEvent:
    return OrderEvent(
        group_id=group_id,
        upt_order_id=upt_order_id,
        event=str(move.action),
        from_state=str(from_state),
        to_state=str(to_state),
        actor_kind=str(move.actor.kind),
        actor_user_id=move.actor.user_id,
        actor_label=move.actor.label[:200],
        at=move.at,
        note=move.note,
        is_public=True,
    )
