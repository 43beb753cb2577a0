"""Kinds of money rows, derived states and the frozen records of payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

PERMISSION_VIEW: Final = "payment.view"
PERMISSION_CONFIRM: Final = "payment.confirm"


class PaymentMethod(StrEnum):
    """How a buyer pays."""

    BANK_TRANSFER = "bank_transfer"
    CARD = "card"


class MoneyKind(StrEnum):
    """What one money row says; every amount is positive.

    ``received`` is money that came in. ``settled`` gives a part of it to one child order.
    ``refund_due`` says that money must go back: with a child order from its settled share, without
    one from money that was never settled. ``refunded`` says that it went back.
    """

    RECEIVED = "received"
    SETTLED = "settled"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"


class PaymentState(StrEnum):
    """Payment of an order as a fact, computed from money rows; nobody can set it."""

    NONE = "none"
    PENDING = "pending"
    PART_PAID = "part_paid"
    PAID = "paid"
    OVERPAID = "overpaid"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"


class ClosedReason(StrEnum):
    """Why a payment no longer waits for money."""

    SETTLED = "settled"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class ReviewReason(StrEnum):
    """Why a person must look at money that came in."""

    WRONG_AMOUNT = "wrong_amount"
    LATE = "late"
    DUPLICATE = "duplicate"
    MISMATCH = "mismatch"


class ReviewOutcome(StrEnum):
    """How a review ended."""

    SETTLE = "settle"
    REFUND = "refund"
    COMPLETED = "completed"


class ReviewDecision(StrEnum):
    """What the treasurer may decide about money held for review."""

    SETTLE = "settle"
    REFUND = "refund"


class TransferResult(StrEnum):
    """What became of a recorded transfer."""

    SETTLED = "settled"
    HELD_FOR_REVIEW = "held_for_review"
    LATE = "late"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class MoneySums:
    """Sums over the money rows of one payment, in rupiah.

    Attributes:
        received_idr: Everything that came in.
        settled_idr: What was given to child orders.
        owed_settled_idr: To go back out of settled shares.
        owed_unsettled_idr: To go back out of money that was never settled.
        refunded_settled_idr: Gone back out of settled shares.
        refunded_unsettled_idr: Gone back out of money that was never settled.
    """

    received_idr: int = 0
    settled_idr: int = 0
    owed_settled_idr: int = 0
    owed_unsettled_idr: int = 0
    refunded_settled_idr: int = 0
    refunded_unsettled_idr: int = 0

    def __add__(self, other: MoneySums) -> MoneySums:
        """Return both sums together."""
        return MoneySums(
            received_idr=self.received_idr + other.received_idr,
            settled_idr=self.settled_idr + other.settled_idr,
            owed_settled_idr=self.owed_settled_idr + other.owed_settled_idr,
            owed_unsettled_idr=self.owed_unsettled_idr + other.owed_unsettled_idr,
            refunded_settled_idr=self.refunded_settled_idr + other.refunded_settled_idr,
            refunded_unsettled_idr=self.refunded_unsettled_idr + other.refunded_unsettled_idr,
        )

    @property
    def unsettled_idr(self) -> int:
        """Return money that is neither given to an order nor promised back."""
        return self.received_idr - self.settled_idr - self.owed_unsettled_idr

    @property
    def refund_due_idr(self) -> int:
        """Return what must still be sent back."""
        return self.owed_settled_idr + self.owed_unsettled_idr - self.refunded_idr

    @property
    def refunded_idr(self) -> int:
        """Return what was sent back."""
        return self.refunded_settled_idr + self.refunded_unsettled_idr


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came in or went back, as the bank or provider tells it.

    Attributes:
        entry_key: Unique for this movement of money.
        bank_reference: The bank's or provider's own name for it.
        on: Day on which it moved; None for the day of writing.
    """

    amount_idr: int
    entry_key: str
    bank_reference: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class LockedPayment:
    """A payment whose row is held until the end of the unit of work."""

    payment_id: int
    group_id: int
    reference: str
    expected_idr: int
    closed_reason: ClosedReason | None
    sums: MoneySums


