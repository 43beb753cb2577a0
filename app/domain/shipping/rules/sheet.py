"""Reading a rate table: every wrong cell named by row and column, nothing guessed.

Source: docs/algorithms/delivery.md, section "Rate tables".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Final

from app.domain.shipping.rules.carriers import find_carrier
from app.domain.shipping.types import (
    ANY_UPT,
    DAYS_MAX,
    FEE_IDR_MAX,
    RATE_ROWS_MAX,
    TIERS_MAX,
    RatePeriod,
    RatePreview,
    RateRow,
    RowError,
    SheetRate,
    Tier,
)
from app.domain.upt import rules as upt_rules
from app.kernel.text import fold

COLUMNS: Final = (
    "asal", "tujuan", "kurir", "layanan", "kg_pertama", "harga_pertama", "harga_berikutnya",
    "jenjang", "hari_min", "hari_maks", "mulai", "sampai",
)  # fmt: skip
COLUMNS_REQUIRED: Final = (
    "tujuan", "layanan", "harga_pertama", "harga_berikutnya", "hari_min", "hari_maks",
)  # fmt: skip
ERRORS_MAX: Final = 500
VALUE_SHOWN_MAX: Final = 60
FIRST_KG_MAX: Final = 1_000

_REGENCY: Final = re.compile(r"([1-9][0-9])[.,]?([0-9]{1,2})")
_SERVICE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SERVICE_LENGTH_MAX: Final = 24

Way = tuple[tuple[int, str, str, str, str, str], date]


@dataclass(frozen=True, slots=True)
class SheetContext:
    """What a rate table is read against.

    Attributes:
        upt_id: UPT of the rows without an origin.
        is_national: Rows for whole provinces are allowed.
        valid_from: First day of the rows without one.
        source: Kept with every rate.
        places: Codes of every province and regency.
    """

    upt_id: int
    is_national: bool
    valid_from: date
    source: str
    places: frozenset[str]


@dataclass(slots=True)
class _Row:
    """One line of the file, read cell by cell."""

    number: int
    cells: Mapping[str, str]
    errors: list[RowError] = field(default_factory=list)

    def text(self, column: str) -> str:
        """Return a cell without blanks around it."""
        return self.cells.get(column, "").strip()

    def wrong(self, column: str, code: str) -> None:
        """Note what is wrong in a cell."""
        value = self.text(column)[:VALUE_SHOWN_MAX]
        self.errors.append(RowError(self.number, column, code, value))

    def whole(self, column: str, low: int, high: int, code: str, default: int = 0) -> int:
        """Return a whole number; notes what is none, and returns the default."""
        text = self.text(column)
        if not text and column not in COLUMNS_REQUIRED:
            return default
        if not text.isascii() or not text.isdecimal() or not low <= int(text[:15]) <= high:
            self.wrong(column, code if text else "field.required")
            return default
        return int(text)

    def day(self, column: str) -> date | None:
        """Return a day, or None when there is none or it is wrong."""
        text = self.text(column)
        found = upt_rules.parse_day(text) if text else None
        if text and found is None:
            self.wrong(column, "shipping.day_wrong")
        return found


def read_sheet(*, rows: Sequence[Sequence[str]], context: SheetContext) -> RatePreview:
    """Return the rates of a table and everything that is wrong with it.

    Rows come back as unknown; ``mark_known`` compares them with what is stored.
    """
    if not rows:
        return RatePreview((), (RowError(1, "", "shipping.file_empty", ""),))
    headings = [fold(cell).replace(" ", "_") for cell in rows[0]]
    while headings and not headings[-1]:
        headings.pop()
    errors = _heading_errors(headings)
    if errors:
        return RatePreview((), tuple(errors))
    found: list[SheetRate] = []
    seen: set[Way] = set()
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row = _Row(number, dict(zip(headings, cells, strict=False)))
        rate = _read_row(row, context)
        if rate is not None and not row.errors:
            way = (rate.rate.way, rate.period.valid_from)
            if way in seen:
                row.errors.append(RowError(number, "", "shipping.row_twice", ""))
            else:
                seen.add(way)
                found.append(rate)
        errors += row.errors
    if len(found) > RATE_ROWS_MAX:
        errors.append(RowError(RATE_ROWS_MAX + 2, "", "shipping.file_too_many_rows", ""))
    if not found and not errors:
        errors.append(RowError(2, "", "shipping.file_empty", ""))
    return RatePreview(tuple(found), tuple(errors[:ERRORS_MAX]))


def mark_known(
    *, preview: RatePreview, known: Mapping[Way, tuple[RateRow, date | None]]
) -> RatePreview:
    """Return the table with the rows marked that are stored exactly so; others may not be changed."""
    rows: list[SheetRate] = []
    errors = list(preview.errors)
    for row in preview.rows:
        stored = known.get((row.rate.way, row.period.valid_from))
        if stored is not None and stored != (row.rate, row.period.valid_to):
            errors.append(RowError(row.row_number, "", "shipping.rate_differs", ""))
        else:
            rows.append(replace(row, is_known=stored is not None))
    errors.sort(key=lambda error: error.row_number)
    return RatePreview(tuple(rows), tuple(errors[:ERRORS_MAX]))


def _heading_errors(headings: Sequence[str]) -> list[RowError]:
    errors = [
        RowError(1, name, "shipping.column_missing", "")
        for name in COLUMNS_REQUIRED
        if name not in headings
    ]
    for place, name in enumerate(headings):
        shown = name[:VALUE_SHOWN_MAX]
        if name not in COLUMNS:
            errors.append(RowError(1, shown, "shipping.column_unknown", shown))
        elif name in headings[:place]:
            errors.append(RowError(1, shown, "shipping.column_twice", shown))
    return errors


def _read_row(row: _Row, context: SheetContext) -> SheetRate | None:
    origin = _origin(row, context)
    destination = _destination(row, context)
    carrier = find_carrier(name=row.text("kurir") or "kurir")
    if carrier is None:
        row.wrong("kurir", "shipping.carrier_unknown")
    service = row.text("layanan")
    if not _SERVICE.fullmatch(service) or len(service) > _SERVICE_LENGTH_MAX:
        row.wrong("layanan", "shipping.service_pattern")
    first_kg = row.whole("kg_pertama", 1, FIRST_KG_MAX, "shipping.number", 1)
    first_idr = row.whole("harga_pertama", 0, FEE_IDR_MAX, "shipping.amount")
    next_idr = row.whole("harga_berikutnya", 0, FEE_IDR_MAX, "shipping.amount")
    tiers = _tiers(row, first_kg)
    days_min = row.whole("hari_min", 0, DAYS_MAX, "shipping.days")
    days_max = row.whole("hari_maks", 0, DAYS_MAX, "shipping.days")
    if days_max < days_min and not row.errors:
        row.wrong("hari_maks", "shipping.days_in_order")
    valid_from = row.day("mulai") or context.valid_from
    valid_to = row.day("sampai")
    if valid_to is not None and valid_to < valid_from:
        row.wrong("sampai", "shipping.days_in_order")
    if row.errors or carrier is None or destination is None or origin is None:
        return None
    rate = RateRow(
        origin_province_code=origin[1],
        destination_province_code=destination[:2],
        service=service,
        first_kg_idr=first_idr,
        next_kg_idr=next_idr,
        days_min=days_min,
        days_max=days_max,
        carrier=carrier.code,
        origin_upt_id=origin[0],
        destination_regency_code=destination if len(destination) > 2 else "",
        first_kg=first_kg,
        tiers=tiers,
    )
    period = RatePeriod(valid_from, context.source, valid_to)
    return SheetRate(row.number, rate, period, is_known=False)


def _origin(row: _Row, context: SheetContext) -> tuple[int, str] | None:
    text = row.text("asal")
    if not text:
        return context.upt_id, ""
    if len(text) != 2 or text not in context.places:
        row.wrong("asal", "shipping.origin_unknown")
    elif not context.is_national:
        row.wrong("asal", "shipping.origin_not_yours")
    else:
        return ANY_UPT, text
    return None


def _destination(row: _Row, context: SheetContext) -> str | None:
    text = row.text("tujuan")
    found = _REGENCY.fullmatch(text)
    code = f"{found[1]}.{found[2].ljust(2, '0')}" if found else text
    if code in context.places:
        return code
    row.wrong("tujuan", "shipping.destination_unknown" if text else "field.required")
    return None


def _tiers(row: _Row, first_kg: int) -> tuple[Tier, ...]:
    text = row.text("jenjang")
    if not text:
        return ()
    found: list[Tier] = []
    for part in re.split(r"[|\s]+", text):
        above, mark, price = part.partition("=")
        is_whole = mark and f"{above}{price}".isascii() and above.isdecimal() and price.isdecimal()
        if not is_whole or len(part) > 20:
            break
        found.append(Tier(int(above), int(price)))
    else:
        above_kg = [first_kg, *(tier.above_kg for tier in found)]
        is_rising = all(low < high for low, high in pairwise(above_kg))
        is_fair = all(tier.per_kg_idr <= FEE_IDR_MAX for tier in found)
        if is_rising and is_fair and len(found) <= TIERS_MAX and above_kg[-1] <= 100_000:
            return tuple(found)
    row.wrong("jenjang", "shipping.tiers")
    return ()
