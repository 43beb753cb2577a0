"""A paid order changes on its way: pieces refused, parts cancelled, parcels lost. Stock and money.

What is owed back is the price of the pieces; the fee of delivery comes back with the last of them.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.catalog import queries as catalog_queries
from app.domain.checkout.services.reserving import reserve_named
from app.domain.checkout.services.settling import refuse_order
from app.domain.orders import queries as orders_queries
from app.domain.orders import services as orders_services
from app.domain.orders.commands import LoseParcel, RefuseOrder, RefusePieces
from app.domain.orders.types import LostOutcome, RefuseReason, UptOrderAction
from app.domain.payments import services as payments_services
from app.domain.stock.types import EntrySource
from app.kernel.actor import Actor


def refuse_pieces(*, actor: Actor, number: str, command: RefusePieces, at: datetime) -> int:
    """Take pieces out of a paid order; return what is owed back in rupiah.

    All pieces of an order of which nothing left are the whole order.

    Raises:
        NotFound, NotAllowed: ``order.fulfil`` is not held in the order's UPT.
        OrderChanged, IllegalTransition, TooManyPieces, NoPieces: See the classes.
    """
    dropped = orders_services.refuse_pieces(actor=actor, number=number, command=command, at=at)
    if dropped is None:
        whole = RefuseOrder(
            expected_version=command.expected_version, reason=command.reason, note=command.note
        )
        return refuse_order(actor=actor, number=number, command=whole, at=at)
    key = f"refuse:{dropped.order.version}"
    return _owe(dropped, key=key, note="refuse_part", actor=actor, at=at)


def cancel_paid(*, number: str, actor: Actor, at: datetime) -> int:
    """Cancel a paid child order of which nothing left, at the buyer's wish; return what is owed back.

    The surface has checked that the caller holds the link or owns the order.

    Raises:
        NotFound: No such order.
        IllegalTransition: Something left, or it is over.
    """
    return _cancel(number, str(RefuseReason.BUYER_ASKED), "cancelled_by_buyer", actor, at=at)


def cancel_unanswered(*, number: str, actor: Actor, at: datetime) -> int:
    """Cancel a paid child order that its UPT never answered; return what is owed back.

    Raises:
        NotFound: No such order.
        IllegalTransition: It was answered, or is over.
    """
    return _cancel(number, str(RefuseReason.UNANSWERED), "unanswered", actor, at=at)


def lose_parcel(
    *, actor: Actor, number: str, position: int, command: LoseParcel, at: datetime
) -> int:
    """Write off a parcel: the buyer gets the money or other pieces. Return what is owed back.

    Raises:
        NotFound, NotAllowed: ``order.fulfil`` is not held in the order's UPT.
        OrderChanged, IllegalTransition, ParcelClosed: See the classes.
        ItemsShort: The same goods are not there to be sent again; nothing was changed.
    """
    if command.outcome is LostOutcome.REFUND:
        dropped = orders_services.lose_parcel(
            actor=actor, number=number, position=position, command=command, at=at
        )
        return _owe(dropped, key=f"lost:{position}", note="lost", actor=actor, at=at)
    missing = orders_services.miss_parcel(
        actor=actor, number=number, position=position, command=command, at=at
    )
    holds = reserve_named(
        demands=missing.demands,
        offers=catalog_queries.offers(
            variant_ids=[demand.variant_id for demand in missing.demands]
        ),
        source=EntrySource("order", missing.key),
        expires_at=None,
        actor=actor,
        at=at,
    )
    note = f"paket {position}: {command.note}"
    orders_services.resend(missing=missing, holds=holds, note=note, actor=actor, at=at)
    return 0


def _owe(
    dropped: orders_services.Dropped, *, key: str, note: str, actor: Actor, at: datetime
) -> int:
    order = dropped.order
    if dropped.is_nothing_left:
        return payments_services.owe_refund(
            group_id=order.group_id,
            upt_order_id=order.upt_order_id,
            note=note,
            actor=actor,
            at=at,
        )
    payments_services.owe_part(
        group_id=order.group_id,
        upt_order_id=order.upt_order_id,
        amount_idr=dropped.value_idr,
        key=f"{order.upt_order_id}:{key}",
        note=note,
        actor=actor,
        at=at,
    )
    return dropped.value_idr


def _cancel(number: str, reason: str, note: str, actor: Actor, *, at: datetime) -> int:
    order = orders_queries.lock_upt_order(number=number)
    move = orders_services.Move(UptOrderAction.CANCEL, actor, at, changes={"reason_code": reason})
    orders_services.end(order=order, move=move)
    return payments_services.owe_refund(
        group_id=order.group_id,
        upt_order_id=order.upt_order_id,
        note=note,
        actor=actor,
        at=at,
    )
