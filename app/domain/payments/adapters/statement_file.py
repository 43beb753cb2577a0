"""A bank's file as a table: banks write lines of their own above the headings."""

from __future__ import annotations

from typing import Final

from app.domain.payments.errors import StatementRefused
from app.domain.payments.types import (
    STATEMENT_BYTES_MAX,
    STATEMENT_COLUMNS_MAX,
    STATEMENT_ROWS_MAX,
)
from app.infra import sheets

_LIMITS: Final = sheets.Limits(
    bytes_max=STATEMENT_BYTES_MAX,
    unpacked_max=64 * 1024 * 1024,
    rows_max=STATEMENT_ROWS_MAX,
    columns_max=STATEMENT_COLUMNS_MAX,
)
_DELIMITERS: Final = (b";", b",", b"\t")
_LOOKED_AT: Final = 60
_MARK: Final = b"\xef\xbb\xbf"


def read(content: bytes) -> sheets.Sheet:
    """Return the table of a statement, lines counted as in the file.

    Raises:
        StatementRefused: With the reason.
    """
    skipped, table = _without_preamble(content)
    try:
        sheet = sheets.read(table, limits=_LIMITS)
    except sheets.SheetUnreadable as error:
        raise StatementRefused(error.reason) from error
    return sheets.Sheet(sheet.format, sheet.rows, sheet.delimiter, sheet.first_line + skipped)


def _without_preamble(content: bytes) -> tuple[int, bytes]:
    """Leave out the lines above the first one that is parted as most lines are."""
    if content.startswith((b"PK", b"\xd0\xcf", b"\xff\xfe", b"\xfe\xff")):
        return 0, content
    lines = content[:STATEMENT_BYTES_MAX].split(b"\n")[:_LOOKED_AT]
    parted = {
        delimiter: [number for number, line in enumerate(lines) if line.count(delimiter) >= 2]
        for delimiter in _DELIMITERS
    }
    best = max(parted.values(), key=len)
    if not best or best[0] == 0:
        return 0, content
    start = sum(len(line) + 1 for line in lines[: best[0]])
    return best[0], (_MARK if content.startswith(_MARK) else b"") + content[start:]
