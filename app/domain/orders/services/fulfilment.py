"""One child order on its way from the UPT to the buyer."""

from __future__ import annotations

from datetime import datetime

from app.domain.orders import queries, rules
from app.domain.orders.commands import (
    AcceptOrder,
    HandOverOrder,
    PrepareOrder,
    RefuseOrder,
    ShipOrder,
)
from app.domain.orders.errors import WrongDelivery
from app.domain.orders.services import pieces
from app.domain.orders.services.moves import Move, move_one
from app.domain.orders.types import (
    LockedUptOrder,
    ParcelState,
    UptOrderAction,
    UptOrderState,
)
from app.domain.shipping.types import DeliveryMethod
from app.domain.upt import queries as upt_queries
from app.kernel import clock
from app.kernel.actor import Actor


def accept(*, actor: Actor, number: str, command: AcceptOrder, at: datetime) -> None:
    """Promise the buyer a day by which the goods leave the unit.

    Raises:
        NotFound, NotAllowed: ``order.fulfil`` is not held in the order's UPT.
        OrderChanged, IllegalTransition, PromiseInThePast: See the classes.
    """
    order = pieces.lock_for_staff(
        actor=actor, number=number, expected_version=command.expected_version
    )
    timezone = upt_queries.briefs(upt_ids=(order.upt_id,))[order.upt_id].timezone
    rules.next_state(state=order.state, action=UptOrderAction.ACCEPT)
    today = clock.local_date(at=at, timezone=timezone)
    rules.ensure_promise(promised_on=command.promised_on, today=today)
    ends_at = rules.promise_ends_at(promised_on=command.promised_on, timezone=timezone)
    changes = {"promised_on": command.promised_on, "act_by_at": ends_at}
    move_one(order=order, move=Move(UptOrderAction.ACCEPT, actor, at, changes=changes))


def start_preparing(*, actor: Actor, number: str, command: PrepareOrder, at: datetime) -> None:
    """Start packing an accepted order.

    Raises:
        NotFound, NotAllowed, OrderChanged, IllegalTransition: See the classes.
    """
    order = pieces.lock_for_staff(
        actor=actor, number=number, expected_version=command.expected_version
    )
    move_one(order=order, move=Move(UptOrderAction.PREPARE, actor, at))


def ship(*, actor: Actor, number: str, command: ShipOrder, at: datetime) -> None:
    """Hand a parcel to a courier: the pieces named, or all that wait; the rest stays held.

    Raises:
        NotFound, NotAllowed, OrderChanged, IllegalTransition: See the classes.
        WrongDelivery: The buyer fetches it.
        TooManyPieces, NoPieces: The pieces named are not there.
    """
    order = pieces.lock_for_staff(
        actor=actor, number=number, expected_version=command.expected_version
    )
    if order.delivery_method is not DeliveryMethod.COURIER:
        raise WrongDelivery(number=number)
    rules.next_state(state=order.state, action=UptOrderAction.SHIP)
    held = queries.list_held(upt_order_id=order.upt_order_id)
    chosen = rules.choose_pieces(held=held, wanted=command.pieces)
    is_all = sum(chosen.values()) == sum(part.quantity for part in held)
    changes = {
        "carrier": command.carrier,
        "tracking_number": command.tracking_number,
        "shipped_at": at,
    }
    note = f"{command.carrier} {command.tracking_number}"
    if not is_all or order.state is UptOrderState.PART_SHIPPED:
        note += f", {sum(chosen.values())} buah"
    action = UptOrderAction.SHIP if is_all else UptOrderAction.SHIP_PART
    parcel = pieces.Parcel(command.carrier, command.tracking_number, held, chosen)
    pieces.send(order=order, parcel=parcel, actor=actor, at=at)
    move_one(order=order, move=Move(action, actor, at, note, changes))


def hand_over(*, actor: Actor, number: str, command: HandOverOrder, at: datetime) -> None:
    """Give the whole order to the buyer at the gallery; stock goes through transit at once.

    Raises:
        NotFound, NotAllowed, OrderChanged, IllegalTransition: See the classes.
        WrongDelivery: It goes by courier.
    """
    order = pieces.lock_for_staff(
        actor=actor, number=number, expected_version=command.expected_version
    )
    if order.delivery_method is not DeliveryMethod.PICKUP:
        raise WrongDelivery(number=number)
    rules.next_state(state=order.state, action=UptOrderAction.HAND_OVER)
    held = queries.list_held(upt_order_id=order.upt_order_id)
    chosen = rules.choose_pieces(held=held, wanted=None)
    parcel = pieces.Parcel("", "", held, chosen)
    pieces.send(order=order, parcel=parcel, actor=actor, at=at)
    pieces.deliver(order=order, positions=None, actor=actor, at=at)
    changes = {"shipped_at": at, "delivered_at": at}
    move_one(order=order, move=Move(UptOrderAction.HAND_OVER, actor, at, changes=changes))


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
    order = pieces.lock_for_staff(
        actor=actor, number=number, expected_version=command.expected_version
    )
    action = rules.refusal_action(state=order.state)
    end(
        order=order,
        move=Move(action, actor, at, command.note, {"reason_code": str(command.reason)}),
    )
    return order, str(action)


def end(*, order: LockedUptOrder, move: Move) -> None:
    """End a paid order before anything left: its stock goes back; money is the caller's business.

    Raises:
        IllegalTransition: Something left, or it is over.
    """
    move_one(order=order, move=move)
    reason = str(move.changes.get("reason_code", move.action))
    pieces.give_back(order=order, actor=move.actor, reason=reason, at=move.at)


def confirm_delivered(
    *, number: str, actor: Actor, at: datetime, position: int | None = None
) -> None:
    """Record that the buyer has a parcel, or all that is on its way; a second call changes nothing.

    Args:
        position: Which parcel; None means all of a shipped order.

    Raises:
        NotFound: No such order.
        IllegalTransition: It was not shipped.
        ParcelClosed: The parcel was lost, or there is none.
    """
    order = queries.lock_upt_order(number=number)
    if order.state in {UptOrderState.DELIVERED, UptOrderState.COMPLETED}:
        return
    parcels = queries.list_parcels(upt_order_ids=(order.upt_order_id,))
    if position is None:
        rules.next_state(state=order.state, action=UptOrderAction.DELIVER)
    else:
        rules.next_state(state=order.state, action=UptOrderAction.DELIVER_PART)
        named = next((parcel for parcel in parcels if parcel.position == position), None)
        if named is not None and named.state is ParcelState.DELIVERED:
            return
        rules.ensure_on_the_way(parcel=named)
    under_way = {parcel.position for parcel in parcels if parcel.state is ParcelState.SENT}
    is_last = position is None or under_way == {position}
    pieces.deliver(
        order=order, positions=None if position is None else {position}, actor=actor, at=at
    )
    if is_last and order.state is UptOrderState.SHIPPED:
        move = Move(UptOrderAction.DELIVER, actor, at, changes={"delivered_at": at})
    else:
        move = Move(UptOrderAction.DELIVER_PART, actor, at, f"paket {position}")
    move_one(order=order, move=move)


def complete(*, number: str, actor: Actor, at: datetime) -> None:
    """Close a delivered order; nothing changes on a second call, nor while goods come back.

    Raises:
        NotFound: No such order.
        IllegalTransition: It was not delivered.
    """
    order = queries.lock_upt_order(number=number)
    is_open = queries.has_open_return(upt_order_id=order.upt_order_id)
    if order.state is not UptOrderState.COMPLETED and not is_open:
        move_one(order=order, move=Move(UptOrderAction.COMPLETE, actor, at))
