"""Reading a table from a file that somebody sent.

Every cell becomes the text that a person would have typed; what it means is decided by rules. A file
that cannot be read is refused with a short reason. Nothing is evaluated: a formula's cell is the value
that the spreadsheet stored beside it, and text that looks like a formula stays text.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import IO, Final

from python_calamine import CalamineError, CalamineWorkbook

_CELL: Final = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]{1,8})?([0-9]{1,12})\s*["']""")
_CELL_LENGTH_MAX: Final = 64
"""Longest text that a reference to a cell can take inside a part of a workbook."""

_ROWS: Final = b"sheetData"
"""Name of the element that holds the rows of a sheet; the reader takes cells from nowhere else."""

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")
_OTHER_KINDS: Final = frozenset({"xl/workbook.bin", "content.xml"})
_PARTS_MAX: Final = 500
_BLOCK_BYTES: Final = 1 << 20
_DELIMITERS: Final = ",;\t"
_FIELD_LENGTH_MAX: Final = 32_767
"""The longest text that a spreadsheet's cell can hold."""


class SheetUnreadable(Exception):
    """The file is no table that we read.

    Attributes:
        reason: ``empty``, ``too_big``, ``too_many_rows``, ``too_many_columns``, ``not_a_table``,
            ``damaged``, ``old_excel`` or ``locked``.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SheetFormat(StrEnum):
    """The two kinds of file."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read before it is refused.

    Attributes:
        bytes_max: Size of the file.
        unpacked_max: Size of everything inside a workbook.
        rows_max: Lines, empty ones included.
        columns_max: Cells in a line.
    """

    bytes_max: int
    unpacked_max: int
    rows_max: int
    columns_max: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as text.

    Attributes:
        rows: Cells line by line; the first line is line 1 of the file as people count it.
        delimiter: What parts the cells of a CSV file; empty for a workbook.
        first_line: Number of the first row; 2 when a line ``sep=;`` stood above it.
    """

    format: SheetFormat
    rows: tuple[tuple[str, ...], ...]
    delimiter: str = ""
    first_line: int = 1


def read(content: bytes, *, limits: Limits) -> Sheet:
    """Return the cells of a CSV or XLSX file; of a workbook, its first sheet.

    Raises:
        SheetUnreadable: Empty, too big, not a table, damaged, locked or of an old kind.
    """
    if len(content) > limits.bytes_max:
        raise SheetUnreadable("too_big")
    if not content.strip():
        raise SheetUnreadable("empty")
    if content.startswith(_ZIP):
        return Sheet(SheetFormat.XLSX, _read_workbook(content, limits))
    if content.startswith(_OLE):
        raise SheetUnreadable("locked" if _LOCKED in content else "old_excel")
    return _read_csv(content, limits)


def _read_csv(content: bytes, limits: Limits) -> Sheet:
    lines = io.StringIO(_decode(content), newline="")
    heading, start, first_line = "", 0, 1
    while not heading and (line := lines.readline()):
        if start == 0 and line.lower().startswith("sep="):
            first_line += 1
            start = lines.tell()
            continue
        heading = line.strip("\r\n ")
    delimiter = max(_DELIMITERS, key=heading.count)
    if not heading.count(delimiter):
        raise SheetUnreadable("not_a_table" if heading else "empty")
    lines.seek(start)
    return Sheet(SheetFormat.CSV, tuple(_csv_rows(lines, delimiter, limits)), delimiter, first_line)


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise SheetUnreadable("damaged") from None
    if b"\x00" in content:
        raise SheetUnreadable("not_a_table")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _csv_rows(lines: io.StringIO, delimiter: str, limits: Limits) -> Iterator[tuple[str, ...]]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    count = 0
    try:
        for cells in reader:
            count += 1
            _ensure_size(count, len(cells), limits)
            if any(len(cell) > _FIELD_LENGTH_MAX for cell in cells):
                raise SheetUnreadable("damaged")
            yield tuple(cells)
    except csv.Error:
        raise SheetUnreadable("damaged") from None


def _read_workbook(content: bytes, limits: Limits) -> tuple[tuple[str, ...], ...]:
    _ensure_no_bomb(content, limits)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        values = sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError, OSError):
        raise SheetUnreadable("damaged") from None
    _ensure_size(len(values), max((len(row) for row in values), default=0), limits)
    if not any(value not in ("", None) for row in values for value in row):
        raise SheetUnreadable("empty")
    return tuple(tuple(cell_text(value) for value in row) for row in values)


def _ensure_no_bomb(content: bytes, limits: Limits) -> None:
    """Refuse an archive that unpacks to far more than such a table holds.

    The reader keeps a sheet as one dense block up to its last cell, so a tiny file with one cell
    in the far corner would take all memory; the places of cells are looked at before it reads, block
    by block, and what an archive says of its own size is never believed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > _PARTS_MAX:
                raise SheetUnreadable("too_big")
            if sum(entry.file_size for entry in entries) > limits.unpacked_max:
                raise SheetUnreadable("too_big")
            names = {entry.filename for entry in entries}
            if "xl/workbook.xml" not in names or names & _OTHER_KINDS:
                raise SheetUnreadable("not_a_table")
            left = limits.unpacked_max
            for entry in entries:
                with archive.open(entry) as part:
                    left = _ensure_near_cells(part, left, limits)
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, OSError):
        raise SheetUnreadable("damaged") from None


def _ensure_near_cells(part: IO[bytes], left: int, limits: Limits) -> int:
    """Look at every part, since any of them may be named as the sheet; return what may follow.

    Only parts with rows of a sheet in them count: a theme has attributes that look like places.
    """
    before = b""
    is_first, is_sheet = True, False
    rows = columns = 0
    while block := part.read(_BLOCK_BYTES):
        if is_first and block.startswith((b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")):
            raise SheetUnreadable("damaged")
        is_first = False
        left -= len(block)
        if left < 0:
            raise SheetUnreadable("too_big")
        text = before + block
        is_sheet = is_sheet or _ROWS in text
        for match in _CELL.finditer(text):
            column = 0
            for letter in (match[1] or b"").upper():
                column = column * 26 + letter - 64
            rows, columns = max(rows, int(match[2])), max(columns, column)
        before = text[-_CELL_LENGTH_MAX:]
    if is_sheet:
        _ensure_size(rows, columns, limits)
    return left


def _ensure_size(rows: int, columns: int, limits: Limits) -> None:
    if rows > limits.rows_max:
        raise SheetUnreadable("too_many_rows")
    if columns > limits.columns_max:
        raise SheetUnreadable("too_many_columns")


def cell_text(value: object) -> str:
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
