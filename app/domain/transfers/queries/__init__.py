"""Reads of goods on the way, one module for each kind of document; callers see one room."""

from app.domain.transfers.queries.fairs import (
    get_fair,
    list_fair_lines,
    list_fairs,
    lock_fair,
)
from app.domain.transfers.queries.history import find_event, list_events, next_sequence
from app.domain.transfers.queries.proof import verify
from app.domain.transfers.queries.transfers import (
    find_by_sku,
    get_transfer,
    list_transfer_lines,
    list_transfers,
    lock_transfer,
)

__all__ = [
    "find_by_sku",
    "find_event",
    "get_fair",
    "get_transfer",
    "list_events",
    "list_fair_lines",
    "list_fairs",
    "list_transfer_lines",
    "list_transfers",
    "lock_fair",
    "lock_transfer",
    "next_sequence",
    "verify",
]
