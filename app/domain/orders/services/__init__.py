"""Writes of orders. Every move locks, asks the state table, moves stock, and leaves one event row.

Locks are taken in the order of docs/algorithms/locking.md: order group, child orders by id, then
(through ``stock``) heads and balances.
"""

from app.domain.orders.services.forgetting import forget_contacts
from app.domain.orders.services.fulfilment import (
    accept,
    complete,
    confirm_delivered,
    end,
    hand_over,
    refuse,
    ship,
    start_preparing,
)
from app.domain.orders.services.moves import Move
from app.domain.orders.services.notes import add_note, ask_help, change_address
from app.domain.orders.services.partial import (
    Dropped,
    Missing,
    lose_parcel,
    miss_parcel,
    refuse_pieces,
    resend,
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
    "Dropped",
    "Missing",
    "Move",
    "accept",
    "add_note",
    "ask_help",
    "cancel_unpaid",
    "change_address",
    "complete",
    "confirm_delivered",
    "create",
    "end",
    "ensure_can_reopen",
    "expire",
    "extend",
    "forget_contacts",
    "hand_over",
    "lose_parcel",
    "mark_paid",
    "miss_parcel",
    "refuse",
    "refuse_pieces",
    "reopen_paid",
    "resend",
    "ship",
    "start_preparing",
]
