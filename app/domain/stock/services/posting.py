"""The one door: every entry of every ledger is written here, chained, audited, in one statement.

The database folds the entries into balances, holds and heads; see docs/algorithms/stock-ledger.md.
There are two ways through: ``append`` takes entries that were decided in Python, on either database;
``promise_in_one_trip`` lets PostgreSQL lock, pick, chain and write plain promises and says when it
cannot. Both write the same bytes.

Source: docs/adr/0017-posting-in-one-trip.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text

from app.domain.audit import services as audit_services
from app.domain.stock import queries, rules
from app.domain.stock.models import StockEntry, StockLot
from app.domain.stock.rules import Key, Line, Posting
from app.domain.stock.types import (
    GENESIS_HASH,
    PROMISED_FROM,
    Account,
    EntryKind,
    HeadRecord,
    HoldRecord,
    LotChoice,
    LotState,
    Phase,
)
from app.infra import db
from app.kernel.actor import Actor

_NEW_HEAD: Final = text(
    "INSERT INTO stock_head (upt_id, sequence, hash) VALUES (:upt_id, 0, :hash)"
    " ON CONFLICT DO NOTHING"
)
_POST: Final = (
    "SELECT stock_post(%s::bigint[], %s::bigint[], %s::int[], %s, %s, %s::text[], %s, %s, %s, %s,"
    " %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_FIGURES: Final = 5
"""Figures that ``stock_post`` returns for each entry: id, UPT, variant, lot, quantity."""

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


def promise_in_one_trip(
    *,
    actor: Actor,
    action: str,
    wanted: Mapping[Key, int],
    posting: Posting,
    on: date,
    expires_at: datetime | None,
) -> tuple[HoldRecord, ...] | None:
    """Let PostgreSQL lock, pick, chain, write and audit the promises of one posting.

    Args:
        wanted: Pieces by UPT and variant.
        on: Lots that are blocked, or whose last day is before it, are left out.

    Returns:
        What was promised; None with nothing written when the caller has to decide: on SQLite, and
        for a repeat, a shortage, a UPT without head, pieces that several lots must give together,
        and texts with signs that canonical lines escape.
    """
    if not wanted or not db.is_postgresql():
        return None
    keys = sorted(wanted)
    values = (
        _array(upt_id for upt_id, _ in keys),
        _array(variant_id for _, variant_id in keys),
        _array(wanted[key] for key in keys),
        Phase.HOLD.value,
        EntryKind.HELD.value,
        _PROMISED_FROM,
        Account.TRANSIT_CUSTOMER.value,
        on,
        expires_at,
        posting.happened_at,
        posting.at,
        posting.actor,
        posting.reason,
        posting.note,
        posting.source.kind,
        posting.source.key,
        posting.fingerprint,
        actor.kind.value,
        actor.user_id,
        actor.label[:200],
        action,
    )
    connection = db.session().connection()
    found: Sequence[int] | None = connection.exec_driver_sql(_POST, values).scalar_one()
    if found is None:
        return None
    return tuple(
        HoldRecord(*found[start : start + _FIGURES]) for start in range(0, len(found), _FIGURES)
    )


def _array(values: Iterable[object]) -> str:
    """Return whole numbers or plain words as PostgreSQL writes an array."""
    return f"{{{','.join(map(str, values))}}}"


_PROMISED_FROM: Final = _array(account.value for account in PROMISED_FROM)


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
