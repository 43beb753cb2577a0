"""Saved addresses and their limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ADDRESSES_MAX: Final = 10
LABEL_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class AddressRecord:
    """Where a buyer has goods sent."""

    address_id: int
    label: str
    recipient: str
    phone: str
    street: str
    village_code: str
    postcode: str
    is_default: bool
