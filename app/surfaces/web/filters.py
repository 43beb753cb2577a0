"""How values are written for people: rupiah, measures, dates in Indonesian."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from flask import Flask

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


def _decimal(whole: int, unit: int, places: int) -> str:
    scaled = (whole * 10**places + unit // 2) // unit
    head, tail = divmod(scaled, 10**places)
    digits = f"{tail:0{places}d}".rstrip("0")
    return integer(head) + ("," + digits if digits else "")


def grams(weight_g: int) -> str:
    """Return a weight such as ``750 g`` or ``1,25 kg``."""
    return f"{integer(weight_g)} g" if weight_g < 1000 else f"{_decimal(weight_g, 1000, 2)} kg"


def mm(length_mm: int) -> str:
    """Return a length such as ``8 mm`` or ``24,5 cm``."""
    return f"{length_mm} mm" if length_mm < 10 else f"{_decimal(length_mm, 10, 1)} cm"


def _local(value: datetime | date, timezone: str) -> datetime | date:
    return value.astimezone(ZoneInfo(timezone)) if isinstance(value, datetime) else value


def local_date(value: datetime | date, timezone: str = DEFAULT_TIMEZONE) -> str:
    """Return a date such as ``21 November 2026`` in the given zone."""
    there = _local(value, timezone)
    return f"{there.day} {MONTHS[there.month - 1]} {there.year}"


def local_datetime(value: datetime, timezone: str = DEFAULT_TIMEZONE) -> str:
    """Return an instant such as ``21 November 2026 pukul 14.05 WIB``."""
    there = value.astimezone(ZoneInfo(timezone))
    zone = ZONE_NAMES.get(timezone, there.tzname() or "")
    return f"{local_date(value, timezone)} pukul {there:%H.%M} {zone}"


def iso(value: datetime | date) -> str:
    """Return the machine form for ``<time datetime=…>``."""
    return value.isoformat()


FILTERS: Final = {
    "integer": integer,
    "idr": idr,
    "grams": grams,
    "mm": mm,
    "local_date": local_date,
    "local_datetime": local_datetime,
    "iso": iso,
}


def init_app(app: Flask) -> None:
    """Attach the filters to the templates."""
    app.jinja_env.filters.update(FILTERS)
