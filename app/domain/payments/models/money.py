"""Tables of payments; money rows can only grow."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.payments.errors import AttemptUnderWay, EntryKeyTaken, ReferenceTaken
from app.infra import db
from app.infra.db import Base, BigId, UtcDateTime

_OPEN: Final = text("state = 'open'")


class Payment(Base):
    """What one order costs, and the reference by which its money is recognised."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("group_id"),
        UniqueConstraint("reference"),
        CheckConstraint("expected_idr >= 1", name="expected_positive"),
        Index("ix_payment_waiting", "closed_reason", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    group_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_group.id"))
    method: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(8))
    expected_idr: Mapped[int] = mapped_column(BigId)
    pay_by_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_reason: Mapped[str | None] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PaymentShare(Base):
    """The part of a payment that one child order will get."""

    __tablename__ = "payment_share"
    __table_args__ = (
        UniqueConstraint("upt_order_id"),
        CheckConstraint("amount_idr >= 0", name="amount_not_negative"),
        Index("ix_payment_share_payment", "payment_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payment_id: Mapped[int] = mapped_column(BigId, ForeignKey("payment.id"))
    upt_order_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt_order.id"))
    amount_idr: Mapped[int] = mapped_column(BigId)


class MoneyEntry(Base):
    """One fact about money; rows are never changed or removed."""

    __tablename__ = "money_entry"
    __table_args__ = (
        UniqueConstraint("entry_key"),
        CheckConstraint("amount_idr >= 1", name="amount_positive"),
        CheckConstraint(
            "kind IN ('received', 'settled', 'refund_due', 'refunded')", name="kind_known"
        ),
        CheckConstraint(
            "(kind <> 'received' OR upt_order_id IS NULL)"
            " AND (kind <> 'settled' OR upt_order_id IS NOT NULL)",
            name="kind_fits_order",
        ),
        Index("ix_money_entry_payment", "payment_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payment_id: Mapped[int] = mapped_column(BigId, ForeignKey("payment.id"))
    upt_order_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("upt_order.id"))
    kind: Mapped[str] = mapped_column(String(12))
    amount_idr: Mapped[int] = mapped_column(BigId)
    bank_reference: Mapped[str] = mapped_column(String(80))
    happened_on: Mapped[date]
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_user_id: Mapped[int | None] = mapped_column(BigId)
    note: Mapped[str] = mapped_column(Text)
    entry_key: Mapped[str] = mapped_column(String(120))


class PaymentReview(Base):
    """Money that a person must look at."""

    __tablename__ = "payment_review"
    __table_args__ = (
        CheckConstraint(
            "(state = 'open' AND closed_at IS NULL) OR (state = 'closed' AND closed_at IS NOT NULL)",
            name="closed_has_instant",
        ),
        Index("ix_payment_review_state", "state", "id"),
        Index("ix_payment_review_payment", "payment_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payment_id: Mapped[int] = mapped_column(BigId, ForeignKey("payment.id"))
    state: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str | None] = mapped_column(String(16))


class PaymentAttempt(Base):
    """One try to pay at a provider; at most one of a payment is open."""

    __tablename__ = "payment_attempt"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("page_id"),
        UniqueConstraint("intent_id"),
        CheckConstraint("amount_idr >= 1", name="amount_positive"),
        CheckConstraint(
            "state IN ('open', 'succeeded', 'expired', 'cancelled')", name="state_known"
        ),
        Index(
            "uq_payment_attempt_open",
            "payment_id",
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        Index("ix_payment_attempt_payment", "payment_id", "id"),
        Index("ix_payment_attempt_state", "state", "expires_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payment_id: Mapped[int] = mapped_column(BigId, ForeignKey("payment.id"))
    provider: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(80))
    amount_idr: Mapped[int] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(String(12))
    page_id: Mapped[str | None] = mapped_column(String(120))
    url: Mapped[str | None] = mapped_column(Text)
    intent_id: Mapped[str | None] = mapped_column(String(120))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GatewayEvent(Base):
    """A signed notice of a provider, kept once by its own id."""

    __tablename__ = "gateway_event"
    __table_args__ = (
        UniqueConstraint("provider", "event_id"),
        CheckConstraint("state IN ('new', 'applied', 'ignored')", name="state_known"),
        Index("ix_gateway_event_state", "state", "id"),
        Index("ix_gateway_event_page", "page_id"),
        Index("ix_gateway_event_intent", "intent_id"),
        Index("ix_gateway_event_attempt", "attempt_key"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(120))
    page_id: Mapped[str | None] = mapped_column(String(120))
    intent_id: Mapped[str | None] = mapped_column(String(120))
    attempt_key: Mapped[str | None] = mapped_column(String(80))
    is_live: Mapped[bool]
    content: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12))
    outcome: Mapped[str] = mapped_column(String(40))
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RefundAttempt(Base):
    """Money on its way back through a provider."""

    __tablename__ = "refund_attempt"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("amount_idr >= 1", name="amount_positive"),
        CheckConstraint("state IN ('open', 'succeeded', 'failed')", name="state_known"),
        Index("ix_refund_attempt_state", "state", "id"),
        Index("ix_refund_attempt_payment", "payment_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payment_id: Mapped[int] = mapped_column(BigId, ForeignKey("payment.id"))
    upt_order_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("upt_order.id"))
    key: Mapped[str] = mapped_column(String(80))
    intent_id: Mapped[str] = mapped_column(String(120))
    amount_idr: Mapped[int] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(String(12))
    refund_id: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


db.translate_constraint("uq_payment_attempt_open", AttemptUnderWay)
db.translate_constraint("uq_payment_attempt_payment_id", AttemptUnderWay)
db.translate_constraint("uq_payment_reference", ReferenceTaken)
db.translate_constraint("uq_money_entry_entry_key", EntryKeyTaken)
