"""Tables of the stock ledger.

Only ``stock_entry`` and ``stock_lot`` are written by the application. The database itself folds each
entry into ``stock_balance``, ``stock_hold`` and ``stock_head`` by the triggers of migration 0008, so
a balance cannot move without an entry, nor an entry without its balance.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.stock.errors import (
    HoldClosed,
    InsufficientStock,
    LedgerChanged,
    NotReversible,
    WorkshopNameTaken,
)
from app.infra import db
from app.infra.db import Base, BigId, UtcDateTime

_POSTED: Final = text("phase IN ('post', 'void')")
_DELIVERED: Final = text("phase = 'move' AND hold_id IS NOT NULL")
_REVERSING: Final = text("reverses_id IS NOT NULL")
_OPEN: Final = text("state = 'open'")
_TOLD_LATER: Final = text("happened_at < written_at")


class StockHead(Base):
    """The end of one UPT's chain; whoever writes there locks this row first."""

    __tablename__ = "stock_head"

    upt_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("upt.id"), primary_key=True, autoincrement=False
    )
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    written_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StockLot(Base):
    """Pieces made together; belongs to one UPT and one variant for ever."""

    __tablename__ = "stock_lot"
    __table_args__ = (
        UniqueConstraint("upt_id", "variant_id", "code"),
        UniqueConstraint("id", "upt_id", "variant_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    variant_id: Mapped[int] = mapped_column(BigId, ForeignKey("variant.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    produced_on: Mapped[date | None] = mapped_column(Date)
    expires_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StockEntry(Base):
    """One immutable line of a UPT's ledger; its id is made of UPT and sequence."""

    __tablename__ = "stock_entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["lot_id", "upt_id", "variant_id"],
            ["stock_lot.id", "stock_lot.upt_id", "stock_lot.variant_id"],
        ),
        UniqueConstraint(
            "upt_id", "source_kind", "source_key", "source_line", name="uq_stock_entry_source"
        ),
        CheckConstraint("id = upt_id * 1099511627776 + sequence", name="id"),
        CheckConstraint("sequence BETWEEN 1 AND 1099511627775", name="sequence"),
        CheckConstraint("quantity BETWEEN 1 AND 1000000000", name="quantity"),
        CheckConstraint("from_account <> to_account", name="accounts"),
        CheckConstraint(
            "(phase IN ('post', 'void', 'keep') AND hold_id IS NOT NULL)"
            " OR (phase = 'hold' AND hold_id IS NULL) OR phase = 'move'",
            name="phase",
        ),
        CheckConstraint(
            "reverses_id IS NULL OR (phase = 'move' AND hold_id IS NULL)", name="reversal"
        ),
        CheckConstraint("length(hash) = 64 AND length(previous_hash) = 64", name="hash"),
        Index(
            "uq_stock_entry_hold_resolved",
            "hold_id",
            unique=True,
            postgresql_where=_POSTED,
            sqlite_where=_POSTED,
        ),
        Index(
            "uq_stock_entry_hold_delivered",
            "hold_id",
            unique=True,
            postgresql_where=_DELIVERED,
            sqlite_where=_DELIVERED,
        ),
        Index(
            "uq_stock_entry_reverses_id",
            "reverses_id",
            unique=True,
            postgresql_where=_REVERSING,
            sqlite_where=_REVERSING,
        ),
        Index("ix_stock_entry_variant_id_id", "variant_id", "id"),
        Index(
            "ix_stock_entry_told_later",
            "id",
            postgresql_where=_TOLD_LATER,
            sqlite_where=_TOLD_LATER,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    upt_id: Mapped[int] = mapped_column(BigId)
    sequence: Mapped[int] = mapped_column(BigInteger)
    phase: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(20))
    variant_id: Mapped[int] = mapped_column(BigId)
    lot_id: Mapped[int] = mapped_column(BigId)
    from_account: Mapped[str] = mapped_column(String(20))
    to_account: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[int]
    hold_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("stock_entry.id"))
    reverses_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("stock_entry.id"))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(300))
    source_kind: Mapped[str] = mapped_column(String(20))
    source_key: Mapped[str] = mapped_column(String(80))
    source_line: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(16))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class StockBalance(Base):
    """Four counters of one variant and lot in one account; guarded ones never promise too much."""

    __tablename__ = "stock_balance"
    __table_args__ = (
        CheckConstraint(
            "account IN ('production', 'opening', 'supplier', 'customer', 'loss', 'found',"
            " 'sample', 'consumed', 'other_upt', 'plan') OR in_posted - out_posted - out_pending >= 0",
            name="guarded",
        ),
        CheckConstraint(
            "in_posted >= 0 AND out_posted >= 0 AND in_pending >= 0 AND out_pending >= 0",
            name="counters",
        ),
        Index("ix_stock_balance_variant_id_account", "variant_id", "account"),
    )

    upt_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    variant_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    lot_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("stock_lot.id"), primary_key=True, autoincrement=False
    )
    account: Mapped[str] = mapped_column(String(20), primary_key=True)
    in_posted: Mapped[int] = mapped_column(BigInteger)
    out_posted: Mapped[int] = mapped_column(BigInteger)
    in_pending: Mapped[int] = mapped_column(BigInteger)
    out_pending: Mapped[int] = mapped_column(BigInteger)


