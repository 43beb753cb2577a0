"""Tables of the treasurer's desk: proofs of transfer, comparisons with the provider."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.payments.errors import EntryKeyTaken
from app.infra import db
from app.infra.db import Base, BigId, UtcDateTime


class TransferProof(Base):
    """A picture or PDF that a buyer sent; it proves nothing by itself and changes no payment."""

    __tablename__ = "transfer_proof"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("payment_id", "sha256", name="uq_transfer_proof_payment_id_sha256"),
        CheckConstraint("kind IN ('jpg', 'png', 'webp', 'pdf')", name="kind_known"),
        Index("ix_transfer_proof_seen", "seen_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payment_id: Mapped[int] = mapped_column(BigId, ForeignKey("payment.id"))
    public_id: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(8))
    width: Mapped[int]
    height: Mapped[int]
    byte_count: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_by: Mapped[int | None] = mapped_column(BigId)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReconciliationRun(Base):
    """One comparison of a provider's list with our books."""

    __tablename__ = "reconciliation_run"
    __table_args__ = (
        CheckConstraint("state IN ('same', 'differs', 'failed')", name="state_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    ran_at: Mapped[datetime] = mapped_column(UtcDateTime)
    differences: Mapped[str] = mapped_column(Text)
    count: Mapped[int]


db.translate_constraint("uq_transfer_proof_payment_id_sha256", EntryKeyTaken)
