"""What the treasurer types."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.payments.commands import ConfirmTransfer, ResolveReview
from app.domain.payments.types import ReviewDecision
from app.kernel.errors import Invalid

VALUES = {
    "entry_key": "k" * 20,
    "reference": "abcd 2345",
    "received_idr": "185000",
    "received_on": "2026-11-23",
    "bank_reference": "FT26327A",
}


def test_a_reference_is_taken_however_it_is_typed() -> None:
    command = ConfirmTransfer.parse(VALUES)
    assert command.reference == "ABCD2345"
    assert (command.received_idr, command.received_on) == (185_000, date(2026, 11, 23))


@pytest.mark.parametrize("typed", ["", "ABCD234", "ABCD23456", "ABCD2340", "ABCDI345", "ABCDO345"])
def test_a_reference_with_wrong_signs_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        ConfirmTransfer.parse({**VALUES, "reference": typed})
    assert [(error.field, error.code) for error in caught.value.errors] == [
        ("reference", "payments.reference_format")
    ]


@pytest.mark.parametrize(
    "typed", ["0", "-1", "1.5", "185.00", "1.85.000", "1e9", "NaN", "", "1000000000001"]
)
def test_an_amount_that_is_no_positive_rupiah_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        ConfirmTransfer.parse({**VALUES, "received_idr": typed})
    assert [error.field for error in caught.value.errors] == ["received_idr"]


def test_an_amount_may_be_typed_with_points_between_thousands() -> None:
    assert ConfirmTransfer.parse({**VALUES, "received_idr": "1.185.000"}).received_idr == 1_185_000


def test_a_review_can_only_be_settled_or_refunded() -> None:
    assert ResolveReview.parse({"outcome": "refund"}).outcome is ReviewDecision.REFUND
    with pytest.raises(Invalid):
        ResolveReview.parse({"outcome": "completed"})
