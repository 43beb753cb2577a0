"""A part of an order takes another way: pieces refused, parcels lost, goods sent again.

The money is the business of ``checkout.services``, which calls these and is told what it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.domain.orders import queries, rules
from app.domain.orders.commands import LoseParcel, RefusePieces
from app.domain.orders.models import OrderLine
from app.domain.orders.services import pieces
from app.domain.orders.services.moves import Move, move_one
from app.domain.orders.types import (
    LineHold,
    LockedUptOrder,
    ParcelState,
    UptOrderAction,
    UptOrderState,
)
from app.domain.stock.types import Demand
from app.infra import db
from app.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Dropped:
    """Pieces that the buyer paid and will not get.

    Attributes:
        order: As it was before.
        value_idr: What the pieces cost.
        is_nothing_left: No piece of the order is held, on its way, or with the buyer.
    """

    order: LockedUptOrder
    value_idr: int
    is_nothing_left: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """Pieces of a lost parcel that are to be sent again."""

    order: LockedUptOrder
    by_line: Mapping[int, int]
    demands: tuple[Demand, ...]
    line_of: Mapping[int, int]
    action: UptOrderAction
    key: str


def refuse_pieces(
    *, actor: Actor, number: str, command: RefusePieces, at: datetime
) -> Dropped | None:
    """Take pieces out of a paid order and give them back to the shelf.

    Returns:
        What was taken out; None with nothing changed when that is the whole order, which is then
        to be refused as a whole.

    Raises:
        NotFound, NotAllowed, OrderChanged, IllegalTransition: See the classes.
        TooManyPieces, NoPieces: The pieces named are not there.
    """
    order = pieces.lock_for_staff(
        actor=actor, number=number, expected_version=command.expected_version
    )
    rules.next_state(state=order.state, action=UptOrderAction.REFUSE_PART)
    held = queries.list_held(upt_order_id=order.upt_order_id)
    chosen = rules.choose_pieces(held=held, wanted=command.pieces)
    is_all = sum(chosen.values()) == sum(part.quantity for part in held)
    if is_all and order.state is not UptOrderState.PART_SHIPPED:
        return None
    freed = pieces.free(
        order=order, held=held, chosen=chosen, reason=str(command.reason), actor=actor, at=at
    )
    action = UptOrderAction.REFUSE_REST if is_all else UptOrderAction.REFUSE_PART
    note = f"{sum(freed.values())} buah. {command.note}".strip()
    after = move_one(order=order, move=Move(action, actor, at, note))
    if is_all:
        _deliver_if_all_there(after, actor=actor, at=at)
    return Dropped(order, _value_idr(freed), _is_nothing_left(order))


def lose_parcel(
    *, actor: Actor, number: str, position: int, command: LoseParcel, at: datetime
) -> Dropped:
    """Write off a parcel that never arrived; its money goes back.

    Raises:
        NotFound, NotAllowed, OrderChanged, IllegalTransition: See the classes.
        ParcelClosed: It was delivered or lost before.
    """
    order, lost = _write_off(actor, number, position, command, at=at)
    pieces.count_lost(lost=lost)
    others = queries.list_parcels(upt_order_ids=(order.upt_order_id,))
    action = rules.loss_action(state=order.state, others=others)
    changes = {"delivered_at": at} if action is UptOrderAction.CLOSE_LOST else {}
    move_one(order=order, move=Move(action, actor, at, _lost_note(position, command), changes))
    return Dropped(order, _value_idr(lost), _is_nothing_left(order))


def miss_parcel(
    *, actor: Actor, number: str, position: int, command: LoseParcel, at: datetime
) -> Missing:
    """Write off a parcel that never arrived; return what is to be held anew for sending again.

    Raises:
        NotFound, NotAllowed, OrderChanged, IllegalTransition: See the classes.
        ParcelClosed: It was delivered or lost before.
    """
    order, lost = _write_off(actor, number, position, command, at=at)
    others = queries.list_parcels(upt_order_ids=(order.upt_order_id,))
    action = rules.resend_action(others=others)
    rules.next_state(state=order.state, action=action)
    rows = db.session().execute(
        select(OrderLine.id, OrderLine.variant_id).where(OrderLine.id.in_(sorted(lost)))
    )
    line_of = {variant_id: line_id for line_id, variant_id in rows}
    demands = tuple(
        Demand(order.upt_id, variant_id, lost[line_id]) for variant_id, line_id in line_of.items()
    )
    return Missing(order, lost, demands, line_of, action, f"{order.number}:resend:{position}")


def resend(
    *,
    missing: Missing,
    holds: Mapping[int, Sequence[LineHold]],
    note: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Wait to send again what a lost parcel held.

    Args:
        holds: New holds, without an end, by variant.
    """
    by_line = {missing.line_of[variant_id]: found for variant_id, found in holds.items()}
    pieces.hold_again(lost=missing.by_line, holds=by_line)
    until = at + timedelta(days=rules.RESEND_WITHIN_DAYS)
    move = Move(missing.action, actor, at, note, {"act_by_at": until})
    move_one(order=missing.order, move=move)


def _write_off(
    actor: Actor, number: str, position: int, command: LoseParcel, *, at: datetime
) -> tuple[LockedUptOrder, dict[int, int]]:
    order = pieces.lock_for_staff(
        actor=actor, number=number, expected_version=command.expected_version
    )
    rules.next_state(state=order.state, action=UptOrderAction.LOSE_PART)
    parcels = queries.list_parcels(upt_order_ids=(order.upt_order_id,))
    named = next((parcel for parcel in parcels if parcel.position == position), None)
    parcel = rules.ensure_on_the_way(parcel=named)
    return order, pieces.lose(order=order, parcel=parcel, note=command.note, actor=actor, at=at)


def _lost_note(position: int, command: LoseParcel) -> str:
    return f"paket {position}: {command.note}"


def _deliver_if_all_there(order: LockedUptOrder, *, actor: Actor, at: datetime) -> None:
    parcels = queries.list_parcels(upt_order_ids=(order.upt_order_id,))
    if all(parcel.state is not ParcelState.SENT for parcel in parcels):
        move = Move(UptOrderAction.DELIVER, actor, at, changes={"delivered_at": at})
        move_one(order=order, move=move)


def _value_idr(by_line: Mapping[int, int]) -> int:
    rows = db.session().execute(
        select(OrderLine.id, OrderLine.unit_price_idr).where(OrderLine.id.in_(sorted(by_line)))
    )
    return sum(price_idr * by_line[line_id] for line_id, price_idr in rows)


def _is_nothing_left(order: LockedUptOrder) -> bool:
    left = db.session().scalar(
        select(
            func.sum(OrderLine.quantity - OrderLine.quantity_cancelled - OrderLine.quantity_lost)
        ).where(OrderLine.upt_order_id == order.upt_order_id)
    )
    return not left
