"""Writes of payments. Money rows are only added; what they mean is computed from them.

The caller has locked the order and its children; these functions lock the payment after them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.domain.payments import queries, rules
from app.domain.payments.commands import ConfirmTransfer, RecordRefund
from app.domain.payments.errors import ReviewClosed
from app.domain.payments.events import PaymentSettled, RefundOwed
from app.domain.payments.models import MoneyEntry, Payment, PaymentReview, PaymentShare
from app.domain.payments.services import book
from app.domain.payments.types import (
    PERMISSION_CONFIRM,
    ClosedReason,
    LockedPayment,
    MoneyKind,
    PaymentMethod,
    Receipt,
    ReviewOutcome,
    TransferOutcome,
    TransferResult,
)
from app.infra import db, jobs
from app.kernel.actor import Actor


def open_payment(
    *,
    group_id: int,
    totals_idr: dict[int, int],
    reference: str,
    pay_by_at: datetime,
    at: datetime,
    method: PaymentMethod = PaymentMethod.BANK_TRANSFER,
) -> int:
    """Write what an order costs and the share of each child order; return the payment's id.

    Raises:
        ReferenceTaken: The random reference exists; the whole transaction is rolled back.
    """
    expected_idr = sum(totals_idr.values())
    payment = Payment(
        group_id=group_id,
        method=str(method),
        reference=reference,
        expected_idr=expected_idr,
        pay_by_at=pay_by_at,
        created_at=at,
    )
    db.add(payment)
    shares = rules.split_shares(expected_idr=expected_idr, totals_idr=totals_idr)
    db.insert_rows(
        PaymentShare,
        [
            {"payment_id": payment.id, "upt_order_id": upt_order_id, "amount_idr": amount_idr}
            for upt_order_id, amount_idr in sorted(shares.items())
        ],
    )
    return payment.id


def record_transfer(
    *, actor: Actor, group_id: int, command: ConfirmTransfer, is_order_open: bool, at: datetime
) -> TransferOutcome:
    """Record money as the bank shows it, and settle it when it is exactly what was expected.

    Anything else is kept as received and opens a review; nothing is ever rounded. A second call
    with the same entry key changes nothing.

    Args:
        group_id: Order of the reference; its rows are locked by the caller.
        is_order_open: Every child order still waits for payment and holds its stock.

    Raises:
        NotAllowed: ``payment.confirm`` is not held nationally.
        Invalid: The day has not come yet.
        IdempotencyMismatch: The entry key came before with other content.
    """
    actor.ensure_national(PERMISSION_CONFIRM)
    book.ensure_past(day=command.received_on, field="received_on", at=at)
    payment = queries.lock(group_id=group_id)
    if book.is_repeat(
        payment=payment,
        kind=MoneyKind.RECEIVED,
        entry_key=command.entry_key,
        amount_idr=command.received_idr,
        bank_reference=command.bank_reference,
    ):
        return _repeated(payment, is_order_open=is_order_open)
    return receive(
        payment=payment,
        receipt=Receipt(
            amount_idr=command.received_idr,
            entry_key=command.entry_key,
            bank_reference=command.bank_reference,
            on=command.received_on,
        ),
        actor=actor,
        is_order_open=is_order_open,
        at=at,
    )


def receive(
    *,
    payment: LockedPayment,
    receipt: Receipt,
    actor: Actor,
    is_order_open: bool,
    at: datetime,
) -> TransferOutcome:
    """Write money that came in and settle it when it is exactly what was expected.

    The caller has made sure that this money was not written before. Anything that does not fit
    opens a review.
    """
    book.write(
        payment=payment,
        kind=MoneyKind.RECEIVED,
        amount_idr=receipt.amount_idr,
        entry_key=receipt.entry_key,
        bank_reference=receipt.bank_reference,
        on=receipt.on,
        actor=actor,
        at=at,
    )
    unsettled_idr = payment.sums.unsettled_idr + receipt.amount_idr
    result = rules.judge_transfer(
        unsettled_idr=unsettled_idr,
        expected_idr=payment.expected_idr,
        closed=payment.closed_reason,
        is_order_open=is_order_open,
    )
    if result is TransferResult.SETTLED:
        settle(payment=payment, actor=actor, at=at)
        book.close_reviews(payment=payment, outcome=ReviewOutcome.COMPLETED, at=at)
    else:
        book.open_review(payment=payment, reason=rules.review_reason(result=result), at=at)
    book.audit(
        actor=actor,
        action="payment.record_transfer",
        payment=payment,
        at=at,
        amount_idr=receipt.amount_idr,
    )
    difference_idr = 0 if result is TransferResult.SETTLED else unsettled_idr
    if result is TransferResult.HELD_FOR_REVIEW:
        difference_idr -= payment.expected_idr
    return TransferOutcome(
        payment.payment_id, payment.group_id, result, difference_idr, is_repeat=False
    )


def settle(*, payment: LockedPayment, actor: Actor, at: datetime) -> None:
    """Give each child order its share; the caller has checked that the money is there."""
    for upt_order_id, amount_idr in queries.list_shares(payment_id=payment.payment_id).items():
        if amount_idr:
            book.write(
                payment=payment,
                kind=MoneyKind.SETTLED,
                amount_idr=amount_idr,
                upt_order_id=upt_order_id,
                entry_key=f"settled:{upt_order_id}",
                actor=actor,
                at=at,
            )
    book.close(payment=payment, reason=ClosedReason.SETTLED)
    settled = PaymentSettled(payment_id=payment.payment_id, group_id=payment.group_id)
    jobs.publish(settled, at=at)


def settle_reviewed(*, payment: LockedPayment, actor: Actor, at: datetime) -> None:
    """Settle money that was held for review, and owe back what is more than the order costs.

    Raises:
        AlreadySettled: Other money paid the order.
        NotEnoughMoney: The money at hand does not cover the order.
    """
    rules.ensure_enough(
        expected_idr=payment.expected_idr, sums=payment.sums, closed=payment.closed_reason
    )
    settle(payment=payment, actor=actor, at=at)
    surplus_idr = payment.sums.unsettled_idr - payment.expected_idr
    _owe_unsettled(payment, amount_idr=surplus_idr, actor=actor, at=at)
    book.close_reviews(payment=payment, outcome=ReviewOutcome.SETTLE, at=at)
    book.audit(
        actor=actor,
        action="payment.settle_reviewed",
        payment=payment,
        at=at,
        amount_idr=payment.expected_idr,
    )


def refund_reviewed(*, payment: LockedPayment, actor: Actor, at: datetime) -> None:
    """Owe back all money that was never settled, and close the reviews."""
    _owe_unsettled(payment, amount_idr=payment.sums.unsettled_idr, actor=actor, at=at)
    book.close_reviews(payment=payment, outcome=ReviewOutcome.REFUND, at=at)
    book.audit(
        actor=actor,
        action="payment.refund_reviewed",
        payment=payment,
        at=at,
        amount_idr=payment.sums.unsettled_idr,
    )


def owe_refund(*, group_id: int, upt_order_id: int, note: str, actor: Actor, at: datetime) -> int:
    """Owe back what was settled for one child order; return the amount, 0 when it is owed already.

    Args:
        note: Why, for example ``refuse``.
    """
    payment = queries.lock(group_id=group_id)
    page = _child_sums(payment, upt_order_id)
    amount_idr = page[MoneyKind.SETTLED] - page[MoneyKind.REFUND_DUE]
    if amount_idr:
        book.write(
            payment=payment,
            kind=MoneyKind.REFUND_DUE,
            amount_idr=amount_idr,
            upt_order_id=upt_order_id,
            entry_key=f"refund_due:{upt_order_id}",
            note=note,
            actor=actor,
            at=at,
        )
        book.audit(
            actor=actor, action="payment.owe_refund", payment=payment, at=at, amount_idr=amount_idr
        )
        jobs.publish(RefundOwed(payment_id=payment.payment_id, amount_idr=amount_idr), at=at)
    return amount_idr


def record_refund(
    *,
    actor: Actor,
    group_id: int,
    upt_order_id: int | None,
    command: RecordRefund,
    at: datetime,
) -> None:
    """Record money that went back to the buyer; the same entry key twice changes nothing.

    What is on its way back by card already cannot be sent by hand too.

    Raises:
        NotAllowed: ``payment.confirm`` is not held nationally.
        Invalid: The day has not come yet.
        RefundTooLarge: More than is owed.
        IdempotencyMismatch: The entry key came before with other content.
    """
    actor.ensure_national(PERMISSION_CONFIRM)
    book.ensure_past(day=command.refunded_on, field="refunded_on", at=at)
    payment = queries.lock(group_id=group_id)
    if book.is_repeat(
        payment=payment,
        kind=MoneyKind.REFUNDED,
        entry_key=command.entry_key,
        amount_idr=command.amount_idr,
        bank_reference=command.bank_reference,
    ):
        return
    due_idr = queries.due_idr(payment_id=payment.payment_id, upt_order_id=upt_order_id)
    underway_idr = queries.underway_idr(payment_id=payment.payment_id, upt_order_id=upt_order_id)
    rules.ensure_refund(amount_idr=command.amount_idr, due_idr=due_idr - underway_idr)
    book.write(
        payment=payment,
        kind=MoneyKind.REFUNDED,
        amount_idr=command.amount_idr,
        upt_order_id=upt_order_id,
        entry_key=command.entry_key,
        bank_reference=command.bank_reference,
        on=command.refunded_on,
        actor=actor,
        at=at,
    )
    book.audit(
        actor=actor,
        action="payment.record_refund",
        payment=payment,
        at=at,
        amount_idr=command.amount_idr,
    )


def write_refunded(
    *,
    payment: LockedPayment,
    upt_order_id: int | None,
    receipt: Receipt,
    actor: Actor,
    at: datetime,
) -> None:
    """Write money that a provider sent back for us; the same entry key twice changes nothing.

    Raises:
        RefundTooLarge: More than is owed.
    """
    if book.is_repeat(
        payment=payment,
        kind=MoneyKind.REFUNDED,
        entry_key=receipt.entry_key,
        amount_idr=receipt.amount_idr,
        bank_reference=receipt.bank_reference,
    ):
        return
    due_idr = queries.due_idr(payment_id=payment.payment_id, upt_order_id=upt_order_id)
    rules.ensure_refund(amount_idr=receipt.amount_idr, due_idr=due_idr)
    book.write(
        payment=payment,
        kind=MoneyKind.REFUNDED,
        amount_idr=receipt.amount_idr,
        upt_order_id=upt_order_id,
        entry_key=receipt.entry_key,
        bank_reference=receipt.bank_reference,
        on=receipt.on,
        actor=actor,
        at=at,
    )
    book.audit(
        actor=actor,
        action="payment.record_refund",
        payment=payment,
        at=at,
        amount_idr=receipt.amount_idr,
    )


def close_unpaid(*, group_id: int, reason: ClosedReason, actor: Actor, at: datetime) -> None:
    """Stop waiting for money; on a cancelled order, owe back what came in part."""
    payment = queries.lock(group_id=group_id)
    book.close(payment=payment, reason=reason)
    if reason is ClosedReason.CANCELLED and payment.sums.unsettled_idr:
        refund_reviewed(payment=payment, actor=actor, at=at)


def ensure_review_open(*, review_id: int) -> None:
    """Refuse when somebody closed the review meanwhile; the payment is locked by the caller.

    Raises:
        ReviewClosed: It is closed.
    """
    state = db.session().scalar(select(PaymentReview.state).where(PaymentReview.id == review_id))
    if state != book.OPEN:
        raise ReviewClosed


def _repeated(payment: LockedPayment, *, is_order_open: bool) -> TransferOutcome:
    unsettled_idr = payment.sums.unsettled_idr
    if payment.closed_reason is ClosedReason.SETTLED and unsettled_idr == 0:
        result = TransferResult.SETTLED
    else:
        result = rules.judge_transfer(
            unsettled_idr=unsettled_idr,
            expected_idr=payment.expected_idr,
            closed=payment.closed_reason,
            is_order_open=is_order_open,
        )
    difference_idr = unsettled_idr
    if result is TransferResult.HELD_FOR_REVIEW:
        difference_idr -= payment.expected_idr
    return TransferOutcome(
        payment.payment_id, payment.group_id, result, difference_idr, is_repeat=True
    )


def _child_sums(payment: LockedPayment, upt_order_id: int) -> dict[str, int]:
    sums = {str(kind): 0 for kind in MoneyKind}
    rows = db.session().execute(
        select(MoneyEntry.kind, MoneyEntry.amount_idr).where(
            MoneyEntry.payment_id == payment.payment_id, MoneyEntry.upt_order_id == upt_order_id
        )
    )
    for kind, amount_idr in rows:
        sums[kind] += amount_idr
    return sums


def _owe_unsettled(payment: LockedPayment, *, amount_idr: int, actor: Actor, at: datetime) -> None:
    if not amount_idr:
        return
    book.write(
        payment=payment,
        kind=MoneyKind.REFUND_DUE,
        amount_idr=amount_idr,
        entry_key=f"refund_due:payment:{payment.payment_id}:{payment.sums.received_idr}",
        actor=actor,
        at=at,
    )
    jobs.publish(RefundOwed(payment_id=payment.payment_id, amount_idr=amount_idr), at=at)
