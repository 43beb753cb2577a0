"""Feeds for readers and shopping services: new goods as RSS, all goods for merchants.

The merchant feed is written batch by batch as it leaves, so a hundred thousand products need no more
memory than a few hundred; each batch costs three statements.

Source: rssboard.org, RSS 2.0; support.google.com/merchants, product data specification.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from flask import Blueprint, Response, stream_with_context

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import ListingFilter, ProductKind, ProductPage, VariantRecord
from app.domain.media import queries as media_queries
from app.domain.media.types import ImageRecord
from app.domain.stock import queries as stock_queries
from app.kernel import clock
from app.surfaces.storefront import seo
from app.surfaces.web import policy

blueprint = Blueprint("feeds", __name__, url_prefix="/umpan")

NEWEST: Final = 40
BATCH: Final = 200
GOOGLE: Final = "http://base.google.com/ns/1.0"
TITLE_MAX: Final = 150
DESCRIPTION_MAX: Final = 5_000

register_namespace("g", GOOGLE)


@blueprint.get("/karya-baru.xml")
@policy.public
def newest() -> Response:
    """Tell readers about the goods that came last."""
    cards = catalog_queries.list_listings(filter=ListingFilter(), cursor=None, size=NEWEST).items
    pages = catalog_queries.product_pages(product_ids=[card.product_id for card in cards])
    images = _images(list(pages.values()))
    rss = Element("rss", version="2.0")
    channel = SubElement(rss, "channel")
    _text(channel, "title", "Karya baru di Karyabina")
    _text(channel, "link", seo.absolute("/produk"))
    _text(channel, "description", "Karya warga binaan, langsung dari bengkelnya.")
    _text(channel, "language", "id")
    for card in cards:
        if card.product_id in pages:
            _add_news(channel, pages[card.product_id], images)
    body = tostring(rss, encoding="utf-8", xml_declaration=True)
    return _xml(body, "application/rss+xml")


def _add_news(channel: Element, page: ProductPage, images: Mapping[int, ImageRecord]) -> None:
    address = seo.absolute(f"/produk/{page.slug}")
    item = SubElement(channel, "item")
    _text(item, "title", f"{page.content.name}, {page.upt_short_name}")
    _text(item, "link", address)
    _text(item, "description", page.content.summary)
    _text(item, "category", page.trail[-1].name if page.trail else "")
    _text(item, "pubDate", format_datetime(page.published_at))
    guid = _text(item, "guid", f"karyabina-produk-{page.product_id}")
    guid.set("isPermaLink", "false")
    image = _cover(page, images)
    if image is not None:
        kind = "image/jpeg" if image.fallback_url.endswith((".jpg", ".jpeg")) else "image/webp"
        link = seo.absolute(image.fallback_url)
        SubElement(item, "enclosure", url=link, type=kind, length="0")


@blueprint.get("/merchant.xml")
@policy.public
def merchant() -> Response:
    """Tell shopping services about every variant that can be bought, with its stock of now."""
    return _xml(stream_with_context(_merchant(clock.now())), "application/xml")


def _merchant(at: datetime) -> Iterator[bytes]:
    yield b'<?xml version="1.0" encoding="utf-8"?>\n'
    yield f'<rss version="2.0" xmlns:g="{GOOGLE}"><channel><title>Karyabina</title>'.encode()
    yield f"<link>{seo.absolute('/')}</link><description>Karya warga binaan</description>\n".encode()
    after = 0
    while pages := catalog_queries.list_product_pages(after_product_id=after, limit=BATCH):
        after = pages[-1].product_id
        images = _images(pages)
        wanted = [variant.variant_id for page in pages for variant in page.content.variants]
        pieces = stock_queries.availability(variant_ids=wanted, at=at)
        for page in pages:
            if page.content.kind is ProductKind.SERVICE:
                continue
            for variant in page.content.variants:
                item = _offer(page, variant, images, pieces[variant.variant_id])
                yield tostring(item, encoding="utf-8", xml_declaration=False) + b"\n"
    yield b"</channel></rss>\n"


def _offer(
    page: ProductPage, variant: VariantRecord, images: Mapping[int, ImageRecord], pieces: int
) -> Element:
    content = page.content
    item = Element("item")
    name = ", ".join(filter(None, (content.name, variant.name)))
    values = {
        "id": f"{page.upt_id}-{variant.variant_id}",
        "item_group_id": str(page.product_id) if len(content.variants) > 1 else "",
        "title": name[:TITLE_MAX],
        "description": (content.description or content.summary)[:DESCRIPTION_MAX],
        "link": seo.absolute(f"/produk/{page.slug}?varian={variant.variant_id}"),
        "availability": "in_stock" if pieces > 0 else "out_of_stock",
        "price": f"{variant.price_idr} IDR",
        "condition": "new",
        "brand": page.upt_short_name,
        "identifier_exists": "no",
        "product_type": " > ".join(category.name for category in page.trail),
        "shipping_weight": f"{variant.weight_g} g" if variant.weight_g else "",
    }
    image = _cover(page, images)
    if image is not None:
        values["image_link"] = seo.absolute(image.fallback_url)
    for field, text in values.items():
        if text:
            _text(item, f"{{{GOOGLE}}}{field}", text)
    return item


def _cover(page: ProductPage, images: Mapping[int, ImageRecord]) -> ImageRecord | None:
    return next(
        (images[each.asset_id] for each in page.content.images if each.asset_id in images), None
    )


def _images(pages: list[ProductPage] | tuple[ProductPage, ...]) -> Mapping[int, ImageRecord]:
    alts = {image.asset_id: image.alt for page in pages for image in page.content.images}
    return media_queries.images(asset_ids=list(alts), alts=alts)


def _text(parent: Element, name: str, text: str) -> Element:
    """Add an element with text; signs that XML cannot hold are left out."""
    element = SubElement(parent, name)
    element.text = "".join(sign for sign in text if sign >= " " or sign in "\t\n")
    return element


def _xml(body: bytes | Iterator[bytes], mimetype: str) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = "public, max-age=900"
    return response
