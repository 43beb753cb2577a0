"""What the reports show of counts, closed months, differences, and the papers that entries came from."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import String, column, func, select, table

from app.domain.stock import queries as stock_queries
from app.domain.stock.types import PeriodRecord
from app.infra import db
from app.infra.db import UtcDateTime

_SHEET: Final = table(
    "count_sheet", column("upt_id"), column("state", String), column("decided_at", UtcDateTime)
)
DOCUMENTS: Final = {
    "count": ("count_sheet", "code"),
    "import": ("import_file", "fingerprint"),
    "transfer": ("transfer", "number"),
    "fair": ("fair_loan", "number"),
}
"""Kinds of source whose pages go by a row's id: the table, and the column that the source names."""


def last_counts() -> dict[int, datetime]:
    """Return when each UPT's last count was approved."""
    rows = db.read_session().execute(
        select(_SHEET.c.upt_id, func.max(_SHEET.c.decided_at, type_=UtcDateTime()))
        .where(_SHEET.c.state == "approved")
        .group_by(_SHEET.c.upt_id)
    )
    return {row[0]: row[1] for row in rows}


def open_incidents() -> dict[int, int]:
    """Return how many differences between ledger and balances are open in each UPT."""
    return stock_queries.count_open_incidents()


def list_periods(*, upt_id: int) -> tuple[PeriodRecord, ...]:
    """Return the closed months of a UPT, newest first."""
    return stock_queries.list_periods(upt_id=upt_id)


def find_documents(*, kind: str, keys: Collection[str]) -> dict[str, int]:
    """Return the ids of papers by what their entries name; one statement for a page of entries."""
    if kind not in DOCUMENTS or not keys:
        return {}
    name, key = DOCUMENTS[kind]
    paper = table(name, column("id"), column(key, String))
    rows = db.read_session().execute(
        select(paper.c[key], func.max(paper.c.id))
        .where(paper.c[key].in_(sorted(keys)))
        .group_by(paper.c[key])
    )
    return {row[0]: int(row[1]) for row in rows}
