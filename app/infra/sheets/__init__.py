"""Tables as people keep them: CSV in its dialects and XLSX, read and written with bounded memory."""

from app.infra.sheets.reading import Limits, Sheet, SheetFormat, SheetUnreadable, cell_text, read
from app.infra.sheets.writing import (
    CSV_TYPE,
    XLSX_TYPE,
    Column,
    ColumnKind,
    Value,
    guard,
    unguard,
    write_csv,
    write_xlsx,
)

__all__ = [
    "CSV_TYPE",
    "XLSX_TYPE",
    "Column",
    "ColumnKind",
    "Limits",
    "Sheet",
    "SheetFormat",
    "SheetUnreadable",
    "Value",
    "cell_text",
    "guard",
    "read",
    "unguard",
    "write_csv",
    "write_xlsx",
]
