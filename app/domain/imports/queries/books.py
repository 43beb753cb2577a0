"""What the books say of the goods that a file names, each in one statement for thousands of goods."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import Date, column, select, table

from app.domain.imports.types import LotDates
from app.domain.stock import queries as stock_queries
from app.domain.stock.types import Account
from app.infra import db

_LOT: Final = table(
    "stock_lot", column("upt_id"), column("variant_id"), column("code"),
    column("produced_on", Date), column("expires_on", Date),
)  # fmt: skip


def lots_by_code(*, upt_id: int) -> dict[tuple[int, str], LotDates]:
    """Return the dates of every lot of a UPT, empty ones too, by variant and code."""
    rows = db.read_session().execute(
        select(_LOT.c.variant_id, _LOT.c.code, _LOT.c.produced_on, _LOT.c.expires_on).where(
            _LOT.c.upt_id == upt_id
        )
    )
    return {(row.variant_id, row.code): LotDates(row.produced_on, row.expires_on) for row in rows}


def pieces_anywhere(*, upt_id: int, variant_ids: Collection[int]) -> dict[int, int]:
    """Return how many pieces of some goods lie anywhere in the books, with carriers too."""
    if not variant_ids:
        return {}
    found = stock_queries.places(upt_id=upt_id, variant_ids=variant_ids)
    return {
        variant_id: sum(
            figure.on_hand for account, figure in by_account.items() if account != Account.CAPACITY
        )
        for variant_id, by_account in found.items()
    }
