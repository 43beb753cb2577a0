"""Orders that end without money in time: cancelled, expired, paid late; and parts refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.checkout import flows
from app.domain.checkout import services as checkout_services
from app.domain.checkout.errors import ItemsShort
from app.domain.orders.commands import RefuseOrder
from app.domain.orders.errors import IllegalTransition, OrderChanged
from app.domain.orders.types import RefuseReason, UptOrderState
from app.domain.payments import queries as payments_queries
from app.domain.payments.errors import (
    RefundTooLarge,
)
from app.domain.payments.types import (
    ClosedReason,
    PaymentState,
    ReviewDecision,
    ReviewReason,
    TransferResult,
)
from app.infra import db
from app.kernel.actor import ANONYMOUS
from app.kernel.errors import NotFound
from tests.domain.checkout.steps import (
    OVER,
    available,
    cancel,
    refund,
    refuse,
    resolve,
    review_id,
    states,
    two_parts,
)
from tests.domain.checkout.test_services import counts
from tests.factories import trade
from tests.factories.trade import AT, TREASURER

pytestmark = pytest.mark.usefixtures("app")


def test_cancelling_returns_the_stock_once() -> None:
    shade, cookies, placed = two_parts()
    cancel(placed)
    assert states(placed) == {UptOrderState.CANCELLED}
    assert available(shade.variant_id, cookies.variant_id) == [10, 10]
    assert trade.payment(placed).closed_reason is ClosedReason.CANCELLED
    before = counts()
    cancel(placed)
    assert counts() == before


def test_a_paid_order_cannot_be_cancelled_by_its_buyer() -> None:
    _, _, placed = two_parts()
    trade.transfer(placed)
    before = counts()
    with pytest.raises(IllegalTransition):
        cancel(placed)
    assert counts() == before


def test_cancelling_an_order_with_some_money_owes_it_back() -> None:
    _, _, placed = two_parts()
    trade.transfer(placed, 5_000)
    cancel(placed)
    (due,) = payments_queries.list_refunds_due(actor=TREASURER)
    assert due.due_idr == 5_000
    assert payments_queries.list_reviews(actor=TREASURER) == ()


def test_an_unknown_order_cannot_be_cancelled() -> None:
    with pytest.raises(NotFound):
        db.transact(lambda: checkout_services.cancel_unpaid(number="KB-X", actor=ANONYMOUS, at=AT))


def test_an_order_expires_after_its_grace_and_not_before() -> None:
    shade, cookies, placed = two_parts()
    until = trade.page(placed).group.holds_until
    assert flows.expire_unpaid(at=until - timedelta(seconds=1)) == 0
    assert states(placed) == {UptOrderState.HELD}
    assert flows.expire_unpaid(at=until) == 1
    assert states(placed) == {UptOrderState.EXPIRED}
    assert available(shade.variant_id, cookies.variant_id, at=until) == [10, 10]
    assert trade.payment(placed).state is PaymentState.NONE
    assert flows.expire_unpaid(at=until) == 0


def test_lapsed_stock_is_free_even_before_anybody_expires_the_order() -> None:
    shade, cookies, first = two_parts()
    again = trade.place({shade.variant_id: 10}, at=OVER)
    assert available(shade.variant_id, cookies.variant_id, at=OVER) == [0, 10]
    assert flows.expire_unpaid(at=OVER) == 1
    assert states(first) == {UptOrderState.EXPIRED}
    assert states(again) == {UptOrderState.HELD}
    assert available(shade.variant_id, cookies.variant_id, at=OVER) == [0, 10]


def test_a_late_transfer_expires_the_order_first_and_waits_for_a_person() -> None:
    _, _, placed = two_parts()
    outcome = trade.transfer(placed, at=OVER)
    assert outcome.result is TransferResult.LATE
    assert states(placed) == {UptOrderState.EXPIRED}
    (review,) = payments_queries.list_reviews(actor=TREASURER)
    assert (review.reason, review.unsettled_idr) == (ReviewReason.LATE, 370_000)


def test_a_late_order_can_be_taken_up_again_while_there_are_goods() -> None:
    shade, cookies, placed = two_parts()
    trade.transfer(placed, at=OVER)
    resolve(review_id(), ReviewDecision.SETTLE, at=OVER)
    assert states(placed) == {UptOrderState.PLACED}
    assert available(shade.variant_id, cookies.variant_id, at=OVER) == [9, 7]
    assert trade.payment(placed).state is PaymentState.PAID
    assert refuse(placed, shade.upt_id) == trade.part(placed, shade.upt_id).total_idr
    assert available(shade.variant_id, cookies.variant_id, at=OVER) == [10, 7]


def test_a_late_order_whose_goods_are_gone_can_only_be_refunded() -> None:
    shade, _, placed = two_parts()
    trade.transfer(placed, at=OVER)
    trade.place({shade.variant_id: 10}, at=OVER)
    before = counts()
    with pytest.raises(ItemsShort):
        resolve(review_id(), ReviewDecision.SETTLE, at=OVER)
    assert counts() == before
    resolve(review_id(), ReviewDecision.REFUND, at=OVER)
    (due,) = payments_queries.list_refunds_due(actor=TREASURER)
    assert due.due_idr == 370_000


def test_money_for_a_cancelled_order_can_only_go_back() -> None:
    _, _, placed = two_parts()
    cancel(placed)
    assert trade.transfer(placed).result is TransferResult.LATE
    with pytest.raises(IllegalTransition):
        resolve(review_id(), ReviewDecision.SETTLE)
    resolve(review_id(), ReviewDecision.REFUND)
    refund(placed, 370_000)
    assert trade.payment(placed).state is PaymentState.REFUNDED


def test_a_refused_part_returns_its_stock_and_owes_its_share_only() -> None:
    shade, cookies, placed = two_parts()
    trade.transfer(placed)
    part = trade.part(placed, shade.upt_id)
    assert refuse(placed, shade.upt_id) == part.total_idr == 215_000
    after = trade.part(placed, shade.upt_id)
    assert (after.state, after.reason_code) == (UptOrderState.CANCELLED, "damaged")
    assert trade.part(placed, cookies.upt_id).state is UptOrderState.PLACED
    assert available(shade.variant_id, cookies.variant_id) == [10, 7]
    (due,) = payments_queries.list_refunds_due(actor=TREASURER)
    assert (due.due_idr, due.upt_order_number) == (215_000, part.number)
    refund(placed, 200_000, part.number, "first-key-00000000")
    refund(placed, 15_000, part.number, "second-key-0000000")
    refund(placed, 15_000, part.number, "second-key-0000000")
    assert trade.payment(placed).state is PaymentState.PART_REFUNDED
    with pytest.raises(RefundTooLarge):
        refund(placed, 1, part.number, "third-key-00000000")
    with pytest.raises(NotFound):
        refund(placed, 1, "KB-LAIN-1", "fourth-key-0000000")


def test_refusing_every_part_refunds_everything() -> None:
    shade, cookies, placed = two_parts()
    trade.transfer(placed)
    for item in (shade, cookies):
        amount_idr = refuse(placed, item.upt_id)
        number = trade.part(placed, item.upt_id).number
        refund(placed, amount_idr, number, f"refund-key-{item.upt_id:09d}")
    assert trade.payment(placed).state is PaymentState.REFUNDED
    assert states(placed) == {UptOrderState.CANCELLED}


def test_a_part_is_refused_once() -> None:
    shade, _, placed = two_parts()
    trade.transfer(placed)
    part = trade.part(placed, shade.upt_id)
    refuse(placed, shade.upt_id)
    before = counts()
    with pytest.raises(IllegalTransition):
        refuse(placed, shade.upt_id)
    command = RefuseOrder(expected_version=part.version, reason=RefuseReason.OTHER)
    with pytest.raises(OrderChanged):
        db.transact(
            lambda: checkout_services.refuse_order(
                actor=trade.clerk(shade.upt_id), number=part.number, command=command, at=AT
            )
        )
    assert counts() == before


def test_an_accepted_part_can_still_be_refused() -> None:
    shade, _, placed = two_parts()
    trade.transfer(placed)
    trade.accept(placed, shade.upt_id)
    refuse(placed, shade.upt_id)
    events = [event.event for event in trade.page(placed).events]
    assert events.count("cancel") == 1
