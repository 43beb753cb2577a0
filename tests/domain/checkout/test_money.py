"""Money for an order: exact, wrong, repeated, too much, and refunds."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.domain.checkout import flows
from app.domain.checkout import services as checkout_services
from app.domain.orders.types import UptOrderState
from app.domain.payments import queries as payments_queries
from app.domain.payments.commands import ConfirmTransfer, RecordRefund
from app.domain.payments.errors import (
    AlreadySettled,
    NotEnoughMoney,
    RefundTooLarge,
    ReviewClosed,
    UnknownReference,
)
from app.domain.payments.types import (
    MoneyKind,
    PaymentState,
    ReviewDecision,
    ReviewReason,
    TransferResult,
)
from app.infra import db
from app.kernel.actor import ANONYMOUS
from app.kernel.errors import IdempotencyMismatch, Invalid, NotAllowed, NotFound
from tests.domain.checkout.steps import (
    OVER,
    available,
    refund,
    refuse,
    resolve,
    review_id,
    states,
    two_parts,
)
from tests.domain.checkout.test_services import counts
from tests.factories import people, trade
from tests.factories.trade import AT, TREASURER

pytestmark = pytest.mark.usefixtures("app")


def test_the_exact_amount_pays_every_part_and_keeps_its_stock_without_end() -> None:
    shade, cookies, placed = two_parts()
    outcome = trade.transfer(placed)
    assert (outcome.result, outcome.difference_idr) == (TransferResult.SETTLED, 0)
    found = trade.page(placed)
    assert {order.state for order in found.upt_orders} == {UptOrderState.PLACED}
    assert {order.act_by_at for order in found.upt_orders} == {AT + timedelta(days=2)}
    assert trade.payment(placed).state is PaymentState.PAID
    page = payments_queries.get_payment_page(
        actor=TREASURER, reference=trade.payment(placed).reference
    )
    assert {share.upt_order_number: share.settled_idr for share in page.shares} == {
        order.number: order.total_idr for order in found.upt_orders
    }
    assert available(shade.variant_id, cookies.variant_id, at=OVER) == [9, 7]
    assert flows.expire_unpaid(at=OVER) == 0


@pytest.mark.parametrize("difference_idr", [-1, 1, -100_000, 50_000])
def test_a_wrong_amount_is_held_and_never_rounded(difference_idr: int) -> None:
    _, _, placed = two_parts()
    outcome = trade.transfer(placed, trade.payment(placed).expected_idr + difference_idr)
    assert (outcome.result, outcome.difference_idr) == (
        TransferResult.HELD_FOR_REVIEW,
        difference_idr,
    )
    assert states(placed) == {UptOrderState.HELD}
    payment = trade.payment(placed)
    assert payment.sums.settled_idr == 0
    assert payment.state is (
        PaymentState.PART_PAID if difference_idr < 0 else PaymentState.OVERPAID
    )
    (review,) = payments_queries.list_reviews(actor=TREASURER)
    assert (review.reason, review.unsettled_idr) == (
        ReviewReason.WRONG_AMOUNT,
        370_000 + difference_idr,
    )


def test_two_transfers_that_add_up_exactly_pay_the_order_and_close_the_review() -> None:
    _, _, placed = two_parts()
    trade.transfer(placed, 300_000)
    assert trade.transfer(placed, 70_000).result is TransferResult.SETTLED
    assert states(placed) == {UptOrderState.PLACED}
    assert payments_queries.list_reviews(actor=TREASURER) == ()


def test_a_repeated_confirmation_changes_nothing() -> None:
    _, _, placed = two_parts()
    trade.transfer(placed, entry_key="same-key-00000000")
    before = counts()
    again = trade.transfer(placed, entry_key="same-key-00000000")
    assert (again.result, again.is_repeat) == (TransferResult.SETTLED, True)
    assert counts() == before
    with pytest.raises(IdempotencyMismatch):
        trade.transfer(placed, 1, entry_key="same-key-00000000")
    assert counts() == before


def test_a_repeated_wrong_amount_changes_nothing() -> None:
    _, _, placed = two_parts()
    trade.transfer(placed, 300_000, entry_key="same-key-00000000")
    before = counts()
    again = trade.transfer(placed, 300_000, entry_key="same-key-00000000")
    assert (again.result, again.difference_idr, again.is_repeat) == (
        TransferResult.HELD_FOR_REVIEW,
        -70_000,
        True,
    )
    assert counts() == before


def test_a_second_full_transfer_is_a_duplicate_that_can_only_go_back() -> None:
    _, _, placed = two_parts()
    trade.transfer(placed)
    assert trade.transfer(placed).result is TransferResult.DUPLICATE
    with pytest.raises(AlreadySettled):
        resolve(review_id(), ReviewDecision.SETTLE)
    resolve(review_id(), ReviewDecision.REFUND)
    (due,) = payments_queries.list_refunds_due(actor=TREASURER)
    assert (due.due_idr, due.upt_order_number) == (370_000, None)
    refund(placed, 370_000)
    assert payments_queries.list_refunds_due(actor=TREASURER) == ()
    assert trade.payment(placed).state is PaymentState.PAID


def test_too_much_can_be_settled_and_the_surplus_goes_back() -> None:
    _, _, placed = two_parts()
    trade.transfer(placed, 400_000)
    resolve(review_id(), ReviewDecision.SETTLE)
    assert states(placed) == {UptOrderState.PLACED}
    (due,) = payments_queries.list_refunds_due(actor=TREASURER)
    assert due.due_idr == 30_000
    with pytest.raises(RefundTooLarge):
        refund(placed, 30_001)
    refund(placed, 30_000)
    assert trade.payment(placed).state is PaymentState.PAID


def test_too_little_cannot_be_settled() -> None:
    _, _, placed = two_parts()
    trade.transfer(placed, 369_999)
    before = counts()
    with pytest.raises(NotEnoughMoney):
        resolve(review_id(), ReviewDecision.SETTLE)
    assert counts() == before
    assert states(placed) == {UptOrderState.HELD}


def test_a_closed_review_is_closed_once() -> None:
    _, _, placed = two_parts()
    trade.transfer(placed, 1_000)
    found = review_id()
    resolve(found, ReviewDecision.REFUND)
    with pytest.raises(ReviewClosed):
        resolve(found, ReviewDecision.REFUND)
    with pytest.raises(NotFound):
        resolve(found + 1, ReviewDecision.REFUND)


def confirm(actor: people.Actor, reference: str, on: date = date(2026, 11, 22)) -> None:
    command = ConfirmTransfer(
        entry_key="c" * 20,
        reference=reference,
        received_idr=1,
        received_on=on,
        bank_reference="X",
    )
    db.transact(lambda: checkout_services.confirm_transfer(actor=actor, command=command, at=AT))


def test_only_the_treasurer_touches_money() -> None:
    shade, _, placed = two_parts()
    reference = trade.payment(placed).reference
    before = counts()
    for actor in (ANONYMOUS, trade.clerk(shade.upt_id), people.actor("auditor")):
        with pytest.raises(NotAllowed):
            confirm(actor, reference)
    assert counts() == before
    for read in (payments_queries.list_waiting, payments_queries.list_reviews):
        with pytest.raises(NotAllowed):
            read(actor=trade.clerk(shade.upt_id))


def test_an_unknown_reference_and_a_day_to_come_are_refused() -> None:
    _, _, placed = two_parts()
    with pytest.raises(UnknownReference):
        confirm(TREASURER, "ZZZZ2222")
    with pytest.raises(Invalid):
        confirm(TREASURER, trade.payment(placed).reference, date(2026, 11, 23))


def test_the_money_rows_of_a_payment_tell_its_whole_story() -> None:
    shade, _, placed = two_parts()
    trade.transfer(placed, 400_000)
    resolve(review_id(), ReviewDecision.SETTLE)
    refuse(placed, shade.upt_id)
    page = payments_queries.get_payment_page(
        actor=TREASURER, reference=trade.payment(placed).reference
    )
    assert [(entry.kind, entry.amount_idr) for entry in page.entries] == [
        (MoneyKind.RECEIVED, 400_000),
        *[(MoneyKind.SETTLED, share.amount_idr) for share in page.shares],
        (MoneyKind.REFUND_DUE, 30_000),
        (MoneyKind.REFUND_DUE, 215_000),
    ]


def test_a_refund_for_an_unknown_reference_is_refused() -> None:
    command = RecordRefund(
        entry_key="r" * 20,
        reference="ZZZZ2222",
        amount_idr=1,
        refunded_on=date(2026, 11, 22),
        bank_reference="KEMBALI",
    )
    with pytest.raises(UnknownReference):
        db.transact(
            lambda: checkout_services.record_refund(actor=TREASURER, command=command, at=AT)
        )
