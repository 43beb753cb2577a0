"""Products as the public and the till see them: the published version, and offers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Select, and_, select

from app.domain.catalog import rules
from app.domain.catalog.models import Category, Listing, Product, ProductVersion, Variant
from app.domain.catalog.queries.categories import list_categories
from app.domain.catalog.types import (
    Offer,
    ProductKind,
    ProductPage,
    ProductState,
    ProductVersionRecord,
)
from app.infra import db
from app.kernel.errors import NotFound

_PAGE_COLUMNS: Final = (
    Listing.product_id,
    ProductVersion.id.label("product_version_id"),
    ProductVersion.number,
    Listing.slug,
    Listing.upt_id,
    Listing.upt_slug,
    Listing.upt_short_name,
    Listing.town,
    Listing.province_code,
    Listing.published_at,
    Product.updated_at,
    ProductVersion.content,
)


def _pages() -> Select[*tuple[Any, ...]]:
    return (
        select(*_PAGE_COLUMNS)
        .join(Product, Product.id == Listing.product_id)
        .join(
            ProductVersion,
            and_(
                ProductVersion.product_id == Product.id,
                ProductVersion.number == Product.published_number,
            ),
        )
    )


def _to_page(row: Any) -> ProductPage:
    content = rules.read_content(row.content)
    return ProductPage(
        product_id=row.product_id,
        product_version_id=row.product_version_id,
        version=row.number,
        slug=row.slug,
        upt_id=row.upt_id,
        upt_slug=row.upt_slug,
        upt_short_name=row.upt_short_name,
        town=row.town,
        province_code=row.province_code,
        published_at=row.published_at,
        updated_at=row.updated_at,
        trail=rules.trail_of(content.category_id, list_categories()),
        content=content,
    )


def find_product(*, slug: str) -> ProductPage:
    """Return a published product by its address, in one statement.

    Raises:
        NotFound: No such product, or it is not public.
    """
    row = db.read_session().execute(_pages().where(Product.slug == slug)).one_or_none()
    if row is None:
        raise NotFound
    return _to_page(row)


def product_pages(*, product_ids: Collection[int]) -> dict[int, ProductPage]:
    """Return those of the products that are published, in one statement."""
    if not product_ids:
        return {}
    rows = db.read_session().execute(_pages().where(Listing.product_id.in_(product_ids)))
    return {row.product_id: _to_page(row) for row in rows}


def list_product_pages(*, after_product_id: int, limit: int) -> tuple[ProductPage, ...]:
    """Return published products by rising id, for building an index or a site map."""
    rows = db.read_session().execute(
        _pages()
        .where(Listing.product_id > after_product_id)
        .order_by(Listing.product_id)
        .limit(limit)
    )
    return tuple(_to_page(row) for row in rows)


def offers(*, variant_ids: Collection[int]) -> dict[int, Offer]:
    """Return price, weight and size of variants as they stand now, in one statement.

    Variants that nobody can buy now are there with ``is_published`` false.
    """
    if not variant_ids:
        return {}
    rows = db.read_session().execute(
        select(Variant, Product, ProductVersion.id, Listing.cover_asset_id, Category.name)
        .join(Product, Product.id == Variant.product_id)
        .join(Category, Category.id == Product.category_id)
        .outerjoin(
            ProductVersion,
            and_(
                ProductVersion.product_id == Product.id,
                ProductVersion.number == Product.published_number,
            ),
        )
        .outerjoin(Listing, Listing.product_id == Product.id)
        .where(Variant.id.in_(variant_ids))
    )
    return {row[0].id: _to_offer(*row) for row in rows}


def _to_offer(
    variant: Variant,
    product: Product,
    version_id: int | None,
    cover_asset_id: int | None,
    category_name: str,
) -> Offer:
    return Offer(
        variant_id=variant.id,
        product_id=product.id,
        product_version_id=version_id or 0,
        version=product.published_number or 0,
        upt_id=variant.upt_id,
        sku=variant.sku,
        product_name=product.name,
        variant_name=variant.name,
        price_idr=variant.price_idr or 0,
        weight_g=variant.weight_g or 0,
        length_mm=variant.length_mm or 0,
        width_mm=variant.width_mm or 0,
        height_mm=variant.height_mm or 0,
        kind=ProductKind(product.kind),
        is_published=product.state == ProductState.PUBLISHED and variant.is_active,
        product_slug=product.slug,
        cover_asset_id=cover_asset_id,
        category_name=category_name,
        shelf_life_days=product.shelf_life_days,
    )


def get_version(*, product_version_id: int) -> ProductVersionRecord:
    """Return an archived version, whether or not the product is still public.

    Raises:
        NotFound: No such version.
    """
    row = db.read_session().get(ProductVersion, product_version_id)
    if row is None:
        raise NotFound
    return ProductVersionRecord(
        row.id, row.product_id, row.number, row.created_at, rules.read_content(row.content)
    )
