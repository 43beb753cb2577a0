"""Names of units, and the reading of register rows with every bad cell named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from app.domain.upt.types import (
    ALIASES_MAX,
    KIND_LABELS,
    REGISTER_CELL_MAX,
    REGISTER_COLUMNS,
    REGISTER_COLUMNS_REQUIRED,
    REGISTER_ROWS_MAX,
    SUBKIND_LABELS,
    TIMEZONES,
    UPT_CLASSES,
    RegisterContext,
    RegisterPreview,
    RegisterRow,
    RowError,
    UptKind,
    UptSubkind,
)
from app.kernel.text import fold, has_control_signs, slugify

Choice = TypeVar("Choice", UptKind, UptSubkind)

_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CLASS: Final = re.compile(r"(?:KELAS|KLAS)?\s*(I{1,3}|[123])\s*([AB])?", re.IGNORECASE)
_ISO_DATE: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?")
_LOCAL_DATE: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_REGENCY: Final = re.compile(r"(\d{2})[.,]?(\d{1,2})")
_FORMULA: Final = ("=", "+", "@", "-", "\t")
_ROMAN: Final = {"1": "I", "2": "II", "3": "III"}

FIRST_DAY: Final = date(1945, 8, 17)
VALUE_SHOWN_MAX: Final = 60
ERRORS_SHOWN_MAX: Final = 500

_EASTERN: Final = frozenset({"81", "82", "91", "92", "93", "94", "95", "96"})
_CENTRAL: Final = frozenset(
    {"51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"}
)

_LENGTHS: Final = {"place": 80, "full_name": 200, "source": 300}


def short_name(*, kind: UptKind, subkind: UptSubkind, place: str) -> str:
    """Return the everyday name without class: ``Lapas Perempuan Palembang``."""
    parts = (KIND_LABELS[kind], SUBKIND_LABELS[subkind], place)
    return " ".join(part for part in parts if part)


def default_slug(*, kind: UptKind, subkind: UptSubkind, place: str) -> str:
    """Return the address part that stays the same when a unit is promoted."""
    return slugify(short_name(kind=kind, subkind=subkind, place=place))


def timezone_of(regency_code: str) -> str:
    """Return the time zone of a regency by its province.

    Source: Keppres 41/1987; the provinces of Papua and Maluku are WIT; Kalimantan Barat and
    Tengah are WIB.
    """
    province = regency_code[:2]
    if province in _EASTERN:
        return "Asia/Jayapura"
    return "Asia/Makassar" if province in _CENTRAL else "Asia/Jakarta"


def parse_class(text: str) -> str | None:
    """Return ``IIA`` for ``Kelas II A``, ``Klas 2a`` and the like; None when it is no class."""
    plain = " ".join(text.split())
    if plain in {"", "-"}:
        return ""
    match = _CLASS.fullmatch(plain)
    if match is None:
        return None
    found = _ROMAN.get(match[1], match[1].upper()) + (match[2] or "").upper()
    return found if found in UPT_CLASSES else None


def parse_day(text: str) -> date | None:
    """Return the day in ``2025-01-31`` or ``31/01/2025``; None when it is no day."""
    if match := _ISO_DATE.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _LOCAL_DATE.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def parse_regency_code(text: str) -> str | None:
    """Return ``32.10`` for ``32.10``, ``3210``, ``32,10`` and a spreadsheet's ``32.1``."""
    match = _REGENCY.fullmatch(text)
    return f"{match[1]}.{match[2]:0<2}" if match else None


@dataclass(slots=True)
class _Row:
    """One row while it is read; errors gather in it."""

    number: int
    cells: dict[str, str]
    errors: list[RowError] = field(default_factory=list)
    slug: str = ""
    aliases: tuple[str, ...] = ()

    def wrong(self, column: str, code: str) -> None:
        value = self.cells.get(column, "")
        self.errors.append(RowError(self.number, column, code, shown(value)))


def shown(value: str) -> str:
    """Return a cell's text short enough for a table, with control signs made visible."""
    plain = "".join("·" if has_control_signs(sign) else sign for sign in value)
    return plain if len(plain) <= VALUE_SHOWN_MAX else plain[: VALUE_SHOWN_MAX - 1] + "…"


