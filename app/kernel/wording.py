"""Rupiah, days and instants as Indonesian readers write them; for pages, mail and papers alike."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

DEFAULT_TIMEZONE: Final = "Asia/Jakarta"

MONTHS: Final = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip

ZONE_NAMES: Final = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}


def integer(value: int) -> str:
    """Return 12345 as ``12.345``."""
    return f"{value:,}".replace(",", ".")


def idr(amount_idr: int) -> str:
    """Return rupiah such as ``Rp185.000``; negative amounts carry a minus sign in front."""
    sign = "−" if amount_idr < 0 else ""
    return f"{sign}Rp{integer(abs(amount_idr))}"


def local_date(value: datetime | date, timezone: str = DEFAULT_TIMEZONE) -> str:
    """Return a date such as ``21 November 2026`` in the given zone."""
    there = value.astimezone(ZoneInfo(timezone)) if isinstance(value, datetime) else value
    return f"{there.day} {MONTHS[there.month - 1]} {there.year}"


def local_datetime(value: datetime, timezone: str = DEFAULT_TIMEZONE) -> str:
    """Return an instant such as ``21 November 2026 pukul 14.05 WIB``."""
    there = value.astimezone(ZoneInfo(timezone))
    zone = ZONE_NAMES.get(timezone, there.tzname() or "")
    return f"{local_date(value, timezone)} pukul {there:%H.%M} {zone}"
