"""The one door to balances, holds and heads beside the triggers: computing them from the ledger.

Nowhere else does the application write these tables (a test reads every module for it). What the
entries say is computed in sets into temporary tables; only figures that differ are written.

Source: docs/algorithms/stock-ledger.md, section 7.
"""

# ruff: noqa: S608, ISC004  # statements are made of our own names alone

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from app.domain.audit import services as audit_services
from app.domain.stock import queries, rules
from app.domain.stock.services import incidents
from app.domain.stock.types import GENESIS_HASH, Difference, RebuildReport
from app.infra import db
from app.kernel.actor import Actor

_COUNTERS: Final = ("in_posted", "out_posted", "in_pending", "out_pending")
_FACTS: Final = (
    "variant_id", "lot_id", "from_account", "to_account", "quantity", "quantity_posted",
    "expires_at", "state",
)  # fmt: skip

_MOVED: Final = """
CREATE TEMPORARY TABLE rebuilt_moved AS
SELECT e.variant_id, e.lot_id, e.from_account, e.to_account,
       sum(CASE WHEN e.phase IN ('move', 'post') THEN e.quantity ELSE 0 END) AS posted,
       sum(CASE e.phase WHEN 'hold' THEN e.quantity WHEN 'void' THEN -e.quantity
                        WHEN 'post' THEN -h.quantity ELSE 0 END) AS pending,
       count(*) AS entries
  FROM stock_entry e
  LEFT JOIN stock_entry h ON h.id = e.hold_id AND e.phase = 'post'
 WHERE e.id > :after AND e.id < :end
 GROUP BY e.variant_id, e.lot_id, e.from_account, e.to_account
"""

_BALANCES: Final = """
CREATE TEMPORARY TABLE rebuilt_balance AS
SELECT variant_id, lot_id, account,
       CAST(sum(in_posted) AS bigint) AS in_posted, CAST(sum(out_posted) AS bigint) AS out_posted,
       CAST(sum(in_pending) AS bigint) AS in_pending,
       CAST(sum(out_pending) AS bigint) AS out_pending
  FROM (SELECT variant_id, lot_id, from_account AS account, 0 AS in_posted,
               posted AS out_posted, 0 AS in_pending, pending AS out_pending FROM rebuilt_moved
        UNION ALL
        SELECT variant_id, lot_id, to_account, posted, 0, pending, 0 FROM rebuilt_moved) side
 GROUP BY variant_id, lot_id, account
"""

_HOLDS: Final = """
CREATE TEMPORARY TABLE rebuilt_hold AS
SELECT h.id AS entry_id, h.variant_id, h.lot_id, h.from_account, h.to_account, h.quantity,
       CASE WHEN r.phase = 'post' THEN r.quantity ELSE 0 END AS quantity_posted,
       CASE WHEN k.id IS NULL THEN h.expires_at ELSE k.expires_at END AS expires_at,
       CASE WHEN r.id IS NULL THEN 'open' WHEN r.phase = 'post' THEN 'posted'
            WHEN r.kind = 'expired' THEN 'expired' ELSE 'voided' END AS state
  FROM stock_entry h
  LEFT JOIN stock_entry r ON r.hold_id = h.id AND r.phase IN ('post', 'void')
  LEFT JOIN (SELECT hold_id, max(id) AS id FROM stock_entry
              WHERE phase = 'keep' AND id > :after AND id < :end GROUP BY hold_id) last
         ON last.hold_id = h.id
  LEFT JOIN stock_entry k ON k.id = last.id
 WHERE h.phase = 'hold' AND h.id > :after AND h.id < :end
"""

_TABLES: Final = ("rebuilt_hold", "rebuilt_balance", "rebuilt_moved")

_SAME_BALANCE: Final = (
    "b.upt_id = :upt_id AND b.variant_id = r.variant_id AND b.lot_id = r.lot_id"
    " AND b.account = r.account"
)
_OTHER_COUNTERS: Final = " OR ".join(f"b.{name} <> r.{name}" for name in _COUNTERS)
_OTHER_FACTS: Final = " OR ".join(f"s.{name} IS DISTINCT FROM r.{name}" for name in _FACTS)
_ANY_COUNTER: Final = " OR ".join(f"b.{name} <> 0" for name in _COUNTERS)

