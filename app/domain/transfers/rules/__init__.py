"""Pure decisions about goods on the way, one module for each matter; callers see one room."""

from app.domain.transfers.rules.fairs import (
    FAIR_NEXT,
    fair_is_late,
    fair_moves,
    next_fair_state,
    sales_of,
)
from app.domain.transfers.rules.lines import (
    ensure_counted,
    ensure_version,
    merge_wanted,
    same_goods,
    suggest_variant,
)
from app.domain.transfers.rules.transfers import (
    ARRIVAL_KINDS,
    TRANSFER_NEXT,
    arrival_action,
    arrival_moves,
    days_between,
    lot_code_beside,
    next_transfer_state,
    recall_moves,
    transfer_is_late,
)

__all__ = [
    "ARRIVAL_KINDS",
    "FAIR_NEXT",
    "TRANSFER_NEXT",
    "arrival_action",
    "arrival_moves",
    "days_between",
    "ensure_counted",
    "ensure_version",
    "fair_is_late",
    "fair_moves",
    "lot_code_beside",
    "merge_wanted",
    "next_fair_state",
    "next_transfer_state",
    "recall_moves",
    "sales_of",
    "same_goods",
    "suggest_variant",
    "transfer_is_late",
]
