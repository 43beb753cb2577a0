"""Tables of transfers and of loans to fairs.

A document row carries its state, its version and two sums; the database refuses an ended document
with pieces still open, and a line of which more was settled than sent. Events and outcomes only grow.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.transfers.errors import MoreThanSent, TransferChanged, TransferNumberTaken
from app.infra import db
from app.infra.db import Base, BigId, UtcDateTime
from app.kernel.errors import IdempotencyMismatch


class Transfer(Base):
    """Goods on the way from one UPT to another."""

    __tablename__ = "transfer"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("sender_upt_id <> receiver_upt_id", name="two_units"),
        CheckConstraint("version >= 1", name="version_positive"),
        CheckConstraint(
            "pieces_settled >= 0 AND pieces_settled <= pieces_sent", name="settled_within_sent"
        ),
        CheckConstraint(
            "state NOT IN ('settled', 'recalled') OR pieces_settled = pieces_sent",
            name="ended_is_settled",
        ),
        CheckConstraint(
            "(sent_at IS NULL) = (state IN ('draft', 'discarded'))", name="sent_has_instant"
        ),
        CheckConstraint(
            "(ended_at IS NULL) = (state IN ('draft', 'sent', 'part_received'))",
            name="ended_has_instant",
        ),
        Index("ix_transfer_sender", "sender_upt_id", "id"),
        Index("ix_transfer_receiver", "receiver_upt_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(16))
    sender_upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    receiver_upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    carrier: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(300))
    due_on: Mapped[date | None] = mapped_column(Date)
    pieces_sent: Mapped[int] = mapped_column(BigId)
    pieces_settled: Mapped[int] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TransferLineRow(Base):
    """Pieces of one variant and lot; what arrived is counted up here."""

    __tablename__ = "transfer_line"
    __table_args__ = (
        UniqueConstraint("transfer_id", "position"),
        CheckConstraint("quantity BETWEEN 1 AND 1000000", name="quantity"),
        CheckConstraint(
            "received >= 0 AND returned >= 0 AND lost >= 0"
            " AND received + returned + lost <= quantity",
            name="settled_within_sent",
        ),
        CheckConstraint(
            "received = 0 OR receiver_variant_id IS NOT NULL", name="received_is_known"
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    transfer_id: Mapped[int] = mapped_column(BigId, ForeignKey("transfer.id"))
    position: Mapped[int]
    variant_id: Mapped[int] = mapped_column(BigId, ForeignKey("variant.id"))
    from_place: Mapped[str] = mapped_column(String(20))
    lot_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("stock_lot.id"))
    lot_code: Mapped[str] = mapped_column(String(40))
    produced_on: Mapped[date | None] = mapped_column(Date)
    expires_on: Mapped[date | None] = mapped_column(Date)
    quantity: Mapped[int]
    received: Mapped[int]
    returned: Mapped[int]
    lost: Mapped[int]
    receiver_variant_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("variant.id"))


class TransferEvent(Base):
    """What happened to a transfer; the key of the form is unique, so a repeat is recognised."""

    __tablename__ = "transfer_event"
    __table_args__ = (UniqueConstraint("entry_key"), UniqueConstraint("document_id", "sequence"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    document_id: Mapped[int] = mapped_column(BigId, ForeignKey("transfer.id"))
    sequence: Mapped[int]
    action: Mapped[str] = mapped_column(String(16))
    entry_key: Mapped[str] = mapped_column(String(80))
    fingerprint: Mapped[str] = mapped_column(String(16))
    actor_user_id: Mapped[int | None] = mapped_column(BigId)
    note: Mapped[str] = mapped_column(String(300))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TransferOutcome(Base):
    """Pieces of a line settled by an event, with where they went and why."""

    __tablename__ = "transfer_outcome"
    __table_args__ = (
        CheckConstraint("quantity >= 1", name="quantity_positive"),
        CheckConstraint("(outcome = 'received') = (lot_id IS NOT NULL)", name="received_has_lot"),
        CheckConstraint(
            "outcome IN ('received', 'called_back') OR length(reason) > 0", name="gap_has_reason"
        ),
        Index("ix_transfer_outcome_event", "event_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(BigId, ForeignKey("transfer_event.id"))
    line_id: Mapped[int] = mapped_column(BigId, ForeignKey("transfer_line.id"))
    outcome: Mapped[str] = mapped_column(String(12))
    quantity: Mapped[int]
    place: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(300))
    variant_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("variant.id"))
    lot_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("stock_lot.id"))


class FairLoan(Base):
    """Goods lent to a fair."""

    __tablename__ = "fair_loan"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        CheckConstraint("version >= 1", name="version_positive"),
        CheckConstraint(
            "pieces_settled >= 0 AND pieces_settled <= pieces_sent", name="settled_within_sent"
        ),
        CheckConstraint(
            "state <> 'closed' OR pieces_settled = pieces_sent", name="closed_is_settled"
        ),
        CheckConstraint(
            "(sent_at IS NULL) = (state IN ('draft', 'discarded'))", name="sent_has_instant"
        ),
        CheckConstraint(
            "(ended_at IS NULL) = (state IN ('draft', 'out'))", name="ended_has_instant"
        ),
        Index("ix_fair_loan_upt", "upt_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(16))
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(120))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    responsible: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(300))
    pieces_sent: Mapped[int] = mapped_column(BigId)
    pieces_settled: Mapped[int] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FairLineRow(Base):
    """Pieces of one variant and lot at a fair; what became of them is counted up here."""

    __tablename__ = "fair_line"
    __table_args__ = (
        UniqueConstraint("loan_id", "position"),
        CheckConstraint("quantity BETWEEN 1 AND 1000000", name="quantity"),
        CheckConstraint(
            "sold >= 0 AND returned >= 0 AND lost >= 0 AND sold + returned + lost <= quantity",
            name="settled_within_sent",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    loan_id: Mapped[int] = mapped_column(BigId, ForeignKey("fair_loan.id"))
    position: Mapped[int]
    variant_id: Mapped[int] = mapped_column(BigId, ForeignKey("variant.id"))
    from_place: Mapped[str] = mapped_column(String(20))
    lot_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("stock_lot.id"))
    lot_code: Mapped[str] = mapped_column(String(40))
    expires_on: Mapped[date | None] = mapped_column(Date)
    quantity: Mapped[int]
    sold: Mapped[int]
    returned: Mapped[int]
    lost: Mapped[int]
    price_idr: Mapped[int | None] = mapped_column(BigId)


class FairEvent(Base):
    """What happened to a loan; an event may be taken back once, by another one."""

    __tablename__ = "fair_event"
    __table_args__ = (
        UniqueConstraint("entry_key"),
        UniqueConstraint("document_id", "sequence"),
        UniqueConstraint("undoes_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    document_id: Mapped[int] = mapped_column(BigId, ForeignKey("fair_loan.id"))
    sequence: Mapped[int]
    action: Mapped[str] = mapped_column(String(16))
    entry_key: Mapped[str] = mapped_column(String(80))
    fingerprint: Mapped[str] = mapped_column(String(16))
    actor_user_id: Mapped[int | None] = mapped_column(BigId)
    note: Mapped[str] = mapped_column(String(300))
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undoes_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("fair_event.id"))


class FairOutcomeRow(Base):
    """Pieces of a line settled by an event: money where they were sold, a place or a reason."""

    __tablename__ = "fair_outcome"
    __table_args__ = (
        CheckConstraint("quantity >= 1", name="quantity_positive"),
        CheckConstraint(
            "amount_idr >= 0 AND (outcome = 'sold' OR amount_idr = 0)"
            " AND (outcome = 'sold') = (length(paid_by) > 0)",
            name="money_is_from_sales",
        ),
        CheckConstraint("(outcome = 'returned') = (length(place) > 0)", name="returned_has_place"),
        CheckConstraint(
            "outcome IN ('sold', 'returned') OR length(reason) > 0", name="gap_has_reason"
        ),
        Index("ix_fair_outcome_event", "event_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(BigId, ForeignKey("fair_event.id"))
    line_id: Mapped[int] = mapped_column(BigId, ForeignKey("fair_line.id"))
    outcome: Mapped[str] = mapped_column(String(12))
    quantity: Mapped[int]
    place: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(300))
    amount_idr: Mapped[int] = mapped_column(BigId)
    paid_by: Mapped[str] = mapped_column(String(8))


for _number in ("uq_transfer_number", "uq_fair_loan_number"):
    db.translate_constraint(_number, TransferNumberTaken)
for _key in ("uq_transfer_event_entry_key", "uq_fair_event_entry_key"):
    db.translate_constraint(_key, IdempotencyMismatch)
for _sequence in (
    "uq_transfer_event_document_id_sequence",
    "uq_fair_event_document_id_sequence",
    "uq_fair_event_undoes_id",
):
    db.translate_constraint(_sequence, TransferChanged)
for _sum in (
    "ck_transfer_line_settled_within_sent",
    "ck_fair_line_settled_within_sent",
    "ck_transfer_settled_within_sent",
    "ck_fair_loan_settled_within_sent",
):
    db.translate_constraint(_sum, MoreThanSent)