_WRONG_BALANCES: Final = f"""
SELECT r.variant_id, r.lot_id, r.account, {", ".join(f"r.{name}" for name in _COUNTERS)},
       {", ".join(f"coalesce(b.{name}, 0)" for name in _COUNTERS)}
  FROM rebuilt_balance r LEFT JOIN stock_balance b ON {_SAME_BALANCE}
 WHERE b.account IS NULL OR {_OTHER_COUNTERS}
 UNION ALL
SELECT b.variant_id, b.lot_id, b.account, 0, 0, 0, 0, {", ".join(f"b.{name}" for name in _COUNTERS)}
  FROM stock_balance b
 WHERE b.upt_id = :upt_id AND ({_ANY_COUNTER}) AND NOT EXISTS (
       SELECT 1 FROM rebuilt_balance r WHERE {_SAME_BALANCE})
 ORDER BY 1, 2, 3
"""

_WRONG_HOLDS: Final = f"""
SELECT r.entry_id, {", ".join(f"r.{name}" for name in _FACTS)}, 1 AS has_facts,
       {", ".join(f"s.{name} AS kept_{name}" for name in _FACTS)},
       CASE WHEN s.entry_id IS NULL THEN 0 ELSE 1 END AS has_kept
  FROM rebuilt_hold r LEFT JOIN stock_hold s ON s.entry_id = r.entry_id AND s.upt_id = :upt_id
 WHERE s.entry_id IS NULL OR {_OTHER_FACTS}
 ORDER BY r.entry_id
"""

_STRAY_HOLDS: Final = (
    "FROM stock_hold WHERE upt_id = :upt_id AND entry_id NOT IN (SELECT entry_id FROM rebuilt_hold)"
)

_REPAIRS: Final = (
    f"UPDATE stock_balance AS b SET {', '.join(f'{name} = r.{name}' for name in _COUNTERS)}"
    f" FROM rebuilt_balance r WHERE {_SAME_BALANCE} AND ({_OTHER_COUNTERS})",
    "INSERT INTO stock_balance (upt_id, variant_id, lot_id, account,"
    f" {', '.join(_COUNTERS)}) SELECT :upt_id, r.variant_id, r.lot_id, r.account,"
    f" {', '.join(f'r.{name}' for name in _COUNTERS)} FROM rebuilt_balance r"
    f" WHERE NOT EXISTS (SELECT 1 FROM stock_balance b WHERE {_SAME_BALANCE})",
    "DELETE FROM stock_balance AS b WHERE b.upt_id = :upt_id AND NOT EXISTS ("
    f"SELECT 1 FROM rebuilt_balance r WHERE {_SAME_BALANCE})",
    f"DELETE {_STRAY_HOLDS}",
    f"UPDATE stock_hold AS s SET {', '.join(f'{name} = r.{name}' for name in _FACTS)}"
    " FROM rebuilt_hold r WHERE s.entry_id = r.entry_id AND s.upt_id = :upt_id"
    f" AND ({_OTHER_FACTS})",
    f"INSERT INTO stock_hold (entry_id, upt_id, {', '.join(_FACTS)})"
    f" SELECT r.entry_id, :upt_id, {', '.join(f'r.{name}' for name in _FACTS)}"
    " FROM rebuilt_hold r WHERE NOT EXISTS ("
    "SELECT 1 FROM stock_hold s WHERE s.entry_id = r.entry_id)",
)

_OPEN: Final = text("INSERT INTO stock_rebuild (upt_id) VALUES (:upt_id)")
_CLOSE: Final = text("DELETE FROM stock_rebuild WHERE upt_id = :upt_id")
"""The guards of migration 0026 let nobody else write balances, holds and heads by hand."""

_LAST_ENTRY: Final = text(
    "SELECT sequence, hash FROM stock_entry WHERE id > :after AND id < :end"
    " ORDER BY id DESC LIMIT 1"
)
_NEW_HEAD: Final = text(
    "INSERT INTO stock_head (upt_id, sequence, hash) VALUES (:upt_id, 0, :hash)"
    " ON CONFLICT DO NOTHING"
)
_REPAIR_HEAD: Final = text(
    "UPDATE stock_head SET sequence = :sequence, hash = :hash, written_at ="
    " (SELECT written_at FROM stock_entry WHERE id = :last) WHERE upt_id = :upt_id"
)


