"""Words and records of goods on the way: transfers between UPT, and loans to fairs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.stock.types import Account

STOCK_VIEW: Final = "stock.view"
STOCK_TRANSFER: Final = "stock.transfer"

TRANSFER_SOURCE: Final = "transfer"
FAIR_SOURCE: Final = "fair"
"""Kinds of source in the ledger; the key is the document's number and the event's, ``KRM-…/3``."""

LINES_MAX: Final = 60
LATE_AFTER: Final = timedelta(days=14)
"""A transfer without a day of arrival counts as late after this long."""

LEAVING_PLACES: Final = (Account.AVAILABLE, Account.GALLERY, Account.SECOND_GRADE)
"""Places from which goods are sent to another UPT."""

FAIR_PLACES: Final = (Account.AVAILABLE, Account.GALLERY)
"""Places from which goods are lent to fairs."""

ARRIVAL_PLACES: Final = (
    Account.AVAILABLE,
    Account.GALLERY,
    Account.QUARANTINE,
    Account.SECOND_GRADE,
)
"""Where goods that come in from another UPT or back from a fair may be put."""


class TransferState(StrEnum):
    """How far a transfer is."""

    DRAFT = "draft"
    DISCARDED = "discarded"
    SENT = "sent"
    PART_RECEIVED = "part_received"
    SETTLED = "settled"
    RECALLED = "recalled"


class TransferAction(StrEnum):
    """What can be done with a transfer."""

    CREATE = "create"
    SAVE = "save"
    DISCARD = "discard"
    SEND = "send"
    RECEIVE_PART = "receive_part"
    RECEIVE_REST = "receive_rest"
    RECALL = "recall"


ON_THE_WAY: Final = (TransferState.SENT, TransferState.PART_RECEIVED)


class Outcome(StrEnum):
    """What became of pieces on the way to another UPT."""

    RECEIVED = "received"
    LOST = "lost"
    DAMAGED = "damaged"
    NOT_SENT = "not_sent"
    CALLED_BACK = "called_back"
    WRITTEN_OFF = "written_off"


class RecallChoice(StrEnum):
    """What becomes of pieces on the way when the sender ends a transfer."""

    BACK = "back"
    WRITE_OFF = "write_off"


class FairState(StrEnum):
    """How far a loan to a fair is."""

    DRAFT = "draft"
    DISCARDED = "discarded"
    OUT = "out"
    CLOSED = "closed"


class FairAction(StrEnum):
    """What can be done with a loan."""

    CREATE = "create"
    SAVE = "save"
    DISCARD = "discard"
    SEND = "send"
    SEND_MORE = "send_more"
    SETTLE = "settle"
    UNDO = "undo"
    CLOSE = "close"


class FairOutcome(StrEnum):
    """What became of pieces at a fair."""

    SOLD = "sold"
    RETURNED = "returned"
    DAMAGED = "damaged"
    LOST = "lost"


class PaidBy(StrEnum):
    """How buyers at a fair paid."""

    CASH = "cash"
    QRIS = "qris"
    BANK = "bank"


class ListFilter(StrEnum):
    """What a list of transfers or loans shows."""

    ALL = "semua"
    OPEN = "berjalan"
    INCOMING = "masuk"
    OUTGOING = "keluar"
    LATE = "terlambat"


@dataclass(frozen=True, slots=True)
class WantedLine:
    """Pieces that shall leave.

    Attributes:
        lot_id: None takes what expires first.
        price_idr: Asking price at a fair; None where nothing is sold.
    """

    variant_id: int
    quantity: int
    from_place: Account = Account.AVAILABLE
    lot_id: int | None = None
    price_idr: int | None = None


@dataclass(frozen=True, slots=True)
class TransferLine:
    """Pieces of one variant and lot on a transfer, and what became of them.

    Attributes:
        lot_id: The sender's lot; None while a draft leaves the choice to the ledger.
        receiver_variant_id: What the receiver calls the goods; None until the first arrived.
    """

    line_id: int
    position: int
    variant_id: int
    from_place: Account
    lot_id: int | None
    lot_code: str
    produced_on: date | None
    expires_on: date | None
    quantity: int
    received: int
    returned: int
    lost: int
    receiver_variant_id: int | None

    @property
    def left(self) -> int:
        """Return the pieces still on the way."""
        return self.quantity - self.received - self.returned - self.lost


@dataclass(frozen=True, slots=True)
class TransferRecord:
    """A transfer as it stands."""

    transfer_id: int
    number: str
    sender_upt_id: int
    receiver_upt_id: int
    state: TransferState
    version: int
    carrier: str
    note: str
    due_on: date | None
    pieces_sent: int
    pieces_settled: int
    created_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutcomeRecord:
    """Pieces of one line settled by one event."""

    line_id: int
    outcome: str
    quantity: int
    place: str
    reason: str
    amount_idr: int
    paid_by: str


@dataclass(frozen=True, slots=True)
class EventRecord:
    """Something that happened to a transfer or a loan; never changed.

    Attributes:
        sequence: Its number within the document, from 1.
        undone_by: Number of the event that took it back.
    """

    event_id: int
    sequence: int
    action: str
    actor_user_id: int | None
    note: str
    happened_at: datetime
    written_at: datetime
    outcomes: tuple[OutcomeRecord, ...]
    undone_by: int | None


@dataclass(frozen=True, slots=True)
class TransferPage:
    """A transfer with its lines and its history."""

    record: TransferRecord
    lines: tuple[TransferLine, ...]
    events: tuple[EventRecord, ...]
    is_late: bool
    days_on_the_way: int


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer in the list."""

    record: TransferRecord
    line_count: int
    is_incoming: bool
    days_on_the_way: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the receiver counted of one line.

    Attributes:
        variant_id: The receiver's own variant; needed when pieces were received.
    """

    line_id: int
    variant_id: int | None
    received: int
    lost: int
    damaged: int
    not_sent: int
    reason: str

    @property
    def total(self) -> int:
        """Return all pieces that this settles."""
        return self.received + self.lost + self.damaged + self.not_sent


@dataclass(frozen=True, slots=True)
class FairLine:
    """Pieces of one variant and lot lent to a fair, and what became of them."""

    line_id: int
    position: int
    variant_id: int
    from_place: Account
    lot_id: int | None
    lot_code: str
    expires_on: date | None
    quantity: int
    sold: int
    returned: int
    lost: int
    price_idr: int | None

    @property
    def left(self) -> int:
        """Return the pieces still at the fair."""
        return self.quantity - self.sold - self.returned - self.lost


@dataclass(frozen=True, slots=True)
class FairRecord:
    """A loan as it stands.

    Attributes:
        responsible: The role that answers for the goods, never a person's name.
    """

    loan_id: int
    number: str
    upt_id: int
    state: FairState
    version: int
    name: str
    place: str
    starts_on: date
    ends_on: date
    responsible: str
    note: str
    pieces_sent: int
    pieces_settled: int
    created_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class FairSales:
    """What a loan sold: pieces and rupiah by line, rupiah by way of paying."""

    pieces: int
    total_idr: int
    by_line_idr: dict[int, int]
    by_payment_idr: dict[PaidBy, int]


@dataclass(frozen=True, slots=True)
class FairPage:
    """A loan with its lines, its history and its sales."""

    record: FairRecord
    lines: tuple[FairLine, ...]
    events: tuple[EventRecord, ...]
    sales: FairSales
    is_late: bool


@dataclass(frozen=True, slots=True)
class FairRow:
    """A loan in the list."""

    record: FairRecord
    is_late: bool


@dataclass(frozen=True, slots=True)
class FairResult:
    """What became of pieces of one line since the last time.

    Attributes:
        price_idr: What one sold piece brought.
    """

    line_id: int
    sold: int
    returned: int
    damaged: int
    lost: int
    price_idr: int | None

    @property
    def total(self) -> int:
        """Return all pieces that this settles."""
        return self.sold + self.returned + self.damaged + self.lost


@dataclass(frozen=True, slots=True)
class Fault:
    """A document that does not agree with its own sums or with the ledgers."""

    number: str
    code: str
    what: str
