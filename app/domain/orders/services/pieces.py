"""Pieces of an order between shelf and buyer: what is held, sent, delivered, lost, given back.

The caller has locked the child order and asks the state table; here stock moves and the figures of
the lines follow, so that ordered = cancelled + held + shipped for every line at every commit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from app.domain.orders import queries, rules
from app.domain.orders.models import (
    OrderLine,
    OrderLineHold,
    OrderParcel,
    OrderParcelPiece,
)
from app.domain.orders.types import (
    PERMISSION_FULFIL,
    HeldPieces,
    LineHold,
    LockedUptOrder,
    ParcelRecord,
    ParcelState,
)
from app.domain.stock import services as stock_services
from app.domain.stock.types import EntrySource, HoldRecord
from app.infra import db
from app.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to leave together.

    Attributes:
        held: All that waits behind the order.
        chosen: What leaves, by hold.
    """

    carrier: str
    tracking_number: str
    held: Sequence[HeldPieces]
    chosen: Mapping[int, int]


def lock_for_staff(*, actor: Actor, number: str, expected_version: int) -> LockedUptOrder:
    """Hold a child order for a step of its UPT.

    Raises:
        NotFound, NotAllowed: ``order.fulfil`` is not held in the order's UPT.
        OrderChanged: Somebody else changed it since the page was opened.
    """
    order = queries.lock_upt_order(number=number)
    actor.ensure(PERMISSION_FULFIL, upt_id=order.upt_id)
    rules.ensure_version(
        number=number, state=order.state, expected=expected_version, version=order.version
    )
    return order


def send(*, order: LockedUptOrder, parcel: Parcel, actor: Actor, at: datetime) -> int:
    """Post the pieces of a parcel to transit; the rest stays held. Return the parcel's position."""
    position = 1 + len(queries.list_parcels(upt_order_ids=(order.upt_order_id,)))
    rests = stock_services.ship_part(
        actor=actor,
        upt_id=order.upt_id,
        quantities=parcel.chosen,
        source=EntrySource("order", f"{order.number}:ship:{position}"),
        at=at,
    )
    row = OrderParcel(
        upt_order_id=order.upt_order_id,
        position=position,
        state=str(ParcelState.SENT),
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        sent_at=at,
        note="",
    )
    db.add(row)
    line_of = {part.hold_id: part.line_id for part in parcel.held}
    db.insert_rows(
        OrderParcelPiece,
        [
            {
                "parcel_id": row.id,
                "order_line_id": line_of[hold_id],
                "hold_id": hold_id,
                "quantity": quantity,
            }
            for hold_id, quantity in sorted(parcel.chosen.items())
        ],
    )
    _relink(held=parcel.held, chosen=parcel.chosen, rests=rests)
    shipped = rules.by_line(held=parcel.held, chosen=parcel.chosen)
    _add(shipped, quantity_shipped=1)
    return position


def free(
    *,
    order: LockedUptOrder,
    held: Sequence[HeldPieces],
    chosen: Mapping[int, int],
    reason: str,
    actor: Actor,
    at: datetime,
) -> dict[int, int]:
    """Give a part of what is held back to the shelf; return the pieces by line."""
    rests = stock_services.release_part(
        actor=actor,
        upt_id=order.upt_id,
        quantities=chosen,
        source=EntrySource("order", f"{order.number}:refuse:{order.version}"),
        reason=reason,
        at=at,
    )
    _relink(held=held, chosen=chosen, rests=rests)
    freed = rules.by_line(held=held, chosen=chosen)
    _add(freed, quantity_cancelled=1)
    return freed


def give_back(*, order: LockedUptOrder, actor: Actor, reason: str, at: datetime) -> None:
    """Give all that is held back to the shelf."""
    found = queries.list_hold_ids(upt_order_ids=(order.upt_order_id,))
    stock_services.release(
        actor=actor,
        upt_id=order.upt_id,
        hold_ids=found.get(order.upt_order_id, ()),
        source=EntrySource("order", f"{order.number}:refuse"),
        reason=reason,
        at=at,
    )
    forget_held(upt_order_id=order.upt_order_id)


