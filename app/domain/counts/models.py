"""Tables of counts. What happened and what was posted can only grow; the database refuses all else."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.counts.errors import CampaignTaken, CountOverlaps, OwnCount, PostedBefore, RowKnown
from app.infra import db
from app.infra.db import Base, BigId, UtcDateTime

_OPEN: Final = text("is_open")
_LEFT: Final = text("quantity IS NULL")
_ASKED: Final = text("is_recount_asked")
_LIVE: Final = text("campaign_id IS NOT NULL AND state <> 'cancelled'")


class CountCampaign(Base):
    """A count of many UPT at once."""

    __tablename__ = "count_campaign"
    __table_args__ = (
        UniqueConstraint("entry_key"),
        CheckConstraint("ends_on >= starts_on", name="days"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    entry_key: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    kanwil_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("kanwil.id"))
    scope_kind: Mapped[str] = mapped_column(String(12))
    scope_place: Mapped[str | None] = mapped_column(String(20))
    scope_category_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("category.id"))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12))
    opened_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CountSheet(Base):
    """One count of one UPT, frozen at a position of its ledger."""

    __tablename__ = "count_sheet"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("entry_key"),
        CheckConstraint(
            "state IN ('counting', 'handed_in', 'approved', 'cancelled')", name="state"
        ),
        CheckConstraint(
            "state NOT IN ('approved', 'cancelled') OR decided_at IS NOT NULL", name="decided"
        ),
        Index("ix_count_sheet_upt_id", "upt_id", "id"),
        Index(
            "uq_count_sheet_campaign",
            "campaign_id",
            "upt_id",
            unique=True,
            postgresql_where=_LIVE,
            sqlite_where=_LIVE,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    entry_key: Mapped[str] = mapped_column(String(80))
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    campaign_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("count_campaign.id"))
    scope_kind: Mapped[str] = mapped_column(String(12))
    scope_place: Mapped[str | None] = mapped_column(String(20))
    scope_category_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("category.id"))
    scope_goods: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    ledger_sequence: Mapped[int] = mapped_column(BigInteger)
    ledger_hash: Mapped[str] = mapped_column(String(64))
    opened_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    handed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(200))
    row_count: Mapped[int]
    differing: Mapped[int | None]
    gain_idr: Mapped[int | None] = mapped_column(BigInteger)
    loss_idr: Mapped[int | None] = mapped_column(BigInteger)


class CountRow(Base):
    """Goods of one lot in one place on a sheet; ``is_open`` until the sheet is finished."""

    __tablename__ = "count_row"
    __table_args__ = (
        UniqueConstraint("sheet_id", "number"),
        UniqueConstraint(
            "sheet_id", "variant_id", "lot_code", "account", name="uq_count_row_goods"
        ),
        CheckConstraint("book_quantity >= 0", name="book"),
        CheckConstraint("quantity IS NULL OR quantity BETWEEN 0 AND 1000000", name="quantity"),
        CheckConstraint(
            "recount_quantity IS NULL OR recount_quantity BETWEEN 0 AND 1000000", name="recount"
        ),
        CheckConstraint("entry_id IS NULL OR NOT is_left", name="posted_or_left"),
        Index(
            "uq_count_row_open",
            "upt_id",
            "variant_id",
            "lot_code",
            "account",
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        Index(
            "ix_count_row_left",
            "sheet_id",
            "number",
            postgresql_where=_LEFT,
            sqlite_where=_LEFT,
        ),
        Index(
            "ix_count_row_recount",
            "sheet_id",
            "number",
            postgresql_where=_ASKED,
            sqlite_where=_ASKED,
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sheet_id: Mapped[int] = mapped_column(BigId, ForeignKey("count_sheet.id"))
    upt_id: Mapped[int] = mapped_column(BigId)
    number: Mapped[int]
    variant_id: Mapped[int] = mapped_column(BigId, ForeignKey("variant.id"))
    lot_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("stock_lot.id"))
    account: Mapped[str] = mapped_column(String(20))
    lot_code: Mapped[str] = mapped_column(String(40))
    expires_on: Mapped[date | None] = mapped_column(Date)
    sku: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(210))
    price_idr: Mapped[int | None] = mapped_column(BigInteger)
    book_quantity: Mapped[int] = mapped_column(BigInteger)
    is_added: Mapped[bool]
    is_open: Mapped[bool]
    quantity: Mapped[int | None]
    moved_quantity: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(String(200))
    version: Mapped[int]
    counted_by: Mapped[int | None] = mapped_column(BigId)
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_recount_asked: Mapped[bool]
    recount_quantity: Mapped[int | None]
    recount_moved: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(20))
    reason_note: Mapped[str] = mapped_column(String(200))
    entry_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("stock_entry.id"))
    is_left: Mapped[bool]


class CountEvent(Base):
    """Something that happened to a sheet or a row; every number ever written stands here."""

    __tablename__ = "count_event"
    __table_args__ = (Index("ix_count_event_sheet_id", "sheet_id", "event", "actor_user_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sheet_id: Mapped[int] = mapped_column(BigId, ForeignKey("count_sheet.id"))
    row_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("count_row.id"))
    event: Mapped[str] = mapped_column(String(16))
    quantity: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(200))
    actor_user_id: Mapped[int | None] = mapped_column(BigId)
    actor: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CountPosting(Base):
    """The one posting of a sheet; its key is the sheet, so that there can be no second."""

    __tablename__ = "count_posting"
    __table_args__ = (
        UniqueConstraint("source_key"),
        CheckConstraint("gain_idr >= 0 AND loss_idr >= 0", name="values"),
    )

    sheet_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("count_sheet.id"), primary_key=True, autoincrement=False
    )
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    source_key: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    approved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    posted_rows: Mapped[int]
    left_rows: Mapped[int]
    gain_idr: Mapped[int] = mapped_column(BigInteger)
    loss_idr: Mapped[int] = mapped_column(BigInteger)


db.translate_constraint("uq_count_row_open", CountOverlaps)
db.translate_constraint("uq_count_row_goods", RowKnown)
db.translate_constraint("uq_count_sheet_campaign", CampaignTaken)
db.translate_constraint("pk_count_posting", PostedBefore)
db.translate_constraint("uq_count_posting_source_key", PostedBefore)
db.translate_constraint("count_second_person", OwnCount)
