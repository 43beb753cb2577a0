"""Reads of rates, rules of free delivery and times of pick-up; no network."""

from app.domain.shipping.queries.quoting import ways
from app.domain.shipping.queries.slots import bookings, find_plan, list_bookings, list_slots, plans
from app.domain.shipping.queries.tables import known_rates, list_free_rules, list_rates

__all__ = [
    "bookings",
    "find_plan",
    "known_rates",
    "list_bookings",
    "list_free_rules",
    "list_rates",
    "list_slots",
    "plans",
    "ways",
]
