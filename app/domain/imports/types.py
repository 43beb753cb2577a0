"""Words and records of lists that come in and go out.

An *import file* is looked at first and acts only when somebody confirms it. Its rows are kept with it, so
that later one can still see what stood where and what became of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from app.domain.stock.types import Account

STOCK_VIEW: Final = "stock.view"
STOCK_IMPORT: Final = "stock.import"
STOCK_ADJUST: Final = "stock.adjust"
STOCK_COUNT: Final = "stock.count"
PRODUCT_EDIT: Final = "product.edit"

SOURCE_KIND: Final = "import"
"""Kind of source of the postings of a file; the key is its fingerprint and a number."""

FILE_BYTES_MAX: Final = 11 * 1024 * 1024
UNPACKED_BYTES_MAX: Final = 160 * 1024 * 1024
ROWS_MAX: Final = 25_000
"""Rows of goods in one file."""

LINES_MAX: Final = ROWS_MAX + 500
COLUMNS_MAX: Final = 60
NAME_MAX: Final = 160
CELL_SHOWN_MAX: Final = 120
SKU_MAX: Final = 40
TARGET_MAX: Final = 40
DOCUMENT_MAX: Final = 60
COUNT_NOTE_MAX: Final = 200

CHUNK_ROWS: Final = 1_000
"""Rows that one posting takes."""

ERRORS_A_PAGE: Final = 100
SUMS_A_PAGE: Final = 100

KEEP_STAGED_DAYS: Final = 14
"""How long rows are kept of a file that was never posted."""

KEEP_CONTENT_DAYS: Final = 730
"""How long the file itself is kept after it was posted; its rows stay."""


class Mode(StrEnum):
    """What a list is for."""

    RECEIPTS = "receipts"
    COUNT = "count"
    PRICES = "prices"


class FileState(StrEnum):
    """How far a file is.

    ``halted`` means that some of its rows are posted and the rest can still follow.
    """

    CHECKED = "checked"
    QUEUED = "queued"
    RUNNING = "running"
    HALTED = "halted"
    DONE = "done"
    CANCELLED = "cancelled"


TAKEN: Final = (FileState.QUEUED, FileState.RUNNING, FileState.HALTED, FileState.DONE)
"""A file in one of these stands for its content: the same content cannot be confirmed again."""

MOVING: Final = (FileState.QUEUED, FileState.RUNNING)


class RowState(StrEnum):
    """What became of a row; ``known`` was imported before, ``same`` would change nothing."""

    READY = "ready"
    WRONG = "wrong"
    KNOWN = "known"
    SAME = "same"
    POSTED = "posted"


class Origin(StrEnum):
    """Where received pieces come from."""

    PRODUCTION = "production"
    PURCHASE = "purchase"
    OPENING = "opening"


class Export(StrEnum):
    """The lists that go out."""

    STOCK = "stok"
    PRICES = "harga"
    RECEIPTS = "penerimaan"
    CARD = "kartu"


@dataclass(frozen=True, slots=True)
class Good:
    """A variant of the UPT by its code."""

    variant_id: int
    sku: str
    name: str
    variant_name: str
    price_idr: int | None
    is_active: bool
    is_unique: bool = False


@dataclass(frozen=True, slots=True)
class LotDates:
    """A lot that the books know, with its dates."""

    produced_on: date | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class CellError:
    """One thing wrong with one cell.

    Attributes:
        column: Heading as we call it; empty for the row as a whole.
        code: Message that says what is expected.
        value: What was there, cut to what fits a page.
        hint: What fills the placeholder ``{hint}`` of the message.
    """

    column: str
    code: str
    value: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose headings were understood.

    Attributes:
        width: How many columns have headings.
        columns: Place of each known column.
        rows: Number of the line in the file, and its cells.
        unread: Headings that mean nothing to us.
        rows_blank: Rows left out because nobody filled them in.
        target: Count sheet that the file names, if it does.
        target_sequence: Position of the ledger that it names for it.
    """

    mode: Mode
    heading_line: int
    width: int
    columns: dict[str, int]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    unread: tuple[str, ...]
    rows_blank: int = 0
    target: str = ""
    target_sequence: int | None = None


