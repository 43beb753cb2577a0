"""Words and records of card payment through a provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class AttemptState(StrEnum):
    """What became of one try to pay at a provider; all but ``open`` are final."""

    OPEN = "open"
    SUCCEEDED = "succeeded"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class RefundState(StrEnum):
    """What became of money sent back through a provider."""

    OPEN = "open"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class EventState(StrEnum):
    """What became of a provider's notice."""

    NEW = "new"
    APPLIED = "applied"
    IGNORED = "ignored"


class GatewayState(StrEnum):
    """How a pay page stands at the provider."""

    OPEN = "open"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CLOSED = "closed"


PAGE_LIFE: Final = timedelta(minutes=31)
"""How long a pay page lives; Stripe takes no less than 30 minutes."""

PAGE_MARGIN: Final = timedelta(minutes=9)
"""How much longer than the pay page the stock stays held, for money that is under way."""

WEBHOOK_BYTES_MAX: Final = 1024 * 1024
SIGNATURE_AGE_MAX: Final = timedelta(minutes=5)
"""How old, or how far ahead, the signature of a notice may be."""


@dataclass(frozen=True, slots=True)
class PayRequest:
    """What a pay page is opened for.

    Attributes:
        key: Our attempt; asking twice with it opens one page.
        order_number: Shown to the buyer and kept by the provider.
        amount_idr: Whole rupiah, 1 or more.
        email: Where the provider sends its receipt.
        expires_at: When the page closes by itself.
        success_url: Where the buyer comes back to after paying.
        cancel_url: Where the buyer comes back to without paying.
    """

    key: str
    order_number: str
    amount_idr: int
    email: str
    expires_at: datetime
    success_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class PayPage:
    """A pay page at the provider."""

    page_id: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class GatewayPayment:
    """A pay page as the provider tells it.

    Attributes:
        key: Our attempt, as we gave it; empty when the page is not ours.
        intent_id: The provider's name for the money; None before anybody tried to pay.
        amount_idr: What was or would be paid; None when it is not a whole number of rupiah.
        refunded_idr: What went back of it.
    """

    page_id: str
    key: str
    state: GatewayState
    intent_id: str | None
    amount_idr: int | None
    currency: str
    is_live: bool
    refunded_idr: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class GatewayRefund:
    """Money sent back, as the provider tells it."""

    refund_id: str
    state: RefundState


@dataclass(frozen=True, slots=True)
class SignedEvent:
    """A notice whose signature was right.

    Attributes:
        page_id: The pay page it is about, when it says so.
        intent_id: The money it is about, when it says so.
        key: Our attempt, when the thing carries it.
        content: The body as it came.
    """

    event_id: str
    kind: str
    is_live: bool
    page_id: str | None
    intent_id: str | None
    key: str | None
    content: str


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One try to pay an order at a provider."""

    attempt_id: int
    payment_id: int
    group_id: int
    key: str
    amount_idr: int
    state: AttemptState
    page_id: str | None
    url: str | None
    intent_id: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """Money to be sent back through a provider."""

    refund_id: int
    payment_id: int
    group_id: int
    upt_order_id: int | None
    key: str
    intent_id: str
    amount_idr: int


class CardResult(StrEnum):
    """What a look at the provider led to."""

    NOTHING_NEW = "nothing_new"
    SETTLED = "settled"
    REOPENED = "reopened"
    REFUND = "refund"
    REVIEW = "review"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class GatewayDifference:
    """Money on which the provider and we do not agree."""

    intent_id: str
    what: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A notice as we keep it."""

    gateway_event_id: int
    provider: str
    kind: str
    page_id: str | None
    intent_id: str | None
    attempt_key: str | None
    is_live: bool
    state: str


@dataclass(frozen=True, slots=True)
class Due:
    """Money owed back: out of a child order's share, or never settled (None)."""

    upt_order_id: int | None
    amount_idr: int


@dataclass(frozen=True, slots=True)
class RefundUnderway:
    """Money that was, or is being, sent back by card."""

    upt_order_id: int | None
    intent_id: str
    amount_idr: int
    state: RefundState


@dataclass(frozen=True, slots=True)
class CardMoney:
    """What a card brought."""

    intent_id: str
    amount_idr: int


@dataclass(frozen=True, slots=True)
class CardRefund:
    """Money to be sent back to one card.

    Attributes:
        sequence: How many were ordered for this payment before.
    """

    upt_order_id: int | None
    intent_id: str
    amount_idr: int
    sequence: int
