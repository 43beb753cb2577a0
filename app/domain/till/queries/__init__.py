"""Reads of the till, one module for each matter; callers see one room."""

from app.domain.till.queries.closing import drawer, last_closes
from app.domain.till.queries.counter import (
    draft,
    find_by_key,
    find_second_price,
    full_name,
    lock_draft,
    lock_series,
    lots_of,
    second_prices,
    to_want,
    trouble,
)
from app.domain.till.queries.proof import find_faults, list_upt_ids
from app.domain.till.queries.receipts import find_by_token, get_sale
from app.domain.till.queries.sales import day_totals, list_sales, stream_lines

__all__ = [
    "day_totals",
    "draft",
    "drawer",
    "find_by_key",
    "find_by_token",
    "find_faults",
    "find_second_price",
    "full_name",
    "get_sale",
    "last_closes",
    "list_sales",
    "list_upt_ids",
    "lock_draft",
    "lock_series",
    "lots_of",
    "second_prices",
    "stream_lines",
    "to_want",
    "trouble",
]
