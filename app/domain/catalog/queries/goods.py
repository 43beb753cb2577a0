"""All goods of a UPT at once, for lists that come in and go out."""

from __future__ import annotations

from sqlalchemy import select

from app.domain.catalog.models import Product, Variant
from app.domain.catalog.types import GoodsRow, ProductKind
from app.infra import db


def goods_of_upt(*, upt_id: int) -> tuple[GoodsRow, ...]:
    """Return every variant of a UPT by product name, in one statement, however many there are."""
    rows = db.read_session().execute(
        select(
            Variant.id, Variant.sku, Product.name, Variant.name, Variant.price_idr,
            Variant.is_active, Product.kind,
        )
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.upt_id == upt_id)
        .order_by(Product.search_name, Product.id, Variant.position, Variant.id)
    )  # fmt: skip
    return tuple(GoodsRow(*row[:6], ProductKind(row[6])) for row in rows)
