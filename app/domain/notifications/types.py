"""Kinds and states of letters, and what a letter is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from app.domain.orders.types import OrderPage, UptOrderRecord
from app.domain.payments.types import PaymentRecord

KEY_MAX: Final = 120

LEASE: Final = timedelta(minutes=5)
"""How long a letter belongs to the worker that sends it."""

RETRY_FIRST: Final = timedelta(minutes=1)
RETRY_LONGEST: Final = timedelta(hours=6)
ATTEMPTS_MAX: Final = 16
"""With the pauses between them about three days."""


class MailKind(StrEnum):
    """What a letter is about."""

    ORDER_PLACED = "order_placed"
    ORDER_PAID = "order_paid"
    ACCEPTED = "accepted"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    PART_CANCELLED = "part_cancelled"
    GOODS_REFUSED = "goods_refused"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_EXPIRED = "order_expired"
    REFUND_OWED = "refund_owed"
    REFUND_SENT = "refund_sent"
    MONEY_IN_REVIEW = "money_in_review"


class MailState(StrEnum):
    """Where a letter stands.

    ``skipped`` was true when it was written but no longer when it was to leave, or its reader has no
    address any more. ``refused`` and ``given_up`` are for good.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    REFUSED = "refused"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A letter held under a lease."""

    mail_id: int
    key: str
    kind: MailKind
    group_id: int
    upt_order_id: int | None
    amount_idr: int | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Account:
    """Where buyers transfer money."""

    bank: str
    number: str
    holder: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that a letter may speak of.

    Attributes:
        part: The child order that it is about, if it is about one.
        units: Short name of each UPT by id.
        address: Secret link of the order.
    """

    page: OrderPage
    payment: PaymentRecord
    part: UptOrderRecord | None
    units: dict[int, str]
    timezone: str
    address: str
    account: Account
    amount_idr: int | None


@dataclass(frozen=True, slots=True)
class Words:
    """A letter in words; the text and the HTML are both made from these.

    Attributes:
        facts: Label and value, one under the other.
        button: Words and address of the one thing to do.
        english: The same in one English sentence.
    """

    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    button: tuple[str, str]
    english: str


@dataclass(frozen=True, slots=True)
class SendReport:
    """What one round of sending did."""

    sent: int
    skipped: int
    refused: int
    put_off: int
