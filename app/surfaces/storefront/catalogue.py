"""The list of goods: filters in the address, counts beside them, pages by cursor."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, g, request

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import Direction, ListingFilter, ListingOrder
from app.kernel import clock
from app.surfaces.storefront import cards, choices, labels
from app.surfaces.storefront.choices import Choices
from app.surfaces.web import pages, policy
from app.surfaces.web.filters import integer

blueprint = Blueprint("catalogue", __name__)

ORDERS: Final = (
    (ListingOrder.NEWEST, "Terbaru"),
    (ListingOrder.CHEAPEST, "Harga terendah"),
    (ListingOrder.DEAREST, "Harga tertinggi"),
    (ListingOrder.NAME, "Nama A–Z"),
)
EAGER_CARDS: Final = 2


@blueprint.get("/produk")
@policy.public
def listing() -> str:
    """Show goods, narrowed and ordered as the address says."""
    chosen = choices.read("/produk", request.args, orders=[order for order, _ in ORDERS])
    at = clock.now()
    narrowed = _filter(chosen)
    available = cards.available_at(at)
    before = request.args.get("sebelum")
    page = catalog_queries.list_listings(
        filter=narrowed,
        cursor=before or request.args.get("lanjut"),
        direction=Direction.BACK if before else Direction.FORWARD,
        available_variant_filter=available,
    )
    facts = cards.read_facts(page.items, at=at)
    counts = labels.facets(narrowed, available)
    g.canonical_path = Choices(path="/produk", category=chosen.category).href()
    return pages.render(
        "storefront/catalogue/listing.html",
        title=_title(chosen),
        trail=_trail(chosen),
        choices=chosen,
        listings=cards.make(page.items, facts),
        eager_count=EAGER_CARDS,
        count_text=f"{integer(counts.total)} karya",
        facets=(
            ("Jenis", choices.category_options(chosen, counts.by_category)),
            ("Provinsi", choices.province_options(chosen, counts.by_province)),
            ("UPT", choices.upt_options(chosen, counts.by_upt)),
        ),
        available_href=chosen.changed(is_available=not chosen.is_available).href(),
        orders=ORDERS,
        previous_href=chosen.href(sebelum=page.before) if page.before else None,
        next_href=chosen.href(lanjut=page.after) if page.after else None,
        is_first_page=page.before is None,
    )


def _filter(chosen: Choices) -> ListingFilter:
    return ListingFilter(
        category_slug=chosen.category.slug if chosen.category else None,
        province_code=chosen.province_code,
        upt_slug=chosen.upt.slug if chosen.upt else None,
        in_stock=chosen.is_available,
        price_min=chosen.price_idr_min,
        price_max=chosen.price_idr_max,
        order=ListingOrder(chosen.order) if chosen.order else ListingOrder.NEWEST,
    )


def _title(chosen: Choices) -> str:
    title = chosen.category.name if chosen.category else "Semua karya"
    if chosen.upt:
        return f"{title} dari {chosen.upt.short_name}"
    return title


def _trail(chosen: Choices) -> list[tuple[str, str | None]]:
    trail: list[tuple[str, str | None]] = [("Beranda", "/")]
    if chosen.category is None:
        return [*trail, ("Semua karya", None)]
    trail.append(("Semua karya", "/produk"))
    for one in catalog_queries.list_categories():
        is_above = one.category_id == chosen.category.root_id
        if is_above and one.category_id != chosen.category.category_id:
            trail.append((one.name, Choices(path="/produk", category=one).href()))
    return [*trail, (chosen.category.name, None)]
