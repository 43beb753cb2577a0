"""Placing an order and everything that touches orders, stock and money together.

Locks are taken in the order of docs/algorithms/locking.md: cart, order group, child orders by id,
payment, then (through ``stock``) heads and balances.
"""

from app.domain.checkout.services.placing import place_order, preview
from app.domain.checkout.services.settling import (
    cancel_unpaid,
    confirm_received,
    confirm_transfer,
    expire,
    record_refund,
    refuse_order,
    resolve_review,
)

__all__ = [
    "cancel_unpaid",
    "confirm_received",
    "confirm_transfer",
    "expire",
    "place_order",
    "preview",
    "record_refund",
    "refuse_order",
    "resolve_review",
]
