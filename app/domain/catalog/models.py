"""Tables of the catalogue.

``listing`` is a projection: one row for each published product, with everything that a card, a
filter and a sort need, written in the transaction that publishes. Its indexes end in the sort key
and the product id, one for each filter by which people enter a list, so that a page costs the same
at any depth.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.catalog.errors import SkuTaken, SlugTaken
from app.infra import db
from app.infra.db import Base, BigId, UtcDateTime

BytewiseText: Final = String(200).with_variant(String(200, collation="C"), "postgresql")
"""Text that both databases order byte by byte; used for folded names only."""

LISTING_SCOPES: Final = ("", "root_category_id", "category_id", "province_code", "upt_slug")
LISTING_SORT_KEYS: Final = ("position_key", "price_idr_min", "search_name")


class Category(Base):
    """A kind of goods; top categories have no parent."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("slug"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    parent_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("category.id"))
    position: Mapped[int]
    icon: Mapped[str] = mapped_column(String(40))


class Product(Base):
    """A product of a UPT, as its makers edit it."""

    __tablename__ = "product"
    __table_args__ = (
        UniqueConstraint("slug"),
        Index("ix_product_upt_id_search_name", "upt_id", "search_name", "id"),
        Index("ix_product_category_id", "category_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slug: Mapped[str] = mapped_column(String(90))
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    category_id: Mapped[int] = mapped_column(BigId, ForeignKey("category.id"))
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    search_name: Mapped[str] = mapped_column(BytewiseText)
    summary: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text)
    materials: Mapped[str] = mapped_column(String(500))
    story: Mapped[str] = mapped_column(Text)
    maker_credit: Mapped[str] = mapped_column(String(120))
    lead_time_days: Mapped[int | None]
    shelf_life_days: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(12))
    version: Mapped[int]
    published_number: Mapped[int | None]
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Variant(Base):
    """A thing with its own SKU, price, weight and size."""

    __tablename__ = "variant"
    __table_args__ = (
        UniqueConstraint("upt_id", "sku"),
        Index("ix_variant_product_id", "product_id", "position"),
        CheckConstraint("price_idr IS NULL OR price_idr > 0", name="price_positive"),
        CheckConstraint("weight_g IS NULL OR weight_g > 0", name="weight_positive"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    product_id: Mapped[int] = mapped_column(BigId, ForeignKey("product.id"))
    upt_id: Mapped[int] = mapped_column(BigId, ForeignKey("upt.id"))
    sku: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    price_idr: Mapped[int | None] = mapped_column(BigInteger)
    weight_g: Mapped[int | None]
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    position: Mapped[int]
    is_active: Mapped[bool]


class ProductImageRow(Base):
    """A picture of a product, with its words and place."""

    __tablename__ = "product_image"
    __table_args__ = (Index("ix_product_image_product_id", "product_id", "position"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    product_id: Mapped[int] = mapped_column(BigId, ForeignKey("product.id"))
    asset_id: Mapped[int] = mapped_column(BigId, ForeignKey("asset.id"))
    alt: Mapped[str] = mapped_column(String(200))
    position: Mapped[int]


class ProductVersion(Base):
    """A published version for ever; the database refuses changes."""

    __tablename__ = "product_version"
    __table_args__ = (UniqueConstraint("product_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    product_id: Mapped[int] = mapped_column(BigId, ForeignKey("product.id"))
    number: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


def _listing_indexes() -> tuple[Index, ...]:
    return tuple(
        Index(
            "_".join(filter(None, ("ix_listing", scope, key))),
            *filter(None, (scope, key, "product_id")),
        )
        for scope in LISTING_SCOPES
        for key in LISTING_SORT_KEYS
    )


class Listing(Base):
    """One published product, as lists show, filter and sort it."""

    __tablename__ = "listing"
    __table_args__ = (*_listing_indexes(), Index("ix_listing_kanwil_id", "kanwil_id"))

    product_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("product.id"), primary_key=True, autoincrement=False
    )
    slug: Mapped[str] = mapped_column(String(90))
    name: Mapped[str] = mapped_column(String(120))
    search_name: Mapped[str] = mapped_column(BytewiseText)
    upt_id: Mapped[int] = mapped_column(BigId)
    upt_slug: Mapped[str] = mapped_column(String(80))
    upt_short_name: Mapped[str] = mapped_column(String(160))
    town: Mapped[str] = mapped_column(String(80))
    province_code: Mapped[str] = mapped_column(String(13))
    kanwil_id: Mapped[int | None] = mapped_column(BigId)
    category_id: Mapped[int] = mapped_column(BigId)
    root_category_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(String(16))
    price_idr_min: Mapped[int] = mapped_column(BigInteger)
    price_idr_max: Mapped[int] = mapped_column(BigInteger)
    has_several_prices: Mapped[bool]
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    position_key: Mapped[int] = mapped_column(BigInteger)
    cover_asset_id: Mapped[int | None] = mapped_column(BigId)
    cover_alt: Mapped[str] = mapped_column(String(200))
    variant_ids: Mapped[str] = mapped_column(Text)


db.translate_constraint("uq_variant_upt_id_sku", SkuTaken)
db.translate_constraint("uq_product_slug", SlugTaken)
