"""The one door: every entry of every ledger is written here, chained, audited, in one statement.

The database folds the entries into balances, holds and heads; see docs/algorithms/stock-ledger.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from app.domain.audit import services as audit_services
from app.domain.stock import queries, rules
from app.domain.stock.models import StockEntry, StockLot
from app.domain.stock.rules import Line, Posting
from app.domain.stock.types import GENESIS_HASH, HeadRecord, LotChoice, LotState
from app.infra import db
from app.kernel.actor import Actor

_NEW_HEAD: Final = text(
    "INSERT INTO stock_head (upt_id, sequence, hash) VALUES (:upt_id, 0, :hash)"
    " ON CONFLICT DO NOTHING"
)
Heads = Mapping[int, HeadRecord]


def append(
    *, actor: Actor, action: str, heads: Heads, lines: Sequence[Line], posting: Posting
) -> list[dict[str, Any]]:
    """Write the entries of one posting and its audit entry, in one statement each.

    Args:
        action: Word of the audit trail, for example ``stock.received``.
        heads: Locked heads of every UPT in the lines.

    Returns:
        The rows as written, UPT by UPT in the order of the ledger.
    """
    rows = rules.link_all(heads=heads, lines=lines, posting=posting)
    if rows:
        db.append_rows(StockEntry, rows)
        audit_services.record(
            actor=actor,
            action=action,
            subject=f"{posting.source.kind}:{posting.source.key}",
            at=posting.at,
            upt_id=rules.only_upt_id(rows),
            detail=rules.audit_detail(rows),
        )
    return rows


def lock_heads(*, upt_ids: Collection[int]) -> Heads:
    """Lock the heads of several UPT in the order of their ids, making those of first postings."""
    heads = queries.lock_heads(upt_ids=upt_ids)
    missing = sorted(set(upt_ids) - heads.keys())
    for upt_id in missing:
        db.session().execute(_NEW_HEAD, {"upt_id": upt_id, "hash": GENESIS_HASH})
    return queries.lock_heads(upt_ids=upt_ids) if missing else heads


def open_lot(*, upt_id: int, variant_id: int, chosen: LotChoice, at: datetime) -> int:
    """Return the lot with the chosen code, making it when it is new; the head is locked.

    Raises:
        LotMismatch: The lot is known with other dates.
    """
    code = chosen.code or ""
    known = queries.find_lot(upt_id=upt_id, variant_id=variant_id, code=code)
    if known is not None:
        rules.ensure_same_lot(
            chosen=chosen, produced_on=known.produced_on, expires_on=known.expires_on
        )
        return known.lot_id
    lot = StockLot(
        upt_id=upt_id,
        variant_id=variant_id,
        code=code,
        produced_on=chosen.produced_on,
        expires_on=chosen.expires_on,
        state=LotState.OPEN.value,
        created_at=at,
    )
    db.add(lot)
    return lot.id
