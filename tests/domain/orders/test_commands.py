"""What staff send."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.orders.commands import AcceptOrder, RefuseOrder, ShipOrder
from app.domain.orders.types import RefuseReason
from app.kernel.errors import Invalid


def test_a_form_becomes_an_acceptance() -> None:
    command = AcceptOrder.parse({"expected_version": "2", "promised_on": "2026-11-25"})
    assert (command.expected_version, command.promised_on) == (2, date(2026, 11, 25))


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        AcceptOrder.parse({"expected_version": "x", "promised_on": "besok"})
    assert {error.field: error.code for error in caught.value.errors} == {
        "expected_version": "field.whole_number",
        "promised_on": "field.date",
    }


@pytest.mark.parametrize("number", ["", "abc", "x" * 61, "<script>alert(1)</script>", "A\x00BCD"])
def test_a_tracking_number_that_cannot_be_one_is_refused(number: str) -> None:
    with pytest.raises(Invalid) as caught:
        ShipOrder.parse({"expected_version": "1", "carrier": "JNE", "tracking_number": number})
    assert [error.field for error in caught.value.errors] == ["tracking_number"]


def test_a_refusal_needs_a_known_reason() -> None:
    command = RefuseOrder.parse({"expected_version": "1", "reason": "out_of_stock"})
    assert command.reason is RefuseReason.OUT_OF_STOCK
    with pytest.raises(Invalid):
        RefuseOrder.parse({"expected_version": "1", "reason": "malas"})
