"""What people send as quantities."""

from __future__ import annotations

import pytest

from app.domain.cart.commands import AddToCart, ChangeCartLine
from app.kernel.errors import Invalid

WRONG = [
    ("-1", "field.too_small"),
    ("0.5", "field.whole_number"),
    ("1,5", "field.whole_number"),
    ("1e9", "field.whole_number"),
    ("NaN", "field.whole_number"),
    ("Infinity", "field.whole_number"),
    ("1_0", "field.whole_number"),
    ("٣", "field.whole_number"),
    ("", "field.required"),
    ("   ", "field.required"),
    ("1000", "field.too_large"),
    ("1000000000", "field.too_large"),
    ("99999999999999999999", "field.whole_number"),
    (["1", "2"], "field.whole_number"),
    ([], "field.whole_number"),
    ({}, "field.whole_number"),
    (None, "field.whole_number"),
    (True, "field.whole_number"),
    (1.0, "field.whole_number"),
]


@pytest.mark.parametrize("command", [AddToCart, ChangeCartLine])
@pytest.mark.parametrize(("typed", "code"), WRONG, ids=repr)
def test_a_quantity_that_is_no_sensible_number_is_refused(
    command: type[AddToCart], typed: object, code: str
) -> None:
    with pytest.raises(Invalid) as caught:
        command.parse({"variant_id": "3", "quantity": typed})
    assert [(error.field, error.code) for error in caught.value.errors] == [("quantity", code)]


def test_zero_takes_out_but_cannot_be_added() -> None:
    assert ChangeCartLine.parse({"variant_id": "3", "quantity": "0"}).quantity == 0
    with pytest.raises(Invalid):
        AddToCart.parse({"variant_id": "3", "quantity": "0"})


def test_one_piece_is_meant_when_no_quantity_is_sent() -> None:
    assert AddToCart.parse({"variant_id": "3"}).quantity == 1


@pytest.mark.parametrize("typed", ["", "0", "-3", "abc", "3.0", None, ["3"], str(2**63)])
def test_an_impossible_variant_is_refused(typed: object) -> None:
    with pytest.raises(Invalid) as caught:
        AddToCart.parse({"variant_id": typed})
    assert [error.field for error in caught.value.errors] == ["variant_id"]
