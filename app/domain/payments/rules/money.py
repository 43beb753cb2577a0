"""Pure decisions about money: what a payment's state is, and what to do with money that came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from app.domain.payments.errors import AlreadySettled, NotEnoughMoney, RefundTooLarge
from app.domain.payments.types import (
    AttemptRecord,
    CardMoney,
    CardRefund,
    ClosedReason,
    Due,
    GatewayDifference,
    GatewayPayment,
    GatewayState,
    MoneySums,
    PaymentState,
    RefundState,
    RefundUnderway,
    ReviewReason,
    TransferResult,
    VerifiedPayment,
)
from app.kernel.errors import FieldError, Invalid
from app.kernel.money import split_largest_remainder


def payment_state(*, sums: MoneySums, expected_idr: int, is_open: bool) -> PaymentState:
    """Return the payment fact of an order.

    Money that went back without ever being settled counts as if it had not come.

    Args:
        is_open: The payment still waits for money.

    Source: docs/algorithms/payments.md.
    """
    kept_idr = sums.received_idr - sums.refunded_unsettled_idr
    if sums.received_idr == 0:
        return PaymentState.PENDING if is_open else PaymentState.NONE
    if sums.refunded_settled_idr >= kept_idr:
        return PaymentState.REFUNDED
    if sums.refunded_settled_idr > 0:
        return PaymentState.PART_REFUNDED
    if kept_idr < expected_idr:
        return PaymentState.PART_PAID
    return PaymentState.PAID if kept_idr == expected_idr else PaymentState.OVERPAID


def split_shares(*, expected_idr: int, totals_idr: Mapping[int, int]) -> dict[int, int]:
    """Return the share of each child order; the shares add up to the payment exactly."""
    return split_largest_remainder(total_idr=expected_idr, weights=totals_idr)


def judge_transfer(
    *, unsettled_idr: int, expected_idr: int, closed: ClosedReason | None, is_order_open: bool
) -> TransferResult:
    """Return what becomes of money that came in; never rounds.

    Args:
        unsettled_idr: Money neither settled nor promised back, the new transfer included.
        closed: Why the payment no longer waits, if it does not.
        is_order_open: Every child order still waits for payment and holds its stock.
    """
    if closed is ClosedReason.SETTLED:
        return TransferResult.DUPLICATE
    if not is_order_open:
        return TransferResult.LATE
    if unsettled_idr == expected_idr:
        return TransferResult.SETTLED
    return TransferResult.HELD_FOR_REVIEW


def review_reason(*, result: TransferResult) -> ReviewReason:
    """Return why a person must look at a transfer that could not be settled."""
    return {
        TransferResult.DUPLICATE: ReviewReason.DUPLICATE,
        TransferResult.LATE: ReviewReason.LATE,
        TransferResult.HELD_FOR_REVIEW: ReviewReason.WRONG_AMOUNT,
    }[result]


def ensure_enough(*, expected_idr: int, sums: MoneySums, closed: ClosedReason | None) -> None:
    """Refuse to settle twice, or when the money at hand does not cover the order.

    Raises:
        AlreadySettled: Other money paid the order.
        NotEnoughMoney: It does not.
    """
    if closed is ClosedReason.SETTLED:
        raise AlreadySettled
    if sums.unsettled_idr < expected_idr:
        raise NotEnoughMoney(expected_idr=expected_idr, available_idr=sums.unsettled_idr)


def ensure_refund(*, amount_idr: int, due_idr: int) -> None:
    """Refuse to send back more than is owed.

    Raises:
        RefundTooLarge: It is more.
    """
    if amount_idr > due_idr:
        raise RefundTooLarge(due_idr=due_idr)


def card_refunds(
    *,
    dues: Sequence[Due],
    underway: Sequence[RefundUnderway],
    taken: Sequence[CardMoney],
) -> tuple[CardRefund, ...]:
    """Return what is to be sent back to which card, beside what is on its way already.

    Never more than is owed for each child order, nor more than each card brought.
    """
    alive = [refund for refund in underway if refund.state is not RefundState.FAILED]
    left = {money.intent_id: money.amount_idr for money in taken}
    for refund in alive:
        left[refund.intent_id] = left.get(refund.intent_id, 0) - refund.amount_idr
    found: list[CardRefund] = []
    for due in dues:
        waiting_idr = due.amount_idr - sum(
            refund.amount_idr
            for refund in alive
            if refund.upt_order_id == due.upt_order_id and refund.state is RefundState.OPEN
        )
        for intent_id in left:
            amount_idr = min(waiting_idr, left[intent_id])
            if amount_idr > 0:
                found.append(
                    CardRefund(due.upt_order_id, intent_id, amount_idr, sequence=len(underway))
                )
                left[intent_id] -= amount_idr
                waiting_idr -= amount_idr
    return tuple(found)


def fits_attempt(*, payment: GatewayPayment, attempt: AttemptRecord, is_live: bool) -> bool:
    """Say whether money at a provider is ours: key, currency and environment as we asked.

    The amount is judged with the rest of the money, so that a wrong one is kept and shown.
    """
    return (
        payment.key == attempt.key
        and payment.currency == "idr"
        and payment.amount_idr is not None
        and payment.is_live == is_live
    )


def gateway_differences(
    *, told: Sequence[GatewayPayment], written: Mapping[str, int]
) -> tuple[GatewayDifference, ...]:
    """Return where the provider's list and our books do not agree, in words.

    Args:
        told: What the provider lists.
        written: Our card money by the provider's name for it.
    """
    found = []
    paid = {
        each.intent_id: each
        for each in told
        if each.intent_id and each.state is GatewayState.SUCCEEDED
    }
    for intent_id, payment in sorted(paid.items()):
        if intent_id not in written:
            found.append(GatewayDifference(intent_id, "the provider took it, our books lack it"))
        elif written[intent_id] != payment.amount_idr:
            what = f"the provider says {payment.amount_idr}, our books say {written[intent_id]}"
            found.append(GatewayDifference(intent_id, what))
    for intent_id in sorted(written.keys() - paid.keys()):
        found.append(GatewayDifference(intent_id, "in our books, not in the provider's list"))
    return tuple(found)


def ensure_not_future(*, day: date, today: date, field: str) -> None:
    """Refuse a day that has not come yet.

    Raises:
        Invalid: For the form's field.
    """
    if day > today:
        raise Invalid(FieldError(field, "payments.date_in_future"))


def typed_amount_idr(*, text: str) -> int:
    """Return the rupiah that a search text such as ``Rp185.000`` means, or 0 when it is no amount."""
    digits = text.strip().lower().removeprefix("rp").replace(".", "").replace(" ", "")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 13 else 0


def faults(*, payment: VerifiedPayment) -> tuple[str, ...]:
    """Return in words what does not add up in a payment; nothing when all is well.

    Source: docs/algorithms/payments.md, section "What must add up".
    """
    sums = payment.sums
    is_settled = payment.closed is ClosedReason.SETTLED
    checks = {
        "shares do not add up to the payment": sum(share.amount_idr for share in payment.shares)
        == payment.expected_idr,
        "settled rows do not equal the shares": all(
            share.settled_idr == (share.amount_idr if is_settled else 0) for share in payment.shares
        ),
        "more is settled or owed than came in": sums.unsettled_idr >= 0,
        "more is owed back than was settled": all(
            share.owed_idr <= share.settled_idr for share in payment.shares
        ),
        "more went back than is owed": all(
            share.refunded_idr <= share.owed_idr for share in (*payment.shares, payment.unsettled)
        ),
        "money is unsettled and nobody is asked to look at it": sums.unsettled_idr == 0
        or payment.has_open_review,
    }
    return tuple(what for what, holds in checks.items() if not holds)
