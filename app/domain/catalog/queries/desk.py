"""Products as their makers see them: drafts, lists, variants by name."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, literal, select, true, tuple_
from sqlalchemy import func as sql

from app.domain.catalog import rules
from app.domain.catalog.models import Category, Product, ProductImageRow, Variant
from app.domain.catalog.types import (
    PERMISSION_EDIT,
    ImageDraft,
    ProductDraft,
    ProductKind,
    ProductRow,
    ProductState,
    VariantBrief,
    VariantDraft,
)
from app.domain.media import queries as media_queries
from app.domain.media.types import AssetState
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor
from app.kernel.text import fold

VARIANT_CHOICES_MAX: Final = 200


def list_products(
    *,
    actor: Actor,
    upt_id: int | None,
    text: str = "",
    state: ProductState | None = None,
    cursor: str | None = None,
    is_back: bool = False,
    size: int = PAGE_SIZE,
) -> Page[ProductRow]:
    """Return products by name, of one UPT or of all in the actor's reach, in one statement.

    Raises:
        NotFound: The UPT is outside the actor's reach.
        NotAllowed: The actor works there but may not edit products.
    """
    conditions: list[ColumnElement[bool]] = [matches(text=text)]
    if upt_id is not None:
        actor.ensure(PERMISSION_EDIT, upt_id=upt_id)
        conditions.append(Product.upt_id == upt_id)
    elif not (reach := actor.reach(PERMISSION_EDIT)).is_national:
        conditions.append(Product.upt_id.in_(reach.upt_ids))
    if state is not None:
        conditions.append(Product.state == state.value)
    place = decode_cursor(cursor, kinds=(str, int))
    is_back = is_back and place is not None
    key = tuple_(Product.search_name, Product.id)
    if place is not None:
        last = tuple_(literal(place[0]), literal(place[1]))
        conditions.append(key < last if is_back else key > last)
    ends = (Product.search_name, Product.id)
    statement = (
        _rows()
        .where(*conditions)
        .order_by(*(end.desc() if is_back else end.asc() for end in ends))
        .limit(size + 1)
    )
    rows = db.read_session().execute(statement).all()
    has_more = len(rows) > size
    chosen = list(reversed(rows[:size])) if is_back else list(rows[:size])
    has_after = bool(chosen) and (is_back or has_more)
    has_before = bool(chosen) and (has_more if is_back else place is not None)
    return Page(
        items=tuple(_to_row(row) for row in chosen),
        after=_cursor(chosen[-1]) if has_after else None,
        before=_cursor(chosen[0]) if has_before else None,
    )


def _rows() -> Any:
    own_variants = select(Variant.id).where(Variant.product_id == Product.id, Variant.is_active)
    cover = (
        select(ProductImageRow.id)
        .where(ProductImageRow.product_id == Product.id)
        .order_by(ProductImageRow.position, ProductImageRow.id)
        .limit(1)
        .correlate(Product)
        .scalar_subquery()
    )

    def about(value: Any) -> Any:
        return own_variants.with_only_columns(value).correlate(Product).scalar_subquery()

    return (
        select(
            Product.id,
            Product.slug,
            Product.name,
            Product.search_name,
            Category.name.label("category_name"),
            Product.kind,
            Product.state,
            about(sql.count(Variant.id)).label("variant_count"),
            about(sql.min(Variant.price_idr)).label("price_idr_min"),
            about(sql.max(Variant.price_idr)).label("price_idr_max"),
            ProductImageRow.asset_id.label("cover_asset_id"),
            ProductImageRow.alt.label("cover_alt"),
            Product.updated_at,
        )
        .join(Category, Category.id == Product.category_id)
        .outerjoin(ProductImageRow, ProductImageRow.id == cover)
    )


def _to_row(row: Any) -> ProductRow:
    return ProductRow(
        product_id=row.id,
        slug=row.slug,
        name=row.name,
        category_name=row.category_name,
        kind=ProductKind(row.kind),
        state=ProductState(row.state),
        variant_count=row.variant_count,
        price_idr_min=row.price_idr_min,
        price_idr_max=row.price_idr_max,
        cover_asset_id=row.cover_asset_id,
        cover_alt=row.cover_alt or "",
        updated_at=row.updated_at,
    )


def _cursor(row: Any) -> str:
    return encode_cursor((row.search_name, row.id))


def get_product(*, actor: Actor, product_id: int) -> ProductDraft:
    """Return a product as it is being edited.

    Raises:
        NotFound: No such product, or of a UPT outside the actor's reach.
        NotAllowed: The actor works there but may not edit products.
    """
    product = db.read_session().get(Product, product_id)
    if product is None:
        raise NotFound
    actor.ensure(PERMISSION_EDIT, upt_id=product.upt_id)
    return read_draft(product=product)


def find_product_id(*, slug: str) -> int | None:
    """Return the id of a product in any state by its address, for loaders."""
    return db.read_session().scalar(select(Product.id).where(Product.slug == slug))


def read_draft(*, product: Product) -> ProductDraft:
    """Return the record of a loaded product with its variants and pictures."""
    session = db.read_session()
    variants = session.scalars(
        select(Variant)
        .where(Variant.product_id == product.id)
        .order_by(Variant.position, Variant.id)
    )
    images = session.scalars(
        select(ProductImageRow)
        .where(ProductImageRow.product_id == product.id)
        .order_by(ProductImageRow.position, ProductImageRow.id)
    )
    variant_drafts = tuple(_to_variant(variant) for variant in variants)
    image_drafts = tuple(ImageDraft(image.id, image.asset_id, image.alt) for image in images)
    return _to_draft(product, variant_drafts, image_drafts)


def _to_variant(row: Variant) -> VariantDraft:
    return VariantDraft(
        variant_id=row.id,
        sku=row.sku,
        name=row.name,
        price_idr=row.price_idr,
        weight_g=row.weight_g,
        length_mm=row.length_mm,
        width_mm=row.width_mm,
        height_mm=row.height_mm,
        is_active=row.is_active,
    )


def _to_draft(
    row: Product, variants: tuple[VariantDraft, ...], images: tuple[ImageDraft, ...]
) -> ProductDraft:
    kind = ProductKind(row.kind)
    states = media_queries.asset_states(asset_ids=[image.asset_id for image in images])
    missing = rules.find_missing(
        kind=kind,
        summary=row.summary,
        description=row.description,
        lead_time_days=row.lead_time_days,
        variants=variants,
        image_count=sum(state is not AssetState.REFUSED for state in states.values()),
    )
    return ProductDraft(
        product_id=row.id,
        slug=row.slug,
        upt_id=row.upt_id,
        category_id=row.category_id,
        kind=kind,
        name=row.name,
        name_en=row.name_en,
        summary=row.summary,
        description=row.description,
        materials=row.materials,
        story=row.story,
        maker_credit=row.maker_credit,
        lead_time_days=row.lead_time_days,
        shelf_life_days=row.shelf_life_days,
        state=ProductState(row.state),
        version=row.version,
        published_at=row.published_at,
        updated_at=row.updated_at,
        variants=variants,
        images=images,
        missing=missing,
    )


_BRIEF: Final = (
    Variant.id,
    Variant.sku,
    Product.name,
    Variant.name.label("variant_name"),
    Variant.product_id,
    Variant.is_active,
)


def variants_of_upt(*, upt_id: int, text: str = "") -> tuple[VariantBrief, ...]:
    """Return variants of a UPT by product name, narrowed by name or SKU; at most 200."""
    statement = (
        select(*_BRIEF)
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.upt_id == upt_id, matches(text=text))
        .order_by(Product.search_name, Product.id, Variant.position, Variant.id)
        .limit(VARIANT_CHOICES_MAX)
    )
    return tuple(VariantBrief(*row) for row in db.read_session().execute(statement))


def find_variant(*, upt_id: int, sku: str) -> VariantBrief | None:
    """Return the variant of a UPT with this SKU, in any letters; the exact one goes first."""
    statement = (
        select(*_BRIEF)
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.upt_id == upt_id, sql.lower(Variant.sku) == sku.lower())
        .order_by((Variant.sku != sku), Variant.id)
        .limit(1)
    )
    row = db.read_session().execute(statement).first()
    return VariantBrief(*row) if row else None


def variant_briefs(*, variant_ids: Collection[int]) -> dict[int, VariantBrief]:
    """Return variants by name, in one statement."""
    if not variant_ids:
        return {}
    statement = (
        select(*_BRIEF)
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.id.in_(variant_ids))
    )
    return {row[0]: VariantBrief(*row) for row in db.read_session().execute(statement)}


def matches(*, text: str) -> ColumnElement[bool]:
    """Return the condition that a product's name or a SKU of it contains every word."""
    found: list[ColumnElement[bool]] = [true()]
    for word in fold(text).split()[:6]:
        has_sku = (
            select(Variant.id)
            .where(
                Variant.product_id == Product.id,
                sql.lower(Variant.sku).contains(word, autoescape=True),
            )
            .correlate(Product)
            .exists()
        )
        found.append(Product.search_name.contains(word, autoescape=True) | has_sku)
    return and_(*found)
