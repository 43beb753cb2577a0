"""What we ask of a service that knows the prices and parcels of many carriers.

None is needed: rates come from tables. One that is plugged in fills the same tables, dated, so that
no page of the shop ever waits for it; ``tests/contracts/test_carrier_source.py`` says what it must do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.shipping.types import RateRow


@dataclass(frozen=True, slots=True)
class Leg:
    """From a UPT to a regency."""

    origin_upt_id: int
    origin_regency_code: str
    destination_regency_code: str


@dataclass(frozen=True, slots=True)
class ParcelEvent:
    """One thing that a carrier says happened to a parcel."""

    at: datetime
    text: str
    is_delivered: bool


class CarrierSource(Protocol):
    """A service in front of many carriers."""

    name: str

    def list_rates(self, *, leg: Leg) -> Sequence[RateRow]:
        """Return what the carriers ask for this leg today: whole rupiah, our carrier codes.

        Raises:
            Unavailable: No answer in time; the stored tables go on.
        """

    def list_events(self, *, carrier: str, number: str) -> Sequence[ParcelEvent]:
        """Return what happened to a parcel, oldest first; none for an unknown number.

        Raises:
            Unavailable: No answer in time.
        """