def read_register(
    *, rows: Sequence[Sequence[str]], context: RegisterContext, today: date
) -> RegisterPreview:
    """Judge the rows of a register file, the heading first; name every wrong cell.

    Args:
        rows: Cells as text; empty rows are passed over but keep their number.
        context: Offices, regencies and units that are known.
        today: A name may begin at most a year from now.
    """
    if not rows or not any(cell.strip() for cell in rows[0]):
        return RegisterPreview((), (RowError(1, "", "register.no_heading", ""),))
    heading = [_heading(cell) for cell in rows[0]]
    errors = _heading_errors(heading)
    if errors:
        return RegisterPreview((), tuple(errors))
    body = [
        (n, cells) for n, cells in enumerate(rows[1:], start=2) if any(c.strip() for c in cells)
    ]
    if not body:
        return RegisterPreview((), (RowError(2, "", "register.no_rows", ""),))
    if len(body) > REGISTER_ROWS_MAX:
        too_many = RowError(body[-1][0], "", "register.too_many_rows", str(len(body)))
        return RegisterPreview((), (too_many,))
    good: list[RegisterRow] = []
    first_lines: dict[str, int] = {}
    owners = dict(context.aliases)
    for number, cells in body:
        row = _Row(number, _by_column(heading, cells))
        if len([c for c in cells[len(heading) :] if c.strip()]):
            row.wrong("", "register.too_many_cells")
        parsed = _read_row(row, context, today=today)
        _check_repeats(row, first_lines, owners)
        errors.extend(row.errors)
        if parsed is not None and not row.errors:
            good.append(parsed)
    return RegisterPreview(tuple(good), tuple(errors))


def _heading(cell: str) -> str:
    return fold(cell).replace(" ", "_").lstrip("\ufeff")


def _heading_errors(heading: list[str]) -> list[RowError]:
    errors = []
    for position, name in enumerate(heading):
        if not name:
            continue
        if name not in REGISTER_COLUMNS:
            errors.append(RowError(1, shown(name), "register.unknown_column", shown(name)))
        elif name in heading[:position]:
            errors.append(RowError(1, name, "register.repeated_column", name))
    errors.extend(
        RowError(1, name, "register.missing_column", "")
        for name in REGISTER_COLUMNS_REQUIRED
        if name not in heading
    )
    return errors


def _by_column(heading: list[str], cells: Sequence[str]) -> dict[str, str]:
    padded = [*cells, *[""] * (len(heading) - len(cells))]
    return {
        name: cell if has_control_signs(cell) else " ".join(cell.split())
        for name, cell in zip(heading, padded, strict=False)
        if name
    }


def _read_row(row: _Row, context: RegisterContext, *, today: date) -> RegisterRow | None:
    for column, value in row.cells.items():
        if has_control_signs(value):
            row.wrong(column, "field.control_signs")
        elif len(value) > REGISTER_CELL_MAX:
            row.wrong(column, "register.cell_too_long")
        elif value.startswith(_FORMULA) and value != "-":
            row.wrong(column, "register.formula")
    for column in REGISTER_COLUMNS_REQUIRED:
        if not row.cells[column]:
            row.wrong(column, "field.required")
    for column, limit in _LENGTHS.items():
        if limit < len(row.cells.get(column, "")) <= REGISTER_CELL_MAX:
            row.wrong(column, "register.cell_too_long")
    kind = _choice(row, "kind", UptKind, None)
    subkind = _choice(row, "subkind", UptSubkind, UptSubkind.UMUM)
    upt_class = parse_class(row.cells.get("class", ""))
    if upt_class is None:
        row.wrong("class", "register.class_unknown")
    regency_code = _regency(row, context)
    timezone = _timezone(row, regency_code)
    valid_from = _valid_from(row, today=today)
    slug = row.slug = _slug_of(row, kind, subkind)
    aliases = row.aliases = _aliases(row)
    if valid_from and slug in context.names_from and valid_from < context.names_from[slug]:
        row.wrong("valid_from", "upt.name_before_present")
    if row.errors or None in (kind, subkind, upt_class, regency_code, valid_from):
        return None
    assert kind and subkind and upt_class is not None and regency_code and valid_from  # noqa: PT018
    return RegisterRow(
        row_number=row.number,
        slug=slug,
        kind=kind,
        subkind=subkind,
        upt_class=upt_class,
        place=row.cells["place"],
        full_name=row.cells["full_name"],
        kanwil_code=row.cells["kanwil_code"],
        regency_code=regency_code,
        timezone=timezone,
        valid_from=valid_from,
        aliases=aliases,
        source=row.cells.get("source", ""),
        is_new=slug not in context.names_from,
    )


