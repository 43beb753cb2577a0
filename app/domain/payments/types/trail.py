"""Card money as the treasurer looks at it: tries, notices, money sent back, comparisons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.payments.types.cards import AttemptState, GatewayDifference, RefundState


class RunState(StrEnum):
    """What a comparison with the provider led to."""

    SAME = "same"
    DIFFERS = "differs"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TriedCard:
    """One try to pay."""

    state: AttemptState
    amount_idr: int
    page_id: str | None
    intent_id: str | None
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SeenNotice:
    """One notice of the provider and what it led to."""

    kind: str
    event_id: str
    outcome: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class SentBack:
    """Money sent back by card, or on its way."""

    state: RefundState
    amount_idr: int
    intent_id: str
    refund_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CardTrail:
    """Everything that a provider and we said about one payment, newest first."""

    tries: tuple[TriedCard, ...]
    notices: tuple[SeenNotice, ...]
    refunds: tuple[SentBack, ...]


@dataclass(frozen=True, slots=True)
class ReconciliationRecord:
    """One comparison of the provider's list with our books."""

    run_id: int
    provider: str
    state: RunState
    since: datetime
    ran_at: datetime
    differences: tuple[GatewayDifference, ...]
    count: int
