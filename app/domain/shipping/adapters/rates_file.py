"""Rate tables as people have them: CSV in several dialects, or a spreadsheet."""

from __future__ import annotations

from typing import Final

from app.domain.shipping.errors import RatesUnreadable
from app.domain.shipping.types import (
    RATE_BYTES_MAX,
    RATE_BYTES_UNPACKED_MAX,
    RATE_ROWS_MAX,
)
from app.infra import sheets

LIMITS: Final = sheets.Limits(
    bytes_max=RATE_BYTES_MAX,
    unpacked_max=RATE_BYTES_UNPACKED_MAX,
    rows_max=RATE_ROWS_MAX + 500,
    columns_max=40,
)
_OLD: Final = {"locked": "old_excel"}


def read_rows(*, content: bytes) -> tuple[tuple[str, ...], ...]:
    """Return the cells of a CSV or XLSX file, row by row.

    Raises:
        RatesUnreadable: Empty, too big, not a table, damaged or locked.
    """
    try:
        rows = sheets.read(content, limits=LIMITS).rows
    except sheets.SheetUnreadable as error:
        raise RatesUnreadable(f"shipping.file_{_OLD.get(error.reason, error.reason)}") from None
    return tuple(tuple(sheets.unguard(cell) for cell in row) for row in rows)
