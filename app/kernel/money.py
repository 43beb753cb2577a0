"""Whole rupiah and shares that always add up.

Money is an ``int`` of rupiah everywhere inside; providers' units are converted at the edge only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

AMOUNT_IDR_MAX: Final = 1_000_000_000_000
"""Largest amount accepted anywhere: one trillion rupiah."""

BASIS_POINTS: Final = 10_000

Key = TypeVar("Key", int, str)


def div_floor(numerator: int, denominator: int) -> int:
    """Divide and round down."""
    return numerator // denominator


def div_ceil(numerator: int, denominator: int) -> int:
    """Divide and round up."""
    return -(-numerator // denominator)


def split_largest_remainder(*, total_idr: int, weights: Mapping[Key, int]) -> dict[Key, int]:
    """Split an amount in proportion to weights so that the shares add up exactly.

    The rupiah left after rounding down go, one each, to the largest remainders; ties go to the
    lower key, so the result is reproducible.

    Args:
        total_idr: Amount to share, zero or more.
        weights: Non-negative weight by key; at least one must be positive unless the total is 0.

    Raises:
        ValueError: A negative total or weight, or nothing to share a positive total over.

    Source: docs/algorithms/money.md.
    """
    if total_idr < 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError("amounts and weights are zero or more")
    weight_sum = sum(weights.values())
    if weight_sum == 0:
        if total_idr:
            raise ValueError("a positive amount needs a positive weight")
        return dict.fromkeys(weights, 0)
    shares = {key: total_idr * weight // weight_sum for key, weight in weights.items()}
    left = total_idr - sum(shares.values())
    by_remainder = sorted(weights, key=lambda key: (-(total_idr * weights[key] % weight_sum), key))
    for key in by_remainder[:left]:
        shares[key] += 1
    return shares


def total(amounts_idr: Sequence[int]) -> int:
    """Return the sum of amounts in rupiah."""
    return sum(amounts_idr)
