"""How values are written for people: rupiah, measures, dates in Indonesian."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from flask import Flask

from app.kernel import wording
from app.surfaces.web import field_names

DEFAULT_TIMEZONE: Final = wording.DEFAULT_TIMEZONE
MONTHS: Final = wording.MONTHS
ZONE_NAMES: Final = wording.ZONE_NAMES

integer = wording.integer
idr = wording.idr
local_date = wording.local_date
local_datetime = wording.local_datetime


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
    "field_name": field_names.of,
}


def init_app(app: Flask) -> None:
    """Attach the filters to the templates."""
    app.jinja_env.filters.update(FILTERS)
