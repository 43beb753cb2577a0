"""Fees by weight."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.shipping import rules
from app.domain.shipping.types import DeliveryMethod, Parcel, Quote, RateRow

PARCEL = Parcel(origin_province_code="32", weight_g=2_600)


@pytest.mark.parametrize(
    ("weight_g", "kg"),
    [
        (0, 1),
        (1, 1),
        (999, 1),
        (1_000, 1),
        (1_300, 1),
        (1_301, 2),
        (2_300, 2),
        (2_301, 3),
        (7_400, 8),
    ],
)
def test_three_hundred_grams_over_a_kilogram_are_free(weight_g: int, kg: int) -> None:
    assert rules.chargeable_kg(weight_g=weight_g) == kg


@given(st.integers(0, 10**9))
def test_a_heavier_parcel_never_pays_for_less(weight_g: int) -> None:
    kg = rules.chargeable_kg(weight_g=weight_g)
    assert kg <= rules.chargeable_kg(weight_g=weight_g + 1) <= kg + 1
    assert (kg - 1) * 1000 + 300 < weight_g or kg == 1
    assert weight_g <= kg * 1000 + 300


def test_the_first_kilogram_has_its_own_price() -> None:
    assert rules.fee_idr(weight_g=1_300, first_kg_idr=16_000, next_kg_idr=14_000) == 16_000
    assert rules.fee_idr(weight_g=2_600, first_kg_idr=16_000, next_kg_idr=14_000) == 44_000


def test_a_courier_quote_names_its_service() -> None:
    rate = RateRow("32", "35", "reguler", 16_000, 14_000, 2, 3)
    quote = rules.courier_quote(upt_id=5, parcel=PARCEL, rate=rate)
    assert quote == Quote(5, DeliveryMethod.COURIER, "reguler", 44_000, 2_600, 2, 3, "Reguler")
    assert quote.choice == "courier:reguler"


def test_fetching_is_free() -> None:
    quote = rules.pickup_quote(upt_id=5, parcel=PARCEL)
    assert quote == Quote(5, DeliveryMethod.PICKUP, "", 0, 2_600, 0, 0, rules.PICKUP_LABEL)
    assert quote.choice == "pickup"
