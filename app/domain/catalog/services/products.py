"""Writing products and their variants."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain.catalog import rules
from app.domain.catalog.commands import SaveProduct, SaveVariant
from app.domain.catalog.errors import SkuTaken
from app.domain.catalog.models import Category, Product, Variant
from app.domain.catalog.services import change
from app.domain.catalog.types import PERMISSION_EDIT, VARIANTS_MAX, ProductState
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import FieldError, Invalid, NotFound

_PLAIN = (
    "category_id",
    "name",
    "name_en",
    "summary",
    "description",
    "materials",
    "story",
    "maker_credit",
    "lead_time_days",
    "shelf_life_days",
)
_MEASURES = (
    "sku",
    "name",
    "price_idr",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "is_active",
)


def create_product(*, actor: Actor, upt_id: int, command: SaveProduct, at: datetime) -> int:
    """Start a product as a draft of a UPT; return its id.

    Raises:
        NotFound: The UPT is outside the actor's reach.
        NotAllowed: The actor works there but may not edit products.
        Invalid: Unknown category.
        SkuTaken: Naming every variant whose SKU is in use in this UPT.
        SlugTaken: Somebody took the address in this very moment; trying again helps.
    """
    actor.ensure(PERMISSION_EDIT, upt_id=upt_id)
    _ensure_category(command.category_id)
    product = Product(
        slug=_free_slug(command),
        upt_id=upt_id,
        kind=command.kind.value,
        search_name=rules.sort_name(command.name),
        state=ProductState.DRAFT.value,
        version=0,
        created_at=at,
        updated_at=at,
        **{name: getattr(command, name) for name in _PLAIN},
    )
    db.add(product)
    _write_variants(product, command.variants)
    change.finish(actor=actor, product=product, action="product.create", at=at)
    return product.id


def update_product(
    *,
    actor: Actor,
    product_id: int,
    command: SaveProduct,
    expected_version: int,
    at: datetime,
) -> int:
    """Change a product to what the form says; return its new version.

    Variants that the form leaves out stay, but can no longer be bought: stock and orders refer
    to them. The address of a product never changes.

    Args:
        expected_version: The version that the form was filled from.

    Raises:
        NotFound: No such product, or of a UPT outside the actor's reach.
        NotAllowed: The actor works there but may not edit products.
        ProductChanged: Somebody else was quicker; carries the product as it stands.
        Invalid: Unknown category, or a variant of another product.
        SkuTaken: Naming every variant whose SKU is in use in this UPT.
        NotPublishable: The product is public and would lack something.
    """
    product = change.lock_product(
        actor=actor,
        permission=PERMISSION_EDIT,
        product_id=product_id,
        expected_version=expected_version,
    )
    _ensure_category(command.category_id)
    for name in _PLAIN:
        setattr(product, name, getattr(command, name))
    product.kind = command.kind.value
    product.search_name = rules.sort_name(command.name)
    _write_variants(product, command.variants)
    change.finish(actor=actor, product=product, action="product.update", at=at)
    return product.version


def save_variant(*, actor: Actor, product_id: int, command: SaveVariant, at: datetime) -> int:
    """Add one variant to a product, or change one; return its id.

    Raises:
        NotFound: No such product, or of a UPT outside the actor's reach.
        NotAllowed: The actor works there but may not edit products.
        Invalid: A variant of another product, or too many variants.
        SkuTaken: The SKU is in use in this UPT.
        NotPublishable: The product is public and would lack something.
    """
    product = change.lock_product(actor=actor, permission=PERMISSION_EDIT, product_id=product_id)
    rows = _variants(product)
    if command.variant_id is None and len(rows) >= VARIANTS_MAX:
        raise Invalid(FieldError("", "catalog.too_many_variants", (("limit", VARIANTS_MAX),)))
    _ensure_free_skus(product, [command], fields=["sku"])
    known = {row.id: row for row in rows}
    changed = known.get(command.variant_id or 0)
    place = changed.position if changed else len(rows)
    row = _write_variant(product, known, command, place=place)
    db.session().flush()
    change.finish(actor=actor, product=product, action="product.save_variant", at=at)
    return row.id


def _ensure_category(category_id: int) -> None:
    if db.session().get(Category, category_id) is None:
        raise Invalid(FieldError("category_id", "field.choice"))


def _free_slug(command: SaveProduct) -> str:
    stem = rules.slug_stem(wish=command.slug, name=command.name)
    taken = db.session().scalars(
        select(Product.slug).where(Product.slug.startswith(stem, autoescape=True))
    )
    return rules.choose_slug(wish=command.slug, name=command.name, taken=set(taken))


def _variants(product: Product) -> list[Variant]:
    rows = db.session().scalars(
        select(Variant)
        .where(Variant.product_id == product.id)
        .order_by(Variant.position, Variant.id)
    )
    return list(rows)


def _write_variants(product: Product, wanted: Sequence[SaveVariant]) -> None:
    rows = _variants(product)
    known = {row.id: row for row in rows}
    fields = [f"variants.{place}.sku" for place in range(len(wanted))]
    _ensure_own(known, wanted)
    _ensure_free_skus(product, wanted, fields=fields)
    kept = {variant.variant_id for variant in wanted}
    left_out = [row for row in rows if row.id not in kept]
    for place, variant in enumerate(wanted):
        _write_variant(product, known, variant, place=place)
    for place, row in enumerate(left_out, start=len(wanted)):
        row.is_active = False
        row.position = place
    db.session().flush()


def _write_variant(
    product: Product, known: dict[int, Variant], command: SaveVariant, *, place: int
) -> Variant:
    values: dict[str, Any] = {name: getattr(command, name) for name in _MEASURES}
    if command.variant_id is not None:
        if command.variant_id not in known:
            raise NotFound
        row = known[command.variant_id]
        for name, value in values.items():
            setattr(row, name, value)
    else:
        row = Variant(product_id=product.id, upt_id=product.upt_id, **values)
        db.session().add(row)
    row.position = place
    return row


def _ensure_own(known: dict[int, Variant], wanted: Sequence[SaveVariant]) -> None:
    ids = [variant.variant_id for variant in wanted if variant.variant_id is not None]
    if len(set(ids)) != len(ids) or not set(ids) <= known.keys():
        raise NotFound


def _ensure_free_skus(
    product: Product, wanted: Sequence[SaveVariant], *, fields: Sequence[str]
) -> None:
    skus = [variant.sku for variant in wanted]
    taken = {
        sku: variant_id
        for variant_id, sku in db.session().execute(
            select(Variant.id, Variant.sku).where(
                Variant.upt_id == product.upt_id, Variant.sku.in_(skus)
            )
        )
    }
    own_ids = {variant.variant_id for variant in wanted}
    double = set(rules.find_double_skus(skus))
    wrong = [
        field
        for place, (field, variant) in enumerate(zip(fields, wanted, strict=True))
        if place in double or taken.get(variant.sku, variant.variant_id) not in own_ids
    ]
    if wrong:
        raise SkuTaken(*wrong)
