"""Search results with facets, and suggestions while typing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Response, make_response, request

from app.domain.catalog import queries as catalog_queries
from app.domain.search import queries as search_queries
from app.domain.search.types import (
    PAGE_NUMBER_MAX,
    PAGE_SIZE,
    QUERY_LENGTH_MAX,
    FacetCounts,
    SearchFilter,
    SearchOrder,
)
from app.kernel import clock
from app.kernel.text import has_control_signs
from app.surfaces.storefront import cards, choices, labels
from app.surfaces.storefront.choices import Choices
from app.surfaces.web import pages, policy
from app.surfaces.web.filters import integer

blueprint = Blueprint("search", __name__)

ORDERS: Final = (
    (SearchOrder.RELEVANCE, "Paling cocok"),
    (SearchOrder.NEWEST, "Terbaru"),
    (SearchOrder.CHEAPEST, "Harga terendah"),
    (SearchOrder.DEAREST, "Harga tertinggi"),
)
_SUGGESTION_PATHS: Final = {"product": "/produk/", "upt": "/galeri/"}


def _text() -> str:
    text = request.args.get("q", "").strip()[:QUERY_LENGTH_MAX]
    return "" if has_control_signs(text) else text


@blueprint.get("/cari")
@policy.public
def results() -> str:
    """Show the goods and UPT that fit a query."""
    at = clock.now()
    text = _text()
    chosen = choices.read("/cari", request.args, orders=[order for order, _ in ORDERS], text=text)
    page = search_queries.search(
        text=text,
        chosen=_filter(chosen),
        order=SearchOrder(chosen.order) if chosen.order else SearchOrder.RELEVANCE,
        number=_number(),
    )
    found = catalog_queries.listings(product_ids=page.product_ids)
    listings = [found[product_id] for product_id in page.product_ids if product_id in found]
    facts = cards.read_facts(listings, at=at)
    pages_count = min(-(-page.total // PAGE_SIZE), PAGE_NUMBER_MAX)
    previous = str(page.number - 1) if page.number > 2 else ""
    return pages.render(
        "storefront/search/results.html",
        text=text,
        page=page,
        choices=chosen,
        listings=cards.make(listings, facts),
        count_text=f"{integer(page.total)} karya",
        facets=_facets(chosen, page.facets),
        orders=ORDERS,
        previous_href=chosen.href(halaman=previous) if page.number > 1 else None,
        next_href=chosen.href(halaman=str(page.number + 1)) if page.number < pages_count else None,
        position_text=f"Halaman {page.number} dari {pages_count}" if pages_count > 1 else "",
        kinds=[
            (one.name, Choices(path="/produk", category=one).href())
            for one in labels.categories().values()
            if one.parent_id is None
        ],
    )


def _number() -> int:
    text = request.args.get("halaman", "1")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else 1
    return max(1, min(number, PAGE_NUMBER_MAX))


def _filter(chosen: Choices) -> SearchFilter:
    return SearchFilter(
        category_id=chosen.category.category_id if chosen.category else None,
        province_number=(
            search_queries.province_number(code=chosen.province_code)
            if chosen.province_code
            else None
        ),
        upt_id=chosen.upt.upt_id if chosen.upt else None,
        price_idr_min=chosen.price_idr_min,
        price_idr_max=chosen.price_idr_max,
    )


def _facets(
    chosen: Choices, counts: FacetCounts
) -> tuple[tuple[str, list[choices.FacetOption]], ...]:
    known = labels.get()
    by_category = {**counts.categories}
    for category_id, count in counts.root_categories.items():
        by_category[category_id] = count
    by_province = {
        code: counts.provinces.get(search_queries.province_number(code=code), 0)
        for code in known.provinces
    }
    by_upt: Mapping[str, int] = {
        known.upts[upt_id].slug: count
        for upt_id, count in counts.upts.items()
        if upt_id in known.upts
    }
    return (
        ("Jenis", choices.category_options(chosen, by_category)),
        ("Provinsi", choices.province_options(chosen, by_province)),
        ("UPT", choices.upt_options(chosen, by_upt)),
    )


@blueprint.get("/cari/saran")
@policy.public
def suggestions() -> Response:
    """Return the lines under the search field as a fragment."""
    text = _text()
    lines = [
        (_SUGGESTION_PATHS[one.kind] + one.slug, one.text, one.detail, one.kind)
        for one in search_queries.suggest(text=text)
    ]
    response = make_response(
        pages.render(
            "storefront/search/suggestions.html",
            text=text,
            lines=lines,
            all_href=Choices(path="/cari", text=text).href(),
        )
    )
    response.headers["Cache-Control"] = "private, max-age=30"
    return response
