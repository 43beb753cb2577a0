"""The tables that nobody may change or shorten; a test compares this list with the triggers."""

from __future__ import annotations

from typing import Final

APPEND_ONLY_TABLES: Final = (
    "audit_entry",
    "money_entry",
    "order_event",
    "product_version",
    "stock_entry",
)
