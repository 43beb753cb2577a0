"""Quantities in a cart."""

from __future__ import annotations

import pytest

from app.domain.cart import rules
from app.domain.cart.errors import CartFull, CartQuantityTooLarge
from app.domain.cart.types import CART_LINES_MAX, CartLine


def test_a_quantity_at_the_limit_is_taken() -> None:
    rules.ensure_quantity(variant_id=1, quantity=999)


def test_a_quantity_above_the_limit_is_refused_with_the_limit() -> None:
    with pytest.raises(CartQuantityTooLarge) as caught:
        rules.ensure_quantity(variant_id=7, quantity=1000)
    assert caught.value.details() == {"variant_id": 7, "quantity_max": 999}


def test_the_last_line_fits_and_one_more_does_not() -> None:
    rules.ensure_room(line_count=CART_LINES_MAX - 1)
    with pytest.raises(CartFull) as caught:
        rules.ensure_room(line_count=CART_LINES_MAX)
    assert caught.value.details() == {"lines_max": CART_LINES_MAX}


def test_merging_adds_quantities_and_keeps_own_lines_first() -> None:
    merged = rules.merge_lines(
        own=[CartLine(1, 2), CartLine(2, 1)], other=[CartLine(3, 4), CartLine(1, 5)]
    )
    assert merged == (CartLine(1, 7), CartLine(2, 1), CartLine(3, 4))


def test_merging_stops_at_the_limit_of_pieces() -> None:
    assert rules.merge_lines(own=[CartLine(1, 998)], other=[CartLine(1, 5)]) == (CartLine(1, 999),)


def test_merging_stops_at_the_limit_of_lines() -> None:
    own = [CartLine(number, 1) for number in range(CART_LINES_MAX)]
    merged = rules.merge_lines(own=own, other=[CartLine(5, 1), CartLine(9_999, 1)])
    assert len(merged) == CART_LINES_MAX
    assert CartLine(5, 2) in merged
    assert all(line.variant_id != 9_999 for line in merged)
