"""The tables that nobody may change or shorten; a test compares this list with the triggers."""

from __future__ import annotations

from typing import Final

APPEND_ONLY_TABLES: Final = (
    "audit_entry",
    "fair_event",
    "fair_outcome",
    "money_entry",
    "order_event",
    "product_version",
    "stock_entry",
    "transfer_event",
    "transfer_outcome",
)
