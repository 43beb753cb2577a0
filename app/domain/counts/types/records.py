"""Records of the stock count.

A *sheet* freezes what the ledger says about some shelves of a UPT at one position. Counters work
blind: records that reach them carry no book figure at all. A *difference* exists only after the sheet
was handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.counts.types.words import (
    REASON_PIECES,
    REASON_VALUE_IDR,
    UNFINISHED,
    CampaignState,
    CountState,
    DifferenceReason,
    EventKind,
    ScopeKind,
)
from app.domain.stock.types import Account


@dataclass(frozen=True, slots=True)
class Scope:
    """What a sheet covers.

    Attributes:
        place: For ``PLACE``.
        category_id: For ``CATEGORY``; its children are meant too.
        variant_ids: For ``GOODS``.
    """

    kind: ScopeKind
    place: Account | None = None
    category_id: int | None = None
    variant_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A line of a sheet before it is written: what lies where according to the ledger, with labels."""

    variant_id: int
    lot_id: int
    account: Account
    lot_code: str
    expires_on: date | None
    sku: str
    name: str
    price_idr: int | None
    book_quantity: int


@dataclass(frozen=True, slots=True)
class CountRecord:
    """A sheet without any book figure.

    Attributes:
        code: Name on paper, unique in the country.
        sequence: Position of the UPT's ledger that the sheet froze.
        hash: Hash of the entry there.
        version: Rises with each change of state.
        row_count: Rows of the sheet, added ones included.
        done_count: Rows that were ticked.
        recount_count: Rows that wait for their second number.
    """

    count_id: int
    code: str
    upt_id: int
    campaign_id: int | None
    scope: Scope
    state: CountState
    version: int
    sequence: int
    hash: str
    opened_by: int | None
    opened_at: datetime
    handed_in_at: datetime | None
    decided_at: datetime | None
    decided_by: int | None
    reason: str
    row_count: int
    done_count: int
    recount_count: int

    @property
    def left_count(self) -> int:
        """Return how many rows are not ticked yet."""
        return self.row_count - self.done_count

    @property
    def is_open(self) -> bool:
        """Say whether the sheet still lives."""
        return self.state in UNFINISHED


@dataclass(frozen=True, slots=True)
class BlindRow:
    """A row as a counter sees it; there is no book figure to be shown by mistake.

    Attributes:
        quantity: What was counted; None when the row is not ticked.
        version: To be named when the row is written.
    """

    row_id: int
    number: int
    variant_id: int
    account: Account
    lot_code: str
    expires_on: date | None
    sku: str
    name: str
    is_added: bool
    quantity: int | None
    note: str
    version: int
    counted_by: int | None
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class RowWrite:
    """A number for one row, with the version of the row that its writer saw.

    Attributes:
        quantity: None takes the tick back.
    """

    row_id: int
    version: int
    quantity: int | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RowConflict:
    """Two numbers for one row: what somebody else wrote meanwhile, and ours."""

    theirs: BlindRow
    ours: RowWrite


@dataclass(frozen=True, slots=True)
class SaveOutcome:
    """What became of several rows: conflicts were left as they stand, all else is kept."""

    saved: tuple[BlindRow, ...]
    conflicts: tuple[RowConflict, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A row of a file or of another source that knows goods by their code.

    Attributes:
        row_number: Where it stood, for messages.
        place: The ledger's word or what people call it; empty when the goods lie in one place only.
        lot_code: Empty when the sheet has one lot of the goods there.
    """

    row_number: int
    sku: str
    quantity: int
    lot_code: str = ""
    place: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class TypedRowError:
    """What is wrong with one typed row: column ``sku``, ``lot``, ``place``, ``quantity`` or ``note``."""

    row_number: int
    column: str
    code: str
    value: str


@dataclass(frozen=True, slots=True)
class TypedCheck:
    """What typed rows would do, or everything that is wrong with them.

    Attributes:
        counted: Rows of the sheet that would be ticked.
        added: Rows that would be added to the sheet.
        unchanged: Rows that already carry this number.
    """

    errors: tuple[TypedRowError, ...]
    counted: int
    added: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A row after the sheet was handed in.

    Attributes:
        book_quantity: What the ledger said at the sheet's position.
        counted_quantity: What was counted first.
        moved_quantity: What the ledger moved between the sheet and the counting.
        recount_quantity: The second number, when one was asked for.
        final_quantity: What lay there at the sheet's position, as counted.
        value_idr: Value of the difference at the price of the sheet; None without a price.
        entry_id: Entry that posted it.
        is_left: It was approved but could not be posted.
    """

    row_id: int
    number: int
    variant_id: int
    lot_id: int | None
    account: Account
    lot_code: str
    expires_on: date | None
    sku: str
    name: str
    is_added: bool
    price_idr: int | None
    book_quantity: int
    counted_quantity: int
    moved_quantity: int
    recount_quantity: int | None
    is_recount_asked: bool
    final_quantity: int
    difference: int
    value_idr: int | None
    reason: DifferenceReason | None
    reason_note: str
    note: str
    version: int
    entry_id: int | None
    is_left: bool

    @property
    def needs_reason(self) -> bool:
        """Say whether the difference is so large that somebody has to say why."""
        if not self.difference:
            return False
        is_dear = self.value_idr is None or abs(self.value_idr) >= REASON_VALUE_IDR
        return is_dear or abs(self.difference) >= REASON_PIECES


@dataclass(frozen=True, slots=True)
class StuckRow:
    """A loss that cannot be taken now: pieces were promised or have gone since."""

    row_id: int
    number: int
    name: str
    lot_code: str
    account: Account
    wanted: int
    free: int


@dataclass(frozen=True, slots=True)
class Totals:
    """A sheet's differences summed up.

    Attributes:
        unpriced: Differing rows without a price, whose value is not in the sums.
        reasons_missing: Differences that need a reason and have none.
    """

    rows: int
    differing: int
    pieces_more: int
    pieces_less: int
    gain_idr: int
    loss_idr: int
    unpriced: int
    reasons_missing: int


@dataclass(frozen=True, slots=True)
class EventRecord:
    """Something that happened to the sheet as a whole."""

    event: EventKind
    actor: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class PostingRecord:
    """The one posting of a sheet.

    Attributes:
        sequence: Last entry of the ledger after the posting.
    """

    approved_by: int
    approved_at: datetime
    sequence: int
    hash: str
    posted_rows: int
    left_rows: int
    gain_idr: int
    loss_idr: int


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """A count of many UPT at once.

    Attributes:
        kanwil_id: Only the UPT of this office; None the whole nation.
    """

    campaign_id: int
    title: str
    kanwil_id: int | None
    scope: Scope
    starts_on: date
    ends_on: date
    state: CampaignState
    opened_by: int | None
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """How far one UPT is in a campaign; ``state`` None means not started.

    Attributes:
        gain_idr: Value found beyond the book; known once the sheet was handed in.
        loss_idr: Value missing, positive; known once the sheet was handed in.
    """

    upt_id: int
    upt_name: str
    town: str
    province_name: str
    kanwil_id: int
    state: CountState | None
    count_id: int | None
    code: str
    row_count: int
    differing: int | None
    gain_idr: int | None
    loss_idr: int | None
