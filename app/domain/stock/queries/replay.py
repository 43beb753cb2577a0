"""Everything a verification reads: all entries of a UPT as canonical text, balances, holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import String, bindparam, column, select, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.domain.stock import rules
from app.domain.stock.models import StockBalance, StockEntry, StockHold
from app.infra import db

_ROWS_AT_ONCE: Final = 10_000
_UPT: Final = table("upt", column("id"))


class UtcText(FunctionElement[str]):
    """An instant as text, made by the database: quicker than objects.

    SQLite gives the canonical form at once, so a byte changed in the file shows. PostgreSQL gives its
    own spelling, since ``to_char`` would cost more than all the rest; ``rules.replay`` finishes it.
    """

    type = String()
    inherit_cache = True


@compiles(UtcText, "postgresql")
def _utc_text_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    instant = compiler.process(element.clauses, **options)
    return f"CAST({instant} AT TIME ZONE 'UTC' AS text)"


@compiles(UtcText, "sqlite")
def _utc_text_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    instant = compiler.process(element.clauses, **options)
    return f"(replace({instant}, ' ', 'T') || 'Z')"


_E: Final = StockEntry.metadata.tables[StockEntry.__tablename__].c
_ENTRIES: Final = (
    select(
        _E.id, _E.sequence, UtcText(_E.written_at), UtcText(_E.happened_at), _E.phase, _E.kind,
        _E.variant_id, _E.lot_id, _E.from_account, _E.to_account, _E.quantity, _E.hold_id,
        _E.reverses_id, UtcText(_E.expires_at), _E.actor, _E.reason, _E.note, _E.source_kind,
        _E.source_key, _E.source_line, _E.fingerprint, _E.previous_hash, _E.hash,
    )
    .where(_E.id > bindparam("after"), _E.id < bindparam("end"))
    .order_by(_E.id)
    .limit(_ROWS_AT_ONCE)
)  # fmt: skip


def list_upt_ids() -> tuple[int, ...]:
    """Return every UPT, so that a ledger whose head was removed is still read."""
    return tuple(db.read_session().scalars(select(_UPT.c.id).order_by(_UPT.c.id)))


def stream_entries(*, upt_id: int, after: int = 0) -> Iterator[Any]:
    """Yield the columns of a UPT's entries in order of their ids; call it within one snapshot.

    Args:
        after: Only entries with a higher number.

    An entry that claims another UPT than its id says shows by its hash. Read in pages by key on the bare connection: objects and server cursors would cost as much as
    the whole replay.
    """
    connection = db.read_session().connection()
    last_id = rules.entry_id(upt_id=upt_id, sequence=after)
    end = rules.entry_id(upt_id=upt_id + 1, sequence=0)
    while True:
        rows = connection.execute(_ENTRIES, {"after": last_id, "end": end}).fetchall()
        yield from rows
        if len(rows) < _ROWS_AT_ONCE:
            return
        last_id = rows[-1][0]


def read_balances(*, upt_id: int) -> dict[rules.BalanceKey, rules.Counters]:
    """Return the stored counters of a UPT."""
    rows = db.read_session().execute(
        select(
            StockBalance.variant_id, StockBalance.lot_id, StockBalance.account,
            StockBalance.in_posted, StockBalance.out_posted, StockBalance.in_pending,
            StockBalance.out_pending,
        ).where(StockBalance.upt_id == upt_id)
    )  # fmt: skip
    return {(row[0], row[1], row[2]): (row[3], row[4], row[5], row[6]) for row in rows}


def read_holds(*, upt_id: int) -> dict[int, rules.HoldFacts]:
    """Return the stored facts of a UPT's holds."""
    rows = db.read_session().execute(
        select(
            StockHold.entry_id, StockHold.variant_id, StockHold.lot_id, StockHold.from_account,
            StockHold.to_account, StockHold.quantity, StockHold.quantity_posted,
            UtcText(StockHold.expires_at), StockHold.state,
        ).where(StockHold.upt_id == upt_id)
    )  # fmt: skip
    return {
        row[0]: (
            row[1], row[2], row[3], row[4], row[5], row[6], rules.canonical_instant(row[7]), row[8]
        )
        for row in rows
    }  # fmt: skip
