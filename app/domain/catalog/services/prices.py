"""Many prices at once, in a handful of statements whatever their number.

What is left is what the product's form would have left, product by product: a new version, and for a
public product that version archived, its card rewritten and its event published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, select, update

from app.domain.audit import services as audit_services
from app.domain.catalog import rules
from app.domain.catalog.events import ProductPublished
from app.domain.catalog.models import Listing, Product, ProductVersion, Variant
from app.domain.catalog.queries.lists import forget_counts
from app.domain.catalog.types import PERMISSION_EDIT, PRICE_IDR_MAX, ProductContent, ProductState
from app.infra import db, jobs
from app.kernel.actor import Actor
from app.kernel.errors import FieldError, Invalid, NotFound

_AT_ONCE = 5_000


def set_prices(*, actor: Actor, upt_id: int, prices: Mapping[int, int], at: datetime) -> int:
    """Give variants of a UPT new prices; return how many changed.

    Args:
        prices: Rupiah by variant id. Those that have the price already are left alone.

    Raises:
        NotFound: A variant is of another UPT, or the UPT is outside the actor's reach.
        NotAllowed: The actor works there but may not edit products.
        Invalid: A price is outside the limits.
    """
    actor.ensure(PERMISSION_EDIT, upt_id=upt_id)
    if any(not 1 <= price_idr <= PRICE_IDR_MAX for price_idr in prices.values()):
        raise Invalid(FieldError("price_idr", "field.too_large"))
    changed: list[dict[str, int]] = []
    touched: dict[int, Any] = {}
    ids = sorted(prices)
    for start in range(0, len(ids), _AT_ONCE):
        changed += _lock_changed(upt_id, ids[start : start + _AT_ONCE], prices, touched)
    if not changed:
        return 0
    _update(Variant, changed)
    _update(
        Product,
        [{"row_id": each.id, "version": each.version + 1, "updated_at": at}
         for each in touched.values()],
    )  # fmt: skip
    _make_public(touched, {row["row_id"]: row["price_idr"] for row in changed}, at=at)
    audit_services.record(
        actor=actor,
        action="product.prices_set",
        subject=f"upt:{upt_id}",
        at=at,
        upt_id=upt_id,
        detail={"variants": len(changed), "products": len(touched)},
    )
    return len(changed)


def _lock_changed(
    upt_id: int, ids: list[int], prices: Mapping[int, int], touched: dict[int, Any]
) -> list[dict[str, int]]:
    """Lock the products of these variants, then return the variants whose price differs."""
    session = db.session()
    of_these = select(Variant.product_id).where(Variant.id.in_(ids), Variant.upt_id == upt_id)
    products = session.execute(
        db.for_update(
            select(
                Product.id, Product.state, Product.version, Product.published_number,
            )
            .where(Product.id.in_(of_these))
            .order_by(Product.id)
        )
    )  # fmt: skip
    known = {row.id: row for row in products}
    variants = session.execute(
        select(Variant.id, Variant.product_id, Variant.price_idr).where(
            Variant.id.in_(ids), Variant.upt_id == upt_id
        )
    ).all()
    if len(variants) != len(ids):
        raise NotFound
    found = []
    for row in variants:
        if row.price_idr != prices[row.id]:
            found.append({"row_id": row.id, "price_idr": prices[row.id]})
            touched[row.product_id] = known[row.product_id]
    return found


def _update(model: type[Any], rows: list[dict[str, Any]]) -> None:
    if rows:
        table = model.__table__
        names = [name for name in rows[0] if name != "row_id"]
        key = next(iter(table.primary_key))
        statement = update(table).where(key == bindparam("row_id"))
        db.session().execute(statement.values({name: bindparam(name) for name in names}), rows)


def _make_public(touched: Mapping[int, Any], prices: Mapping[int, int], *, at: datetime) -> None:
    """Archive the new version of every public product, rewrite its card, tell of it."""
    public = {
        row.id: row.version + 1
        for row in touched.values()
        if row.state == ProductState.PUBLISHED.value
    }
    ids = sorted(public)
    for start in range(0, len(ids), _AT_ONCE):
        _publish_some({each: public[each] for each in ids[start : start + _AT_ONCE]}, prices, at)


def _publish_some(numbers: Mapping[int, int], prices: Mapping[int, int], at: datetime) -> None:
    rows = db.session().execute(
        select(Product.id, ProductVersion.content)
        .join(
            ProductVersion,
            and_(
                ProductVersion.product_id == Product.id,
                ProductVersion.number == Product.published_number,
            ),
        )
        .where(Product.id.in_(numbers))
        .order_by(Product.id)
    )
    contents = {row[0]: _priced(rules.read_content(row[1]), prices) for row in rows}
    db.insert_rows(
        ProductVersion,
        [
            {
                "product_id": product_id,
                "number": numbers[product_id],
                "content": rules.write_content(content),
                "created_at": at,
            }
            for product_id, content in contents.items()
        ],
    )
    _update(
        Product,
        [{"row_id": each, "published_number": numbers[each]} for each in contents],
    )
    _update(Listing, [_card(product_id, content) for product_id, content in contents.items()])
    jobs.publish_all([ProductPublished(product_id=each) for each in contents], at=at)
    forget_counts()


def _priced(content: ProductContent, prices: Mapping[int, int]) -> ProductContent:
    return replace(
        content,
        variants=tuple(
            replace(variant, price_idr=prices.get(variant.variant_id, variant.price_idr))
            for variant in content.variants
        ),
    )


def _card(product_id: int, content: ProductContent) -> dict[str, Any]:
    low_idr, high_idr = rules.price_range(content)
    return {
        "row_id": product_id,
        "price_idr_min": low_idr,
        "price_idr_max": high_idr,
        "has_several_prices": low_idr != high_idr,
    }
