"""Writes of card payment: tries at a provider, its notices, the money in and back.

What the provider says is fetched before, outside any transaction; these functions only write it
down, under the locks that the caller took (order, children, payment).

Source: docs/algorithms/card-payments.md.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from app.domain.payments import queries, rules
from app.domain.payments.events import EventStored
from app.domain.payments.models import GatewayEvent, MoneyEntry, PaymentAttempt, RefundAttempt
from app.domain.payments.services import money
from app.domain.payments.types import (
    AttemptRecord,
    AttemptState,
    EventState,
    GatewayRefund,
    LockedPayment,
    PayPage,
    Receipt,
    RefundOrder,
    RefundState,
    SignedEvent,
    TransferOutcome,
)
from app.infra import db, jobs
from app.kernel.actor import Actor


def open_attempt(
    *, payment: LockedPayment, provider: str, key: str, expires_at: datetime, at: datetime
) -> AttemptRecord:
    """Return the open try of a payment, or begin one; its key is what the provider is asked with.

    Raises:
        AttemptUnderWay: Another one was begun in this moment.
    """
    found = queries.find_open_attempt(payment_id=payment.payment_id)
    if found is not None:
        return found
    row = PaymentAttempt(
        payment_id=payment.payment_id,
        provider=provider,
        key=key,
        amount_idr=payment.expected_idr,
        state=str(AttemptState.OPEN),
        expires_at=expires_at,
        created_at=at,
    )
    db.add(row)
    found = queries.find_open_attempt(payment_id=payment.payment_id)
    assert found is not None
    return found


def note_page(*, attempt_id: int, page: PayPage) -> None:
    """Keep where the provider opened the pay page."""
    db.session().execute(
        update(PaymentAttempt)
        .where(PaymentAttempt.id == attempt_id)
        .values(page_id=page.page_id, url=page.url, expires_at=page.expires_at)
    )


def close_attempt(
    *, attempt_id: int, state: AttemptState, intent_id: str | None = None, at: datetime
) -> None:
    """End a try; one that succeeded stays so whatever is said later."""
    values: dict[str, object] = {"state": str(state), "closed_at": at}
    if intent_id is not None:
        values["intent_id"] = intent_id
    db.session().execute(
        update(PaymentAttempt)
        .where(PaymentAttempt.id == attempt_id, PaymentAttempt.state != AttemptState.SUCCEEDED)
        .values(**values)
    )


def receive_card_money(
    *,
    payment: LockedPayment,
    attempt: AttemptRecord,
    intent_id: str,
    amount_idr: int,
    actor: Actor,
    is_order_open: bool,
    at: datetime,
) -> TransferOutcome | None:
    """Write card money once; None when it was written before.

    Args:
        amount_idr: What the provider took, which may differ from what was asked.
        is_order_open: Every child order still waits for payment and holds its stock.
    """
    entry_key = f"card:{intent_id}"
    known = db.session().scalar(select(MoneyEntry.id).where(MoneyEntry.entry_key == entry_key))
    if known is not None:
        return None
    close_attempt(
        attempt_id=attempt.attempt_id, state=AttemptState.SUCCEEDED, intent_id=intent_id, at=at
    )
    return money.receive(
        payment=payment,
        receipt=Receipt(amount_idr, entry_key, intent_id),
        actor=actor,
        is_order_open=is_order_open,
        at=at,
    )


def store_event(*, provider: str, event: SignedEvent, at: datetime) -> bool:
    """Keep a notice once and have it looked at; return whether it is new."""
    known = db.session().scalar(
        select(GatewayEvent.id).where(
            GatewayEvent.provider == provider, GatewayEvent.event_id == event.event_id
        )
    )
    if known is not None:
        return False
    row = GatewayEvent(
        provider=provider,
        event_id=event.event_id,
        kind=event.kind,
        page_id=event.page_id,
        intent_id=event.intent_id,
        attempt_key=event.key,
        is_live=event.is_live,
        content=event.content,
        received_at=at,
        state=str(EventState.NEW),
        outcome="",
    )
    db.add(row)
    jobs.publish(EventStored(gateway_event_id=row.id), at=at)
    return True


def resolve_event(*, gateway_event_id: int, state: EventState, outcome: str, at: datetime) -> None:
    """Note what a notice led to."""
    db.session().execute(
        update(GatewayEvent)
        .where(GatewayEvent.id == gateway_event_id)
        .values(state=str(state), outcome=outcome[:40], applied_at=at)
    )


def order_refunds(*, payment: LockedPayment, at: datetime) -> tuple[RefundOrder, ...]:
    """Return what is to be sent back by card now, writing an order for what has none yet.

    Never more than is owed, nor than a card took; what a card did not bring stays with the
    treasurer.
    """
    wanted = rules.card_refunds(
        dues=queries.list_dues(payment_id=payment.payment_id),
        underway=queries.list_refund_attempts(payment_id=payment.payment_id),
        taken=queries.list_card_money(payment_id=payment.payment_id),
    )
    for number, refund in enumerate(wanted):
        db.add(
            RefundAttempt(
                payment_id=payment.payment_id,
                upt_order_id=refund.upt_order_id,
                key=f"{payment.reference}:{refund.sequence + number}",
                intent_id=refund.intent_id,
                amount_idr=refund.amount_idr,
                state=str(RefundState.OPEN),
                created_at=at,
            )
        )
    return queries.list_open_refunds(payment_id=payment.payment_id)


def close_refund(
    *,
    payment: LockedPayment,
    order: RefundOrder,
    refund: GatewayRefund,
    actor: Actor,
    at: datetime,
) -> None:
    """Write what became of money sent back; a refund on its way stays open.

    Raises:
        RefundTooLarge: More than is owed.
    """
    if refund.state is RefundState.OPEN:
        return
    db.session().execute(
        update(RefundAttempt)
        .where(RefundAttempt.id == order.refund_id)
        .values(state=str(refund.state), refund_id=refund.refund_id, closed_at=at)
    )
    if refund.state is RefundState.SUCCEEDED:
        money.write_refunded(
            payment=payment,
            upt_order_id=order.upt_order_id,
            receipt=Receipt(order.amount_idr, f"card_refund:{order.key}", refund.refund_id),
            actor=actor,
            at=at,
        )