@dataclass(frozen=True, slots=True)
class TransferOutcome:
    """What recording a transfer led to.

    Attributes:
        is_repeat: The same entry key came before; nothing new was written.
        difference_idr: Money there minus money expected; 0 when settled.
    """

    payment_id: int
    group_id: int
    result: TransferResult
    difference_idr: int
    is_repeat: bool


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """The payment of one order as everybody may see it who may see the order."""

    payment_id: int
    group_id: int
    method: PaymentMethod
    reference: str
    expected_idr: int
    pay_by_at: datetime
    closed_reason: ClosedReason | None
    state: PaymentState
    sums: MoneySums
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MoneyEntryRecord:
    """One money row."""

    entry_id: int
    kind: MoneyKind
    amount_idr: int
    upt_order_number: str | None
    bank_reference: str
    happened_on: date
    written_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """Money that a person must look at."""

    review_id: int
    payment_id: int
    reference: str
    order_number: str
    contact_name: str
    reason: ReviewReason
    expected_idr: int
    unsettled_idr: int
    opened_at: datetime
    is_open: bool
    outcome: ReviewOutcome | None


@dataclass(frozen=True, slots=True)
class ShareRecord:
    """The part of a payment that belongs to one child order."""

    upt_order_id: int
    upt_order_number: str
    upt_id: int
    amount_idr: int
    settled_idr: int
    owed_idr: int
    refunded_idr: int


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """Everything about one payment, for the treasurer."""

    payment: PaymentRecord
    order_number: str
    contact_name: str
    contact_phone: str
    shares: tuple[ShareRecord, ...]
    entries: tuple[MoneyEntryRecord, ...]
    reviews: tuple[ReviewRecord, ...]


@dataclass(frozen=True, slots=True)
class WaitingTransfer:
    """A payment that still waits for money."""

    reference: str
    order_number: str
    contact_name: str
    expected_idr: int
    received_idr: int
    pay_by_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RefundDue:
    """Money that must go back to a buyer.

    Attributes:
        upt_order_number: Child order out of whose share it goes; None for money never settled.
    """

    reference: str
    order_number: str
    upt_order_number: str | None
    contact_name: str
    contact_phone: str
    due_idr: int
    since: datetime


@dataclass(frozen=True, slots=True)
class MoneyFault:
    """Something that does not add up."""

    reference: str
    what: str


@dataclass(frozen=True, slots=True)
class MoneyReport:
    """Sums over all payments, and what does not add up.

    Attributes:
        in_review_idr: Came in and is neither given to an order nor promised back.
        owed_unsettled_idr: Promised back without ever having been given to an order.
        owed_idr: Still to be sent back, of either kind.
    """

    payments: int
    entries: int
    received_idr: int
    settled_idr: int
    in_review_idr: int
    owed_unsettled_idr: int
    owed_idr: int
    refunded_idr: int
    faults: tuple[MoneyFault, ...]


@dataclass(frozen=True, slots=True)
class ShareSums:
    """Sums of the money rows of one child order, or of those that belong to none.

    Attributes:
        amount_idr: The share as promised when the order was placed.
    """

    amount_idr: int
    received_idr: int
    settled_idr: int
    owed_idr: int
    refunded_idr: int


@dataclass(frozen=True, slots=True)
class VerifiedPayment:
    """A payment with everything that must add up.

    Attributes:
        unsettled: Sums of rows without a child order.
    """

    reference: str
    expected_idr: int
    closed: ClosedReason | None
    unsettled: ShareSums
    shares: tuple[ShareSums, ...]
    has_open_review: bool

    @property
    def sums(self) -> MoneySums:
        """Return the sums of the whole payment."""
        return MoneySums(
            received_idr=self.unsettled.received_idr,
            settled_idr=sum(share.settled_idr for share in self.shares),
            owed_settled_idr=sum(share.owed_idr for share in self.shares),
            owed_unsettled_idr=self.unsettled.owed_idr,
            refunded_settled_idr=sum(share.refunded_idr for share in self.shares),
            refunded_unsettled_idr=self.unsettled.refunded_idr,
        )
