"""Weeks of work as stock: which weeks stand open, what to open or close, never what is promised.

Source: docs/algorithms/capacity.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from app.domain.stock.errors import OverAllotted
from app.domain.stock.types import LotRecord
from app.domain.stock.types.capacity import HORIZON_WEEKS, PlannedItem, WeekChange, WeekLot

_CODE: Final = re.compile(r"W(\d{4})-(\d{2})")
_WEEK: Final = timedelta(weeks=1)

WEEK_PATTERN: Final = "W____-__"
"""What the codes of weeks look like to the database."""


def monday(*, day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def week_code(*, week_on: date) -> str:
    """Return the code of the lot that stands for a week, such as ``W2026-48``."""
    year, week, _ = week_on.isocalendar()
    return f"W{year}-{week:02d}"


def week_of(*, code: str) -> date | None:
    """Return the Monday of the week that a lot code stands for."""
    found = _CODE.fullmatch(code)
    if found is None:
        return None
    try:
        return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        return None


def is_week(*, lot: LotRecord) -> bool:
    """Say whether a lot stands for a week of work, not for goods."""
    return lot.produced_on is None and week_of(code=lot.code) is not None


def last_day(*, week_on: date, lead_days: int) -> date:
    """Return the last day on which a week can be promised: the goods take their days to make."""
    return week_on - timedelta(days=lead_days)


def open_weeks(*, today: date, lead_days: int, horizon: int = HORIZON_WEEKS) -> tuple[date, ...]:
    """Return the Mondays of the weeks that can be promised on a day."""
    earliest = today + timedelta(days=lead_days)
    first = monday(day=earliest)
    if first < earliest:
        first += _WEEK
    return tuple(first + _WEEK * number for number in range(horizon))


def ensure_allotted(*, units_per_week: int, units: Mapping[int, int]) -> None:
    """Refuse a plan that gives away more of a week than there is.

    Raises:
        OverAllotted: It does.
    """
    allotted = sum(units.values())
    if allotted > units_per_week:
        raise OverAllotted(allotted=allotted, units=units_per_week)


def changes(
    *, plan: Iterable[PlannedItem], lots: Sequence[WeekLot], today: date
) -> tuple[WeekChange, ...]:
    """Return what is to be opened and closed so that the weeks follow the plan.

    A week that can no longer be promised, is paused or has left the plan keeps only what was
    promised of it. Promised units are never closed.
    """
    items = {item.variant_id: item for item in plan}
    known = {(lot.variant_id, lot.week_on): lot for lot in lots}
    found: list[WeekChange] = []
    for item in items.values():
        for week_on in open_weeks(today=today, lead_days=item.lead_days):
            if (
                (item.variant_id, week_on) not in known
                and item.units
                and week_on not in item.paused
            ):
                day = last_day(week_on=week_on, lead_days=item.lead_days)
                found.append(WeekChange(item.variant_id, week_on, day, None, item.units))
    for lot in lots:
        wanted = _wanted(lot, items.get(lot.variant_id), today=today)
        delta = wanted - lot.opened if wanted > lot.opened else -min(lot.opened - wanted, lot.free)
        if delta:
            found.append(WeekChange(lot.variant_id, lot.week_on, lot.last_day, lot.lot_id, delta))
    return tuple(sorted(found, key=lambda one: (one.variant_id, one.week_on)))


def _wanted(lot: WeekLot, item: PlannedItem | None, *, today: date) -> int:
    """Return how many units of a week should stand open, promised ones included."""
    if item is None or lot.week_on in item.paused:
        return 0
    until = min(lot.last_day, last_day(week_on=lot.week_on, lead_days=item.lead_days))
    return item.units if until >= today else 0
