"""Sums of orders, recomputed from their lines."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from app.domain.orders.models import OrderGroup, OrderLine, UptOrder
from app.infra import db


def list_wrong_totals() -> tuple[str, ...]:
    """Return the numbers of orders whose totals are not the sums of their parts and lines."""
    goods = func.coalesce(
        select(func.sum(OrderLine.line_total_idr))
        .where(OrderLine.upt_order_id == UptOrder.id)
        .scalar_subquery(),
        0,
    )
    parts = select(UptOrder.number).where(UptOrder.goods_total_idr != goods)
    of_group = UptOrder.group_id == OrderGroup.id
    goods_of_parts = (
        select(func.coalesce(func.sum(UptOrder.goods_total_idr), 0))
        .where(of_group)
        .scalar_subquery()
    )
    fees_of_parts = (
        select(func.coalesce(func.sum(UptOrder.shipping_fee_idr), 0))
        .where(of_group)
        .scalar_subquery()
    )
    groups = select(OrderGroup.number).where(
        or_(
            OrderGroup.goods_total_idr != goods_of_parts,
            OrderGroup.shipping_total_idr != fees_of_parts,
        )
    )
    session = db.read_session()
    return (*session.scalars(groups.order_by(OrderGroup.id)), *session.scalars(parts))
