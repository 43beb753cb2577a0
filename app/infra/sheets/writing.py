"""Writing tables for old and new spreadsheets, line by line, however many there are.

Text that a spreadsheet would take for a formula is guarded by an apostrophe in CSV and marked as text
in XLSX; ``unguard`` takes the apostrophe off again, so what was exported reads back as it was.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import IO, Final

import xlsxwriter

CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_BOM: Final = "\ufeff"
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")
_BLOCK_ROWS: Final = 500
_BLOCK_BYTES: Final = 1 << 16
_ROWS_MAX: Final = 1_048_576
_SPOOL_BYTES: Final = 4 << 20
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Value = str | int | date | None


class ColumnKind(StrEnum):
    """How a spreadsheet shows a column."""

    TEXT = "text"
    WHOLE = "whole"
    MONEY = "money"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, how wide it is and what stands under it."""

    heading: str
    kind: ColumnKind = ColumnKind.TEXT
    width: int = 14


def guard(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return "'" + text if _FORMULA.match(text) else text


def unguard(text: str) -> str:
    """Return what ``guard`` was given."""
    return text[1:] if _GUARDED.match(text) else text


def write_csv(
    *,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Value]],
    delimiter: str = ";",
    head: Sequence[Sequence[str]] = (),
) -> Iterator[bytes]:
    """Give a CSV file in blocks: UTF-8 with its mark, lines ended as Windows ends them.

    Args:
        head: Lines above the headings.
    """
    stream = io.StringIO(newline="")
    stream.write(_BOM)
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([guard(cell) for cell in line] for line in head)
    writer.writerow([guard(column.heading) for column in columns])
    for count, row in enumerate(rows, start=1):
        writer.writerow([_plain(value) for value in row])
        if count % _BLOCK_ROWS == 0:
            yield stream.getvalue().encode("utf-8", "replace")
            stream.seek(0)
            stream.truncate()
    yield stream.getvalue().encode("utf-8", "replace")


def _plain(value: Value) -> str | int:
    if value is None:
        return ""
    if isinstance(value, str):
        return guard(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else value


def write_xlsx(
    *,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Value]],
    sheet: str,
    head: Sequence[Sequence[str]] = (),
) -> Iterator[bytes]:
    """Give an XLSX file in blocks; rows go to disk as they come, so memory stays small.

    Args:
        sheet: Name of the only sheet.
        head: Lines above the headings.
    """
    with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as stream:
        _fill(stream, columns, rows, sheet, head)
        stream.seek(0)
        while block := stream.read(_BLOCK_BYTES):
            yield block


def _fill(
    stream: IO[bytes],
    columns: Sequence[Column],
    rows: Iterable[Sequence[Value]],
    sheet: str,
    head: Sequence[Sequence[str]],
) -> None:
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(stream, options) as book:
        formats = {
            ColumnKind.TEXT: book.add_format({"num_format": "@"}),
            ColumnKind.WHOLE: book.add_format({"num_format": "#,##0"}),
            ColumnKind.MONEY: book.add_format({"num_format": '"Rp"#,##0'}),
            ColumnKind.DATE: book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        quoted = book.add_format({"num_format": "@", "quote_prefix": True})
        strong = book.add_format({"bold": True, "bg_color": "#F1E7DA", "num_format": "@"})
        page = book.add_worksheet(sheet)
        page.freeze_panes(len(head) + 1, 0)
        for place, column in enumerate(columns):
            page.set_column(place, place, column.width, formats[column.kind])
        for number, line in enumerate((*head, [column.heading for column in columns])):
            for place, cell in enumerate(line):
                page.write_string(number, place, cell, strong)
        kinds = [formats[column.kind] for column in columns]
        text = formats[ColumnKind.TEXT]
        for number, row in enumerate(rows, start=len(head) + 1):
            if number >= _ROWS_MAX:
                break
            for place, value in enumerate(row):
                if value is None or value == "":
                    continue
                if isinstance(value, str):
                    is_formula = _FORMULA.match(value) is not None
                    clean = _CONTROLS.sub("\ufffd", value)[:32_767]
                    page.write_string(number, place, clean, quoted if is_formula else text)
                elif isinstance(value, int):
                    page.write_number(number, place, value, kinds[place])
                else:
                    page.write_datetime(number, place, _naive(value), formats[ColumnKind.DATE])


def _naive(value: date) -> datetime:
    """Return the value as a spreadsheet keeps it: without a zone, which it does not know."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.combine(value, time())