@dataclass(frozen=True, slots=True)
class StagedRow:
    """A row as it was understood, or everything that is wrong with it.

    Attributes:
        number: Line of the file as people count it.
        row_key: Stands for the content of a received row, to know it again.
        before_idr: Price before, in a list of prices.
    """

    number: int
    state: RowState
    sku: str
    variant_id: int | None = None
    quantity: int | None = None
    price_idr: int | None = None
    before_idr: int | None = None
    place: str = ""
    origin: Origin | None = None
    lot_code: str = ""
    produced_on: date | None = None
    expires_on: date | None = None
    happened_on: date | None = None
    document: str = ""
    note: str = ""
    row_key: str = ""
    errors: tuple[CellError, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """Everything that a look at a file found, before it is stored."""

    mode: Mode
    name: str
    format: str
    content: bytes
    target: str
    target_sequence: int | None
    fingerprint: str
    unread: tuple[str, ...]
    rows_blank: int
    rows: tuple[StagedRow, ...]


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as it stands.

    Attributes:
        target: Code of the count sheet, in a list of counted pieces.
        target_sequence: Position of the ledger that the file names for that sheet.
        is_whole: All rows or none; else the good rows, step by step.
        with_known: Rows that were imported before are taken again.
        rows_blank: Rows of goods that nobody filled in; they are not among the others.
        pieces: Pieces of all good rows.
        rows_posted: Rows that have been posted so far.
        stop_code: Why it halted or was refused; empty when nothing went wrong.
    """

    file_id: int
    upt_id: int
    mode: Mode
    state: FileState
    name: str
    format: str
    target: str
    target_sequence: int | None
    fingerprint: str
    unread: tuple[str, ...]
    rows_total: int
    rows_blank: int
    rows_wrong: int
    rows_known: int
    rows_same: int
    rows_posted: int
    pieces: int
    goods: int
    is_whole: bool
    with_known: bool
    uploaded_by: int | None
    uploaded_at: datetime
    confirmed_by: int | None
    confirmed_at: datetime | None
    finished_at: datetime | None
    stop_code: str
    has_rows: bool

    @property
    def rows_ready(self) -> int:
        """Return how many good rows are new."""
        return self.rows_total - self.rows_wrong - self.rows_known - self.rows_same

    @property
    def rows_chosen(self) -> int:
        """Return how many rows are to be posted, by the choice made at confirming."""
        return self.rows_ready + (self.rows_known if self.with_known else 0)

    @property
    def percent(self) -> int:
        """Return how much of the chosen rows is posted."""
        return self.rows_posted * 100 // self.rows_chosen if self.rows_chosen else 0


@dataclass(frozen=True, slots=True)
class Sum:
    """What a file does to one SKU: its pieces, and pieces or price before and after as of now."""

    variant_id: int
    sku: str
    name: str
    rows: int
    pieces: int
    before: int | None
    after: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """The import of the same content that came first."""

    file_id: int
    state: FileState
    confirmed_by: int | None
    confirmed_at: datetime | None


PLACE_WORDS: Final = {
    "gudang": Account.AVAILABLE,
    "available": Account.AVAILABLE,
    "galeri": Account.GALLERY,
    "rak": Account.GALLERY,
    "rak galeri": Account.GALLERY,
    "gallery": Account.GALLERY,
    "karantina": Account.QUARANTINE,
    "quarantine": Account.QUARANTINE,
    "mutu kedua": Account.SECOND_GRADE,
    "mutu dua": Account.SECOND_GRADE,
    "second_grade": Account.SECOND_GRADE,
    "retur": Account.RETURNED,
    "returned": Account.RETURNED,
}
"""What people call a place in a file."""

PLACE_NAMES: Final = {
    Account.AVAILABLE: "gudang",
    Account.GALLERY: "galeri",
    Account.SECOND_GRADE: "mutu kedua",
    Account.QUARANTINE: "karantina",
    Account.RETURNED: "retur",
}
"""What a place is called in the files that we write."""

RECEIPT_PLACES: Final = (Account.AVAILABLE, Account.GALLERY, Account.QUARANTINE)

ORIGIN_WORDS: Final = {
    "produksi": Origin.PRODUCTION,
    "hasil produksi": Origin.PRODUCTION,
    "bengkel": Origin.PRODUCTION,
    "pembelian": Origin.PURCHASE,
    "beli": Origin.PURCHASE,
    "saldo awal": Origin.OPENING,
    "saldo_awal": Origin.OPENING,
}

ORIGIN_NAMES: Final = {
    Origin.PRODUCTION: "produksi",
    Origin.PURCHASE: "pembelian",
    Origin.OPENING: "saldo awal",
}

MODE_WORDS: Final = {
    "penerimaan": Mode.RECEIPTS,
    "terima": Mode.RECEIPTS,
    "receipts": Mode.RECEIPTS,
    "opname": Mode.COUNT,
    "hitung": Mode.COUNT,
    "count": Mode.COUNT,
    "harga": Mode.PRICES,
    "prices": Mode.PRICES,
}

MODE_NAMES: Final = {
    Mode.RECEIPTS: "penerimaan",
    Mode.COUNT: "opname",
    Mode.PRICES: "harga",
}
