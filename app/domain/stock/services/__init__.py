"""Writes of the ledger, one module for each matter; callers see one room."""

from app.domain.stock.services.capacity import keep_weeks, save_workshop, set_pause
from app.domain.stock.services.goods import (
    adjust,
    move_stock,
    receive_output,
    reverse_entry,
    set_lot_state,
)
from app.domain.stock.services.heads import (
    publish_day,
)
from app.domain.stock.services.holds import (
    deliver,
    expire_lapsed,
    keep,
    release,
    reserve,
    ship,
)
from app.domain.stock.services.incidents import (
    acknowledge_incident,
    mark_checked_whole,
    note,
    resolve_incident,
    save_proof,
)
from app.domain.stock.services.moves import post_moves, reverse_posting
from app.domain.stock.services.parts import lose, release_part, ship_part
from app.domain.stock.services.periods import (
    close_period,
)
from app.domain.stock.services.rebuild import (
    rebuild,
)

__all__ = [
    "acknowledge_incident",
    "adjust",
    "close_period",
    "deliver",
    "expire_lapsed",
    "keep",
    "keep_weeks",
    "lose",
    "mark_checked_whole",
    "move_stock",
    "note",
    "post_moves",
    "publish_day",
    "rebuild",
    "receive_output",
    "release",
    "release_part",
    "reserve",
    "resolve_incident",
    "reverse_entry",
    "reverse_posting",
    "save_proof",
    "save_workshop",
    "set_lot_state",
    "set_pause",
    "ship",
    "ship_part",
]
