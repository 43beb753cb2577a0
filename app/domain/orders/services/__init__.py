"""Writes of orders. Every move locks, asks the state table, moves stock, and leaves one event row.

Locks are taken in the order of docs/algorithms/locking.md: order group, child orders by id, then
(through ``stock``) heads and balances.
"""

from app.domain.orders.services.fulfilment import (
    accept,
    complete,
    confirm_delivered,
    hand_over,
    refuse,
    ship,
    start_preparing,
)
from app.domain.orders.services.purchase import (
    cancel_unpaid,
    create,
    ensure_can_reopen,
    expire,
    extend,
    mark_paid,
    reopen_paid,
)

__all__ = [
    "accept",
    "cancel_unpaid",
    "complete",
    "confirm_delivered",
    "create",
    "ensure_can_reopen",
    "expire",
    "extend",
    "hand_over",
    "mark_paid",
    "refuse",
    "reopen_paid",
    "ship",
    "start_preparing",
]
