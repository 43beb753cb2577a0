"""A whole purchase: written, paid, reopened after late money, or ended without money."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import update

from app.domain.audit import services as audit_services
from app.domain.orders import queries, rules
from app.domain.orders.events import OrderClosedUnpaid, OrderPaid, OrderPlaced
from app.domain.orders.models import OrderEvent, OrderGroup, OrderLine, OrderLineHold, UptOrder
from app.domain.orders.services import pieces
from app.domain.orders.services.moves import Move, event_values, record_group_move, write_move
from app.domain.orders.types import (
    CreatedOrder,
    LineHold,
    LockedGroup,
    OrderDraft,
    UptOrderAction,
    UptOrderState,
)
from app.domain.stock import services as stock_services
from app.domain.stock.types import EntrySource
from app.infra import db, jobs
from app.kernel.actor import Actor


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
        {"order_line_id": row.id, "hold_id": hold.hold_id, "quantity": hold.quantity}
        for row, line in pairs
        for hold in line.holds
    ]
    move = Move(UptOrderAction.CHECK_OUT, actor, at)
    steps = [
        event_values(
            group_id=group.id,
            upt_order_id=child.id,
            from_state=UptOrderState.DRAFT,
            to_state=UptOrderState.HELD,
            move=move,
        )
        for child in children
    ]
    db.insert_rows(OrderLineHold, holds)
    db.insert_rows(OrderEvent, steps)
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
    move = Move(UptOrderAction.CONFIRM_PAYMENT, actor, at)
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
    record_group_move(group=group, action="order.pay", move=move)
    jobs.publish(OrderPaid(group_id=group.group_id), at=at)


def extend(*, group: LockedGroup, until: datetime, actor: Actor, at: datetime) -> None:
    """Keep the stock of an unpaid order held until a later instant.

    Raises:
        HoldClosed: Its stock went back meanwhile.
    """
    holds = queries.list_hold_ids(upt_order_ids=[child.upt_order_id for child in group.children])
    for child in group.children:
        stock_services.keep(
            actor=actor,
            upt_id=child.upt_id,
            hold_ids=holds[child.upt_order_id],
            source=EntrySource("order", f"{child.number}:until:{int(until.timestamp())}"),
            expires_at=until,
            at=at,
        )
    db.session().execute(
        update(OrderGroup).where(OrderGroup.id == group.group_id).values(holds_until=until)
    )
    db.session().execute(
        update(UptOrder).where(UptOrder.group_id == group.group_id).values(act_by_at=until)
    )


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

    What became of the old holds stays readable in the stock ledger.

    Args:
        group: As locked by the caller.
        holds: New holds, without an end, by child order and variant.

    Raises:
        IllegalTransition: A child is not expired.
    """
    move = Move(UptOrderAction.CONFIRM_LATE_PAYMENT, actor, at)
    _move_all(group, move)
    lines = queries.list_lines(upt_order_ids=[child.upt_order_id for child in group.children])
    db.session().execute(
        update(OrderLine)
        .where(OrderLine.upt_order_id.in_([child.upt_order_id for child in group.children]))
        .values(quantity_cancelled=0)
    )
    db.insert_rows(
        OrderLineHold,
        [
            {"order_line_id": line.line_id, "hold_id": hold.hold_id, "quantity": hold.quantity}
            for upt_order_id, rows in lines.items()
            for line in rows
            for hold in holds[upt_order_id, line.variant_id]
        ],
    )
    record_group_move(group=group, action="order.pay_late", move=move)
    jobs.publish(OrderPaid(group_id=group.group_id), at=at)


def expire(*, group: LockedGroup, actor: Actor, at: datetime) -> None:
    """End an order whose deadline and grace are over; its stock goes back.

    Raises:
        IllegalTransition: A child does not wait for payment.
    """
    _close_unpaid(group, Move(UptOrderAction.EXPIRE, actor, at))


def cancel_unpaid(*, group: LockedGroup, actor: Actor, at: datetime) -> None:
    """End an order that nobody paid, at the buyer's wish; its stock goes back.

    Raises:
        IllegalTransition: A child does not wait for payment.
    """
    _close_unpaid(group, Move(UptOrderAction.CANCEL_UNPAID, actor, at))


def _close_unpaid(group: LockedGroup, move: Move) -> None:
    holds = queries.list_hold_ids(upt_order_ids=[child.upt_order_id for child in group.children])
    _move_all(group, move)
    for child in group.children:
        stock_services.release(
            actor=move.actor,
            upt_id=child.upt_id,
            hold_ids=holds[child.upt_order_id],
            source=EntrySource("order", f"{child.number}:{move.action}"),
            reason=str(move.action),
            at=move.at,
        )
        pieces.forget_held(upt_order_id=child.upt_order_id)
    state = rules.next_state(state=UptOrderState.HELD, action=move.action)
    record_group_move(group=group, action=f"order.{move.action}", move=move)
    jobs.publish(OrderClosedUnpaid(group_id=group.group_id, state=str(state)), at=move.at)


def _move_all(group: LockedGroup, move: Move) -> None:
    steps = [write_move(order=child, move=move) for child in group.children]
    db.insert_rows(OrderEvent, steps)
