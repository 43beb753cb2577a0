"""Register files as people have them: CSV in several dialects, or a spreadsheet.

Everything becomes text cells; what they mean is decided in ``rules``. A file that cannot be read
at all is refused in words: too big, not a table, a bomb, an unknown coding.
"""

from __future__ import annotations

import csv
import io
import zipfile
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
_ZIP: Final = b"PK\x03\x04"
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
        sheet = workbook.get_sheet_by_index(0)
        if sheet.total_height > _LINES_MAX:
            raise RegisterUnreadable("register.file_too_many_rows")
        if sheet.total_width > COLUMNS_MAX:
            raise RegisterUnreadable("register.file_too_many_columns")
        values = sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError, OSError):
        raise RegisterUnreadable("register.file_damaged") from None
    return tuple(tuple(_text(value) for value in row) for row in values)


def _ensure_no_bomb(content: bytes) -> None:
    """Refuse an archive that would unpack to far more than a register holds."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise RegisterUnreadable("register.file_damaged") from None
    if len(entries) > 500 or sum(e.file_size for e in entries) > REGISTER_BYTES_UNPACKED_MAX:
        raise RegisterUnreadable("register.file_too_big")
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise RegisterUnreadable("register.file_not_a_table")


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
