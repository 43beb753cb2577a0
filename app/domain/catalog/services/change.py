"""What begins and ends every change of a product: the lock, the version, the public side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from app.domain.audit import services as audit_services
from app.domain.audit.types import DetailValue
from app.domain.catalog import rules
from app.domain.catalog.errors import NotPublishable, ProductChanged
from app.domain.catalog.events import ProductPublished, ProductWithdrawn
from app.domain.catalog.models import Listing, Product, ProductVersion
from app.domain.catalog.queries.categories import read_categories
from app.domain.catalog.queries.desk import read_draft
from app.domain.catalog.queries.lists import forget_counts
from app.domain.catalog.types import ProductContent, ProductDraft, ProductState
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.infra import db, jobs
from app.kernel.actor import Actor
from app.kernel.errors import NotFound


def lock_product(
    *, actor: Actor, permission: str, product_id: int, expected_version: int | None = None
) -> Product:
    """Return a product held for update.

    Raises:
        NotFound: No such product, or of a UPT outside the actor's reach.
        NotAllowed: The actor works there without this permission.
        ProductChanged: It is no longer the version that the actor saw.
    """
    product = db.session().scalar(db.for_update(select(Product).where(Product.id == product_id)))
    if product is None:
        raise NotFound
    actor.ensure(permission, upt_id=product.upt_id)
    if expected_version is not None and product.version != expected_version:
        raise ProductChanged(current=read_draft(product=product))
    return product


def finish(
    *,
    actor: Actor,
    product: Product,
    action: str,
    at: datetime,
    detail: Mapping[str, DetailValue] | None = None,
) -> None:
    """Count the version up and, for a public product, make the change public.

    Raises:
        NotPublishable: The change would leave a public product incomplete.
    """
    product.version += 1
    product.updated_at = at
    db.session().flush()
    if product.state == ProductState.PUBLISHED.value:
        make_public(product=product, at=at)
    audit_services.record(
        actor=actor,
        action=action,
        subject=f"product:{product.id}",
        at=at,
        upt_id=product.upt_id,
        detail={"version": product.version, **(detail or {})},
    )


def make_public(*, product: Product, at: datetime) -> None:
    """Archive the product as it is and show that version.

    Raises:
        NotPublishable: Naming everything that is missing.
    """
    draft = read_draft(product=product)
    if draft.missing:
        raise NotPublishable(missing=draft.missing)
    content = rules.content_of(draft)
    db.add(
        ProductVersion(
            product_id=product.id,
            number=product.version,
            content=rules.write_content(content),
            created_at=at,
        )
    )
    product.published_number = product.version
    write_listing(draft=draft, content=content, at=at)
    jobs.publish(ProductPublished(product_id=product.id), at=at)


def write_listing(*, draft: ProductDraft, content: ProductContent, at: datetime) -> None:
    """Write the one listing row of a published product."""
    trail = rules.trail_of(content.category_id, read_categories())
    values = listing_values(
        product_id=draft.product_id,
        slug=draft.slug,
        upt=upt_queries.briefs(upt_ids=[draft.upt_id])[draft.upt_id],
        content=content,
        root_category_id=trail[0].category_id,
        published_at=draft.published_at or at,
    )
    forget_counts()
    row = db.session().get(Listing, draft.product_id)
    if row is None:
        db.add(Listing(**values))
        return
    for name, value in values.items():
        setattr(row, name, value)
    db.session().flush()


def listing_values(
    *,
    product_id: int,
    slug: str,
    upt: UptBrief,
    content: ProductContent,
    root_category_id: int,
    published_at: datetime,
) -> dict[str, Any]:
    """Return everything that cards, filters and sorts need of a product."""
    low_idr, high_idr = rules.price_range(content)
    cover = content.images[0]
    return {
        "product_id": product_id,
        "slug": slug,
        "name": content.name,
        "search_name": rules.sort_name(content.name),
        "upt_id": upt.upt_id,
        "upt_slug": upt.slug,
        "upt_short_name": upt.short_name,
        "town": upt.town,
        "province_code": upt.province_code,
        "kanwil_id": upt.kanwil_id,
        "category_id": content.category_id,
        "root_category_id": root_category_id,
        "kind": content.kind.value,
        "price_idr_min": low_idr,
        "price_idr_max": high_idr,
        "has_several_prices": low_idr != high_idr,
        "published_at": published_at,
        "position_key": rules.position_key(published_at),
        "cover_asset_id": cover.asset_id,
        "cover_alt": cover.alt,
        "variant_ids": " ".join(str(variant.variant_id) for variant in content.variants),
    }


def make_private(*, product: Product, at: datetime) -> None:
    """Take a product off the public side; its archived versions stay."""
    forget_counts()
    db.session().execute(delete(Listing).where(Listing.product_id == product.id))
    jobs.publish(ProductWithdrawn(product_id=product.id), at=at)
