"""Tables of proof: signed heads, closed months, proven states, differences that were found."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, BigId, UtcDateTime

_NOT_RESOLVED: Final = text("state <> 'resolved'")


class StockDailyRoot(Base):
    """One day's root over the heads of all UPT, signed and chained to the day before."""

    __tablename__ = "stock_daily_root"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    heads: Mapped[int]
    merkle: Mapped[str] = mapped_column(String(64))
    previous_day: Mapped[date | None] = mapped_column(Date)
    previous: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(128))
    endorsement: Mapped[str] = mapped_column(String(128))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StockDailyHead(Base):
    """The end of one UPT's chain as it was signed and published on a day."""

    __tablename__ = "stock_daily_head"
    __table_args__ = (Index("ix_stock_daily_head_upt_id_day", "upt_id", "day"),)

    day: Mapped[date] = mapped_column(Date, ForeignKey("stock_daily_root.day"), primary_key=True)
    upt_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    slug: Mapped[str] = mapped_column(String(80))
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(128))


class StockPeriod(Base):
    """A closed month: where the chain stood, and who closed it."""

    __tablename__ = "stock_period"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends"),
        CheckConstraint("closed_at >= ends_at", name="ended"),
    )

    upt_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("upt.id"), primary_key=True, autoincrement=False
    )
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(String(60))
    entry_key: Mapped[str] = mapped_column(String(80))
    balances: Mapped[int]
    pieces: Mapped[int] = mapped_column(BigInteger)


class StockPeriodBalance(Base):
    """One balance as it stood when a month was closed."""

    __tablename__ = "stock_period_balance"

    upt_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    variant_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    lot_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(String(20), primary_key=True)
    in_posted: Mapped[int] = mapped_column(BigInteger)
    out_posted: Mapped[int] = mapped_column(BigInteger)
    in_pending: Mapped[int] = mapped_column(BigInteger)
    out_pending: Mapped[int] = mapped_column(BigInteger)


class StockPeriodHold(Base):
    """A promise that a later entry may still speak of, as it stood when a month was closed."""

    __tablename__ = "stock_period_hold"

    upt_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    variant_id: Mapped[int] = mapped_column(BigId)
    lot_id: Mapped[int] = mapped_column(BigId)
    from_account: Mapped[str] = mapped_column(String(20))
    to_account: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[int]
    quantity_posted: Mapped[int]
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12))


class StockProof(Base):
    """Up to where a UPT's figures were last proven, and a digest of them; may be thrown away."""

    __tablename__ = "stock_proof"

    upt_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("upt.id"), primary_key=True, autoincrement=False
    )
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    proven_at: Mapped[datetime] = mapped_column(UtcDateTime)
    whole_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StockRebuild(Base):
    """Opens balances, holds and heads for a rebuild, within its own transaction."""

    __tablename__ = "stock_rebuild"

    upt_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)


class StockIncident(Base):
    """A difference between the ledger and what is kept beside it, until a person has resolved it."""

    __tablename__ = "stock_incident"
    __table_args__ = (
        Index(
            "uq_stock_incident_open",
            "upt_id",
            "code",
            "subject",
            unique=True,
            postgresql_where=_NOT_RESOLVED,
            sqlite_where=_NOT_RESOLVED,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    code: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(120))
    ledger_figure: Mapped[str] = mapped_column(String(200))
    stored_figure: Mapped[str] = mapped_column(String(200))
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12))
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handled_by: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(String(300))
