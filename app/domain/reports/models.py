"""Tables of the reports: what was already added up, so that a page never sums a whole ledger.

All of it can be thrown away and worked out again from the ledgers; nothing is decided by it.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, BigId, UtcDateTime


class ReportDay(Base):
    """Pieces of one variant that moved on one local day for one cause."""

    __tablename__ = "report_day"
    __table_args__ = (Index("ix_report_day_upt_id_day", "upt_id", "day"),)

    upt_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("upt.id"), primary_key=True, autoincrement=False
    )
    variant_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    from_account: Mapped[str] = mapped_column(String(20), primary_key=True)
    to_account: Mapped[str] = mapped_column(String(20), primary_key=True)
    quantity: Mapped[int] = mapped_column(BigInteger)


class ReportItem(Base):
    """When pieces of a variant first came in and last went out, in local days."""

    __tablename__ = "report_item"

    upt_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("upt.id"), primary_key=True, autoincrement=False
    )
    variant_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    first_in_on: Mapped[date | None] = mapped_column(Date)
    last_out_on: Mapped[date | None] = mapped_column(Date)


class ReportUpt(Base):
    """One UPT beside the others, and the last entry that was folded into its days."""

    __tablename__ = "report_upt"

    upt_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("upt.id"), primary_key=True, autoincrement=False
    )
    sequence: Mapped[int] = mapped_column(BigInteger)
    pieces: Mapped[int] = mapped_column(BigInteger)
    value_idr: Mapped[int] = mapped_column(BigInteger)
    dead_pieces: Mapped[int] = mapped_column(BigInteger)
    dead_idr: Mapped[int] = mapped_column(BigInteger)
    low_count: Mapped[int]
    last_moved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refreshed_at: Mapped[datetime] = mapped_column(UtcDateTime)
