"""Derived states, shares, and what becomes of money."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.payments import rules
from app.domain.payments.errors import AlreadySettled, NotEnoughMoney, RefundTooLarge
from app.domain.payments.types import (
    ClosedReason,
    MoneySums,
    PaymentState,
    ReviewReason,
    ShareSums,
    TransferResult,
    VerifiedPayment,
)
from app.kernel.errors import Invalid

EXPECTED = 150_000


@pytest.mark.parametrize(
    ("sums", "is_open", "state"),
    [
        (MoneySums(), True, PaymentState.PENDING),
        (MoneySums(), False, PaymentState.NONE),
        (MoneySums(received_idr=1), True, PaymentState.PART_PAID),
        (MoneySums(received_idr=EXPECTED - 1), True, PaymentState.PART_PAID),
        (MoneySums(received_idr=EXPECTED, settled_idr=EXPECTED), False, PaymentState.PAID),
        (MoneySums(received_idr=EXPECTED + 1), True, PaymentState.OVERPAID),
        (
            MoneySums(EXPECTED + 50, EXPECTED, 0, 50, 0, 50),
            False,
            PaymentState.PAID,
        ),
        (
            MoneySums(EXPECTED, EXPECTED, 40_000, 0, 40_000, 0),
            False,
            PaymentState.PART_REFUNDED,
        ),
        (MoneySums(EXPECTED, EXPECTED, EXPECTED, 0, EXPECTED, 0), False, PaymentState.REFUNDED),
        (MoneySums(90_000, 0, 0, 90_000, 0, 90_000), False, PaymentState.REFUNDED),
        (MoneySums(EXPECTED, EXPECTED, 40_000, 0, 0, 0), False, PaymentState.PAID),
    ],
)
def test_the_state_follows_from_the_rows(
    sums: MoneySums, is_open: bool, state: PaymentState
) -> None:
    assert rules.payment_state(sums=sums, expected_idr=EXPECTED, is_open=is_open) is state


def test_sums_say_what_is_unsettled_and_what_is_owed() -> None:
    sums = MoneySums(
        received_idr=200,
        settled_idr=150,
        owed_settled_idr=60,
        owed_unsettled_idr=30,
        refunded_settled_idr=10,
        refunded_unsettled_idr=5,
    )
    assert (sums.unsettled_idr, sums.refund_due_idr, sums.refunded_idr) == (20, 75, 15)


@given(st.dictionaries(st.integers(1, 10**6), st.integers(0, 10**11), min_size=1, max_size=12))
def test_shares_of_an_order_are_its_own_totals(totals: dict[int, int]) -> None:
    expected_idr = sum(totals.values())
    assert rules.split_shares(expected_idr=expected_idr, totals_idr=totals) == totals


@given(
    st.integers(0, 10**12),
    st.dictionaries(st.integers(1, 10**6), st.integers(1, 10**11), min_size=1, max_size=12),
)
def test_shares_add_up_and_stay_within_a_rupiah_of_their_part(
    expected_idr: int, totals: dict[int, int]
) -> None:
    shares = rules.split_shares(expected_idr=expected_idr, totals_idr=totals)
    assert sum(shares.values()) == expected_idr
    whole = sum(totals.values())
    for key, share_idr in shares.items():
        exact = expected_idr * totals[key] // whole
        assert exact <= share_idr <= exact + 1


@given(st.integers(1, 10**9), st.permutations([(3, 7), (1, 7), (2, 7)]))
def test_shares_do_not_depend_on_the_order_of_the_parts(
    expected_idr: int, parts: list[tuple[int, int]]
) -> None:
    shares = rules.split_shares(expected_idr=expected_idr, totals_idr=dict(parts))
    assert shares == rules.split_shares(expected_idr=expected_idr, totals_idr={1: 7, 2: 7, 3: 7})


@pytest.mark.parametrize(
    ("unsettled_idr", "closed", "is_order_open", "result"),
    [
        (EXPECTED, None, True, TransferResult.SETTLED),
        (EXPECTED - 1, None, True, TransferResult.HELD_FOR_REVIEW),
        (EXPECTED + 1, None, True, TransferResult.HELD_FOR_REVIEW),
        (EXPECTED, ClosedReason.EXPIRED, False, TransferResult.LATE),
        (EXPECTED, ClosedReason.CANCELLED, False, TransferResult.LATE),
        (EXPECTED, ClosedReason.SETTLED, False, TransferResult.DUPLICATE),
    ],
)
def test_only_the_exact_amount_in_time_settles(
    unsettled_idr: int, closed: ClosedReason | None, is_order_open: bool, result: TransferResult
) -> None:
    assert (
        rules.judge_transfer(
            unsettled_idr=unsettled_idr,
            expected_idr=EXPECTED,
            closed=closed,
            is_order_open=is_order_open,
        )
        is result
    )


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (TransferResult.DUPLICATE, ReviewReason.DUPLICATE),
        (TransferResult.LATE, ReviewReason.LATE),
        (TransferResult.HELD_FOR_REVIEW, ReviewReason.WRONG_AMOUNT),
    ],
)
def test_each_doubtful_transfer_has_a_reason(result: TransferResult, reason: ReviewReason) -> None:
    assert rules.review_reason(result=result) is reason


def test_settling_needs_the_whole_amount_once() -> None:
    rules.ensure_enough(expected_idr=100, sums=MoneySums(received_idr=100), closed=None)
    with pytest.raises(NotEnoughMoney) as caught:
        rules.ensure_enough(expected_idr=100, sums=MoneySums(received_idr=99), closed=None)
    assert caught.value.details() == {"expected_idr": 100, "available_idr": 99}
    with pytest.raises(AlreadySettled):
        rules.ensure_enough(
            expected_idr=100, sums=MoneySums(received_idr=200), closed=ClosedReason.SETTLED
        )


def test_no_more_goes_back_than_is_owed() -> None:
    rules.ensure_refund(amount_idr=10, due_idr=10)
    with pytest.raises(RefundTooLarge) as caught:
        rules.ensure_refund(amount_idr=11, due_idr=10)
    assert caught.value.details() == {"due_idr": 10}


def test_a_day_to_come_is_refused_for_its_field() -> None:
    today = date(2026, 11, 23)
    rules.ensure_not_future(day=today, today=today, field="received_on")
    with pytest.raises(Invalid) as caught:
        rules.ensure_not_future(day=date(2026, 11, 24), today=today, field="received_on")
    assert [(error.field, error.code) for error in caught.value.errors] == [
        ("received_on", "payments.date_in_future")
    ]


def share(amount_idr: int = 0, **sums: int) -> ShareSums:
    values = {"received_idr": 0, "settled_idr": 0, "owed_idr": 0, "refunded_idr": 0, **sums}
    return ShareSums(amount_idr=amount_idr, **values)


def verified(**changes: Any) -> VerifiedPayment:
    values: dict[str, Any] = {
        "reference": "ABCD2345",
        "expected_idr": 100,
        "closed": ClosedReason.SETTLED,
        "unsettled": share(received_idr=100),
        "shares": (share(60, settled_idr=60), share(40, settled_idr=40)),
        "has_open_review": False,
    }
    return VerifiedPayment(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({}, ()),
        (
            {"closed": None, "unsettled": share(), "shares": (share(60), share(40))},
            (),
        ),
        ({"expected_idr": 101}, ("shares do not add up to the payment",)),
        (
            {"shares": (share(60, settled_idr=59), share(40, settled_idr=41))},
            ("settled rows do not equal the shares",),
        ),
        ({"unsettled": share(received_idr=99)}, ("more is settled or owed than came in",)),
        (
            {"shares": (share(60, settled_idr=60, owed_idr=61), share(40, settled_idr=40))},
            ("more is owed back than was settled",),
        ),
        (
            {"unsettled": share(received_idr=110, owed_idr=10, refunded_idr=11)},
            ("more went back than is owed",),
        ),
        (
            {"unsettled": share(received_idr=110)},
            ("money is unsettled and nobody is asked to look at it",),
        ),
        ({"unsettled": share(received_idr=110), "has_open_review": True}, ()),
    ],
)
def test_what_does_not_add_up_is_named(changes: dict[str, Any], what: tuple[str, ...]) -> None:
    found = rules.faults(payment=verified(**changes))
    if what and what[0].startswith("more is settled"):
        assert what[0] in found
    else:
        assert found == what


@given(st.lists(st.integers(0, 10**9), min_size=6, max_size=6))
def test_sums_of_payments_add_up_side_by_side(amounts: list[int]) -> None:
    one = MoneySums(*amounts)
    assert one + MoneySums() == one
    assert (one + one).unsettled_idr == 2 * one.unsettled_idr
    assert (one + one).refund_due_idr == 2 * one.refund_due_idr


@pytest.mark.parametrize(
    ("typed", "amount_idr"),
    [
        ("Rp185.000", 185_000),
        ("185000", 185_000),
        (" rp 1 ", 1),
        ("KB-2", 0),
        ("", 0),
        ("9" * 14, 0),
    ],
)
def test_a_typed_amount_is_read_as_rupiah(typed: str, amount_idr: int) -> None:
    assert rules.typed_amount_idr(text=typed) == amount_idr
