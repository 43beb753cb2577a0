"""Many published products at once, by rows of many values: for imports and for tests of speed.

The result is what ``create_product``, ``add_image`` and ``publish`` would have left, product by
product, except that no event asks for indexing; rebuild the search index afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from app.domain.audit import services as audit_services
from app.domain.catalog import rules
from app.domain.catalog.commands import ImportedProduct
from app.domain.catalog.errors import NotPublishable
from app.domain.catalog.models import (
    Listing,
    Product,
    ProductImageRow,
    ProductVersion,
    Variant,
)
from app.domain.catalog.queries.categories import read_categories
from app.domain.catalog.queries.lists import forget_counts
from app.domain.catalog.services import change
from app.domain.catalog.types import ProductContent, ProductState, VariantRecord
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel.actor import Actor

PERMISSION_NATIONAL = "upt.manage"


def import_products(
    *, actor: Actor, products: Sequence[ImportedProduct], at: datetime
) -> dict[str, tuple[int, tuple[int, ...]]]:
    """Add complete products as published; return product id and variant ids by address.

    Args:
        products: With addresses and SKU that nobody uses yet.

    Raises:
        NotAllowed: The actor does not manage the nation's lists.
        NotPublishable: One of them lacks something.
        SlugTaken: An address is in use.
        SkuTaken: A SKU is in use in its UPT.
    """
    actor.ensure_national(PERMISSION_NATIONAL)
    for each in products:
        if missing := _missing(each):
            raise NotPublishable(missing=missing)
    session = db.session()
    session.execute(insert(Product), [_product(each) for each in products])
    slugs = [each.slug for each in products]
    known = session.execute(select(Product.slug, Product.id).where(Product.slug.in_(slugs)))
    product_ids = {row.slug: row.id for row in known}
    session.execute(
        insert(Variant), [row for each in products for row in _variants(each, product_ids)]
    )
    variants: dict[int, list[VariantRecord]] = {}
    for row in session.scalars(
        select(Variant)
        .where(Variant.product_id.in_(product_ids.values()))
        .order_by(Variant.product_id, Variant.position)
    ):
        variants.setdefault(row.product_id, []).append(_record(row))
    session.expunge_all()
    contents = {
        each.slug: _content(each, tuple(variants[product_ids[each.slug]])) for each in products
    }
    _insert_public_side(products, product_ids, contents)
    audit_services.record(
        actor=actor,
        action="product.import",
        subject=f"products:{len(products)}",
        at=at,
        detail={"count": len(products)},
    )
    forget_counts()
    return {
        slug: (product_ids[slug], tuple(variant.variant_id for variant in content.variants))
        for slug, content in contents.items()
    }


def _insert_public_side(
    products: Sequence[ImportedProduct],
    product_ids: dict[str, int],
    contents: dict[str, ProductContent],
) -> None:
    session = db.session()
    upts = upt_queries.briefs(upt_ids={each.upt_id for each in products})
    roots = {record.category_id: record.root_id for record in read_categories()}
    session.execute(
        insert(ProductImageRow),
        [
            {
                "product_id": product_ids[each.slug],
                "asset_id": image.asset_id,
                "alt": image.alt,
                "position": position,
            }
            for each in products
            for position, image in enumerate(each.images)
        ],
    )
    session.execute(
        insert(ProductVersion),
        [
            {
                "product_id": product_ids[each.slug],
                "number": 1,
                "content": rules.write_content(contents[each.slug]),
                "created_at": each.published_at,
            }
            for each in products
        ],
    )
    session.execute(
        insert(Listing),
        [
            change.listing_values(
                product_id=product_ids[each.slug],
                slug=each.slug,
                upt=upts[each.upt_id],
                content=contents[each.slug],
                root_category_id=roots[each.command.category_id],
                published_at=each.published_at,
            )
            for each in products
        ],
    )


def _missing(each: ImportedProduct) -> tuple[str, ...]:
    command = each.command
    return rules.find_missing(
        kind=command.kind,
        summary=command.summary,
        description=command.description,
        lead_time_days=command.lead_time_days,
        variants=command.variants,
        image_count=len(each.images),
    )


def _product(each: ImportedProduct) -> dict[str, Any]:
    command = each.command
    return {
        "slug": each.slug,
        "upt_id": each.upt_id,
        "category_id": command.category_id,
        "kind": command.kind.value,
        "name": command.name,
        "name_en": command.name_en,
        "search_name": rules.sort_name(command.name),
        "summary": command.summary,
        "description": command.description,
        "materials": command.materials,
        "story": command.story,
        "maker_credit": command.maker_credit,
        "lead_time_days": command.lead_time_days,
        "shelf_life_days": command.shelf_life_days,
        "state": ProductState.PUBLISHED.value,
        "version": 1,
        "published_number": 1,
        "published_at": each.published_at,
        "created_at": each.published_at,
        "updated_at": each.published_at,
    }


def _variants(each: ImportedProduct, product_ids: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "product_id": product_ids[each.slug],
            "upt_id": each.upt_id,
            "sku": variant.sku,
            "name": variant.name,
            "price_idr": variant.price_idr,
            "weight_g": variant.weight_g,
            "length_mm": variant.length_mm,
            "width_mm": variant.width_mm,
            "height_mm": variant.height_mm,
            "position": position,
            "is_active": True,
        }
        for position, variant in enumerate(each.command.variants)
    ]


def _record(row: Variant) -> VariantRecord:
    return VariantRecord(
        variant_id=row.id,
        sku=row.sku,
        name=row.name,
        price_idr=row.price_idr or 0,
        weight_g=row.weight_g or 0,
        length_mm=row.length_mm or 0,
        width_mm=row.width_mm or 0,
        height_mm=row.height_mm or 0,
    )


def _content(each: ImportedProduct, variants: tuple[VariantRecord, ...]) -> ProductContent:
    command = each.command
    return ProductContent(
        name=command.name,
        name_en=command.name_en,
        summary=command.summary,
        description=command.description,
        materials=command.materials,
        story=command.story,
        maker_credit=command.maker_credit,
        kind=command.kind,
        category_id=command.category_id,
        lead_time_days=command.lead_time_days,
        shelf_life_days=command.shelf_life_days,
        variants=variants,
        images=each.images,
    )
