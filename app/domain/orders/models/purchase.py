"""Tables of orders. Snapshots stand in the rows; the history can only grow.

Rows are made from drafts and read out as records here, so that no other file lists their columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.orders.errors import OrderNumberTaken
from app.domain.orders.types import (
    Address,
    Contact,
    LineDraft,
    OrderDraft,
    OrderEventRecord,
    OrderGroupRecord,
    OrderLineRecord,
    UptOrderDraft,
    UptOrderRecord,
    UptOrderState,
)
from app.domain.shipping.types import DeliveryMethod
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

    @classmethod
    def from_draft(cls, draft: OrderDraft, *, at: datetime) -> OrderGroup:
        """Return the row of a new order."""
        return cls(
            number=draft.number,
            buyer_user_id=draft.buyer_user_id,
            contact_name=draft.contact.name,
            contact_email=draft.contact.email,
            contact_phone=draft.contact.phone,
            note=draft.note,
            **_address_columns(draft.address),
            goods_total_idr=draft.goods_total_idr,
            shipping_total_idr=draft.shipping_total_idr,
            total_idr=draft.total_idr,
            placed_at=at,
            pay_by_at=draft.pay_by_at,
            holds_until=draft.holds_until,
        )

    def record(self) -> OrderGroupRecord:
        """Return what other packages may see."""
        return OrderGroupRecord(
            group_id=self.id,
            number=self.number,
            buyer_user_id=self.buyer_user_id,
            contact=Contact(self.contact_name, self.contact_email, self.contact_phone),
            address=self.address(),
            note=self.note,
            goods_total_idr=self.goods_total_idr,
            shipping_total_idr=self.shipping_total_idr,
            total_idr=self.total_idr,
            placed_at=self.placed_at,
            pay_by_at=self.pay_by_at,
            holds_until=self.holds_until,
        )

    def address(self) -> Address | None:
        """Return where a courier goes, or None when everything is fetched."""
        if self.village_code is None:
            return None
        return Address(
            recipient=self.recipient or "",
            phone=self.recipient_phone or "",
            street=self.street or "",
            village_code=self.village_code,
            village=self.village or "",
            district=self.district or "",
            regency=self.regency or "",
            province=self.province or "",
            province_code=self.province_code or "",
            postcode=self.postcode or "",
        )


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
    weight_g: Mapped[int] = mapped_column(BigId)
    goods_total_idr: Mapped[int] = mapped_column(BigId)
    total_idr: Mapped[int] = mapped_column(BigId)
    act_by_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    carrier: Mapped[str] = mapped_column(String(60))
    tracking_number: Mapped[str] = mapped_column(String(60))
    reason_code: Mapped[str] = mapped_column(String(30))
    promised_on: Mapped[date | None]
    shipped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def from_draft(cls, part: UptOrderDraft, *, group: OrderGroup, position: int) -> UptOrder:
        """Return the row of a new child order, whose stock is held."""
        return cls(
            group_id=group.id,
            upt_id=part.upt_id,
            number=f"{group.number}-{position}",
            state=str(UptOrderState.HELD),
            version=1,
            delivery_method=str(part.delivery_method),
            delivery_service=part.delivery_service,
            delivery_days_max=part.delivery_days_max,
            shipping_fee_idr=part.shipping_fee_idr,
            weight_g=part.weight_g,
            goods_total_idr=part.goods_total_idr,
            total_idr=part.total_idr,
            act_by_at=group.holds_until,
            carrier="",
            tracking_number="",
            reason_code="",
        )

    def record(self, lines: Sequence[OrderLineRecord]) -> UptOrderRecord:
        """Return what other packages may see."""
        return UptOrderRecord(
            upt_order_id=self.id,
            number=self.number,
            upt_id=self.upt_id,
            state=UptOrderState(self.state),
            version=self.version,
            delivery_method=DeliveryMethod(self.delivery_method),
            delivery_service=self.delivery_service,
            shipping_fee_idr=self.shipping_fee_idr,
            weight_g=self.weight_g,
            goods_total_idr=self.goods_total_idr,
            total_idr=self.total_idr,
            act_by_at=self.act_by_at,
            carrier=self.carrier,
            tracking_number=self.tracking_number,
            reason_code=self.reason_code,
            promised_on=self.promised_on,
            shipped_at=self.shipped_at,
            delivered_at=self.delivered_at,
            lines=tuple(lines),
        )


class OrderLine(Base):
    """Pieces of one variant, with name, price and weight as sold."""

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("upt_order_id", "variant_id"),
        CheckConstraint("quantity >= 1", name="quantity_positive"),
        CheckConstraint("line_total_idr = unit_price_idr * quantity", name="total_adds_up"),
        CheckConstraint(
            "quantity_cancelled >= 0 AND quantity_shipped >= 0 AND quantity_lost >= 0"
            " AND quantity_returned >= 0 AND quantity_cancelled + quantity_shipped <= quantity"
            " AND quantity_lost + quantity_returned <= quantity_shipped",
            name="quantities_within",
        ),
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
    quantity_cancelled: Mapped[int] = mapped_column(server_default="0")
    quantity_shipped: Mapped[int] = mapped_column(server_default="0")
    quantity_lost: Mapped[int] = mapped_column(server_default="0")
    quantity_returned: Mapped[int] = mapped_column(server_default="0")

    @classmethod
    def from_draft(cls, line: LineDraft, *, upt_order_id: int) -> OrderLine:
        """Return the row of a new line."""
        return cls(
            upt_order_id=upt_order_id,
            variant_id=line.variant_id,
            product_id=line.product_id,
            product_version_id=line.product_version_id,
            sku=line.sku,
            product_name=line.product_name,
            variant_name=line.variant_name,
            unit_price_idr=line.unit_price_idr,
            weight_g=line.weight_g,
            quantity=line.quantity,
            line_total_idr=line.line_total_idr,
            cover_asset_id=line.cover_asset_id,
        )

    def record(self) -> OrderLineRecord:
        """Return what other packages may see."""
        return OrderLineRecord(
            line_id=self.id,
            variant_id=self.variant_id,
            product_id=self.product_id,
            product_version_id=self.product_version_id,
            sku=self.sku,
            product_name=self.product_name,
            variant_name=self.variant_name,
            unit_price_idr=self.unit_price_idr,
            weight_g=self.weight_g,
            quantity=self.quantity,
            line_total_idr=self.line_total_idr,
            cover_asset_id=self.cover_asset_id,
            quantity_cancelled=self.quantity_cancelled,
            quantity_shipped=self.quantity_shipped,
            quantity_lost=self.quantity_lost,
            quantity_returned=self.quantity_returned,
        )


class OrderLineHold(Base):
    """Which stock hold stands behind a line until its pieces leave or go back to the shelf."""

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
    actor_user_id: Mapped[int | None] = mapped_column(BigId)
    actor_label: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text)
    is_public: Mapped[bool]

    def record(self) -> OrderEventRecord:
        """Return what other packages may see."""
        return OrderEventRecord(
            event_id=self.id,
            upt_order_id=self.upt_order_id,
            event=self.event,
            from_state=self.from_state,
            to_state=self.to_state,
            actor_kind=self.actor_kind,
            actor_label=self.actor_label,
            at=self.at,
            note=self.note,
            is_public=self.is_public,
        )


def _address_columns(address: Address | None) -> dict[str, str]:
    if address is None:
        return {}
    return {
        "recipient": address.recipient,
        "recipient_phone": address.phone,
        "street": address.street,
        "village_code": address.village_code,
        "village": address.village,
        "district": address.district,
        "regency": address.regency,
        "province": address.province,
        "province_code": address.province_code,
        "postcode": address.postcode,
    }


db.translate_constraint("uq_order_group_number", OrderNumberTaken)
