"""The money book: the only place that writes money rows, reviews and what closes a payment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import select, update

from app.domain.audit import services as audit_services
from app.domain.orders.types import SERVICE_TIMEZONE
from app.domain.payments import rules
from app.domain.payments.events import RefundSent, ReviewOpened
from app.domain.payments.models import MoneyEntry, Payment, PaymentReview
from app.domain.payments.types import (
    ClosedReason,
    LockedPayment,
    MoneyKind,
    ReviewOutcome,
    ReviewReason,
)
from app.infra import db, jobs
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import IdempotencyMismatch

OPEN: Final = "open"
CLOSED: Final = "closed"


def write(
    *,
    payment: LockedPayment,
    kind: MoneyKind,
    amount_idr: int,
    entry_key: str,
    actor: Actor,
    at: datetime,
    upt_order_id: int | None = None,
    bank_reference: str = "",
    on: date | None = None,
    note: str = "",
) -> None:
    """Add one money row; ``on`` is today unless told."""
    db.add(
        MoneyEntry(
            payment_id=payment.payment_id,
            upt_order_id=upt_order_id,
            kind=str(kind),
            amount_idr=amount_idr,
            bank_reference=bank_reference,
            happened_on=on or clock.local_date(at=at, timezone=SERVICE_TIMEZONE),
            written_at=at,
            actor_user_id=actor.user_id,
            note=note,
            entry_key=entry_key,
        )
    )
    if kind is MoneyKind.REFUNDED:
        jobs.publish(RefundSent(payment_id=payment.payment_id, amount_idr=amount_idr), at=at)


def close(*, payment: LockedPayment, reason: ClosedReason) -> None:
    """Say why a payment no longer waits for money."""
    db.session().execute(
        update(Payment).where(Payment.id == payment.payment_id).values(closed_reason=str(reason))
    )


def open_review(*, payment: LockedPayment, reason: ReviewReason, at: datetime) -> None:
    """Ask a person to look at a payment; an open review stays the only one."""
    present = db.session().scalar(
        select(PaymentReview.id).where(
            PaymentReview.payment_id == payment.payment_id, PaymentReview.state == OPEN
        )
    )
    if present is None:
        db.add(
            PaymentReview(
                payment_id=payment.payment_id, state=OPEN, reason=str(reason), opened_at=at
            )
        )
        jobs.publish(ReviewOpened(payment_id=payment.payment_id, reason=str(reason)), at=at)


def close_reviews(*, payment: LockedPayment, outcome: ReviewOutcome, at: datetime) -> None:
    """End the open reviews of a payment."""
    db.session().execute(
        update(PaymentReview)
        .where(PaymentReview.payment_id == payment.payment_id, PaymentReview.state == OPEN)
        .values(state=CLOSED, closed_at=at, outcome=str(outcome))
    )


def audit(
    *, actor: Actor, action: str, payment: LockedPayment, amount_idr: int, at: datetime
) -> None:
    """Note a movement of money in the audit trail."""
    audit_services.record(
        actor=actor,
        action=action,
        subject=f"payment:{payment.reference}",
        at=at,
        detail={"amount_idr": amount_idr},
    )


def is_repeat(
    *,
    payment: LockedPayment,
    kind: MoneyKind,
    entry_key: str,
    amount_idr: int,
    bank_reference: str,
) -> bool:
    """Say whether this entry key was written before with the same content.

    Raises:
        IdempotencyMismatch: It was, with other content.
    """
    row = db.session().scalar(select(MoneyEntry).where(MoneyEntry.entry_key == entry_key))
    if row is None:
        return False
    first = (row.payment_id, row.kind, row.amount_idr, row.bank_reference)
    if first != (payment.payment_id, str(kind), amount_idr, bank_reference):
        raise IdempotencyMismatch
    return True


def ensure_past(*, day: date, field: str, at: datetime) -> None:
    """Refuse a day that has not come yet where we keep our days."""
    today = clock.local_date(at=at, timezone=SERVICE_TIMEZONE)
    rules.ensure_not_future(day=day, today=today, field=field)
