"""Shares of an amount."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel import money


@given(
    total_idr=st.integers(0, money.AMOUNT_IDR_MAX),
    weights=st.dictionaries(st.integers(0, 50), st.integers(0, 10_000), min_size=1, max_size=12),
)
def test_shares_add_up_and_none_is_negative(total_idr: int, weights: dict[int, int]) -> None:
    if not any(weights.values()):
        weights[0] = 1
    shares = money.split_largest_remainder(total_idr=total_idr, weights=weights)
    assert sum(shares.values()) == total_idr
    assert set(shares) == set(weights)
    assert min(shares.values()) >= 0
    exact = {key: total_idr * weight // sum(weights.values()) for key, weight in weights.items()}
    assert all(0 <= shares[key] - exact[key] <= 1 for key in shares)


def test_the_largest_remainder_takes_the_odd_rupiah() -> None:
    shares = money.split_largest_remainder(total_idr=100_001, weights={1: 50, 2: 35, 3: 15})
    assert shares == {1: 50_001, 2: 35_000, 3: 15_000}


def test_ties_go_to_the_lower_key() -> None:
    assert money.split_largest_remainder(total_idr=1, weights={2: 1, 1: 1}) == {1: 1, 2: 0}


def test_nothing_can_be_shared_over_nothing() -> None:
    assert money.split_largest_remainder(total_idr=0, weights={1: 0}) == {1: 0}
    with pytest.raises(ValueError, match="positive weight"):
        money.split_largest_remainder(total_idr=1, weights={1: 0})


@pytest.mark.parametrize(("total_idr", "weights"), [(-1, {1: 1}), (1, {1: -1, 2: 3})])
def test_refuses_negative_amounts_and_weights(total_idr: int, weights: dict[int, int]) -> None:
    with pytest.raises(ValueError, match="zero or more"):
        money.split_largest_remainder(total_idr=total_idr, weights=weights)


def test_division_names_its_rounding() -> None:
    assert (money.div_floor(7, 2), money.div_ceil(7, 2), money.div_ceil(8, 2)) == (3, 4, 4)
    assert (money.div_floor(-7, 2), money.div_ceil(-7, 2)) == (-4, -3)


def test_total_adds_rupiah() -> None:
    assert money.total([1, 2, 3]) == 6