def rebuild(*, actor: Actor, upt_id: int, reason: str, is_dry: bool, at: datetime) -> RebuildReport:
    """Compute a UPT's balances, holds and head from its entries; write those that differ.

    The caller has proven the entries themselves. Postings of this UPT wait meanwhile.

    Args:
        reason: Why it may be done; goes into the audit trail.
        is_dry: Only report what would change.

    Raises:
        NotFound, NotAllowed: Neither ``stock.close`` nor ``audit.view`` is held there.
    """
    queries.ensure_may_handle(actor=actor, upt_id=upt_id)
    session = db.session()
    if db.is_postgresql():
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text("SET LOCAL work_mem = '256MB'"))
    queries.lock_heads(upt_ids={upt_id})
    _compute(upt_id)
    differences = [*_head_difference(upt_id), *_balance_differences(upt_id)]
    differences += _hold_differences(upt_id)
    entries = session.scalar(text("SELECT coalesce(sum(entries), 0) FROM rebuilt_moved"))
    balances = session.scalar(text("SELECT count(*) FROM rebuilt_balance"))
    holds = session.scalar(text("SELECT count(*) FROM rebuilt_hold"))
    if differences and not is_dry:
        _repair(upt_id)
        _record(actor, upt_id, reason, differences, at=at)
    if not is_dry:
        incidents.resolve_repaired(actor=actor, upt_id=upt_id, note=reason, at=at)
    _drop()
    return RebuildReport(
        upt_id=upt_id,
        entries=int(entries or 0),
        balances=int(balances or 0),
        holds=int(holds or 0),
        count=len(differences),
        differences=tuple(differences[: rules.DIFFERENCES_MAX]),
        was_repaired=bool(differences) and not is_dry,
    )


def _span(upt_id: int) -> dict[str, int]:
    return {
        "after": rules.entry_id(upt_id=upt_id, sequence=0),
        "end": rules.entry_id(upt_id=upt_id + 1, sequence=0),
    }


def _compute(upt_id: int) -> None:
    _drop()
    session = db.session()
    session.execute(text(_MOVED), _span(upt_id))
    session.execute(text(_BALANCES))
    session.execute(text(_HOLDS), _span(upt_id))
    for table, key in (
        ("rebuilt_balance", "variant_id, lot_id, account"),
        ("rebuilt_hold", "entry_id"),
    ):
        session.execute(text(f"CREATE UNIQUE INDEX {table}_key ON {table} ({key})"))
        if db.is_postgresql():
            session.execute(text(f"ANALYZE {table}"))


def _drop() -> None:
    for table in _TABLES:
        db.session().execute(text(f"DROP TABLE IF EXISTS {table}"))


def _last(upt_id: int) -> tuple[int, str]:
    row = db.session().execute(_LAST_ENTRY, _span(upt_id)).first()
    return (row[0], row[1]) if row else (0, GENESIS_HASH)


def _head_difference(upt_id: int) -> list[Difference]:
    sequence, hash_ = _last(upt_id)
    head = queries.list_heads(upt_id=upt_id).get(upt_id)
    if head is not None and (head.sequence, head.hash) == (sequence, hash_):
        return []
    stored = rules.figure_of_head(head.sequence, head.hash) if head else ""
    return [Difference("head", "head", rules.figure_of_head(sequence, hash_), stored)]


def _balance_differences(upt_id: int) -> list[Difference]:
    rows = db.session().execute(text(_WRONG_BALANCES), {"upt_id": upt_id})
    return [rules.balance_difference((row[0], row[1], row[2]), row[3:7], row[7:11]) for row in rows]


def _hold_differences(upt_id: int) -> list[Difference]:
    session = db.session()
    rows: Sequence[Any] = session.execute(text(_WRONG_HOLDS), {"upt_id": upt_id}).all()
    width = len(_FACTS)
    found = [
        rules.hold_difference(
            row[0], row[1 : width + 1], row[width + 2 : 2 * width + 2] if row.has_kept else None
        )
        for row in rows
    ]
    columns = ", ".join(("entry_id", *_FACTS))
    strays = session.execute(
        text(f"SELECT {columns} {_STRAY_HOLDS} ORDER BY entry_id"), {"upt_id": upt_id}
    )
    return found + [rules.hold_difference(row[0], None, row[1:]) for row in strays]


def _repair(upt_id: int) -> None:
    session = db.session()
    session.execute(_OPEN, {"upt_id": upt_id})
    for statement in _REPAIRS:
        session.execute(text(statement), {"upt_id": upt_id})
    sequence, hash_ = _last(upt_id)
    session.execute(_NEW_HEAD, {"upt_id": upt_id, "hash": GENESIS_HASH})
    session.execute(
        _REPAIR_HEAD,
        {
            "upt_id": upt_id,
            "sequence": sequence,
            "hash": hash_,
            "last": rules.entry_id(upt_id=upt_id, sequence=sequence),
        },
    )
    session.execute(_CLOSE, {"upt_id": upt_id})


def _record(
    actor: Actor, upt_id: int, reason: str, differences: Sequence[Difference], *, at: datetime
) -> None:
    first = differences[0]
    audit_services.record(
        actor=actor,
        action="stock.rebuilt",
        subject=f"ledger:{upt_id}",
        at=at,
        upt_id=upt_id,
        detail={
            "reason": reason[:300],
            "differences": len(differences),
            "first": first.subject,
            "ledger": first.ledger_figure,
            "stored": first.stored_figure,
        },
    )
