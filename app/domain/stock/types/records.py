"""Records that go into the ledger's services or come out of its queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.stock.types.words import (
    LOW_STOCK_MAX,
    Account,
    EntryKind,
    Phase,
)


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


@dataclass(frozen=True, slots=True)
class Move:
    """Pieces that go from one account to another at once.

    Attributes:
        quantity: Pieces; 1 to ``QUANTITY_MAX``.
        lot_id: Exactly this lot.
        lot: The lot with this code, made when it is new; only for pieces from outside.

    Without either, pieces leave from the lots that expire first, and enter the newest open lot, or
    one named after the day.
    """

    upt_id: int
    variant_id: int
    kind: EntryKind
    from_account: Account
    to_account: Account
    quantity: int
    lot_id: int | None = None
    lot: LotChoice | None = None


@dataclass(frozen=True, slots=True)
class PostedMove:
    """One entry of a posting, in the order of the ledger."""

    entry_id: int
    upt_id: int
    variant_id: int
    lot_id: int
    kind: EntryKind
    from_account: Account
    to_account: Account
    quantity: int


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
        on_hand: Pieces in store room and on the gallery shelf, promised ones included.
        held: Pieces among them promised by holds in force.
        available: Pieces that may be promised now, work of weeks to come included.
        capacity: Pieces among the available ones that are still to be made.
    """

    upt_id: int
    variant_id: int
    on_hand: int
    held: int
    available: int
    capacity: int = 0


@dataclass(frozen=True, slots=True)
class PlaceFigure:
    """Pieces in one place, and how many of them are promised (lapsed holds included)."""

    on_hand: int
    held: int


@dataclass(frozen=True, slots=True)
class LotBalance:
    """What is left of a lot in one place.

    Attributes:
        is_open: False for a blocked lot.
        on_hand: Pieces that lie there, promised ones included.
        held: Pieces promised (lapsed holds included).
    """

    variant_id: int
    lot_id: int
    account: Account
    code: str
    produced_on: date | None
    expires_on: date | None
    is_open: bool
    on_hand: int
    held: int


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
        from_account: Where the pieces left.
        to_account: Where they went.
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
    from_account: Account
    to_account: Account
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
    """What a verification looked at and what it found.

    Attributes:
        heads: Published heads compared.
        periods: Closed months compared.
    """

    entries: int
    chains: int
    balances: int
    holds: int
    faults: tuple[Fault, ...]
    heads: int = 0
    periods: int = 0
