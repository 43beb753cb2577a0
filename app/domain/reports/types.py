"""What leaves the reports: figures of one item, lists that need attention, days, units side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

STOCK_VIEW: Final = "stock.view"

LOW_PIECES_MAX: Final = 5
"""At or below this many free pieces an item counts as low."""

COVER_DAYS_MIN: Final = 14
"""An item whose free pieces last for fewer days, at the pace of its sales, counts as low."""

SALES_DAYS: Final = 90
"""Days of sales from which the pace is taken."""

DEAD_DAYS: Final = 90
"""Days without any piece going out after which what lies there counts as dead."""

PARTICIPATION_DAYS: Final = 30
"""A UPT takes part when its stock moved within this many days."""

SELLABLE: Final = ("available", "gallery")
INNER: Final = ("available", "gallery", "second_grade", "quarantine", "returned")
PHYSICAL: Final = (*INNER, "fair", "transit_upt")
"""Places where the UPT's own pieces are; promised work and parcels with a carrier are elsewhere."""

SALES: Final = ("shipped", "sold")
POSTED_PHASES: Final = ("move", "post")


class Scope(StrEnum):
    """Which places a figure counts together; the word stands in addresses."""

    SELLABLE = "jual"
    ALL = "semua"
    STORE = "gudang"
    GALLERY = "galeri"
    SECOND_GRADE = "mutu-kedua"
    QUARANTINE = "karantina"
    RETURNED = "retur"
    FAIR = "pameran"
    TRANSIT_UPT = "antar-upt"
    TRANSIT_CUSTOMER = "ke-pembeli"
    CAPACITY = "kapasitas"


SCOPE_ACCOUNTS: Final[Mapping[Scope, tuple[str, ...]]] = {
    Scope.SELLABLE: SELLABLE,
    Scope.ALL: PHYSICAL,
    Scope.STORE: ("available",),
    Scope.GALLERY: ("gallery",),
    Scope.SECOND_GRADE: ("second_grade",),
    Scope.QUARANTINE: ("quarantine",),
    Scope.RETURNED: ("returned",),
    Scope.FAIR: ("fair",),
    Scope.TRANSIT_UPT: ("transit_upt",),
    Scope.TRANSIT_CUSTOMER: ("transit_customer",),
    Scope.CAPACITY: ("capacity",),
}


