"""Filling the ledger by the thousand: many receipts as one posting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select

from app.domain.catalog import queries as catalog_queries
from app.domain.stock import queries, rules
from app.domain.stock.models import StockLot
from app.domain.stock.rules import Key
from app.domain.stock.services import posting as posting_door
from app.domain.stock.types import (
    STOCK_RECEIVE,
    Demand,
    EntrySource,
    LotState,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound


def receive_all(
    *, actor: Actor, receipts: Sequence[Demand], lot_code: str, source: EntrySource, at: datetime
) -> int:
    """Add finished pieces of many variants, also of several UPT, as one posting.

    Writes the entries that ``receive_output`` would write, in a handful of statements: for imports
    and large test data. Runs in the caller's unit of work; a repeat adds nothing.

    Args:
        receipts: Pieces by UPT and variant.
        lot_code: Code of the new lot that each variant gets.

    Returns:
        How many entries were written.

    Raises:
        NotFound: A variant is not of the UPT named, or the actor has nothing to do with the UPT.
        NotAllowed: ``stock.receive`` is not held there.
        QuantityOutOfRange, Invalid: The input does not fit.
        IdempotencyMismatch: The source posted something else before.
    """
    merged = rules.merge_demands(receipts)
    for upt_id in sorted({upt_id for upt_id, _ in merged}):
        actor.ensure(STOCK_RECEIVE, upt_id=upt_id)
    content = ("receive_all", lot_code, *(f"{key}:{pieces}" for key, pieces in merged.items()))
    posting = rules.posting(actor=actor, source=source, content=content, at=at)
    offers = catalog_queries.offers(variant_ids=[variant_id for _, variant_id in merged])
    if any(each not in offers or offers[each].upt_id != upt_id for upt_id, each in merged):
        raise NotFound
    heads = posting_door.lock_heads(upt_ids={upt_id for upt_id, _ in merged})
    if not merged or queries.is_repeat(posting=posting, upt_ids=heads):
        return 0
    lot_ids = _open_lots(list(merged), lot_code, at=at)
    lines = [
        rules.move(rules.RECEIPT, *key, lot_ids[key], quantity) for key, quantity in merged.items()
    ]
    posting_door.append(
        actor=actor, action="stock.received", heads=heads, lines=lines, posting=posting
    )
    return len(lines)


def _open_lots(keys: Sequence[Key], code: str, *, at: datetime) -> dict[Key, int]:
    db.session().execute(
        insert(StockLot),
        [
            {
                "upt_id": upt_id,
                "variant_id": variant_id,
                "code": code,
                "state": LotState.OPEN.value,
                "created_at": at,
            }
            for upt_id, variant_id in keys
        ],
    )
    rows = db.session().execute(
        select(StockLot.upt_id, StockLot.variant_id, StockLot.id).where(
            StockLot.variant_id.in_([variant_id for _, variant_id in keys]), StockLot.code == code
        )
    )
    return {(row.upt_id, row.variant_id): row.id for row in rows}
