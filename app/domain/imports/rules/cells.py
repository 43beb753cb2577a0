"""What people write into cells: codes, whole pieces, rupiah, dates.

Numbers are read as Indonesians write them and as foreign spreadsheets save them: pieces and rupiah are
whole, so three figures behind a point or a comma can only be thousands.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from app.domain.imports.types import SKU_MAX
from app.domain.stock.types import LOT_CODE_MAX
from app.infra.sheets.writing import unguard
from app.kernel.text import has_control_signs

_WHOLE: Final = re.compile(
    r"(?:\d{1,15}|\d{1,3}(?:\.\d{3}){1,4}|\d{1,3}(?:,\d{3}){1,4}|\d{1,3}(?: \d{3}){1,4})"
    r"(?:[.,]0{1,2})?",
    re.ASCII,
)
_CURRENCY: Final = re.compile(r"(?:Rp\.?|IDR)\s*|\s*(?:,-|\.-|rupiah)$", re.IGNORECASE)
_DECIMALS: Final = re.compile(r"[.,]0{1,2}$")
_ISO_DAY: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ][\d:.]+)?", re.ASCII)
_LOCAL_DAY: Final = re.compile(r"(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{4})", re.ASCII)
_WORDED_DAY: Final = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3})[A-Za-z]*[ -](\d{4})", re.ASCII)
_SERIAL_DAY: Final = re.compile(r"\d{5}", re.ASCII)
_LOT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]*", re.ASCII)
_BLANKS: Final = re.compile(r"[\s\u00a0\u2007\u202f]+")

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan", "feb peb", "mar", "apr", "mei may", "jun", "jul", "agu aug agt ags",
         "sep", "okt oct", "nov nop", "des dec"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip

_EPOCH: Final = date(1899, 12, 30)
"""Day zero of spreadsheets that count days."""

_YEARS: Final = range(2000, 2101)


class BadCell(Exception):
    """A cell that does not fit; the code says what is expected."""

    def __init__(self, code: str, hint: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.hint = hint


def plain(cell: str) -> str:
    """Return a cell's text with single spaces, without the apostrophe that exports put first."""
    return unguard(_BLANKS.sub(" ", cell).strip()).strip()


def sku(cell: str) -> str:
    """Return a code as the catalogue writes it.

    Raises:
        BadCell: There is none.
    """
    if not cell:
        raise BadCell("imports.sku_missing")
    return cell.upper()[: SKU_MAX + 1]


def whole(cell: str) -> int | None:
    """Return a whole number, or None when the text is none."""
    if not _WHOLE.fullmatch(cell):
        return None
    return int(re.sub(r"[., ]", "", _DECIMALS.sub("", cell)))


def quantity(cell: str, *, least: int, most: int) -> int:
    """Return pieces: ``12``, ``1.240``, ``1,240`` or ``12,0``.

    Raises:
        BadCell: Missing, not whole, or outside the limits.
    """
    if not cell:
        raise BadCell("imports.quantity_missing")
    value = whole(cell)
    if value is None or not least <= value <= most:
        raise BadCell("imports.count_whole" if least == 0 else "imports.quantity_whole")
    return value


def price(cell: str, *, most: int) -> int:
    """Return rupiah: ``185000``, ``Rp 1.250.000``, ``1,250,000.00`` or ``185.000,-``.

    Raises:
        BadCell: Missing, not whole rupiah, or outside the limits.
    """
    if not cell:
        raise BadCell("imports.price_missing")
    value = whole(_CURRENCY.sub("", cell).strip())
    if value is None or not 1 <= value <= most:
        raise BadCell("imports.price_whole")
    return value


def day(cell: str) -> date | None:
    """Return a date: ``2026-11-22``, ``22/11/2026``, ``22 Nov 2026``, or a spreadsheet's day number.

    Raises:
        BadCell: It is none, or far from our time.
    """
    if not cell:
        return None
    found = _parts_of_day(cell)
    try:
        value = date(*found) if found else _serial_day(cell)
    except ValueError:
        value = None
    if value is None or value.year not in _YEARS:
        raise BadCell("imports.date_shape")
    return value


def _parts_of_day(cell: str) -> tuple[int, int, int] | None:
    if match := _ISO_DAY.fullmatch(cell):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _LOCAL_DAY.fullmatch(cell):
        return int(match[3]), int(match[2]), int(match[1])
    if match := _WORDED_DAY.fullmatch(cell):
        return int(match[3]), _MONTHS.get(match[2].lower(), 0), int(match[1])
    return None


def _serial_day(cell: str) -> date | None:
    return _EPOCH + timedelta(days=int(cell)) if _SERIAL_DAY.fullmatch(cell) else None


def lot(cell: str) -> str:
    """Return a lot's code.

    Raises:
        BadCell: Too long, or signs that no label carries.
    """
    if cell and (len(cell) > LOT_CODE_MAX or not _LOT.fullmatch(cell)):
        raise BadCell("imports.lot_shape", str(LOT_CODE_MAX))
    return cell


def words(cell: str, *, length_max: int) -> str:
    """Return a line of text.

    Raises:
        BadCell: Too long, or with signs that cannot be kept.
    """
    if len(cell) > length_max:
        raise BadCell("imports.text_long", str(length_max))
    if has_control_signs(cell):
        raise BadCell("imports.text_signs")
    return cell
