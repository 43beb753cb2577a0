"""Records of workshops and their weeks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

STOCK_APPROVE: Final = "stock.approve"

HORIZON_WEEKS: Final = 8
"""Weeks that are open for promises, counted from the first that can still be kept."""

UNITS_MAX: Final = 100_000
WORKSHOP_NAME_MAX: Final = 80


@dataclass(frozen=True, slots=True)
class WorkshopRecord:
    """A workshop with what it gives each variant of its week.

    Attributes:
        units: Units a week by variant.
        paused: Mondays of the weeks in which nothing is made.
    """

    workshop_id: int
    upt_id: int
    name: str
    units_per_week: int
    version: int
    units: Mapping[int, int]
    paused: frozenset[date]

    @property
    def allotted(self) -> int:
        """Return what is given away of the week."""
        return sum(self.units.values())


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """A variant made to order, with its workshop's plan."""

    variant_id: int
    workshop_id: int
    units: int
    lead_days: int
    paused: frozenset[date]


@dataclass(frozen=True, slots=True)
class WeekLot:
    """One week of work for one variant.

    Attributes:
        opened: Units opened and not closed again.
        free: Units that nobody was promised.
        last_day: Last day on which the week may be promised.
    """

    variant_id: int
    lot_id: int
    week_on: date
    last_day: date
    opened: int
    free: int

    @property
    def promised(self) -> int:
        """Return units promised, shipped ones included."""
        return self.opened - self.free


@dataclass(frozen=True, slots=True)
class WeekChange:
    """Units of one week to open (positive) or to close (negative).

    Attributes:
        lot_id: The week's lot; None when it has none yet.
    """

    variant_id: int
    week_on: date
    last_day: date
    lot_id: int | None
    delta: int


@dataclass(frozen=True, slots=True)
class WeekFree:
    """The first week of work that can still be promised."""

    week_on: date
    free: int
