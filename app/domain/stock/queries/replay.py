"""Everything a verification reads: all entries of a UPT as canonical text, balances, holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import String, column, select, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.domain.stock import rules
from app.domain.stock.models import StockBalance, StockEntry, StockHold
from app.infra import db

_ROWS_AT_ONCE: Final = 5_000
_UPT: Final = table("upt", column("id"))


class UtcText(FunctionElement[str]):
    """An instant as canonical text, made by the database: far quicker than in Python."""

    type = String()
    inherit_cache = True


@compiles(UtcText, "postgresql")
def _utc_text_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    instant = compiler.process(element.clauses, **options)
    return f"""to_char({instant} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


@compiles(UtcText, "sqlite")
def _utc_text_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    instant = compiler.process(element.clauses, **options)
    return f"(replace({instant}, ' ', 'T') || 'Z')"


_E: Final = StockEntry
_COLUMNS: Final = (
    _E.id, _E.sequence, UtcText(_E.written_at), UtcText(_E.happened_at), _E.phase, _E.kind,
    _E.variant_id, _E.lot_id, _E.from_account, _E.to_account, _E.quantity, _E.hold_id,
    _E.reverses_id, UtcText(_E.expires_at), _E.actor, _E.reason, _E.note, _E.source_kind,
    _E.source_key, _E.source_line, _E.fingerprint, _E.previous_hash, _E.hash,
)  # fmt: skip


def list_upt_ids() -> tuple[int, ...]:
    """Return every UPT, so that a ledger whose head was removed is still read."""
    return tuple(db.read_session().scalars(select(_UPT.c.id).order_by(_UPT.c.id)))


def stream_entries(*, upt_id: int) -> Iterator[Any]:
    """Yield the columns of a UPT's entries in order, a few thousand rows at a time."""
    first = rules.entry_id(upt_id=upt_id, sequence=0)
    last = rules.entry_id(upt_id=upt_id + 1, sequence=0)
    result = db.read_session().execute(
        select(*_COLUMNS)
        .where(StockEntry.upt_id == upt_id, StockEntry.id.between(first, last))
        .order_by(StockEntry.id)
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    for rows in result.partitions():
        yield from rows


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
        row[0]: (row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]) for row in rows
    }
