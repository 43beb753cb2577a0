"""From order to money and back: transfers, reviews, refunds, cancelling, expiring, refusing."""

from __future__ import annotations

from datetime import datetime

from app.domain.catalog import queries as catalog_queries
from app.domain.checkout.services.reserving import reserve_named
from app.domain.orders import queries as orders_queries
from app.domain.orders import services as orders_services
from app.domain.orders.commands import RefuseOrder
from app.domain.orders.types import (
    LockedGroup,
    UptOrderState,
)
from app.domain.payments import queries as payments_queries
from app.domain.payments import services as payments_services
from app.domain.payments.commands import ConfirmTransfer, RecordRefund, ResolveReview
from app.domain.payments.errors import UnknownReference
from app.domain.payments.types import (
    PERMISSION_CONFIRM,
    ClosedReason,
    ReviewDecision,
    TransferOutcome,
    TransferResult,
)
from app.domain.stock.types import Demand, EntrySource
from app.kernel.actor import Actor, system
from app.kernel.errors import NotFound


def confirm_transfer(*, actor: Actor, command: ConfirmTransfer, at: datetime) -> TransferOutcome:
    """Record a transfer; when it is exact, the order is paid and its UPT may start.

    Raises:
        NotAllowed: ``payment.confirm`` is not held nationally.
        UnknownReference: No payment carries the reference.
        Invalid, IdempotencyMismatch: See ``payments.services.record_transfer``.
    """
    actor.ensure_national(PERMISSION_CONFIRM)
    group_id = payments_queries.find_group_id(reference=command.reference)
    if group_id is None:
        raise UnknownReference(reference=command.reference)
    group = expire_if_over(group=orders_queries.lock_group(group_id=group_id), at=at)
    outcome = payments_services.record_transfer(
        actor=actor,
        group_id=group_id,
        command=command,
        is_order_open=is_held(group=group),
        at=at,
    )
    if outcome.result is TransferResult.SETTLED and not outcome.is_repeat:
        orders_services.mark_paid(group=group, actor=actor, at=at)
    return outcome


def resolve_review(*, actor: Actor, review_id: int, command: ResolveReview, at: datetime) -> None:
    """Decide about money held for review: send it back, or settle and owe back the surplus.

    Settling an expired order promises its stock anew.

    Raises:
        NotAllowed: ``payment.confirm`` is not held nationally.
        NotFound: No such review.
        ReviewClosed: Somebody else closed it.
        AlreadySettled, NotEnoughMoney: The money cannot pay the order.
        ItemsShort: The goods of an expired order are gone; the money can only go back.
        IllegalTransition: The order was cancelled.
    """
    actor.ensure_national(PERMISSION_CONFIRM)
    group_id = payments_queries.find_review_group_id(review_id=review_id)
    if group_id is None:
        raise NotFound
    group = expire_if_over(group=orders_queries.lock_group(group_id=group_id), at=at)
    payment = payments_queries.lock(group_id=group_id)
    payments_services.ensure_review_open(review_id=review_id)
    if command.outcome is ReviewDecision.REFUND:
        payments_services.refund_reviewed(payment=payment, actor=actor, at=at)
        return
    payments_services.settle_reviewed(payment=payment, actor=actor, at=at)
    if is_held(group=group):
        orders_services.mark_paid(group=group, actor=actor, at=at)
    else:
        reopen(group=group, actor=actor, at=at)


def record_refund(*, actor: Actor, command: RecordRefund, at: datetime) -> None:
    """Record money that went back to the buyer.

    Raises:
        NotAllowed: ``payment.confirm`` is not held nationally.
        UnknownReference: No payment carries the reference.
        NotFound: The child order does not belong to it.
        Invalid, RefundTooLarge, IdempotencyMismatch: See ``payments.services.record_refund``.
    """
    actor.ensure_national(PERMISSION_CONFIRM)
    group_id = payments_queries.find_group_id(reference=command.reference)
    if group_id is None:
        raise UnknownReference(reference=command.reference)
    group = orders_queries.lock_group(group_id=group_id)
    by_number = {child.number: child.upt_order_id for child in group.children}
    if command.upt_order_number and command.upt_order_number not in by_number:
        raise NotFound
    payments_services.record_refund(
        actor=actor,
        group_id=group_id,
        upt_order_id=by_number.get(command.upt_order_number),
        command=command,
        at=at,
    )