class StockHold(Base):
    """A promise and what became of it, by the id of the entry that made it."""

    __tablename__ = "stock_hold"
    __table_args__ = (
        Index(
            "ix_stock_hold_open_variant",
            "variant_id",
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        Index(
            "ix_stock_hold_open_expires_at",
            "expires_at",
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
    )

    entry_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("stock_entry.id"), primary_key=True, autoincrement=False
    )
    upt_id: Mapped[int] = mapped_column(BigId)
    variant_id: Mapped[int] = mapped_column(BigId)
    lot_id: Mapped[int] = mapped_column(BigId)
    from_account: Mapped[str] = mapped_column(String(20))
    to_account: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[int]
    quantity_posted: Mapped[int]
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12))


class Workshop(Base):
    """A workshop (bengkel) of a UPT and how much it can make in a week."""

    __tablename__ = "workshop"
    __table_args__ = (
        UniqueConstraint("upt_id", "name"),
        UniqueConstraint("id", "upt_id"),
        CheckConstraint("units_per_week BETWEEN 0 AND 1000000", name="units"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    name: Mapped[str] = mapped_column(String(80))
    units_per_week: Mapped[int]
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WorkshopItem(Base):
    """What a workshop gives one variant of its week."""

    __tablename__ = "workshop_item"
    __table_args__ = (
        ForeignKeyConstraint(["workshop_id", "upt_id"], ["workshop.id", "workshop.upt_id"]),
        CheckConstraint("units_per_week BETWEEN 0 AND 1000000", name="units"),
    )

    variant_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("variant.id"), primary_key=True, autoincrement=False
    )
    upt_id: Mapped[int] = mapped_column(BigId, index=True)
    workshop_id: Mapped[int] = mapped_column(BigId, index=True)
    units_per_week: Mapped[int]


class WorkshopPause(Base):
    """A week in which a workshop makes nothing; named by its Monday."""

    __tablename__ = "workshop_pause"

    workshop_id: Mapped[int] = mapped_column(BigId, ForeignKey("workshop.id"), primary_key=True)
    week_on: Mapped[date] = mapped_column(Date, primary_key=True)


db.translate_constraint("ck_stock_balance_guarded", InsufficientStock)
db.translate_constraint("ck_stock_balance_counters", HoldClosed)
db.translate_constraint("uq_stock_entry_hold_resolved", HoldClosed)
db.translate_constraint("uq_stock_entry_hold_delivered", HoldClosed)
db.translate_constraint("uq_stock_entry_reverses_id", NotReversible)
db.translate_constraint("uq_stock_entry_source", LedgerChanged)
db.translate_constraint("pk_stock_entry", LedgerChanged)
db.translate_constraint("stock_chain", LedgerChanged)
db.translate_constraint("stock_hold_closed", HoldClosed)
db.translate_constraint("stock_reversal", NotReversible)
db.translate_constraint("uq_workshop_upt_id_name", WorkshopNameTaken)
