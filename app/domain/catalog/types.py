"""What leaves the catalogue: records shaped for pages, limits, permissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

PERMISSION_EDIT: Final = "product.edit"
PERMISSION_PUBLISH: Final = "product.publish"

VARIANTS_MAX: Final = 40
IMAGES_MAX: Final = 10
PRICE_IDR_MAX: Final = 1_000_000_000
DAYS_MAX: Final = 3_650


class ProductKind(StrEnum):
    """How a product comes to be."""

    READY = "ready"
    MADE_TO_ORDER = "made_to_order"
    UNIQUE = "unique"
    SERVICE = "service"


class ProductState(StrEnum):
    """Whether the public sees a product."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ListingOrder(StrEnum):
    """The orders of a list, by the word used in addresses."""

    NEWEST = "baru"
    CHEAPEST = "murah"
    DEAREST = "mahal"
    NAME = "nama"


class Direction(StrEnum):
    """Which way a page lies from its cursor."""

    FORWARD = "forward"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class CategoryRecord:
    """A category of goods, at most two levels deep.

    Attributes:
        root_id: The top category that this one belongs to; itself for a top category.
    """

    category_id: int
    slug: str
    name: str
    name_en: str
    parent_id: int | None
    root_id: int
    position: int
    icon: str


@dataclass(frozen=True, slots=True)
class ListingFilter:
    """What a list of goods is narrowed to; None means not narrowed."""

    category_slug: str | None = None
    province_code: str | None = None
    upt_slug: str | None = None
    in_stock: bool = False
    price_min: int | None = None
    price_max: int | None = None
    order: ListingOrder = ListingOrder.NEWEST


@dataclass(frozen=True, slots=True)
class ListingRecord:
    """One published product as a card shows it.

    Attributes:
        variant_ids: The variants that can be bought, in order, for asking about stock.
    """

    product_id: int
    slug: str
    name: str
    upt_id: int
    upt_slug: str
    upt_short_name: str
    town: str
    province_code: str
    category_id: int
    root_category_id: int
    kind: ProductKind
    price_idr_min: int
    price_idr_max: int
    has_several_prices: bool
    published_at: datetime
    cover_asset_id: int | None
    cover_alt: str
    variant_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Facets:
    """How many goods each choice of a filter would show, the other filters being kept.

    Attributes:
        total: Goods under all filters.
        by_category: Count by category id; a top category counts its children in.
        by_province: Count by province code.
        by_upt: Count by UPT slug.
    """

    total: int
    by_category: Mapping[int, int]
    by_province: Mapping[str, int]
    by_upt: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class VariantRecord:
    """A variant as published: complete and buyable."""

    variant_id: int
    sku: str
    name: str
    price_idr: int
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class ProductImage:
    """A picture of a product with its words."""

    asset_id: int
    alt: str


@dataclass(frozen=True, slots=True)
class ProductContent:
    """Everything a published version says: what the buyer saw is what is kept."""

    name: str
    name_en: str
    summary: str
    description: str
    materials: str
    story: str
    maker_credit: str
    kind: ProductKind
    category_id: int
    lead_time_days: int | None
    shelf_life_days: int | None
    variants: tuple[VariantRecord, ...]
    images: tuple[ProductImage, ...]


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A published product, for its page.

    Attributes:
        version: Number of the published version.
        trail: Categories from the top down.
        content: The published version itself.
    """

    product_id: int
    product_version_id: int
    version: int
    slug: str
    upt_id: int
    upt_slug: str
    upt_short_name: str
    town: str
    province_code: str
    published_at: datetime
    updated_at: datetime
    trail: tuple[CategoryRecord, ...]
    content: ProductContent


@dataclass(frozen=True, slots=True)
class ProductVersionRecord:
    """An archived version, as an order line refers to it."""

    product_version_id: int
    product_id: int
    number: int
    created_at: datetime
    content: ProductContent


@dataclass(frozen=True, slots=True)
class Offer:
    """What a variant costs and weighs right now, for cart and checkout.

    Attributes:
        is_published: The product is public and the variant can be bought.
        product_version_id: Archived version on offer; 0 while nothing was ever published.
        version: Its number; 0 likewise.
    """

    variant_id: int
    product_id: int
    product_version_id: int
    version: int
    upt_id: int
    sku: str
    product_name: str
    variant_name: str
    price_idr: int
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    kind: ProductKind
    is_published: bool
    product_slug: str
    cover_asset_id: int | None
    category_name: str
    shelf_life_days: int | None = None


@dataclass(frozen=True, slots=True)
class VariantBrief:
    """A variant by name, for stock pages."""

    variant_id: int
    sku: str
    product_name: str
    variant_name: str
    product_id: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class GoodsRow:
    """A variant with its price, for lists of all goods."""

    variant_id: int
    sku: str
    product_name: str
    variant_name: str
    price_idr: int | None
    is_active: bool
    kind: ProductKind


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A variant as being edited; numbers may be missing until it is published."""

    variant_id: int
    sku: str
    name: str
    price_idr: int | None
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class ImageDraft:
    """A picture of a product as being edited."""

    image_id: int
    asset_id: int
    alt: str


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product as its makers edit it.

    Attributes:
        version: Grows with every change; a change made against an older one is refused.
        missing: What it lacks for being published; see ``rules.find_missing``.
    """

    product_id: int
    slug: str
    upt_id: int
    category_id: int
    kind: ProductKind
    name: str
    name_en: str
    summary: str
    description: str
    materials: str
    story: str
    maker_credit: str
    lead_time_days: int | None
    shelf_life_days: int | None
    state: ProductState
    version: int
    published_at: datetime | None
    updated_at: datetime
    variants: tuple[VariantDraft, ...]
    images: tuple[ImageDraft, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product in the desk's list."""

    product_id: int
    slug: str
    name: str
    category_name: str
    kind: ProductKind
    state: ProductState
    variant_count: int
    price_idr_min: int | None
    price_idr_max: int | None
    cover_asset_id: int | None
    cover_alt: str
    updated_at: datetime
