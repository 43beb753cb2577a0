"""Refusals about a buyer's own data."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.errors import Conflict


@dataclass
class AddressesFull(Conflict):
    """No room for a further address."""

    code = "buyers.addresses_full"
    addresses_max: int


@dataclass
class OrdersOpen(Conflict):
    """Orders are under way, or money is between us: they need a person to deal with."""

    code = "buyers.orders_open"
    numbers: str
