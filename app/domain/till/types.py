"""Words and records of the till.

A *draft* is what lies on the counter: it promises nothing and may be lost. A *sale* is written once,
with the pieces taken out of the ledger in the same transaction; taking it back is another sale with
negative amounts that names the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from app.domain.stock.types import Account

TILL_SELL: Final = "till.sell"
STOCK_APPROVE: Final = "stock.approve"
PRODUCT_EDIT: Final = "product.edit"

SOURCE: Final = "till"
"""Kind of source of every posting of the till; the key is the number of the receipt."""

LINES_MAX: Final = 60
REFERENCE_MAX: Final = 80
REASON_MAX: Final = 300
RANGE_DAYS_MAX: Final = 31
"""Longest stretch of days in one export."""


class Grade(StrEnum):
    """Whether pieces are sold as they were meant, or as seconds for less."""

    FIRST = "first"
    SECOND = "second"


SOLD_FROM: Final[dict[Grade, tuple[Account, ...]]] = {
    Grade.FIRST: (Account.GALLERY, Account.AVAILABLE),
    Grade.SECOND: (Account.SECOND_GRADE,),
}
"""Places by grade, in the order in which they are emptied."""

SHOWN_PLACES: Final = (
    Account.GALLERY,
    Account.AVAILABLE,
    Account.SECOND_GRADE,
    Account.QUARANTINE,
    Account.RETURNED,
)
"""Places that the till looks at, to sell from or to say why it cannot."""


class PayMethod(StrEnum):
    """How the buyer pays at the counter."""

    CASH = "cash"
    QRIS = "qris"
    TRANSFER = "transfer"


class SaleKind(StrEnum):
    """A sale, or one that takes another back."""

    SALE = "sale"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Want:
    """Pieces that a line asks for."""

    line_id: int
    variant_id: int
    grade: Grade
    lot_id: int | None
    quantity: int


@dataclass(frozen=True, slots=True)
class Pick:
    """Pieces of one lot in one place that a line will take."""

    line_id: int
    variant_id: int
    lot_id: int
    account: Account
    lot_code: str
    expires_on: date | None
    quantity: int


@dataclass(frozen=True, slots=True)
class LineShort:
    """A line that cannot be met, with what is left for it."""

    line_id: int
    variant_id: int
    wanted: int
    left: int


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line on the counter, as it would be sold now.

    Attributes:
        price_idr: Price now; 0 when it cannot be sold.
        price_then_idr: Price when the line was laid down.
        lot_code: The lot that was asked for; empty when the till chooses.
        picks: Where the pieces would come from.
        left: Pieces there are, when they are fewer than wanted.
        trouble: Code of what forbids selling it; empty when nothing does.
    """

    line_id: int
    variant_id: int
    sku: str
    name: str
    grade: Grade
    lot_id: int | None
    lot_code: str
    quantity: int
    price_idr: int
    price_then_idr: int
    picks: tuple[Pick, ...]
    left: int | None = None
    trouble: str = ""

    @property
    def amount_idr(self) -> int:
        """Return what the line comes to."""
        return self.price_idr * self.quantity

    @property
    def is_repriced(self) -> bool:
        """Say whether the price changed since the line was laid down."""
        return bool(self.price_idr) and self.price_idr != self.price_then_idr

    @property
    def is_sellable(self) -> bool:
        """Say whether the line can be paid as it stands."""
        return self.left is None and not self.trouble


@dataclass(frozen=True, slots=True)
class Removed:
    """The line that was taken off the counter last; it can be laid back."""

    line_id: int
    name: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Draft:
    """What lies on the counter of one person in one UPT."""

    lines: tuple[DraftLine, ...]
    removed: Removed | None = None

    @property
    def total_idr(self) -> int:
        """Return what everything comes to."""
        return sum(line.amount_idr for line in self.lines)

    @property
    def quantity(self) -> int:
        """Return the pieces of all lines."""
        return sum(line.quantity for line in self.lines)

    @property
    def is_payable(self) -> bool:
        """Say whether every line can be sold now."""
        return bool(self.lines) and all(line.is_sellable for line in self.lines)


