"""Pure decisions of the catalogue: what a product lacks, what a card says, how counts add up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from app.domain.catalog.types import (
    CategoryRecord,
    Facets,
    ListingFilter,
    ListingOrder,
    ProductContent,
    ProductDraft,
    ProductImage,
    ProductKind,
    VariantRecord,
)
from app.kernel.text import SLUG_MAX, fold, slugify

MISSING_SUMMARY: Final = "summary"
MISSING_DESCRIPTION: Final = "description"
MISSING_PICTURE: Final = "picture"
MISSING_VARIANT: Final = "variant"
MISSING_PRICE: Final = "price"
MISSING_WEIGHT: Final = "weight"
MISSING_SIZE: Final = "size"
MISSING_LEAD_TIME: Final = "lead_time"

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

ORDER_SIGNS: Final[Mapping[ListingOrder, str]] = {
    ListingOrder.NEWEST: "b",
    ListingOrder.CHEAPEST: "p",
    ListingOrder.DEAREST: "d",
    ListingOrder.NAME: "n",
}
"""First value of a cursor, so that a cursor of another order is not taken."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Goods of one category and one UPT, counted."""

    category_id: int
    province_code: str
    upt_slug: str
    count: int


class Measured(Protocol):
    """A variant, saved or typed, with numbers that may be missing."""

    @property
    def is_active(self) -> bool: ...  # noqa: D102
    @property
    def price_idr(self) -> int | None: ...  # noqa: D102
    @property
    def weight_g(self) -> int | None: ...  # noqa: D102
    @property
    def length_mm(self) -> int | None: ...  # noqa: D102
    @property
    def width_mm(self) -> int | None: ...  # noqa: D102
    @property
    def height_mm(self) -> int | None: ...  # noqa: D102


def find_missing(
    *,
    kind: ProductKind,
    summary: str,
    description: str,
    lead_time_days: int | None,
    variants: Sequence[Measured],
    image_count: int,
) -> tuple[str, ...]:
    """Return everything that a product lacks for being published, in the order of the form."""
    active = [variant for variant in variants if variant.is_active]
    needs_parcel = kind is not ProductKind.SERVICE
    lacks = (
        (MISSING_SUMMARY, not summary),
        (MISSING_DESCRIPTION, not description),
        (MISSING_LEAD_TIME, kind is ProductKind.MADE_TO_ORDER and not lead_time_days),
        (MISSING_VARIANT, not active),
        (MISSING_PRICE, any(variant.price_idr is None for variant in active)),
        (MISSING_WEIGHT, needs_parcel and any(variant.weight_g is None for variant in active)),
        (MISSING_SIZE, needs_parcel and any(not _has_size(variant) for variant in active)),
        (MISSING_PICTURE, image_count == 0),
    )
    return tuple(name for name, is_lacking in lacks if is_lacking)


def _has_size(variant: Measured) -> bool:
    return None not in (variant.length_mm, variant.width_mm, variant.height_mm)


def find_double_skus(skus: Sequence[str]) -> tuple[int, ...]:
    """Return the places of SKUs that an earlier place already has."""
    first = {sku: place for place, sku in reversed(list(enumerate(skus)))}
    return tuple(place for place, sku in enumerate(skus) if first[sku] != place)


def choose_slug(*, wish: str, name: str, taken: Collection[str]) -> str:
    """Return a free address: the wish, the name, or either with the next free number."""
    base = wish or slugify(name) or "karya"
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"


def slug_stem(*, wish: str, name: str) -> str:
    """Return what all candidates of ``choose_slug`` begin with."""
    return (wish or slugify(name) or "karya")[:SLUG_MAX]


def sort_name(name: str) -> str:
    """Return a name as lists sort and search it: folded, at most 200 signs."""
    return fold(name)[:200]


def position_key(published_at: datetime) -> int:
    """Return microseconds since 1970, the sort key of the newest-first order."""
    return (published_at - EPOCH) // _MICROSECOND


