"""Tables of what happens to a part of an order: parcels, notes, alerts, returns."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.orders.errors import ReturnUnderWay
from app.infra import db
from app.infra.db import Base, BigId, UtcDateTime

_OPEN_RETURN: Final = text("state IN ('asked', 'approved', 'received')")


class OrderParcel(Base):
    """What left together."""

    __tablename__ = "order_parcel"
    __table_args__ = (
        UniqueConstraint("upt_order_id", "position"),
        CheckConstraint("state IN ('sent', 'delivered', 'lost')", name="state_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_order_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt_order.id"))
    position: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    carrier: Mapped[str] = mapped_column(String(60))
    tracking_number: Mapped[str] = mapped_column(String(60))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text)


class OrderParcelPiece(Base):
    """Pieces of one line in a parcel; a hold that was shipped is in exactly one."""

    __tablename__ = "order_parcel_piece"
    __table_args__ = (
        UniqueConstraint("hold_id"),
        CheckConstraint("quantity >= 1", name="quantity_positive"),
        Index("ix_order_parcel_piece_parcel", "parcel_id"),
        Index("ix_order_parcel_piece_line", "order_line_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    parcel_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_parcel.id"))
    order_line_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_line.id"))
    hold_id: Mapped[int] = mapped_column(BigId, ForeignKey("stock_hold.entry_id"))
    quantity: Mapped[int]


class OrderNote(Base):
    """Something said about an order; rows are never changed or removed."""

    __tablename__ = "order_note"
    __table_args__ = (
        UniqueConstraint("entry_key"),
        CheckConstraint("kind IN ('staff', 'help')", name="kind_known"),
        Index("ix_order_note_upt_order", "upt_order_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_order_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt_order.id"))
    kind: Mapped[str] = mapped_column(String(8))
    actor_kind: Mapped[str] = mapped_column(String(12))
    actor_user_id: Mapped[int | None] = mapped_column(BigId)
    actor_label: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(Text)
    entry_key: Mapped[str] = mapped_column(String(80))


class OrderAlert(Base):
    """Somebody was told that a clock ran out; once for each clock and kind."""

    __tablename__ = "order_alert"
    __table_args__ = (
        UniqueConstraint("upt_order_id", "kind", "due_at"),
        Index("ix_order_alert_upt", "upt_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_order_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt_order.id"))
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    kind: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(10))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class OrderReturn(Base):
    """Goods that a buyer sends back; a child order has at most one open return."""

    __tablename__ = "order_return"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("entry_key"),
        CheckConstraint(
            "state IN ('asked', 'approved', 'received', 'settled', 'refused')", name="state_known"
        ),
        CheckConstraint("refund_idr >= 0", name="refund_not_negative"),
        Index(
            "uq_order_return_open", "upt_order_id", unique=True,
            postgresql_where=_OPEN_RETURN, sqlite_where=_OPEN_RETURN,
        ),
        Index("ix_order_return_due", "state", "act_by_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_order_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt_order.id"))
    number: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    entry_key: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    act_by_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[int | None] = mapped_column(BigId)
    refund_idr: Mapped[int] = mapped_column(BigId)


class OrderReturnLine(Base):
    """Pieces of one line in a return, and what was found."""

    __tablename__ = "order_return_line"
    __table_args__ = (
        UniqueConstraint("return_id", "order_line_id"),
        CheckConstraint(
            "quantity >= 1 AND received BETWEEN 0 AND quantity AND sellable >= 0"
            " AND second_grade >= 0 AND damaged >= 0"
            " AND sellable + second_grade + damaged <= received",
            name="within",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    return_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_return.id"))
    order_line_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_line.id"))
    quantity: Mapped[int]
    received: Mapped[int]
    sellable: Mapped[int]
    second_grade: Mapped[int]
    damaged: Mapped[int]


class OrderReturnPiece(Base):
    """Pieces of one lot that came back."""

    __tablename__ = "order_return_piece"
    __table_args__ = (
        UniqueConstraint("return_id", "hold_id"),
        CheckConstraint("quantity >= 1", name="quantity_positive"),
        Index("ix_order_return_piece_hold", "hold_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    return_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_return.id"))
    order_line_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_line.id"))
    hold_id: Mapped[int] = mapped_column(BigId, ForeignKey("stock_hold.entry_id"))
    lot_id: Mapped[int] = mapped_column(BigId, ForeignKey("stock_lot.id"))
    quantity: Mapped[int]


class OrderReturnPhoto(Base):
    """A picture that the buyer sent with a return."""

    __tablename__ = "order_return_photo"
    __table_args__ = (UniqueConstraint("return_id", "asset_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    return_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_return.id"))
    asset_id: Mapped[int] = mapped_column(BigId, ForeignKey("asset.id"))


db.translate_constraint("uq_order_return_open", ReturnUnderWay)
