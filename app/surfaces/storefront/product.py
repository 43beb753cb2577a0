"""One product: pictures, price, variants with live stock, who made it, delivery, similar goods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from flask import Blueprint, g, request

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import ProductKind, ProductPage, VariantRecord
from app.domain.shipping import queries as shipping_queries
from app.domain.shipping.types import Item, Parcel
from app.domain.stock import queries as stock_queries
from app.domain.upt import queries as upt_queries
from app.kernel import clock
from app.kernel.quantity import CART_QUANTITY_MAX
from app.surfaces.storefront import cards, labels, seo
from app.surfaces.storefront.cards import Stock
from app.surfaces.web import destinations, messages, pages, policy
from app.surfaces.web.filters import grams, idr, mm

blueprint = Blueprint("product", __name__)

SIMILAR_MAX: Final = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """One variant as the form offers it."""

    variant_id: int
    name: str
    sku: str
    price_idr: int
    stock: Stock
    pieces: int
    size_text: str
    weight_text: str
    is_chosen: bool


@blueprint.get("/produk/<slug>")
@policy.public
def product(slug: str) -> str:
    """Show a published product; any other address is not found."""
    at = clock.now()
    found = catalog_queries.find_product(slug=slug)
    content = found.content
    similar = catalog_queries.similar(product_id=found.product_id, limit=SIMILAR_MAX)
    facts = cards.read_facts(
        similar,
        at=at,
        alts={image.asset_id: image.alt for image in content.images},
        variant_ids=[variant.variant_id for variant in content.variants],
    )
    choices = _choices(found, facts)
    chosen = next((one for one in choices if one.is_chosen), None)
    images = [facts.images[one.asset_id] for one in content.images if one.asset_id in facts.images]
    upt = upt_queries.get(upt_id=found.upt_id, on=labels.today(at))
    pieces = sum(one.pieces for one in choices)
    stock = cards.stock_of(kind=content.kind, pieces=pieces)
    g.canonical_path = f"/produk/{found.slug}"
    return pages.render(
        "storefront/product/product.html",
        product=found,
        content=content,
        trail=_trail(found),
        images=images,
        choices=choices,
        chosen=chosen,
        price_text=_price_text(content.variants),
        stock=stock,
        kind_label=cards.kind_label(content.kind, stock),
        is_service=content.kind is ProductKind.SERVICE,
        is_made_to_order=content.kind is ProductKind.MADE_TO_ORDER,
        week=_week(found, chosen, at=at),
        is_orderable=content.kind is not ProductKind.SERVICE and pieces > 0,
        maximum=min(max((one.pieces for one in choices), default=0), CART_QUANTITY_MAX),
        upt=upt,
        facts=_facts(found, choices),
        service_prices=[(one.name, idr(one.price_idr)) for one in choices],
        delivery=_delivery(found, chosen, at=at),
        similar=cards.make(similar, facts),
        linked=seo.describe_product(found, images=images, is_available=pieces > 0),
        linked_trail=seo.describe_trail(_trail(found)),
    )


def _week(found: ProductPage, chosen: Choice | None, *, at: datetime) -> date | None:
    """Return the Monday of the first week of work that can still be promised, if weeks are sold."""
    if found.content.kind is not ProductKind.MADE_TO_ORDER or chosen is None:
        return None
    free = stock_queries.next_week_free(variant_id=chosen.variant_id, at=at)
    return free.week_on if free else None


def _choices(found: ProductPage, facts: cards.Facts) -> tuple[Choice, ...]:
    variants = found.content.variants
    asked = request.args.get("varian", type=int)
    available = facts.available
    known = {variant.variant_id for variant in variants}
    in_stock = [one.variant_id for one in variants if available.get(one.variant_id, 0) > 0]
    first = asked if asked in known else next(iter(in_stock or sorted(known)), None)
    return tuple(
        Choice(
            variant_id=one.variant_id,
            name=one.name,
            sku=one.sku,
            price_idr=one.price_idr,
            stock=cards.stock_of(kind=found.content.kind, pieces=available.get(one.variant_id, 0)),
            pieces=available.get(one.variant_id, 0),
            size_text=_size(one),
            weight_text=grams(one.weight_g) if one.weight_g else "",
            is_chosen=one.variant_id == first,
        )
        for one in variants
    )


def _size(variant: VariantRecord) -> str:
    sides = [side for side in (variant.length_mm, variant.width_mm, variant.height_mm) if side]
    return " × ".join(mm(side) for side in sides)


def _price_text(variants: tuple[VariantRecord, ...]) -> str:
    prices = sorted({variant.price_idr for variant in variants})
    if len(prices) > 1:
        return f"{idr(prices[0])} – {idr(prices[-1])}"
    return idr(prices[0]) if prices else ""


def _facts(found: ProductPage, choices: tuple[Choice, ...]) -> list[tuple[str, str]]:
    content = found.content
    rows = [("Bahan", content.materials)]
    if len(choices) == 1:
        rows += [("Ukuran kemasan", choices[0].size_text), ("Berat kirim", choices[0].weight_text)]
    if content.kind is ProductKind.MADE_TO_ORDER and content.lead_time_days:
        rows.append(("Lama pengerjaan", f"sekitar {content.lead_time_days} hari"))
    if content.shelf_life_days:
        rows.append(("Daya simpan", f"{content.shelf_life_days} hari"))
    rows.append(("Kode barang", ", ".join(one.sku for one in choices)))
    return [(term, value) for term, value in rows if value]


def _delivery(found: ProductPage, chosen: Choice | None, *, at: datetime) -> dict[str, Any]:
    """Return the destination asked for or remembered, and the fees for one piece."""
    asked = request.args.get("tujuan", "").strip()
    looked_up = destinations.find(asked) if asked else destinations.Found()
    place = looked_up.place
    if place is not None:
        destinations.remember(place)
    elif not asked:
        place = destinations.remembered()
    ways = None
    if place and chosen and found.content.kind is not ProductKind.SERVICE:
        variant = next(one for one in found.content.variants if one.variant_id == chosen.variant_id)
        item = Item(
            variant.weight_g, variant.length_mm, variant.width_mm, variant.height_mm,
            shelf_life_days=found.content.shelf_life_days,
        )  # fmt: skip
        parcel = Parcel(found.province_code, variant.weight_g, (item,), variant.price_idr)
        ways = shipping_queries.ways(
            parcels={found.upt_id: parcel},
            destination_province_code=place.province_code,
            destination_regency_code=place.regency_code,
            on=labels.today(at),
        )[found.upt_id]
    return {
        "typed": place.name if place else asked[:80],
        "place": place,
        "matches": looked_up.matches,
        "wrong": messages.text(looked_up.code) if looked_up.code else "",
        "ways": ways,
    }


def _trail(found: ProductPage) -> list[tuple[str, str | None]]:
    steps: list[tuple[str, str | None]] = [("Beranda", "/"), ("Semua karya", "/produk")]
    steps += [(one.name, f"/produk?kategori={one.slug}") for one in found.trail]
    return [*steps, (found.content.name, None)]
