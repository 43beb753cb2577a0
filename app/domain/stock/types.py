"""Words and records of the stock ledger.

An *entry* moves a whole number of pieces of one variant and lot from one account to another. It is
written once and never changed; everything else here is derived from entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

STOCK_VIEW: Final = "stock.view"
STOCK_RECEIVE: Final = "stock.receive"
STOCK_ADJUST: Final = "stock.adjust"

LOT_CODE_MAX: Final = 40
NOTE_MAX: Final = 300
SOURCE_KEY_MAX: Final = 80
LOW_STOCK_MAX: Final = 5
"""At or below this many available pieces an item counts as low."""

GENESIS_HASH: Final = "0" * 64
"""What the first entry of every UPT names as the hash before it."""

SEQUENCE_BITS: Final = 40
"""An entry's id is its UPT's id, shifted by this many bits, plus its sequence number."""


class Account(StrEnum):
    """Places and conditions of stock; pieces always move from one to another."""

    AVAILABLE = "available"
    SECOND_GRADE = "second_grade"
    QUARANTINE = "quarantine"
    GALLERY = "gallery"
    RETURNED = "returned"
    TRANSIT_CUSTOMER = "transit_customer"
    PRODUCTION = "production"
    OPENING = "opening"
    CUSTOMER = "customer"
    LOSS = "loss"
    FOUND = "found"
    SAMPLE = "sample"
    CONSUMED = "consumed"


UNGUARDED: Final = frozenset(
    {
        Account.PRODUCTION,
        Account.OPENING,
        Account.CUSTOMER,
        Account.LOSS,
        Account.FOUND,
        Account.SAMPLE,
        Account.CONSUMED,
    }
)
"""The world outside the store: where goods come from and go to. All others never fall below zero."""


class Phase(StrEnum):
    """What an entry does to the four counters of its two balances."""

    MOVE = "move"
    HOLD = "hold"
    POST = "post"
    VOID = "void"
    KEEP = "keep"


class EntryKind(StrEnum):
    """Why an entry was written."""

    OPENING = "opening"
    PRODUCED = "produced"
    FOUND = "found"
    COUNTED_MORE = "counted_more"
    COUNTED_LESS = "counted_less"
    DAMAGED = "damaged"
    SPOILED = "spoiled"
    LOST = "lost"
    SAMPLED = "sampled"
    CONSUMED = "consumed"
    HELD = "held"
    KEPT = "kept"
    VOIDED = "voided"
    EXPIRED = "expired"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    REVERSED = "reversed"


class HoldState(StrEnum):
    """What became of a hold."""

    OPEN = "open"
    POSTED = "posted"
    VOIDED = "voided"
    EXPIRED = "expired"


class LotState(StrEnum):
    """Whether pieces of a lot may be promised."""

    OPEN = "open"
    BLOCKED = "blocked"


class AdjustReason(StrEnum):
    """Why staff add or take pieces by hand."""

    OPENING = "opening"
    FOUND = "found"
    COUNT = "count"
    DAMAGED = "damaged"
    SPOILED = "spoiled"
    LOST = "lost"
    SAMPLE = "sample"
    INTERNAL_USE = "internal_use"


@dataclass(frozen=True, slots=True)
class EntrySource:
    """What caused a posting; the pair is unique in each UPT, so a repeat is recognised.

    Attributes:
        kind: Kind of cause, for example ``form``, ``order`` or ``production``.
        key: The cause's own key, for example a form's entry key or ``KB-…-1:ship``.
    """

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class LotChoice:
    """Which lot a receipt enters.

    Attributes:
        code: Code on the label; None takes the code made from the date of production.
        produced_on: Local date of production.
        expires_on: Last local date on which the goods may be sold.
    """

    code: str | None = None
    produced_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True, order=True)
class Demand:
    """Pieces wanted of one variant from one UPT."""

    upt_id: int
    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True, order=True)
class Shortage:
    """A demand that could not be met, with what there was."""

    upt_id: int
    variant_id: int
    wanted: int
    available: int


@dataclass(frozen=True, slots=True, order=True)
class HoldRecord:
    """Pieces of one lot promised to somebody; ``hold_id`` is the id of the entry that holds them."""

    hold_id: int
    upt_id: int
    variant_id: int
    lot_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class StockPosition:
    """How one variant stands in one UPT.

    Attributes:
        on_hand: Pieces in the store, promised ones included.
        held: Pieces promised by holds in force.
        available: Pieces that may be promised now.
    """

    upt_id: int
    variant_id: int
    on_hand: int
    held: int
    available: int


@dataclass(frozen=True, slots=True)
class LotRecord:
    """A lot with what is left of it."""

    lot_id: int
    code: str
    produced_on: date | None
    expires_on: date | None
    on_hand: int
    held: int


@dataclass(frozen=True, slots=True)
class StockRow:
    """One line of the stock table of a UPT."""

    variant_id: int
    product_id: int
    sku: str
    product_name: str
    variant_name: str
    is_active: bool
    on_hand: int
    held: int
    available: int

    @property
    def is_out(self) -> bool:
        """Say whether nothing can be promised."""
        return self.available <= 0

    @property
    def is_low(self) -> bool:
        """Say whether few pieces can be promised."""
        return 0 < self.available <= LOW_STOCK_MAX


class StockFilter(StrEnum):
    """What the stock table shows."""

    ALL = "semua"
    LOW = "menipis"
    OUT = "habis"


@dataclass(frozen=True, slots=True)
class CardRow:
    """One line of a stock card, with the balances after it.

    Attributes:
        quantity_in: Pieces that entered the store.
        quantity_out: Pieces that left it.
        quantity_held: Change of the pieces promised, signed.
        on_hand: Pieces in the store after this line.
        held: Pieces promised after this line.
        counterpart: The other account.
        actor: Stable name of who did it, for example ``user:17``.
        happened_at: When it happened, as told.
        written_at: When it was written; the chain follows this.
    """

    entry_id: int
    sequence: int
    kind: EntryKind
    phase: Phase
    quantity: int
    quantity_in: int
    quantity_out: int
    quantity_held: int
    on_hand: int
    held: int
    counterpart: str
    lot_code: str
    actor: str
    reason: str
    note: str
    source: EntrySource
    happened_at: datetime
    written_at: datetime
    short_hash: str


@dataclass(frozen=True, slots=True)
class CardPage:
    """A page of a stock card, newest line first."""

    position: StockPosition
    lots: tuple[LotRecord, ...]
    rows: tuple[CardRow, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class HeadRecord:
    """The end of a UPT's chain."""

    upt_id: int
    sequence: int
    hash: str
    written_at: datetime | None

    @property
    def short_hash(self) -> str:
        """Return the first twelve signs of the hash."""
        return self.hash[:12]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in the ledger of a UPT.

    Attributes:
        sequence: Entry at which it shows; None when it is about a balance, a hold or the head.
        code: What is wrong, for example ``hash`` or ``gap``.
        what: The same in words, with figures.
    """

    upt_id: int
    sequence: int | None
    code: str
    what: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a verification looked at and what it found."""

    entries: int
    chains: int
    balances: int
    holds: int
    faults: tuple[Fault, ...]
