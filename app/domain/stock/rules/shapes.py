"""What the ledger's rules work with: lines still to be chained, lots with what is free, holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.stock.types import Account, EntryKind, EntrySource, Phase

Key = tuple[int, int]
"""UPT id and variant id."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry still to be numbered and chained."""

    upt_id: int
    phase: Phase
    kind: EntryKind
    variant_id: int
    lot_id: int
    from_account: str
    to_account: str
    quantity: int
    hold_id: int | None = None
    reverses_id: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """What all entries of one posting share."""

    actor: str
    source: EntrySource
    fingerprint: str
    happened_at: datetime
    at: datetime
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class LotFree:
    """What is free of one lot in one account."""

    upt_id: int
    variant_id: int
    lot_id: int
    free: int
    expires_on: date | None
    is_open: bool = True
    account: Account = Account.AVAILABLE


@dataclass(frozen=True, slots=True)
class Pick:
    """Pieces taken from one lot in one account."""

    upt_id: int
    variant_id: int
    lot_id: int
    quantity: int
    account: Account = Account.AVAILABLE


@dataclass(frozen=True, slots=True)
class AdjustRule:
    """Where pieces go for one reason and direction."""

    from_account: Account
    to_account: Account
    kind: EntryKind


@dataclass(frozen=True, slots=True)
class HoldLine:
    """A hold as it stands: its accounts and pieces, and what became of it."""

    hold_id: int
    upt_id: int
    variant_id: int
    lot_id: int
    from_account: str
    to_account: str
    quantity: int
    quantity_posted: int
    state: str


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A posted entry as one needs it for reversing."""

    entry_id: int
    phase: str
    variant_id: int
    lot_id: int
    from_account: str
    to_account: str
    quantity: int
    reverses_id: int | None
    is_reversed: bool
    free_there: int
    source_kind: str = "form"
