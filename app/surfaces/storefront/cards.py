"""Product cards: what a listing looks like in a list, with its picture and its stock of this moment.

Whatever the page shows, pictures are asked for once and stock is asked for once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.domain.catalog.queries import AvailableFilter
from app.domain.catalog.types import ListingRecord, ProductKind
from app.domain.media import queries as media_queries
from app.domain.media.types import ImageRecord
from app.domain.stock import queries as stock_queries
from app.domain.stock.types import LOW_STOCK_MAX
from app.surfaces.web.filters import idr, integer

KIND_LABELS: Final = {
    ProductKind.READY: None,
    ProductKind.MADE_TO_ORDER: "Dibuat sesuai pesanan",
    ProductKind.UNIQUE: "Hanya satu",
    ProductKind.SERVICE: "Jasa",
}


@dataclass(frozen=True, slots=True)
class Stock:
    """What is said about stock; tone is one of ``in low out service``."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Card:
    """One product in a list, as ``components/product_card.html`` shows it."""

    href: str
    name: str
    upt_name: str
    town: str
    price_text: str
    image: ImageRecord | None
    stock_text: str
    stock_tone: str
    badge: str | None
    kind_label: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Pictures by asset and pieces by variant for everything on one page."""

    images: Mapping[int, ImageRecord]
    available: Mapping[int, int]


def read_facts(
    listings: Sequence[ListingRecord],
    *,
    at: datetime,
    alts: Mapping[int, str] | None = None,
    variant_ids: Collection[int] = (),
) -> Facts:
    """Return pictures and stock for some listings and whatever else the page shows, in two statements.

    Args:
        listings: Everything that will be shown as a card.
        at: The instant at which holds count.
        alts: Words by asset id of further pictures.
        variant_ids: Further variants.
    """
    words = {card.cover_asset_id: card.cover_alt for card in listings if card.cover_asset_id}
    words |= alts or {}
    wanted = {variant_id for card in listings for variant_id in card.variant_ids}
    wanted.update(variant_ids)
    return Facts(
        images=media_queries.images(asset_ids=sorted(words), alts=words),
        available=stock_queries.availability(variant_ids=sorted(wanted), at=at),
    )


def available_at(at: datetime) -> AvailableFilter:
    """Return how the catalogue asks whether a product can be promised at an instant."""
    return lambda product_id: stock_queries.product_has_available(product_id=product_id, at=at)


def stock_of(*, kind: ProductKind, pieces: int) -> Stock:
    """Return what is said about a number of pieces."""
    if kind is ProductKind.SERVICE:
        return Stock("Belum bisa dipesan daring", "service")
    if pieces <= 0 and kind is ProductKind.MADE_TO_ORDER:
        return Stock("Dibuat sesuai pesanan", "service")
    if pieces <= 0:
        return Stock("Habis", "out")
    if pieces <= LOW_STOCK_MAX:
        return Stock(f"Tersisa {integer(pieces)}", "low")
    return Stock("Stok tersedia", "in")


def kind_label(kind: ProductKind, stock: Stock) -> str | None:
    """Return the word for an unusual kind, unless the stock text says the same."""
    label = KIND_LABELS[kind]
    return None if label == stock.text else label


def price_text(*, price_idr_min: int, has_several_prices: bool) -> str:
    """Return one price, or the price from which it starts."""
    return f"mulai {idr(price_idr_min)}" if has_several_prices else idr(price_idr_min)


def make(listings: Sequence[ListingRecord], facts: Facts) -> tuple[Card, ...]:
    """Return the cards of some listings."""
    return tuple(_card(listing, facts) for listing in listings)


def _card(listing: ListingRecord, facts: Facts) -> Card:
    pieces = sum(facts.available.get(variant_id, 0) for variant_id in listing.variant_ids)
    stock = stock_of(kind=listing.kind, pieces=pieces)
    return Card(
        href=f"/produk/{listing.slug}",
        name=listing.name,
        upt_name=listing.upt_short_name,
        town=listing.town,
        price_text=price_text(
            price_idr_min=listing.price_idr_min, has_several_prices=listing.has_several_prices
        ),
        image=facts.images.get(listing.cover_asset_id or 0),
        stock_text=stock.text,
        stock_tone=stock.tone,
        badge=None,
        kind_label=kind_label(listing.kind, stock),
    )
