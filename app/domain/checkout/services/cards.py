"""Card payment and the order: begin a try, and write down what the provider tells.

Source: docs/algorithms/card-payments.md.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.checkout.errors import ItemsShort
from app.domain.checkout.services.settling import expire_if_over, is_held, reopen
from app.domain.checkout.types import CARD_PATIENCE, CardStart
from app.domain.orders import queries as orders_queries
from app.domain.orders import services as orders_services
from app.domain.orders.types import LockedGroup, UptOrderState
from app.domain.payments import queries as payments_queries
from app.domain.payments import rules as payments_rules
from app.domain.payments import services as payments_services
from app.domain.payments.errors import NothingToPay
from app.domain.payments.types import (
    PAGE_LIFE,
    PAGE_MARGIN,
    AttemptRecord,
    AttemptState,
    CardResult,
    GatewayPayment,
    GatewayRefund,
    GatewayState,
    LockedPayment,
    PayRequest,
    RefundOrder,
    ReviewReason,
    TransferResult,
)
from app.kernel.actor import Actor, system
from app.kernel.errors import NotFound


def begin_card(
    *, number: str, provider: str, key: str, success_url: str, cancel_url: str, at: datetime
) -> CardStart:
    """Return the open try to pay an order, or begin one; its stock stays held longer than the page.

    The surface has checked that the caller holds the link or owns the order.

    Args:
        key: Fresh random key of a new try, drawn by the surface.

    Raises:
        NotFound: No such order.
        NothingToPay: It does not wait for money, or was given its time already.
        AttemptUnderWay: Another try was begun in this moment.
    """
    group_id = orders_queries.find_group_id(number=number)
    if group_id is None:
        raise NotFound
    group = orders_queries.lock_group(group_id=group_id)
    payment = payments_queries.lock(group_id=group_id)
    if not is_held(group=group) or at >= group.holds_until or payment.sums.unsettled_idr:
        raise NothingToPay
    order = orders_queries.get_group(number=number).group
    until = at + PAGE_LIFE + PAGE_MARGIN
    if group.holds_until < until:
        if at > order.placed_at + CARD_PATIENCE:
            raise NothingToPay
        orders_services.extend(group=group, until=until, actor=system("checkout"), at=at)
    attempt = payments_services.open_attempt(
        payment=payment, provider=provider, key=key, expires_at=at + PAGE_LIFE, at=at
    )
    return CardStart(
        attempt=attempt,
        request=PayRequest(
            key=attempt.key,
            order_number=number,
            amount_idr=attempt.amount_idr,
            email=order.contact.email,
            expires_at=attempt.expires_at,
            success_url=success_url,
            cancel_url=cancel_url,
        ),
    )


def apply_card_payment(
    *, attempt: AttemptRecord, told: GatewayPayment, is_live: bool, at: datetime
) -> CardResult:
    """Write down how a pay page stands; the same twice, in any order, changes nothing more.

    Money on an expired order takes the goods again when they are still there, and goes back when
    not; money on a cancelled or paid order goes back. A wrong amount waits for a person.

    Args:
        told: Fetched from the provider just now.
        is_live: Whether this installation takes real money.
    """
    actor = system("card")
    group = expire_if_over(group=orders_queries.lock_group(group_id=attempt.group_id), at=at)
    payment = payments_queries.lock(group_id=attempt.group_id)
    if told.state is GatewayState.CLOSED:
        payments_services.close_attempt(
            attempt_id=attempt.attempt_id, state=AttemptState.EXPIRED, at=at
        )
        return CardResult.CLOSED
    if told.state is not GatewayState.SUCCEEDED or told.intent_id is None:
        return CardResult.NOTHING_NEW
    if not payments_rules.fits_attempt(payment=told, attempt=attempt, is_live=is_live):
        payments_services.open_review(payment=payment, reason=ReviewReason.MISMATCH, at=at)
        return CardResult.REVIEW
    assert told.amount_idr is not None
    outcome = payments_services.receive_card_money(
        payment=payment,
        attempt=attempt,
        intent_id=told.intent_id,
        amount_idr=told.amount_idr,
        actor=actor,
        is_order_open=is_held(group=group),
        at=at,
    )
    if outcome is None:
        return CardResult.NOTHING_NEW
    if outcome.result is TransferResult.SETTLED:
        orders_services.mark_paid(group=group, actor=actor, at=at)
        return CardResult.SETTLED
    if outcome.result is TransferResult.HELD_FOR_REVIEW:
        return CardResult.REVIEW
    payment = payments_queries.lock(group_id=attempt.group_id)
    if outcome.result is TransferResult.LATE and _take_again(group, payment, actor, at=at):
        return CardResult.REOPENED
    payments_services.refund_reviewed(payment=payment, actor=actor, at=at)
    return CardResult.REFUND


def _take_again(group: LockedGroup, payment: LockedPayment, actor: Actor, *, at: datetime) -> bool:
    """Settle late money on an expired order if its goods are still there."""
    if any(child.state is not UptOrderState.EXPIRED for child in group.children):
        return False
    if payment.sums.unsettled_idr != payment.expected_idr:
        return False
    try:
        reopen(group=group, actor=actor, at=at)
    except ItemsShort:
        return False
    payments_services.settle_reviewed(payment=payment, actor=actor, at=at)
    return True


def order_card_refunds(*, group_id: int, at: datetime) -> tuple[RefundOrder, ...]:
    """Return what is to be sent back by card for an order now; see ``payments.order_refunds``."""
    orders_queries.lock_group(group_id=group_id)
    payment = payments_queries.lock(group_id=group_id)
    return payments_services.order_refunds(payment=payment, at=at)


def close_card_refund(
    *, order: RefundOrder, refund: GatewayRefund, actor: Actor, at: datetime
) -> None:
    """Write what became of money sent back; see ``payments.close_refund``."""
    orders_queries.lock_group(group_id=order.group_id)
    payment = payments_queries.lock(group_id=order.group_id)
    payments_services.close_refund(payment=payment, order=order, refund=refund, actor=actor, at=at)