def cancel_unpaid(*, number: str, actor: Actor, at: datetime) -> None:
    """Cancel a whole order that nobody paid; a second call changes nothing.

    The surface has checked that the caller holds the link or owns the order.

    Raises:
        NotFound: No such order.
        IllegalTransition: It is paid or expired.
    """
    group_id = orders_queries.find_group_id(number=number)
    if group_id is None:
        raise NotFound
    group = orders_queries.lock_group(group_id=group_id)
    if all(child.state is UptOrderState.CANCELLED for child in group.children):
        return
    orders_services.cancel_unpaid(group=group, actor=actor, at=at)
    payments_services.close_unpaid(
        group_id=group_id, reason=ClosedReason.CANCELLED, actor=actor, at=at
    )


def expire(*, group_id: int, at: datetime) -> bool:
    """Expire an order whose grace is over; return whether there was anything to do."""
    group = orders_queries.lock_group(group_id=group_id)
    return expire_if_over(group=group, at=at) is not group


def refuse_order(*, actor: Actor, number: str, command: RefuseOrder, at: datetime) -> int:
    """End a paid child order that its UPT cannot fulfil; return what is owed back in rupiah.

    Raises:
        NotFound, NotAllowed: ``order.fulfil`` is not held in the order's UPT.
        OrderChanged, IllegalTransition: See the classes.
    """
    order, action = orders_services.refuse(actor=actor, number=number, command=command, at=at)
    return payments_services.owe_refund(
        group_id=order.group_id,
        upt_order_id=order.upt_order_id,
        note=action,
        actor=actor,
        at=at,
    )


def confirm_received(
    *, number: str, actor: Actor, at: datetime, position: int | None = None
) -> None:
    """Record that the buyer has a parcel or all goods of a child order; again changes nothing.

    The surface has checked that the caller holds the link or owns the order.

    Raises:
        NotFound: No such order.
        IllegalTransition: It was not shipped.
        ParcelClosed: The parcel was lost, or there is none.
    """
    orders_services.confirm_delivered(number=number, actor=actor, at=at, position=position)


def is_held(*, group: LockedGroup) -> bool:
    """Say whether every part of an order still waits for payment."""
    return all(child.state is UptOrderState.HELD for child in group.children)


def expire_if_over(*, group: LockedGroup, at: datetime) -> LockedGroup:
    """Expire a locked order that is past its grace; return it as it is afterwards."""
    if not is_held(group=group) or at < group.holds_until:
        return group
    actor = system("checkout")
    orders_services.expire(group=group, actor=actor, at=at)
    payments_services.close_unpaid(
        group_id=group.group_id, reason=ClosedReason.EXPIRED, actor=actor, at=at
    )
    return orders_queries.lock_group(group_id=group.group_id)


def reopen(*, group: LockedGroup, actor: Actor, at: datetime) -> None:
    """Promise the stock of an expired order anew and move it to paid.

    Raises:
        ItemsShort: The goods are gone; nothing was written.
        IllegalTransition: A part is in another state.
    """
    lines = orders_queries.list_lines(
        upt_order_ids=[child.upt_order_id for child in group.children]
    )
    orders_services.ensure_can_reopen(group=group)
    demands = [
        Demand(child.upt_id, line.variant_id, line.quantity)
        for child in group.children
        for line in lines[child.upt_order_id]
    ]
    variant_ids = [demand.variant_id for demand in demands]
    holds = reserve_named(
        demands=demands,
        offers=catalog_queries.offers(variant_ids=variant_ids),
        source=EntrySource("order", f"{group.number}:reopen"),
        expires_at=None,
        actor=actor,
        at=at,
    )
    orders_services.reopen_paid(
        group=group,
        holds={
            (child.upt_order_id, line.variant_id): holds[line.variant_id]
            for child in group.children
            for line in lines[child.upt_order_id]
        },
        actor=actor,
        at=at,
    )
