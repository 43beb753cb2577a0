"""Times of pick-up in words."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.surfaces.web import filters

DAYS: Final = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


def span(starts_at: datetime, ends_at: datetime, timezone: str) -> str:
    """Return a time such as ``Selasa, 24 November 2026, 09.00–10.00 WIB``."""
    zone = ZoneInfo(timezone)
    first, last = starts_at.astimezone(zone), ends_at.astimezone(zone)
    day = f"{DAYS[first.weekday()]}, {filters.local_date(starts_at, timezone)}"
    return f"{day}, {first:%H.%M}–{last:%H.%M} {filters.ZONE_NAMES.get(timezone, '')}".strip()
