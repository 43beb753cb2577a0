"""Writes of orders. Every move locks, asks the state table, moves stock, and leaves one event row.

Locks are taken in the order of docs/algorithms/locking.md: order group, child orders by id, then
(through ``stock``) heads and balances.
"""

from app.domain.orders.services.clocks import tell
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
from app.domain.orders.services.returns import (
    answer_return,
    ask_return,
    inspect_return,
    receive_return,
    watch_return,
)

__all__ = [
    "Dropped",
    "Missing",
    "Move",
    "accept",
    "add_note",
    "answer_return",
    "ask_help",
    "ask_return",
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
    "inspect_return",
    "lose_parcel",
    "mark_paid",
    "miss_parcel",
    "receive_return",
    "refuse",
    "refuse_pieces",
    "reopen_paid",
    "resend",
    "ship",
    "start_preparing",
    "tell",
    "watch_return",
]
