"""Reads of the reports, one module for each kind of question; callers see one room."""

from app.domain.reports.queries.days import (
    list_moved,
    list_movements,
    read_entries,
    read_tail,
)
from app.domain.reports.queries.explain import explain, find_owner, list_entries, position_at
from app.domain.reports.queries.items import list_blocked, list_expiring, list_items
from app.domain.reports.queries.others import (
    find_documents,
    last_counts,
    list_periods,
    open_incidents,
)
from app.domain.reports.queries.overview import list_due, list_upts, timezones

__all__ = [
    "explain",
    "find_documents",
    "find_owner",
    "last_counts",
    "list_blocked",
    "list_due",
    "list_entries",
    "list_expiring",
    "list_items",
    "list_moved",
    "list_movements",
    "list_periods",
    "list_upts",
    "open_incidents",
    "position_at",
    "read_entries",
    "read_tail",
    "timezones",
]
