"""The one place that reads the clock; surfaces and the job worker call it and pass the result on."""

from __future__ import annotations

import random
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Return the present instant in UTC, to the microsecond."""
    return datetime.now(UTC)


def local_date(*, at: datetime, timezone: str) -> date:
    """Return the calendar date of an instant in a named time zone."""
    return at.astimezone(ZoneInfo(timezone)).date()


def add_working_days(*, start: date, days: int) -> date:
    """Return the date ``days`` Mondays-to-Fridays after ``start``; public holidays count as days."""
    current = start
    while days > 0:
        current += timedelta(days=1)
        if current.weekday() < 5:
            days -= 1
    return current


def pause_before_retry(attempt: int) -> None:
    """Sleep a short random time that grows with the number of the attempt."""
    time.sleep(random.uniform(0.005, 0.02) * 2**attempt)  # noqa: S311  # spread, not secrecy
