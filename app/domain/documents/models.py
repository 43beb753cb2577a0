"""Tables of papers. A paper can only be added; its series row is the lock of its numbers."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, BigId, UtcDateTime


class PaperSeries(Base):
    """The last number of one kind of paper of a UPT in a year."""

    __tablename__ = "paper_series"

    upt_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("upt.id"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_number: Mapped[int]


class Paper(Base):
    """A paper with everything that stands on it."""

    __tablename__ = "paper"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("upt_id", "kind", "year", "sequence"),
        UniqueConstraint("upt_order_id", "kind", "part"),
        UniqueConstraint("token"),
        CheckConstraint("total_idr >= 1", name="total_positive"),
        CheckConstraint(
            "(kind IN ('invoice', 'receipt') AND part = 0 AND corrects_id IS NULL)"
            " OR (kind = 'credit_note' AND part >= 1 AND corrects_id IS NOT NULL)",
            name="kind_fits",
        ),
        Index("ix_paper_upt", "upt_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    upt_order_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt_order.id"))
    kind: Mapped[str] = mapped_column(String(12))
    part: Mapped[int]
    corrects_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("paper.id"))
    number: Mapped[str] = mapped_column(String(110))
    year: Mapped[int]
    sequence: Mapped[int]
    total_idr: Mapped[int] = mapped_column(BigId)
    issued_on: Mapped[date]
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    token: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
