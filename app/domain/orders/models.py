"""Tables of orders. Snapshots stand in the rows; the history can only grow."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.orders.errors import OrderNumberTaken
from app.infra import db
from app.infra.db import Base, BigId, UtcDateTime


class OrderGroup(Base):
    """One purchase: buyer, address and totals."""

    __tablename__ = "order_group"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("total_idr = goods_total_idr + shipping_total_idr", name="total_adds_up"),
        CheckConstraint("goods_total_idr >= 0 AND shipping_total_idr >= 0", name="not_negative"),
        CheckConstraint("holds_until >= pay_by_at", name="grace_after_deadline"),
        Index("ix_order_group_buyer", "buyer_user_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(24))
    buyer_user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    contact_name: Mapped[str] = mapped_column(String(120))
    contact_email: Mapped[str] = mapped_column(String(254))
    contact_phone: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    recipient: Mapped[str | None] = mapped_column(String(120))
    recipient_phone: Mapped[str | None] = mapped_column(String(20))
    street: Mapped[str | None] = mapped_column(String(300))
    village_code: Mapped[str | None] = mapped_column(String(13))
    village: Mapped[str | None] = mapped_column(String(120))
    district: Mapped[str | None] = mapped_column(String(120))
    regency: Mapped[str | None] = mapped_column(String(120))
    province: Mapped[str | None] = mapped_column(String(120))
    province_code: Mapped[str | None] = mapped_column(String(13))
    postcode: Mapped[str | None] = mapped_column(String(5))
    goods_total_idr: Mapped[int] = mapped_column(BigId)
    shipping_total_idr: Mapped[int] = mapped_column(BigId)
    total_idr: Mapped[int] = mapped_column(BigId)
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    pay_by_at: Mapped[datetime] = mapped_column(UtcDateTime)
    holds_until: Mapped[datetime] = mapped_column(UtcDateTime)


class UptOrder(Base):
    """The part of a purchase that one UPT fulfils."""

    __tablename__ = "upt_order"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("group_id", "upt_id"),
        CheckConstraint("total_idr = goods_total_idr + shipping_fee_idr", name="total_adds_up"),
        CheckConstraint("goods_total_idr >= 0 AND shipping_fee_idr >= 0", name="not_negative"),
        CheckConstraint("version >= 1", name="version_positive"),
        Index("ix_upt_order_upt", "upt_id", "state", "id"),
        Index("ix_upt_order_due", "state", "act_by_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    group_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_group.id"))
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    number: Mapped[str] = mapped_column(String(28))
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    delivery_method: Mapped[str] = mapped_column(String(12))
    delivery_service: Mapped[str] = mapped_column(String(40))
    delivery_days_max: Mapped[int]
    shipping_fee_idr: Mapped[int] = mapped_column(BigId)
    weight_g: Mapped[int]
    goods_total_idr: Mapped[int] = mapped_column(BigId)
    total_idr: Mapped[int] = mapped_column(BigId)
    act_by_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    carrier: Mapped[str] = mapped_column(String(60))
    tracking_number: Mapped[str] = mapped_column(String(60))
    reason_code: Mapped[str] = mapped_column(String(30))
    promised_on: Mapped[date | None]
    shipped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OrderLine(Base):
    """Pieces of one variant, with name, price and weight as sold."""

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("upt_order_id", "variant_id"),
        CheckConstraint("quantity >= 1", name="quantity_positive"),
        CheckConstraint("line_total_idr = unit_price_idr * quantity", name="total_adds_up"),
        Index("ix_order_line_variant", "variant_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upt_order_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt_order.id"))
    variant_id: Mapped[int] = mapped_column(BigId, ForeignKey("variant.id"))
    product_id: Mapped[int] = mapped_column(BigId, ForeignKey("product.id"))
    product_version_id: Mapped[int] = mapped_column(BigId, ForeignKey("product_version.id"))
    sku: Mapped[str] = mapped_column(String(60))
    product_name: Mapped[str] = mapped_column(String(200))
    variant_name: Mapped[str] = mapped_column(String(200))
    unit_price_idr: Mapped[int] = mapped_column(BigId)
    weight_g: Mapped[int]
    quantity: Mapped[int]
    line_total_idr: Mapped[int] = mapped_column(BigId)
    cover_asset_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("asset.id"))


class OrderLineHold(Base):
    """Which stock hold stands behind a line; a hold belongs to exactly one line."""

    __tablename__ = "order_line_hold"
    __table_args__ = (
        UniqueConstraint("hold_id"),
        CheckConstraint("quantity >= 1", name="quantity_positive"),
        Index("ix_order_line_hold_line", "order_line_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_line_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_line.id"))
    hold_id: Mapped[int] = mapped_column(BigId, ForeignKey("stock_hold.entry_id"))
    quantity: Mapped[int]


class OrderEvent(Base):
    """One step of history; rows are never changed or removed."""

    __tablename__ = "order_event"
    __table_args__ = (
        Index("ix_order_event_group", "group_id", "id"),
        Index("ix_order_event_upt_order", "upt_order_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    group_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_group.id"))
    upt_order_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("upt_order.id"))
    event: Mapped[str] = mapped_column(String(30))
    from_state: Mapped[str] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    actor_kind: Mapped[str] = mapped_column(String(12))
    actor_user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    actor_label: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text)
    is_public: Mapped[bool]


db.translate_constraint("uq_order_group_number", OrderNumberTaken)
