"""What may be typed about stock."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.stock.commands import AdjustStock, Direction, ReceiveStock, ReverseStock
from app.domain.stock.types import AdjustReason
from app.kernel.errors import Invalid

KEY = "k" * 16


def codes(refusal: Invalid) -> dict[str, str]:
    return {error.field: error.code for error in refusal.errors}


def test_reads_a_receipt_from_form_values() -> None:
    command = ReceiveStock.parse(
        {"variant_id": "3", "quantity": " 12 ", "lot_code": " L 7/a ", "produced_on": "2026-11-20",
         "expires_on": "2026-11-20", "note": " baik ", "entry_key": KEY}
    )  # fmt: skip
    assert command == ReceiveStock(
        variant_id=3, quantity=12, lot_code="L 7/a", produced_on=date(2026, 11, 20),
        expires_on=date(2026, 11, 20), happened_on=None, note="baik", entry_key=KEY,
    )  # fmt: skip


def test_names_every_wrong_field_of_a_receipt() -> None:
    with pytest.raises(Invalid) as refusal:
        ReceiveStock.parse(
            {"quantity": "1.5", "lot_code": "<b>", "produced_on": "2026-02-02",
             "expires_on": "2026-02-01", "note": "x" * 301, "entry_key": "kurang"}
        )  # fmt: skip
    assert codes(refusal.value) == {
        "variant_id": "field.required",
        "quantity": "field.whole_number",
        "lot_code": "field.pattern",
        "expires_on": "stock.lot_dates_unfit",
        "note": "field.too_long",
        "entry_key": "field.pattern",
    }


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        ("0", "field.too_small"),
        ("-1", "field.too_small"),
        ("1000001", "field.too_large"),
        ("1e9", "field.whole_number"),
        ("NaN", "field.whole_number"),
        ("", "field.required"),
        (1.0, "field.whole_number"),
        (True, "field.whole_number"),
        (["1"], "field.whole_number"),
    ],
)
def test_refuses_quantities_that_are_not_whole_and_within_limits(
    quantity: object, code: str
) -> None:
    values = {"variant_id": 1, "direction": "plus", "reason": "found", "entry_key": KEY}
    with pytest.raises(Invalid) as refusal:
        AdjustStock.parse({**values, "quantity": quantity})
    assert codes(refusal.value) == {"quantity": code}


def test_an_adjustment_carries_its_sign() -> None:
    values = {"variant_id": "1", "quantity": "4", "reason": "count", "entry_key": KEY}
    plus = AdjustStock.parse({**values, "direction": "plus", "lot_id": "9"})
    minus = AdjustStock.parse({**values, "direction": "minus"})
    assert (plus.quantity_delta, minus.quantity_delta) == (4, -4)
    assert (plus.lot_id, minus.lot_id) == (9, None)
    assert (plus.reason, plus.direction) == (AdjustReason.COUNT, Direction.PLUS)


def test_taking_back_needs_words() -> None:
    with pytest.raises(Invalid) as refusal:
        ReverseStock.parse({"note": "  ", "entry_key": KEY})
    assert codes(refusal.value) == {"note": "field.required"}
