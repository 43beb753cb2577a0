"""Register files as people have them: CSV in several dialects, or a spreadsheet.

Everything becomes text cells; what they mean is decided in ``rules``. A file that cannot be read
at all is refused in words: too big, not a table, a bomb, an unknown coding.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from datetime import date, datetime, time
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

from app.domain.upt.errors import RegisterUnreadable
from app.domain.upt.types import (
    REGISTER_BYTES_MAX,
    REGISTER_BYTES_UNPACKED_MAX,
    REGISTER_ROWS_MAX,
)

COLUMNS_MAX: Final = 60
_LINES_MAX: Final = REGISTER_ROWS_MAX + 500
_CELL: Final = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]{1,8})?([0-9]{1,12})\s*["']""")
_ZIP: Final = b"PK\x03\x04"
_OTHER_KINDS: Final = frozenset({"xl/workbook.bin", "content.xml"})
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"


def read_rows(content: bytes) -> tuple[tuple[str, ...], ...]:
    """Return the cells of a CSV or XLSX file, row by row.

    Raises:
        RegisterUnreadable: Empty, too big, not a table, damaged, or in an unknown coding.
    """
    if not content.strip():
        raise RegisterUnreadable("register.file_empty")
    if len(content) > REGISTER_BYTES_MAX:
        raise RegisterUnreadable("register.file_too_big")
    if content.startswith(_ZIP):
        return _read_workbook(content)
    if content.startswith(_OLD_EXCEL):
        raise RegisterUnreadable("register.file_old_excel")
    return _read_csv(content)


def _read_csv(content: bytes) -> tuple[tuple[str, ...], ...]:
    if b"\x00" in content:
        raise RegisterUnreadable("register.file_not_a_table")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    lines = text.splitlines()
    if lines[0].lower().startswith("sep="):
        lines = lines[1:]
    heading = next((line for line in lines if line.strip()), "")
    delimiter = max(",;\t", key=heading.count)
    if not heading.count(delimiter):
        raise RegisterUnreadable("register.file_not_a_table")
    rows: list[tuple[str, ...]] = []
    try:
        for cells in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, strict=True):
            rows.append(tuple(cells))
            _ensure_size(len(rows), len(cells))
    except csv.Error:
        raise RegisterUnreadable("register.file_damaged") from None
    return tuple(rows)


def _read_workbook(content: bytes) -> tuple[tuple[str, ...], ...]:
    _ensure_no_bomb(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        values = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, IndexError, OSError):
        raise RegisterUnreadable("register.file_damaged") from None
    _ensure_size(len(values), max((len(row) for row in values), default=0))
    return tuple(tuple(_text(value) for value in row) for row in values)


def _ensure_no_bomb(content: bytes) -> None:
    """Refuse an archive that unpacks to far more than a register holds.

    The reader keeps a sheet as one dense block up to its last cell, so a tiny file with one cell
    in the far corner would take all memory; the places of cells are looked at before it reads.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > 500:
                raise RegisterUnreadable("register.file_too_big")
            if sum(entry.file_size for entry in entries) > REGISTER_BYTES_UNPACKED_MAX:
                raise RegisterUnreadable("register.file_too_big")
            names = {entry.filename for entry in entries}
            if "xl/workbook.xml" not in names or names & _OTHER_KINDS:
                raise RegisterUnreadable("register.file_not_a_table")
            for entry in entries:
                _ensure_near_cells(archive.read(entry))
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError):
        raise RegisterUnreadable("register.file_damaged") from None


def _ensure_near_cells(part: bytes) -> None:
    """Look at every part, since any of them may be named as the sheet."""
    if part.startswith((b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")):
        raise RegisterUnreadable("register.file_damaged")
    for match in _CELL.finditer(part):
        letters = (match[1] or b"").upper()
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        _ensure_size(int(match[2]), column)


def _ensure_size(rows: int, columns: int) -> None:
    if rows > _LINES_MAX:
        raise RegisterUnreadable("register.file_too_many_rows")
    if columns > COLUMNS_MAX:
        raise RegisterUnreadable("register.file_too_many_columns")


def _text(value: object) -> str:
    """Return a spreadsheet's cell as a person would have typed it."""
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return "" if value is None else str(value)