@dataclass(frozen=True, slots=True)
class SaleLine:
    """Pieces of one lot on a receipt; negative when they came back."""

    variant_id: int
    lot_id: int
    entry_id: int
    sku: str
    name: str
    grade: Grade
    account: Account
    lot_code: str
    expires_on: date | None
    quantity: int
    price_idr: int
    amount_idr: int


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that changed hands; negative when it was given back."""

    method: PayMethod
    amount_idr: int
    given_idr: int
    change_idr: int
    reference: str


@dataclass(frozen=True, slots=True)
class SaleRow:
    """A sale in a list.

    Attributes:
        day: Local date of the UPT.
        goods: One of the goods by name, of so many kinds.
        undone_by: Number of the sale that took it back.
        undoes: Number of the sale that it takes back.
    """

    sale_id: int
    number: str
    kind: SaleKind
    day: date
    sold_at: datetime
    total_idr: int
    quantity: int
    method: PayMethod
    goods: str
    kinds: int
    undone_by: str | None
    undoes: str | None


@dataclass(frozen=True, slots=True)
class Sale:
    """A receipt.

    Attributes:
        token: Secret part of the address at which the buyer sees it.
        actor: Stable name of who sold, for example ``user:17``; never shown to buyers.
        reason: Why a sale was taken back.
        other_number: The receipt at the other end of an undoing, if any.
    """

    sale_id: int
    upt_id: int
    number: str
    kind: SaleKind
    day: date
    sold_at: datetime
    token: str
    actor_user_id: int
    reason: str
    total_idr: int
    lines: tuple[SaleLine, ...]
    payment: Payment
    other_number: str | None = None
    other_token: str | None = None
    other_at: datetime | None = None
    other_reason: str = ""

    @property
    def is_undo(self) -> bool:
        """Say whether this receipt takes another one back."""
        return self.kind is SaleKind.UNDO

    @property
    def is_undone(self) -> bool:
        """Say whether this sale was taken back."""
        return self.kind is SaleKind.SALE and self.other_number is not None

    @property
    def quantity(self) -> int:
        """Return the pieces on the receipt."""
        return sum(line.quantity for line in self.lines)


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """What a buyer reads: goods of one kind at one price, with their lots."""

    name: str
    sku: str
    is_second: bool
    quantity: int
    price_idr: int
    amount_idr: int
    lots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DayTotals:
    """A day in figures; amounts are what came in less what went back."""

    sales: int
    undone: int
    pieces: int
    total_idr: int
    by_method: dict[PayMethod, int]


@dataclass(frozen=True, slots=True)
class Drawer:
    """What should lie in the drawer now.

    Attributes:
        opening_idr: Left in it at the last close.
        cash_idr: Cash sales less cash given back since.
        since: When it was closed last.
        last_sale_id: Newest sale that these figures count.
    """

    opening_idr: int
    cash_idr: int
    sales: int
    since: datetime | None
    last_sale_id: int

    @property
    def expected_idr(self) -> int:
        """Return what a count should find."""
        return self.opening_idr + self.cash_idr


@dataclass(frozen=True, slots=True)
class CloseRecord:
    """A count of the drawer at the end of a day."""

    close_id: int
    day: date
    closed_at: datetime
    actor_user_id: int
    opening_idr: int
    cash_idr: int
    counted_idr: int
    left_idr: int
    reason: str

    @property
    def expected_idr(self) -> int:
        """Return what should have been there."""
        return self.opening_idr + self.cash_idr

    @property
    def difference_idr(self) -> int:
        """Return how much more there was than expected; negative when less."""
        return self.counted_idr - self.expected_idr


@dataclass(frozen=True, slots=True)
class SoldRow:
    """One line of the export of a stretch of days."""

    day: date
    sold_at: datetime
    number: str
    kind: SaleKind
    undoes: str
    sku: str
    name: str
    grade: Grade
    lot_code: str
    quantity: int
    price_idr: int
    amount_idr: int
    method: PayMethod
    reference: str
