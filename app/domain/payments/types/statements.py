"""Words and records of bank statements and their matching."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

STATEMENT_BYTES_MAX: Final = 4 * 1024 * 1024
STATEMENT_ROWS_MAX: Final = 20_000
STATEMENT_COLUMNS_MAX: Final = 40
FAULTS_SHOWN: Final = 200

PATIENCE: Final = timedelta(days=3)
"""How long after the deadline a transfer of the exact amount is still offered for an order."""

LINK_WINDOW: Final = timedelta(days=7)
"""How far a row's day may be from that of a transfer that was typed by hand."""


class FileState(StrEnum):
    """What became of a statement."""

    CHECKED = "checked"
    IMPORTED = "imported"
    DISCARDED = "discarded"


class RowState(StrEnum):
    """What became of one row of money in."""

    NEW = "new"
    MATCHED = "matched"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Columns:
    """Headings under which a bank writes what we read; an empty text means none.

    Attributes:
        amount: Money in; where a bank writes both directions here, a sign or CR/DB tells them apart.
        direction: A column of its own that says CR or DB.
    """

    date: str = ""
    description: str = ""
    amount: str = ""
    reference: str = ""
    direction: str = ""

    @property
    def is_complete(self) -> bool:
        """Say whether everything that is needed was named."""
        return bool(self.date and self.description and self.amount)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """Money in, as read from one line.

    Attributes:
        fingerprint: Names this row of its account for ever; of equal rows each has its own.
    """

    line: int
    happened_on: date
    amount_idr: int
    description: str
    bank_reference: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class RowFault:
    """One cell that cannot be read."""

    line: int
    column: str
    value: str
    code: str


@dataclass(frozen=True, slots=True)
class CheckedStatement:
    """A file as it was understood.

    Attributes:
        headings: The line of headings, empty when none was found.
        rows_out: Lines of money that went out, which are passed over.
    """

    headings: tuple[str, ...]
    columns: Columns
    rows: tuple[StatementRow, ...] = ()
    faults: tuple[RowFault, ...] = ()
    rows_out: int = 0


@dataclass(frozen=True, slots=True)
class StatementPreview:
    """What importing a file would do now."""

    checked: CheckedStatement
    known: frozenset[str]

    @property
    def fresh(self) -> tuple[StatementRow, ...]:
        """Return the rows that are not in the books yet."""
        return tuple(row for row in self.checked.rows if row.fingerprint not in self.known)

    @property
    def fresh_idr(self) -> int:
        """Return their sum."""
        return sum(row.amount_idr for row in self.fresh)


@dataclass(frozen=True, slots=True)
class AccountSums:
    """Rows and rupiah of an account or a file, by what became of them."""

    new: int = 0
    new_idr: int = 0
    matched: int = 0
    matched_idr: int = 0
    ignored: int = 0
    ignored_idr: int = 0

    @property
    def imported(self) -> int:
        """Return all rows."""
        return self.new + self.matched + self.ignored

    @property
    def imported_idr(self) -> int:
        """Return all money: what was matched, what was not, and what was put aside."""
        return self.new_idr + self.matched_idr + self.ignored_idr


@dataclass(frozen=True, slots=True)
class BankAccountRecord:
    """An account with its sums."""

    account_id: int
    bank: str
    number: str
    columns: Columns
    sums: AccountSums


@dataclass(frozen=True, slots=True)
class BankFileRecord:
    """A statement in a list."""

    file_id: int
    account_id: int
    name: str
    sha256: str
    state: FileState
    columns: Columns
    rows_new: int
    rows_known: int
    rows_out: int
    uploaded_by: int | None
    uploaded_at: datetime
    imported_at: datetime | None


@dataclass(frozen=True, slots=True)
class BankRowRecord:
    """One row of money in.

    Attributes:
        payment_reference: Of the payment that it was matched with.
    """

    row_id: int
    account_id: int
    file_id: int
    line: int
    happened_on: date
    amount_idr: int
    description: str
    bank_reference: str
    fingerprint: str
    state: RowState
    reason: str
    money_entry_id: int | None
    payment_reference: str | None

    @property
    def entry_key(self) -> str:
        """Return the key under which its money is written, the same however often it is tried."""
        return f"bank:{self.account_id}:{self.fingerprint[:48]}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A payment that a row may belong to.

    Attributes:
        missing_idr: What is still to come; the whole amount when nothing came.
        is_open: It still waits for money.
    """

    payment_id: int
    reference: str
    order_number: str
    contact_name: str
    expected_idr: int
    missing_idr: int
    is_open: bool
    placed_on: date
    pay_by_on: date


@dataclass(frozen=True, slots=True)
class RecordedMoney:
    """A transfer that somebody typed by hand and no statement showed yet."""

    entry_id: int
    reference: str
    amount_idr: int
    happened_on: date
    bank_reference: str


class Why(StrEnum):
    """What speaks for an offer, and what against it."""

    CODE = "code"
    CODE_MISREAD = "code_misread"
    AMOUNT = "amount"
    DAY = "day"
    NAME = "name"
    OTHER_AMOUNT = "other_amount"
    CLOSED = "closed"
    TWO_CODES = "two_codes"
    OTHER_ROW = "other_row"


@dataclass(frozen=True, slots=True)
class Offer:
    """One payment that a row may belong to, and why."""

    candidate: Candidate
    why: tuple[Why, ...]
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class RowOffers:
    """What is offered for one row, likeliest first; at most one is sure, and then the first."""

    row_id: int
    offers: tuple[Offer, ...]
    recorded: tuple[RecordedMoney, ...] = ()

    @property
    def sure(self) -> Offer | None:
        """Return the offer that code and amount speak for, if there is one."""
        return self.offers[0] if self.offers and self.offers[0].is_sure else None
