"""Writes of delivery: rate tables, rules of free delivery, plans and bookings of pick-up.

A booking takes the lock of its gallery's plan last, after stock and money.
"""

from app.domain.shipping.services.pickups import book_slot, move_slot, release_slot, save_plan
from app.domain.shipping.services.tables import (
    add_free_rule,
    apply_rates,
    end_free_rule,
    end_rate,
    ensure_may_write,
    load_rates,
    may_write,
)

__all__ = [
    "add_free_rule",
    "apply_rates",
    "book_slot",
    "end_free_rule",
    "end_rate",
    "ensure_may_write",
    "load_rates",
    "may_write",
    "move_slot",
    "release_slot",
    "save_plan",
]
