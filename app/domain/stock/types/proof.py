"""Records of proof: closed months, signed heads, incidents, what a rebuild would change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from app.domain.stock.types.records import EntrySource
from app.domain.stock.types.words import EntryKind

STOCK_CLOSE: Final = "stock.close"
AUDIT_VIEW: Final = "audit.view"

NATIONAL_TIMEZONE: Final = "Asia/Jakarta"
"""Zone of the nation's day: one root covers the heads of all UPT on one date."""

HEAD_FORMAT: Final = "karyabina-head-1"
ROOT_FORMAT: Final = "karyabina-root-1"
EXPORT_FORMAT: Final = "karyabina-export-1"


@dataclass(frozen=True, slots=True)
class PeriodRecord:
    """A closed month of a UPT: where its chain stood when the head of the UPT closed it.

    Attributes:
        month: First day of the month.
        sequence: Last entry that belongs to it; later entries belong to later months.
        starts_at: First instant of the month in the UPT's zone.
        ends_at: First instant after it.
        closed_by: Stable name of who closed it, for example ``user:17``.
        balances: Figures in the snapshot.
        pieces: Pieces inside the UPT at that moment.
    """

    upt_id: int
    month: date
    sequence: int
    hash: str
    starts_at: datetime
    ends_at: datetime
    closed_at: datetime
    closed_by: str
    balances: int
    pieces: int

    @property
    def label(self) -> str:
        """Return the month as ``2026-10``."""
        return f"{self.month:%Y-%m}"

    @property
    def head_hash(self) -> str:
        """Return the hash of the last entry."""
        return self.hash

    @property
    def short_hash(self) -> str:
        """Return the first twelve signs of the hash."""
        return self.hash[:12]


@dataclass(frozen=True, slots=True)
class OpenMonth:
    """The month that may be closed next, or why none may.

    Attributes:
        month: First day; None when the UPT has no entries.
        ends_at: First instant after it.
        has_ended: Whether it may be closed now.
    """

    month: date | None
    starts_at: datetime | None
    ends_at: datetime | None
    has_ended: bool


@dataclass(frozen=True, slots=True)
class LateRow:
    """An entry that tells of something in a month that was closed before it was written."""

    sequence: int
    variant_id: int
    kind: EntryKind
    quantity: int
    from_account: str
    to_account: str
    actor: str
    note: str
    source: EntrySource
    happened_at: datetime
    written_at: datetime


@dataclass(frozen=True, slots=True)
class DailyHead:
    """The end of one UPT's chain, as signed on a day."""

    day: date
    upt_id: int
    slug: str
    sequence: int
    hash: str
    signature: str

    @property
    def short_hash(self) -> str:
        """Return the first twelve signs of the hash."""
        return self.hash[:12]


@dataclass(frozen=True, slots=True)
class DailyRoot:
    """One day's root over all heads.

    Attributes:
        heads: How many UPT it covers.
        merkle: Root of the tree over their lines.
        previous_day: Day of the root before it; None for the first.
        previous: Hash of the root line of the day before; zeros for the first.
        key: Public key that signed.
        endorsement: Signature of the key before, on the first day of a new key.
    """

    day: date
    heads: int
    merkle: str
    previous_day: date | None
    previous: str
    key: str
    signature: str
    endorsement: str
    published_at: datetime

    @property
    def short_merkle(self) -> str:
        """Return the first twelve signs of the root."""
        return self.merkle[:12]


@dataclass(frozen=True, slots=True)
class HeadProof:
    """A head with everything needed to check it alone.

    Attributes:
        path: Steps from the head's leaf to the root, ``L:`` or ``R:`` and the hash beside it.
    """

    head: DailyHead
    root: DailyRoot
    path: tuple[str, ...]


class IncidentState(StrEnum):
    """What became of a difference."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Difference:
    """What the ledger says and what is stored beside it, for one figure.

    Attributes:
        code: Kind of fault, as in ``Fault``.
        subject: Stable name of the figure, for example ``balance:7/12/available``.
    """

    code: str
    subject: str
    ledger_figure: str
    stored_figure: str


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """A difference that was found, until a person has resolved it."""

    incident_id: int
    upt_id: int
    code: str
    subject: str
    ledger_figure: str
    stored_figure: str
    first_seen_at: datetime
    last_seen_at: datetime
    state: IncidentState
    handled_at: datetime | None
    handled_by: str
    note: str


@dataclass(frozen=True, slots=True)
class ProofRecord:
    """Up to where a UPT's figures were last proven."""

    upt_id: int
    sequence: int
    hash: str
    digest: str
    proven_at: datetime
    whole_at: datetime | None


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What a comparison looked at and found."""

    upts: int
    entries: int
    differences: int


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What a rebuild would change, or changed, in one UPT.

    Attributes:
        differences: The first of them, with figures.
        count: All of them.
    """

    upt_id: int
    entries: int
    balances: int
    holds: int
    count: int
    differences: tuple[Difference, ...]
    was_repaired: bool
