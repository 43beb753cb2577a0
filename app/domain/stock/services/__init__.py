"""Writes of the ledger, one module for each matter; callers see one room."""

from app.domain.stock.services.capacity import keep_weeks, save_workshop, set_pause
from app.domain.stock.services.goods import (
    adjust,
    move_stock,
    receive_output,
    reverse_entry,
    set_lot_state,
)
from app.domain.stock.services.holds import (
    deliver,
    expire_lapsed,
    keep,
    release,
    reserve,
    ship,
)
from app.domain.stock.services.moves import post_moves, reverse_posting

__all__ = [
    "adjust",
    "deliver",
    "expire_lapsed",
    "keep",
    "keep_weeks",
    "move_stock",
    "post_moves",
    "receive_output",
    "release",
    "reserve",
    "reverse_entry",
    "reverse_posting",
    "save_workshop",
    "set_lot_state",
    "set_pause",
    "ship",
]
