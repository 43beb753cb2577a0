"""Reads and locks of orders; nothing here hands out an ORM row."""

from app.domain.orders.queries.locks import (
    list_due_groups,
    list_due_numbers,
    list_hold_ids,
    lock_group,
    lock_upt_order,
)
from app.domain.orders.queries.pages import (
    count_waiting,
    count_waiting_by_upt,
    find_group_id,
    get_group,
    get_number,
    get_upt_order,
    group_briefs,
    list_for_buyer,
    list_for_upt,
    list_lines,
    search_group_ids,
    upt_order_numbers,
)
from app.domain.orders.queries.papers import latest_event_id, numbers_of_buyer
from app.domain.orders.queries.parcels import (
    list_alerts,
    list_clocked,
    list_held,
    list_notes,
    list_parcels,
    list_wrong_quantities,
    lots_of_holds,
)
from app.domain.orders.queries.totals import list_wrong_totals

__all__ = [
    "count_waiting",
    "count_waiting_by_upt",
    "find_group_id",
    "get_group",
    "get_number",
    "get_upt_order",
    "group_briefs",
    "latest_event_id",
    "list_alerts",
    "list_clocked",
    "list_due_groups",
    "list_due_numbers",
    "list_for_buyer",
    "list_for_upt",
    "list_held",
    "list_hold_ids",
    "list_lines",
    "list_notes",
    "list_parcels",
    "list_wrong_quantities",
    "list_wrong_totals",
    "lock_group",
    "lock_upt_order",
    "lots_of_holds",
    "numbers_of_buyer",
    "search_group_ids",
    "upt_order_numbers",
]
