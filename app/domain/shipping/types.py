"""Parcels, rates and quotes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class DeliveryMethod(StrEnum):
    """How goods reach the buyer."""

    COURIER = "courier"
    PICKUP = "pickup"


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one UPT sends in one order."""

    origin_province_code: str
    weight_g: int


@dataclass(frozen=True, slots=True)
class RateRow:
    """One line of a rate table, as typed or imported."""

    origin_province_code: str
    destination_province_code: str
    service: str
    first_kg_idr: int
    next_kg_idr: int
    days_min: int
    days_max: int


@dataclass(frozen=True, slots=True)
class Quote:
    """One way to get a parcel to the buyer, with its price.

    Attributes:
        service: Service of the courier, for example ``reguler``; empty for pick-up.
        fee_idr: Price of the whole parcel in rupiah; always 0 for pick-up.
        weight_g: Weight that the price was made for.
        label: Short name shown to people.
    """

    upt_id: int
    method: DeliveryMethod
    service: str
    fee_idr: int
    weight_g: int
    days_min: int
    days_max: int
    label: str

    @property
    def choice(self) -> str:
        """Return the value of the form field that picks this quote, e.g. ``courier:reguler``."""
        if self.method is DeliveryMethod.PICKUP:
            return str(DeliveryMethod.PICKUP)
        return f"{self.method}:{self.service}"


@dataclass(frozen=True, slots=True)
class RatePeriod:
    """When and whence a set of rates is valid.

    Attributes:
        valid_from: First day, in the UPT's calendar.
        source: Where the figures come from.
    """

    valid_from: date
    source: str
