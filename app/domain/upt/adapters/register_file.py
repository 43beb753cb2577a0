"""Register files as people have them: CSV in several dialects, or a spreadsheet.

Everything becomes text cells; what they mean is decided in ``rules``. A file that cannot be read
at all is refused in words: too big, not a table, a bomb, an unknown coding.
"""

from __future__ import annotations

from typing import Final

from app.domain.upt.errors import RegisterUnreadable
from app.domain.upt.types import (
    REGISTER_BYTES_MAX,
    REGISTER_BYTES_UNPACKED_MAX,
    REGISTER_ROWS_MAX,
)
from app.infra import sheets

LIMITS: Final = sheets.Limits(
    bytes_max=REGISTER_BYTES_MAX,
    unpacked_max=REGISTER_BYTES_UNPACKED_MAX,
    rows_max=REGISTER_ROWS_MAX + 500,
    columns_max=60,
)
_LOCKED: Final = "locked"
_OLD_EXCEL: Final = "old_excel"


def read_rows(content: bytes) -> tuple[tuple[str, ...], ...]:
    """Return the cells of a CSV or XLSX file, row by row.

    Raises:
        RegisterUnreadable: Empty, too big, not a table, damaged, or in an unknown coding.
    """
    try:
        return sheets.read(content, limits=LIMITS).rows
    except sheets.SheetUnreadable as error:
        reason = _OLD_EXCEL if error.reason == _LOCKED else error.reason
        raise RegisterUnreadable(f"register.file_{reason}") from None
