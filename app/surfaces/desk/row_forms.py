"""Forms with rows of goods: rows that grow, a scan that fills one, errors that find their row again.

Fields are named ``lines.<row>.<field>``. Rows in which nothing was typed are passed over and the rest
numbered without gaps, so that an error of a command points at the row as it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import VariantBrief
from app.domain.stock import rules as stock_rules
from app.kernel.text import fold
from app.surfaces.desk import stock_words
from app.surfaces.web.forms import Form

FormData = MultiDict[str, str]
ADD_ROW: Final = "tambah"
SCAN: Final = "pindai"
_FIELD: Final = re.compile(r"lines\.(\d{1,3})\.([a-z_]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the form.

    Attributes:
        prefix: What the names of its fields begin with, for example ``lines.0.``.
        number: Its place, counted from one.
    """

    prefix: str
    number: int


def compact(
    form: MultiDict[str, str], *, typed_by: Collection[str], keeps_one: bool = False
) -> MultiDict[str, str]:
    """Return the form with its rows numbered without gaps, empty ones left out.

    Args:
        typed_by: Fields that say whether somebody filled in a row.
        keeps_one: Keep the first row though it is empty, so that its fields can say what is missing.
    """
    found: dict[int, dict[str, list[str]]] = {}
    rest: list[tuple[str, str]] = []
    for name, values in form.lists():
        match = _FIELD.fullmatch(name)
        if match:
            found.setdefault(int(match[1]), {})[match[2]] = values
        else:
            rest.extend((name, value) for value in values)
    kept = [
        row
        for _, row in sorted(found.items())
        if any(value.strip() for name in typed_by for value in row.get(name, ()))
    ]
    if keeps_one and not kept:
        kept = [row for _, row in sorted(found.items())[:1]]
    for number, row in enumerate(kept):
        rest.extend(
            (f"lines.{number}.{name}", value) for name, values in row.items() for value in values
        )
    return MultiDict(rest)


def values(form: MultiDict[str, str], *, fields: Collection[str]) -> list[dict[str, Any]]:
    """Return the rows of a compact form as values of a command; blank fields count as missing."""
    rows: list[dict[str, Any]] = []
    for number in range(count(form)):
        row: dict[str, Any] = {}
        for name in fields:
            given = [value for value in form.getlist(f"lines.{number}.{name}") if value.strip()]
            if given:
                row[name] = given[0] if len(given) == 1 else given
        rows.append(row)
    return rows


def count(form: Iterable[str]) -> int:
    """Return how many rows a form has."""
    numbers = [int(match[1]) for name in form if (match := _FIELD.fullmatch(name))]
    return max(numbers, default=-1) + 1


def rows(number: int) -> list[Row]:
    """Return so many rows for a page."""
    return [Row(f"lines.{index}.", index + 1) for index in range(number)]


def filled(lines: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Return lines as the values of a form."""
    return {
        f"lines.{index}.{name}": value
        for index, line in enumerate(lines)
        for name, value in line.items()
    }


def options(
    briefs: Collection[VariantBrief],
    form: Form,
    shown: Sequence[Row],
    *,
    free: Mapping[int, int] | None = None,
) -> list[tuple[int, str]]:
    """Return goods for the selects of the rows, also such as a scan found beyond the list.

    Args:
        free: Free pieces to tell beside the name.
    """
    known = {brief.variant_id for brief in briefs}
    asked = {form.value(row.prefix + "variant_id") for row in shown}
    missing = {int(text) for text in asked if text.isdecimal() and len(text) < 18} - known
    more = catalog_queries.variant_briefs(variant_ids=missing) if missing else {}
    return [
        (brief.variant_id, _label(brief, free))
        for brief in (*briefs, *more.values())
        if brief.is_active or str(brief.variant_id) in asked
    ]


def _label(brief: VariantBrief, free: Mapping[int, int] | None) -> str:
    label = stock_words.label(brief)
    return label if free is None else f"{label}: {free.get(brief.variant_id, 0)} bebas"


def find(*, upt_id: int, text: str) -> tuple[VariantBrief, str | None] | None:
    """Return the goods of a UPT that a scanned or typed code names, and the lot's code."""
    scanned = stock_rules.parse_scan(text)
    if not scanned.sku:
        return None
    found = catalog_queries.variants_of_upt(upt_id=upt_id, text=scanned.sku)
    same = [brief for brief in found if fold(brief.sku) == fold(scanned.sku)]
    chosen = same[0] if same else found[0] if len(found) == 1 else None
    return (chosen, scanned.lot_code) if chosen else None
