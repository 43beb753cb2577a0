"""Tables of the till. Sales, their lines, payments and counts of the drawer can only grow."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.till.errors import AlreadyUndone, NumberOutOfTurn
from app.infra import db
from app.infra.db import Base, BigId, UtcDateTime
from app.kernel.errors import IdempotencyMismatch


class TillDraft(Base):
    """The counter of one person in one UPT; the row is also its lock."""

    __tablename__ = "till_draft"
    __table_args__ = (UniqueConstraint("upt_id", "user_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    recent_keys: Mapped[str] = mapped_column(String(600))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TillDraftLine(Base):
    """Goods on the counter; a removed line stays until the next change, to be laid back."""

    __tablename__ = "till_draft_line"
    __table_args__ = (
        CheckConstraint("quantity BETWEEN 1 AND 999", name="quantity_in_range"),
        CheckConstraint("grade IN ('first', 'second')", name="grade_known"),
        Index("ix_till_draft_line_draft", "draft_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    draft_id: Mapped[int] = mapped_column(BigId, ForeignKey("till_draft.id"))
    variant_id: Mapped[int] = mapped_column(BigId, ForeignKey("variant.id"))
    grade: Mapped[str] = mapped_column(String(8))
    lot_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("stock_lot.id"))
    lot_code: Mapped[str] = mapped_column(String(40))
    quantity: Mapped[int]
    price_idr: Mapped[int] = mapped_column(BigId)
    is_removed: Mapped[bool]


class TillSecondPrice(Base):
    """What second-grade pieces of a variant cost."""

    __tablename__ = "till_second_price"
    __table_args__ = (CheckConstraint("price_idr >= 1", name="price_positive"),)

    variant_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("variant.id"), primary_key=True, autoincrement=False
    )
    price_idr: Mapped[int] = mapped_column(BigId)
    set_by: Mapped[int] = mapped_column(BigId)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TillSeries(Base):
    """The last receipt number of a UPT; the row is the lock of its sales and its drawer."""

    __tablename__ = "till_series"

    upt_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("upt.id"), primary_key=True, autoincrement=False
    )
    year: Mapped[int]
    last_number: Mapped[int]


class TillSale(Base):
    """A receipt; one with negative amounts takes another back."""

    __tablename__ = "till_sale"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("upt_id", "year", "sequence"),
        UniqueConstraint("entry_key"),
        UniqueConstraint("token"),
        UniqueConstraint("undoes_id"),
        CheckConstraint(
            "(kind = 'sale' AND total_idr > 0 AND undoes_id IS NULL)"
            " OR (kind = 'undo' AND total_idr < 0 AND undoes_id IS NOT NULL AND reason <> '')",
            name="kind_fits",
        ),
        Index("ix_till_sale_day", "upt_id", "day", "id"),
        Index("ix_till_sale_upt", "upt_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    number: Mapped[str] = mapped_column(String(110))
    year: Mapped[int]
    sequence: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    undoes_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("till_sale.id"))
    total_idr: Mapped[int] = mapped_column(BigId)
    day: Mapped[date]
    sold_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_user_id: Mapped[int] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(String(300))
    token: Mapped[str] = mapped_column(String(64))
    entry_key: Mapped[str] = mapped_column(String(64))


class TillLine(Base):
    """Pieces of one lot from one place, with the ledger's entry that moved them."""

    __tablename__ = "till_line"
    __table_args__ = (
        UniqueConstraint("sale_id", "position"),
        UniqueConstraint("entry_id"),
        CheckConstraint("quantity <> 0", name="quantity_not_zero"),
        CheckConstraint("price_idr >= 1", name="price_positive"),
        CheckConstraint("amount_idr = quantity * price_idr", name="amount_adds_up"),
        CheckConstraint("grade IN ('first', 'second')", name="grade_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sale_id: Mapped[int] = mapped_column(BigId, ForeignKey("till_sale.id"))
    position: Mapped[int]
    variant_id: Mapped[int] = mapped_column(BigId, ForeignKey("variant.id"))
    lot_id: Mapped[int] = mapped_column(BigId, ForeignKey("stock_lot.id"))
    entry_id: Mapped[int] = mapped_column(BigId, ForeignKey("stock_entry.id"))
    account: Mapped[str] = mapped_column(String(20))
    grade: Mapped[str] = mapped_column(String(8))
    sku: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(210))
    lot_code: Mapped[str] = mapped_column(String(40))
    expires_on: Mapped[date | None]
    quantity: Mapped[int]
    price_idr: Mapped[int] = mapped_column(BigId)
    amount_idr: Mapped[int] = mapped_column(BigId)


class TillPayment(Base):
    """The money of one receipt; what counts is what was given less the change."""

    __tablename__ = "till_payment"
    __table_args__ = (
        UniqueConstraint("sale_id"),
        CheckConstraint("method IN ('cash', 'qris', 'transfer')", name="method_known"),
        CheckConstraint("amount_idr <> 0", name="amount_not_zero"),
        CheckConstraint(
            "given_idr >= 0 AND change_idr >= 0"
            " AND (amount_idr < 0 OR amount_idr = given_idr - change_idr)",
            name="change_adds_up",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sale_id: Mapped[int] = mapped_column(BigId, ForeignKey("till_sale.id"))
    method: Mapped[str] = mapped_column(String(10))
    amount_idr: Mapped[int] = mapped_column(BigId)
    given_idr: Mapped[int] = mapped_column(BigId)
    change_idr: Mapped[int] = mapped_column(BigId)
    reference: Mapped[str] = mapped_column(String(80))


class TillClose(Base):
    """A count of the drawer: all sales up to one are settled by it."""

    __tablename__ = "till_close"
    __table_args__ = (
        UniqueConstraint("entry_key"),
        CheckConstraint(
            "counted_idr >= 0 AND left_idr >= 0 AND left_idr <= counted_idr", name="amounts_fit"
        ),
        CheckConstraint(
            "counted_idr = opening_idr + cash_idr OR reason <> ''", name="difference_explained"
        ),
        Index("ix_till_close_upt", "upt_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    day: Mapped[date]
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_user_id: Mapped[int] = mapped_column(BigId)
    last_sale_id: Mapped[int] = mapped_column(BigId)
    opening_idr: Mapped[int] = mapped_column(BigId)
    cash_idr: Mapped[int] = mapped_column(BigId)
    counted_idr: Mapped[int] = mapped_column(BigId)
    left_idr: Mapped[int] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(String(300))
    entry_key: Mapped[str] = mapped_column(String(64))


db.translate_constraint("uq_till_sale_entry_key", IdempotencyMismatch)
db.translate_constraint("uq_till_close_entry_key", IdempotencyMismatch)
db.translate_constraint("uq_till_sale_undoes_id", AlreadyUndone)
db.translate_constraint("uq_till_sale_upt_id_year_sequence", NumberOutOfTurn)
db.translate_constraint("uq_till_sale_number", NumberOutOfTurn)
db.translate_constraint("till_sale_turn", NumberOutOfTurn)
