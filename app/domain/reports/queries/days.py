"""Movements by day: what was added up, and the few entries that came since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, func, select

from app.domain.reports import rules
from app.domain.reports.models import ReportDay, ReportUpt
from app.domain.reports.queries.tables import ENTRY
from app.domain.reports.types import POSTED_PHASES, STOCK_VIEW, DayRow, Movements
from app.domain.stock import rules as stock_rules
from app.infra import db
from app.kernel.actor import Actor

TAIL_MAX: Final = 2_000
"""Entries newer than the last refresh that a page still adds up itself."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """One posted movement with its local day."""

    variant_id: int
    day: date
    kind: str
    from_account: str
    to_account: str
    quantity: int
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Tail:
    """Movements since the last refresh.

    Attributes:
        last_sequence: Last entry read, whether or not it moved anything.
        is_complete: There are no more.
        refreshed_at: When the days were last refreshed; None when they never were.
    """

    rows: tuple[Fresh, ...]
    last_sequence: int
    is_complete: bool
    refreshed_at: datetime | None


def read_entries(*, upt_id: int, after: int, limit: int, timezone: str) -> tuple[list[Fresh], int]:
    """Return the movements among the next entries of a UPT, and the number of the last entry read."""
    zone = rules.zone(timezone=timezone)
    rows = db.read_session().execute(_entries(upt_id, after, limit)).all()
    found = [
        Fresh(
            row.variant_id, row.happened_at.astimezone(zone).date(), row.kind, row.from_account,
            row.to_account, row.quantity, row.written_at,
        )
        for row in rows
        if row.phase in POSTED_PHASES
    ]  # fmt: skip
    return found, (int(rows[-1].sequence) if rows else after)


def _entries(upt_id: int, after: int, limit: int) -> Select[Any]:
    return (
        select(
            ENTRY.c.sequence, ENTRY.c.variant_id, ENTRY.c.phase, ENTRY.c.kind,
            ENTRY.c.from_account, ENTRY.c.to_account, ENTRY.c.quantity, ENTRY.c.happened_at,
            ENTRY.c.written_at,
        )
        .where(
            ENTRY.c.id > stock_rules.entry_id(upt_id=upt_id, sequence=after),
            ENTRY.c.id < stock_rules.entry_id(upt_id=upt_id + 1, sequence=0),
        )
        .order_by(ENTRY.c.id)
        .limit(limit)
    )  # fmt: skip


def read_tail(*, upt_id: int, timezone: str) -> Tail:
    """Return what moved since the last refresh; nothing when that is more than a page adds up."""
    known = db.read_session().execute(
        select(ReportUpt.sequence, ReportUpt.refreshed_at).where(ReportUpt.upt_id == upt_id)
    ).first()  # fmt: skip
    after = int(known.sequence) if known else 0
    rows, last = read_entries(upt_id=upt_id, after=after, limit=TAIL_MAX + 1, timezone=timezone)
    refreshed_at = known.refreshed_at if known else None
    if last - after > TAIL_MAX:
        return Tail((), after, False, refreshed_at)
    return Tail(tuple(rows), last, True, refreshed_at)


def list_movements(*, actor: Actor, upt_id: int, since: date, timezone: str) -> Movements:
    """Return what moved in a UPT by local day and cause, from a day on.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    key = (ReportDay.day, ReportDay.kind, ReportDay.from_account, ReportDay.to_account)
    rows = db.read_session().execute(
        select(*key, func.sum(ReportDay.quantity))
        .where(ReportDay.upt_id == upt_id, ReportDay.day >= since)
        .group_by(*key)
    )
    sums = {(row[0], row[1], row[2], row[3]): int(row[4]) for row in rows}
    tail = read_tail(upt_id=upt_id, timezone=timezone)
    for fresh in tail.rows:
        if fresh.day >= since:
            cell = (fresh.day, fresh.kind, fresh.from_account, fresh.to_account)
            sums[cell] = sums.get(cell, 0) + fresh.quantity
    found = tuple(DayRow(*cell, quantity) for cell, quantity in sorted(sums.items()))
    return Movements(found, tail.is_complete, tail.refreshed_at)


def list_moved(
    *,
    actor: Actor,
    upt_id: int,
    since: date,
    until: date,
    cause: tuple[str, str, str] | None,
    timezone: str,
) -> dict[tuple[int, str, str, str], int]:
    """Return pieces by variant and cause over local days, both ends included.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    key = (ReportDay.variant_id, ReportDay.kind, ReportDay.from_account, ReportDay.to_account)
    statement = (
        select(*key, func.sum(ReportDay.quantity))
        .where(ReportDay.upt_id == upt_id, ReportDay.day >= since, ReportDay.day <= until)
        .group_by(*key)
    )
    if cause is not None:
        for wanted, chosen in zip(key[1:], cause, strict=True):
            statement = statement.where(wanted == chosen)
    sums = {
        (row[0], row[1], row[2], row[3]): int(row[4])
        for row in db.read_session().execute(statement)
    }
    for fresh in read_tail(upt_id=upt_id, timezone=timezone).rows:
        cell = (fresh.variant_id, fresh.kind, fresh.from_account, fresh.to_account)
        if since <= fresh.day <= until and cause in (None, cell[1:]):
            sums[cell] = sums.get(cell, 0) + fresh.quantity
    return sums
