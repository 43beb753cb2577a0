"""Months: where they begin and end, which one may be closed next, what came too late for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain.stock.types import OpenMonth, PeriodRecord


def month_of(*, at: datetime, timezone: str) -> date:
    """Return the first day of the month in which an instant falls, on the UPT's clock."""
    return at.astimezone(ZoneInfo(timezone)).date().replace(day=1)


def month_after(month: date) -> date:
    """Return the first day of the next month."""
    return (month + timedelta(days=31)).replace(day=1)


def starts_at(*, month: date, timezone: str) -> datetime:
    """Return the first instant of a month, in UTC."""
    return datetime.combine(month, time(0), ZoneInfo(timezone)).astimezone(UTC)


def next_to_close(
    *, last: date | None, first_written_at: datetime | None, timezone: str, at: datetime
) -> OpenMonth:
    """Return the month to close next: the one after the last, or that of the first entry.

    Args:
        last: The last month closed.
        first_written_at: When the first entry was written; None in an empty ledger.
    """
    if first_written_at is None:
        return OpenMonth(None, None, None, False)
    first = month_of(at=first_written_at, timezone=timezone)
    month = month_after(last) if last else first
    ends_at = starts_at(month=month_after(month), timezone=timezone)
    return OpenMonth(month, starts_at(month=month, timezone=timezone), ends_at, ends_at <= at)


def is_late(*, periods: Sequence[PeriodRecord], sequence: int, happened_at: datetime) -> bool:
    """Say whether an entry tells of a month that was closed before the entry was written."""
    return any(sequence > period.sequence and happened_at < period.ends_at for period in periods)
