"""For search engines: the site map, the rules for robots, linked data.

The map is an index of parts; each part of goods covers a fixed range of product ids, so that a part
never changes because of goods elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, Response, current_app, make_response, render_template, request

from app.domain.catalog.queries import names as catalog_names
from app.domain.catalog.types import ProductPage
from app.domain.media.types import ImageRecord
from app.kernel import clock
from app.kernel.errors import NotFound
from app.surfaces.storefront import labels
from app.surfaces.storefront.choices import Choices
from app.surfaces.web import policy

blueprint = Blueprint("seo", __name__)

PART_SIZE: Final = 20_000
PARTS_MAX: Final = 1_000
CLOSED: Final = (
    "/meja/",
    "/keranjang",
    "/checkout",
    "/akun",
    "/pesanan/",
    "/struk/",
    "/cari",
    "/masuk",
    "/daftar",
)


def absolute(path: str) -> str:
    """Return the full address of a path."""
    base = current_app.config["KARYABINA"].base_url or request.url_root
    return f"{base.rstrip('/')}{path}"


@blueprint.get("/robots.txt")
@policy.public
def robots() -> Response:
    """Say what robots may read; nothing in a demo shop."""
    closed = ("/",) if current_app.config["KARYABINA"].is_demo else CLOSED
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    body = "\n".join([*lines, f"Sitemap: {absolute('/sitemap.xml')}", ""])
    return Response(body, mimetype="text/plain")


@blueprint.get("/sitemap.xml")
@policy.public
def sitemap() -> Response:
    """List the parts of the site map."""
    count = catalog_names.find_last_id() // PART_SIZE + 1
    parts = ["/sitemap/halaman.xml", *(f"/sitemap/produk-{number}.xml" for number in range(count))]
    return _xml("storefront/seo/sitemap.xml", [absolute(part) for part in parts])


@blueprint.get("/sitemap/halaman.xml")
@policy.public
def pages_part() -> Response:
    """List the pages that are not goods."""
    paths = ["/", "/produk", "/galeri"]
    paths += [Choices(path="/produk", category=one).href() for one in labels.categories().values()]
    paths += [f"/galeri/{slug}" for slug in labels.get().upts_by_slug]
    return _xml("storefront/seo/pages.xml", [(absolute(path), None) for path in paths])


@blueprint.get("/sitemap/produk-<int:number>.xml")
@policy.public
def products_part(number: int) -> Response:
    """List the published products of one range of ids."""
    if number >= PARTS_MAX:
        raise NotFound
    rows = catalog_names.list_addresses(
        after_product_id=number * PART_SIZE, up_to_product_id=(number + 1) * PART_SIZE
    )
    zone = "Asia/Jakarta"
    entries = [
        (absolute(f"/produk/{slug}"), clock.local_date(at=at, timezone=zone)) for slug, at in rows
    ]
    return _xml("storefront/seo/pages.xml", entries)


def _xml(template: str, entries: Sequence[object]) -> Response:
    response = make_response(render_template(template, entries=entries))
    response.mimetype = "application/xml"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def describe_product(
    found: ProductPage, *, images: Sequence[ImageRecord], is_available: bool
) -> dict[str, Any]:
    """Return a product as schema.org knows it."""
    content = found.content
    prices = [variant.price_idr for variant in content.variants]
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": content.name,
        "description": content.summary,
        "url": absolute(f"/produk/{found.slug}"),
        "brand": {"@type": "Brand", "name": found.upt_short_name},
        "category": " > ".join(one.name for one in found.trail),
    }
    if images:
        data["image"] = [absolute(image.fallback_url) for image in images]
    if content.variants:
        data["sku"] = content.variants[0].sku
        data["offers"] = {
            "@type": "AggregateOffer",
            "priceCurrency": "IDR",
            "lowPrice": min(prices),
            "highPrice": max(prices),
            "offerCount": len(prices),
            "availability": f"https://schema.org/{'InStock' if is_available else 'OutOfStock'}",
            "seller": {"@type": "GovernmentOrganization", "name": found.upt_short_name},
        }
    return data


def describe_trail(trail: Sequence[tuple[str, str | None]]) -> dict[str, Any]:
    """Return the trail of a page as schema.org knows it."""
    steps = [
        {"@type": "ListItem", "position": place, "name": label}
        | ({"item": absolute(href)} if href else {})
        for place, (label, href) in enumerate(trail, start=1)
    ]
    return {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": steps}
