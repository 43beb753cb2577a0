"""Reads of the ledger, one module for each kind of reader; callers see one room."""

from app.domain.stock.queries.bulk import (
    ensure_variants,
    free_lots,
    goods_in_books,
    list_lots_of,
    list_posted,
    list_to_reverse,
)
from app.domain.stock.queries.capacity import (
    list_planned_upts,
    list_weeks,
    list_workshops,
    next_week_free,
)
from app.domain.stock.queries.locks import (
    ensure_lot,
    ensure_variant,
    find_lot,
    find_newest_lot_id,
    get_entry,
    is_repeat,
    list_heads,
    list_holds,
    list_holds_of,
    list_lapsed,
    lock_heads,
    pick_lots,
    read_lots,
)
from app.domain.stock.queries.pages import head, list_lots, stock_card, stock_table
from app.domain.stock.queries.places import lots_in, places
from app.domain.stock.queries.positions import (
    availability,
    get_position,
    of_upt,
    product_has_available,
)
from app.domain.stock.queries.replay import (
    list_upt_ids,
    read_balances,
    read_holds,
    stream_entries,
)

__all__ = [
    "availability",
    "ensure_lot",
    "ensure_variant",
    "ensure_variants",
    "find_lot",
    "find_newest_lot_id",
    "free_lots",
    "get_entry",
    "get_position",
    "goods_in_books",
    "head",
    "is_repeat",
    "list_heads",
    "list_holds",
    "list_holds_of",
    "list_lapsed",
    "list_lots",
    "list_lots_of",
    "list_planned_upts",
    "list_posted",
    "list_to_reverse",
    "list_upt_ids",
    "list_weeks",
    "list_workshops",
    "lock_heads",
    "lots_in",
    "next_week_free",
    "of_upt",
    "pick_lots",
    "places",
    "product_has_available",
    "read_balances",
    "read_holds",
    "read_lots",
    "stock_card",
    "stock_table",
    "stream_entries",
]