class Axis(StrEnum):
    """Along what a window is measured: when it happened, when it was written, or the entry's number."""

    HAPPENED = "terjadi"
    WRITTEN = "dicatat"
    POSITION = "nomor"


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a ledger: after ``start``, up to ``end``.

    Attributes:
        start_at: First instant inside, for the axes of time; None from the beginning.
        end_at: First instant no longer inside; None to the end.
        start_sequence: Last entry before it, for the axis of numbers.
        end_sequence: Last entry inside; None to the end.
    """

    axis: Axis
    start_at: datetime | None = None
    end_at: datetime | None = None
    start_sequence: int = 0
    end_sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """Movements of one kind between two accounts within a window; the quantity is signed."""

    kind: str
    from_account: str
    to_account: str
    quantity: int
    entries: int

    @property
    def key(self) -> str:
        """Return the cause as it stands in addresses."""
        return f"{self.kind}.{self.from_account}.{self.to_account}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a figure is what it is: opening, movements by cause, closing.

    Attributes:
        now: The figure after the last entry.
        head_sequence: Number of the last entry of the UPT's ledger.
    """

    upt_id: int
    variant_id: int
    opening: int
    closing: int
    now: int
    head_sequence: int
    causes: tuple[Cause, ...]

    @property
    def quantity_in(self) -> int:
        """Return what came in."""
        return sum(cause.quantity for cause in self.causes if cause.quantity > 0)

    @property
    def quantity_out(self) -> int:
        """Return what went out, without a sign."""
        return -sum(cause.quantity for cause in self.causes if cause.quantity < 0)


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry behind a cause; the quantity is signed, as the chosen places saw it."""

    sequence: int
    kind: str
    from_account: str
    to_account: str
    quantity: int
    lot_code: str
    actor: str
    reason: str
    note: str
    source_kind: str
    source_key: str
    happened_at: datetime
    written_at: datetime
    short_hash: str


@dataclass(frozen=True, slots=True)
class Item:
    """One variant of a UPT with everything that the lists ask about.

    Attributes:
        pieces: Pieces by place.
        held: Pieces promised out of the sellable places.
        unsellable: Pieces in sellable places whose lot is blocked or past its date.
        sold: Pieces sold within ``SALES_DAYS``.
        price_idr: Selling price; None when none was set.
        first_in_on: Day on which pieces came in first.
        last_out_on: Day on which a piece left for good last; None when none ever did.
    """

    variant_id: int
    product_id: int
    sku: str
    product_name: str
    variant_name: str
    kind: str
    category: str
    is_active: bool
    price_idr: int | None
    pieces: Mapping[str, int] = field(default_factory=dict)
    held: int = 0
    unsellable: int = 0
    sold: int = 0
    first_in_on: date | None = None
    last_out_on: date | None = None

    @property
    def name(self) -> str:
        """Return product and variant in one line."""
        return ", ".join(part for part in (self.product_name, self.variant_name) if part)

    @property
    def total(self) -> int:
        """Return the pieces in all places."""
        return sum(self.pieces.values())

    @property
    def free(self) -> int:
        """Return the pieces that can be promised."""
        on_hand = sum(self.pieces.get(place, 0) for place in SELLABLE)
        return max(on_hand - self.held - self.unsellable, 0)

    @property
    def value_idr(self) -> int:
        """Return what all pieces would fetch; nothing while there is no price."""
        return self.total * (self.price_idr or 0)


@dataclass(frozen=True, slots=True)
class LotLine:
    """Pieces of one lot in one place, with its date."""

    variant_id: int
    sku: str
    name: str
    lot_code: str
    place: str
    produced_on: date | None
    expires_on: date | None
    is_blocked: bool
    pieces: int
    held: int
    price_idr: int | None

    @property
    def value_idr(self) -> int:
        """Return what the pieces would fetch."""
        return self.pieces * (self.price_idr or 0)


@dataclass(frozen=True, slots=True)
class DayRow:
    """Pieces that moved on one day for one cause."""

    day: date
    kind: str
    from_account: str
    to_account: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Movements:
    """Days of a UPT, and up to which entry they were counted.

    Attributes:
        is_complete: Every entry of the ledger is in; otherwise the figures are those of ``as_of``.
    """

    rows: tuple[DayRow, ...]
    is_complete: bool
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class UptFigures:
    """One UPT beside the others.

    Attributes:
        as_of: When the figures were last worked out; None when they never were.
        dead_idr: Value of what lies dead.
        last_written_at: When the ledger was last written.
        last_moved_at: When pieces last moved.
        last_count_at: When a count was last approved; None when none was.
        incidents: Open differences between ledger and balances.
    """

    upt_id: int
    short_name: str
    kanwil_id: int
    pieces: int = 0
    value_idr: int = 0
    dead_pieces: int = 0
    dead_idr: int = 0
    low_count: int = 0
    last_written_at: datetime | None = None
    last_moved_at: datetime | None = None
    last_count_at: datetime | None = None
    incidents: int = 0
    as_of: datetime | None = None

    @property
    def dead_percent(self) -> int:
        """Return the dead share of the value, in whole per cent."""
        return self.dead_idr * 100 // self.value_idr if self.value_idr else 0

    def takes_part(self, *, since: datetime) -> bool:
        """Say whether the stock moved since an instant."""
        return self.last_moved_at is not None and self.last_moved_at >= since


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The UPT of one regional office, or of all, added up."""

    key: str
    name: str
    upts: int
    active: int
    pieces: int
    value_idr: int
    dead_idr: int
    counted: int
    incidents: int
    last_written_at: datetime | None

    @property
    def dead_percent(self) -> int:
        """Return the dead share of the value, in whole per cent."""
        return self.dead_idr * 100 // self.value_idr if self.value_idr else 0

    @property
    def active_percent(self) -> int:
        """Return the share of UPT that take part, in whole per cent."""
        return self.active * 100 // self.upts if self.upts else 0

    @property
    def counted_percent(self) -> int:
        """Return the share of UPT with an approved count, in whole per cent."""
        return self.counted * 100 // self.upts if self.upts else 0
