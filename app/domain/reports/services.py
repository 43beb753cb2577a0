"""Adding new entries to the days, and working out what stands beside each UPT.

Nothing here is a fact: all of it comes from the ledgers, and can be emptied and made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Date, bindparam, select, text

from app.domain.reports import queries, rules
from app.domain.reports.models import ReportUpt
from app.domain.reports.queries.days import Fresh
from app.domain.reports.types import PHYSICAL, Item
from app.infra import db
from app.kernel.actor import system

ENTRIES_AT_ONCE: Final = 20_000
"""Entries folded in one transaction."""

_ADD_DAY: Final = text(
    "INSERT INTO report_day (upt_id, variant_id, day, kind, from_account, to_account, quantity)"
    " VALUES (:upt_id, :variant_id, :day, :kind, :from_account, :to_account, :quantity)"
    " ON CONFLICT (upt_id, variant_id, day, kind, from_account, to_account)"
    " DO UPDATE SET quantity = report_day.quantity + excluded.quantity"
).bindparams(bindparam("day", type_=Date))
_MARK_ITEM: Final = text(
    "INSERT INTO report_item (upt_id, variant_id, first_in_on, last_out_on)"
    " VALUES (:upt_id, :variant_id, :first_in_on, :last_out_on)"
    " ON CONFLICT (upt_id, variant_id) DO UPDATE SET"
    " first_in_on = CASE WHEN report_item.first_in_on IS NULL"
    " OR excluded.first_in_on < report_item.first_in_on"
    " THEN excluded.first_in_on ELSE report_item.first_in_on END,"
    " last_out_on = CASE WHEN report_item.last_out_on IS NULL"
    " OR excluded.last_out_on > report_item.last_out_on"
    " THEN excluded.last_out_on ELSE report_item.last_out_on END"
).bindparams(bindparam("first_in_on", type_=Date), bindparam("last_out_on", type_=Date))


def refresh(*, upt_id: int, timezone: str, at: datetime) -> bool:
    """Fold a UPT's next entries into its days; once all are in, work out its figures.

    Returns:
        Whether more entries wait.
    """
    known = _lock(upt_id, at=at)
    after = known.sequence
    rows, last = queries.read_entries(
        upt_id=upt_id, after=after, limit=ENTRIES_AT_ONCE, timezone=timezone
    )
    _add_days(upt_id, rows)
    _mark_items(upt_id, rows)
    known.sequence = last
    if rows:
        known.last_moved_at = max(row.written_at for row in rows)
    db.session().flush()
    if last - after >= ENTRIES_AT_ONCE:
        return True
    items = queries.list_items(actor=system("reports"), upt_id=upt_id, timezone=timezone, at=at)
    _set_figures(known, items, today=at.astimezone(rules.zone(timezone=timezone)).date())
    known.refreshed_at = at
    db.session().flush()
    return False


def _lock(upt_id: int, *, at: datetime) -> ReportUpt:
    row = db.session().scalar(db.for_update(select(ReportUpt).where(ReportUpt.upt_id == upt_id)))
    if row is None:
        row = ReportUpt(
            upt_id=upt_id, sequence=0, pieces=0, value_idr=0, dead_pieces=0, dead_idr=0,
            low_count=0, last_moved_at=None, refreshed_at=at,
        )  # fmt: skip
        db.add(row)
    return row


def _add_days(upt_id: int, rows: Iterable[Fresh]) -> None:
    sums: dict[tuple[Any, ...], int] = {}
    for row in rows:
        key = (row.variant_id, row.day, row.kind, row.from_account, row.to_account)
        sums[key] = sums.get(key, 0) + row.quantity
    names = ("variant_id", "day", "kind", "from_account", "to_account")
    values = [
        {"upt_id": upt_id, **dict(zip(names, key, strict=True)), "quantity": quantity}
        for key, quantity in sorted(sums.items())
    ]
    if values:
        db.session().execute(_ADD_DAY, values)


def _mark_items(upt_id: int, rows: Iterable[Fresh]) -> None:
    marks: dict[int, list[date | None]] = {}
    for row in rows:
        sign = rules.signed(
            from_account=row.from_account, to_account=row.to_account, accounts=PHYSICAL
        )
        mark = marks.setdefault(row.variant_id, [None, None])
        if sign > 0:
            mark[0] = min(mark[0] or row.day, row.day)
        elif sign < 0:
            mark[1] = max(mark[1] or row.day, row.day)
    values = [
        {"upt_id": upt_id, "variant_id": each, "first_in_on": mark[0], "last_out_on": mark[1]}
        for each, mark in sorted(marks.items())
    ]
    if values:
        db.session().execute(_MARK_ITEM, values)


def _set_figures(known: ReportUpt, items: Sequence[Item], *, today: date) -> None:
    dead = [item for item in items if rules.is_dead(item=item, today=today)]
    known.pieces = sum(item.total for item in items)
    known.value_idr = sum(item.value_idr for item in items)
    known.dead_pieces = sum(item.total for item in dead)
    known.dead_idr = sum(item.value_idr for item in dead)
    known.low_count = sum(rules.is_low(item=item) for item in items)
