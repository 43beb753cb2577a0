"""What an export tells beside the entries: lots, in the order of their ids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import select

from app.domain.stock.models import StockLot
from app.infra import db

_ROWS_AT_ONCE: Final = 5_000


def stream_lots(*, upt_id: int) -> Iterator[dict[str, Any]]:
    """Yield every lot of a UPT as a record of the export; call it within one snapshot."""
    last = 0
    while True:
        rows = (
            db.read_session()
            .execute(
                select(
                    StockLot.id, StockLot.variant_id, StockLot.code, StockLot.produced_on,
                    StockLot.expires_on, StockLot.state,
                )
                .where(StockLot.upt_id == upt_id, StockLot.id > last)
                .order_by(StockLot.id)
                .limit(_ROWS_AT_ONCE)
            )
            .all()
        )  # fmt: skip
        for row in rows:
            yield {
                "type": "lot",
                "id": row.id,
                "variant": row.variant_id,
                "code": row.code,
                "produced_on": row.produced_on and row.produced_on.isoformat(),
                "expires_on": row.expires_on and row.expires_on.isoformat(),
                "state": row.state,
            }
        if len(rows) < _ROWS_AT_ONCE:
            return
        last = rows[-1].id
