"""Writes of goods on the way, one module for each kind of document; callers see one room.

Every step locks its document, recognises a repeat by the form's key, asks the state table, posts to
the ledger, counts up the lines and leaves one event; the state moves by compare-and-set. Locks are
taken in the order of docs/algorithms/locking.md: the document, then (through ``stock``) the heads.
"""

from app.domain.transfers.services.arrivals import recall_transfer, receive_transfer
from app.domain.transfers.services.copies import copy_to_catalogue
from app.domain.transfers.services.fairs import (
    close_fair,
    create_fair,
    discard_fair,
    save_fair,
    send_fair,
    send_more,
)
from app.domain.transfers.services.settlement import settle_fair, undo_settlement
from app.domain.transfers.services.transfers import (
    create_transfer,
    discard_transfer,
    save_transfer,
    send_transfer,
)

__all__ = [
    "close_fair",
    "copy_to_catalogue",
    "create_fair",
    "create_transfer",
    "discard_fair",
    "discard_transfer",
    "recall_transfer",
    "receive_transfer",
    "save_fair",
    "save_transfer",
    "send_fair",
    "send_more",
    "send_transfer",
    "settle_fair",
    "undo_settlement",
]