def _choice(row: _Row, column: str, choices: type[Choice], default: Choice | None) -> Choice | None:
    text = fold(row.cells.get(column, ""))
    if not text:
        return default
    if column == "kind" and text == "rupbasan":
        row.wrong(column, "register.kind_left_ministry")
        return None
    try:
        return choices(text)
    except ValueError:
        row.wrong(column, f"register.{column}_unknown")
        return None


def _regency(row: _Row, context: RegisterContext) -> str | None:
    kanwil = row.cells["kanwil_code"]
    if kanwil and kanwil not in context.kanwil_provinces:
        row.wrong("kanwil_code", "register.kanwil_unknown")
    text = row.cells["regency_code"]
    if not text:
        return None
    code = parse_regency_code(text)
    if code is None:
        row.wrong("regency_code", "register.regency_shape")
        return None
    if code not in context.regency_codes:
        row.wrong("regency_code", "upt.regency_unknown")
        return None
    provinces = context.kanwil_provinces.get(kanwil)
    if provinces is not None and code[:2] not in provinces:
        row.wrong("regency_code", "register.regency_outside_kanwil")
    return code


def _timezone(row: _Row, regency_code: str | None) -> str:
    text = row.cells.get("timezone", "")
    if not text:
        return timezone_of(regency_code or "")
    if text not in TIMEZONES:
        row.wrong("timezone", "register.timezone_unknown")
    elif regency_code is not None and text != timezone_of(regency_code):
        row.wrong("timezone", "register.timezone_elsewhere")
    return text


def _valid_from(row: _Row, *, today: date) -> date | None:
    text = row.cells["valid_from"]
    if not text:
        return None
    found = parse_day(text)
    if found is None:
        row.wrong("valid_from", "field.date")
    elif found < FIRST_DAY:
        row.wrong("valid_from", "register.day_too_early")
    elif (found - today).days > 366:
        row.wrong("valid_from", "register.day_too_late")
    return found


def _slug_of(row: _Row, kind: UptKind | None, subkind: UptSubkind | None) -> str:
    text = row.cells.get("slug", "")
    if not text:
        if kind is None or subkind is None:
            return ""
        return default_slug(kind=kind, subkind=subkind, place=row.cells["place"])
    if not _SLUG.fullmatch(text) or len(text) > 80:
        row.wrong("slug", "upt.slug_shape")
    elif re.search(r"-kelas-|-ii?[ab]-|-ii?[ab]$", text):
        row.wrong("slug", "register.slug_with_class")
    return text


def _aliases(row: _Row) -> tuple[str, ...]:
    parts = [" ".join(part.split()) for part in row.cells.get("aliases", "").split("|")]
    kept = {fold(part): part for part in reversed(parts) if part}
    found = tuple(reversed(kept.values()))
    if len(found) > ALIASES_MAX:
        row.wrong("aliases", "upt.too_many_aliases")
    elif any(len(part) > 200 for part in found):
        row.wrong("aliases", "upt.alias_too_long")
    return found


def _check_repeats(row: _Row, first_lines: dict[str, int], owners: dict[str, str]) -> None:
    """Name rows that say a unit twice, and aliases that belong to another unit."""
    if not row.slug:
        return
    if row.slug in first_lines:
        row.wrong("slug" if row.cells.get("slug") else "place", "register.repeated_unit")
    first_lines.setdefault(row.slug, row.number)
    for alias in row.aliases:
        if owners.setdefault(fold(alias), row.slug) != row.slug:
            row.wrong("aliases", "register.alias_of_another")
            return
