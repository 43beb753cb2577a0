"""The tables that nobody may change or shorten; a test compares this list with the triggers."""

from __future__ import annotations

from typing import Final

APPEND_ONLY_TABLES: Final = (
    "audit_entry",
    "count_event",
    "count_posting",
    "fair_event",
    "fair_outcome",
    "money_entry",
    "order_event",
    "order_note",
    "paper",
    "product_version",
    "stock_daily_head",
    "stock_daily_root",
    "stock_entry",
    "stock_period",
    "stock_period_balance",
    "stock_period_hold",
    "till_close",
    "till_line",
    "till_payment",
    "till_sale",
    "transfer_event",
    "transfer_outcome",
)
