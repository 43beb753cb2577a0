"""Pure arithmetic of shipping fees: whole grams in, whole kilograms and rupiah out."""

from __future__ import annotations

from typing import Final

from app.domain.shipping.types import DeliveryMethod, Parcel, Quote, RateRow
from app.kernel.money import div_ceil

TOLERANCE_G: Final = 300
"""Grams over a whole kilogram that are not charged: 1.30 kg pays for 1, 1.31 kg for 2."""

PICKUP_LABEL: Final = "Ambil di galeri"


def chargeable_kg(*, weight_g: int) -> int:
    """Return the whole kilograms that a parcel pays for, at least one.

    Source: docs/algorithms/orders.md, section "Delivery".
    """
    return max(1, div_ceil(weight_g - TOLERANCE_G, 1000))


def fee_idr(*, weight_g: int, first_kg_idr: int, next_kg_idr: int) -> int:
    """Return the price of a parcel in rupiah."""
    return first_kg_idr + (chargeable_kg(weight_g=weight_g) - 1) * next_kg_idr


def courier_quote(*, upt_id: int, parcel: Parcel, rate: RateRow) -> Quote:
    """Return the quote of one rate for one parcel."""
    return Quote(
        upt_id=upt_id,
        method=DeliveryMethod.COURIER,
        service=rate.service,
        fee_idr=fee_idr(
            weight_g=parcel.weight_g,
            first_kg_idr=rate.first_kg_idr,
            next_kg_idr=rate.next_kg_idr,
        ),
        weight_g=parcel.weight_g,
        days_min=rate.days_min,
        days_max=rate.days_max,
        label=rate.service.replace("-", " ").capitalize(),
    )


def pickup_quote(*, upt_id: int, parcel: Parcel) -> Quote:
    """Return the free quote for fetching the goods at the gallery."""
    return Quote(
        upt_id=upt_id,
        method=DeliveryMethod.PICKUP,
        service="",
        fee_idr=0,
        weight_g=parcel.weight_g,
        days_min=0,
        days_max=0,
        label=PICKUP_LABEL,
    )