def forget_held(*, upt_order_id: int) -> None:
    """Count what was held as cancelled; the ledger has freed it."""
    lines = select(OrderLine.id).where(OrderLine.upt_order_id == upt_order_id)
    db.session().execute(
        delete(OrderLineHold)
        .where(OrderLineHold.order_line_id.in_(lines))
        .execution_options(synchronize_session=False)
    )
    db.session().execute(
        update(OrderLine)
        .where(OrderLine.upt_order_id == upt_order_id)
        .values(quantity_cancelled=OrderLine.quantity - OrderLine.quantity_shipped)
    )


def deliver(
    *, order: LockedUptOrder, positions: Collection[int] | None, actor: Actor, at: datetime
) -> None:
    """Post parcels on their way to the buyer; None means all of them."""
    for parcel in queries.list_parcels(upt_order_ids=(order.upt_order_id,)):
        is_meant = positions is None or parcel.position in positions
        if not is_meant or parcel.state is not ParcelState.SENT:
            continue
        stock_services.deliver(
            actor=actor,
            upt_id=order.upt_id,
            hold_ids=[part.hold_id for part in parcel.pieces],
            source=EntrySource("order", f"{order.number}:deliver:{parcel.position}"),
            at=at,
        )
        _close_parcel(parcel, ParcelState.DELIVERED, note="", at=at)


def lose(
    *, order: LockedUptOrder, parcel: ParcelRecord, note: str, actor: Actor, at: datetime
) -> dict[int, int]:
    """Post a parcel that never arrived to loss; return its pieces by line."""
    stock_services.lose(
        actor=actor,
        upt_id=order.upt_id,
        hold_ids=[part.hold_id for part in parcel.pieces],
        source=EntrySource("order", f"{order.number}:lost:{parcel.position}"),
        note=note,
        at=at,
    )
    _close_parcel(parcel, ParcelState.LOST, note=note, at=at)
    found: dict[int, int] = {}
    for part in parcel.pieces:
        found[part.line_id] = found.get(part.line_id, 0) + part.quantity
    return found


def count_lost(*, lost: Mapping[int, int]) -> None:
    """Leave lost pieces as they are: they count as shipped, and as lost."""
    _add(lost, quantity_lost=1)


def count_returned(*, returned: Mapping[int, int]) -> None:
    """Count pieces that came back."""
    _add(returned, quantity_returned=1)


def hold_again(*, lost: Mapping[int, int], holds: Mapping[int, Sequence[LineHold]]) -> None:
    """Wait to send lost pieces again, from new holds by line."""
    _add(lost, quantity_shipped=-1)
    db.insert_rows(
        OrderLineHold,
        [
            {"order_line_id": line_id, "hold_id": hold.hold_id, "quantity": hold.quantity}
            for line_id, found in holds.items()
            for hold in found
        ],
    )


def _relink(
    *, held: Sequence[HeldPieces], chosen: Mapping[int, int], rests: Mapping[int, HoldRecord]
) -> None:
    db.session().execute(
        delete(OrderLineHold)
        .where(OrderLineHold.hold_id.in_(sorted(chosen)))
        .execution_options(synchronize_session=False)
    )
    line_of = {part.hold_id: part.line_id for part in held}
    db.insert_rows(
        OrderLineHold,
        [
            {
                "order_line_id": line_of[hold_id],
                "hold_id": rest.hold_id,
                "quantity": rest.quantity,
            }
            for hold_id, rest in sorted(rests.items())
        ],
    )


def _close_parcel(parcel: ParcelRecord, state: ParcelState, *, note: str, at: datetime) -> None:
    db.session().execute(
        update(OrderParcel)
        .where(OrderParcel.id == parcel.parcel_id)
        .values(state=str(state), closed_at=at, note=note)
    )


def _add(pieces: Mapping[int, int], **factors: int) -> None:
    for line_id, quantity in sorted(pieces.items()):
        changes = {
            name: getattr(OrderLine, name) + factor * quantity for name, factor in factors.items()
        }
        db.session().execute(
            update(OrderLine)
            .where(OrderLine.id == line_id)
            .values(**changes)
            .execution_options(synchronize_session="fetch")
        )