def content_of(draft: ProductDraft) -> ProductContent:
    """Return what would be published: the active variants and the pictures in order."""
    return ProductContent(
        name=draft.name,
        name_en=draft.name_en,
        summary=draft.summary,
        description=draft.description,
        materials=draft.materials,
        story=draft.story,
        maker_credit=draft.maker_credit,
        kind=draft.kind,
        category_id=draft.category_id,
        lead_time_days=draft.lead_time_days,
        shelf_life_days=draft.shelf_life_days,
        variants=tuple(
            VariantRecord(
                variant_id=variant.variant_id,
                sku=variant.sku,
                name=variant.name,
                price_idr=variant.price_idr or 0,
                weight_g=variant.weight_g or 0,
                length_mm=variant.length_mm or 0,
                width_mm=variant.width_mm or 0,
                height_mm=variant.height_mm or 0,
            )
            for variant in draft.variants
            if variant.is_active
        ),
        images=tuple(ProductImage(image.asset_id, image.alt) for image in draft.images),
    )


def write_content(content: ProductContent) -> str:
    """Return a published version as JSON with sorted names."""
    return json.dumps(asdict(content), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def read_content(text: str) -> ProductContent:
    """Return a published version from its JSON; fields may have been added since, never removed."""
    raw: dict[str, Any] = json.loads(text)
    raw["kind"] = ProductKind(raw["kind"])
    raw["variants"] = tuple(VariantRecord(**variant) for variant in raw["variants"])
    raw["images"] = tuple(ProductImage(**image) for image in raw["images"])
    return ProductContent(**raw)


def price_range(content: ProductContent) -> tuple[int, int]:
    """Return the lowest and the highest price in rupiah."""
    prices = [variant.price_idr for variant in content.variants]
    return min(prices), max(prices)


def arrange_categories(
    rows: Sequence[Sequence[Any]],
) -> tuple[CategoryRecord, ...]:
    """Return categories, each top category followed by its children, both by position."""
    known = {row[0]: row for row in rows}
    records = [
        CategoryRecord(
            category_id=row[0],
            slug=row[1],
            name=row[2],
            name_en=row[3],
            parent_id=row[4],
            root_id=_root_of(row[0], known),
            position=row[5],
            icon=row[6],
        )
        for row in known.values()
    ]
    place = {record.category_id: (record.position, record.category_id) for record in records}
    return tuple(
        sorted(
            records,
            key=lambda record: (
                place[record.root_id],
                record.parent_id is not None,
                place[record.category_id],
            ),
        )
    )


def _root_of(category_id: int, known: Mapping[int, Sequence[Any]]) -> int:
    parent_id = known[category_id][4]
    return category_id if parent_id is None else _root_of(parent_id, known)


def trail_of(category_id: int, categories: Sequence[CategoryRecord]) -> tuple[CategoryRecord, ...]:
    """Return the categories from the top down to the given one; unknown gives nothing."""
    known = {record.category_id: record for record in categories}
    trail: list[CategoryRecord] = []
    current = known.get(category_id)
    while current is not None:
        trail.append(current)
        current = known.get(current.parent_id) if current.parent_id is not None else None
    return tuple(reversed(trail))


def count_facets(
    *, cells: Sequence[Cell], wanted: ListingFilter, categories: Sequence[CategoryRecord]
) -> Facets:
    """Return the counts beside the choices; each group keeps the other groups' filters."""
    roots = {record.category_id: record.root_id for record in categories}
    category = next((c for c in categories if c.slug == wanted.category_slug), None)
    by_category: Counter[int] = Counter()
    by_province: Counter[str] = Counter()
    by_upt: Counter[str] = Counter()
    total = 0
    for cell in cells:
        root_id = roots.get(cell.category_id, cell.category_id)
        fits_category = wanted.category_slug is None or (
            category is not None and category.category_id in (cell.category_id, root_id)
        )
        fits_province = wanted.province_code in (None, cell.province_code)
        fits_upt = wanted.upt_slug in (None, cell.upt_slug)
        if fits_province and fits_upt:
            by_category[cell.category_id] += cell.count
            if root_id != cell.category_id:
                by_category[root_id] += cell.count
        if fits_category and fits_upt:
            by_province[cell.province_code] += cell.count
        if fits_category and fits_province:
            by_upt[cell.upt_slug] += cell.count
            if fits_upt:
                total += cell.count
    return Facets(total, dict(by_category), dict(by_province), dict(by_upt))
