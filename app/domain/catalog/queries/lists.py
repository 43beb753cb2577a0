"""Lists of published products: keyset pages and the counts beside their filters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, false, literal, select, tuple_
from sqlalchemy import func as sql

from app.domain.catalog import rules
from app.domain.catalog.models import Listing
from app.domain.catalog.queries.categories import KEEP_SECONDS, find_category, list_categories
from app.domain.catalog.types import (
    Direction,
    Facets,
    ListingFilter,
    ListingOrder,
    ListingRecord,
    ProductKind,
)
from app.infra import db
from app.infra.memo import Memo
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor

AvailableFilter = Callable[[ColumnElement[int]], ColumnElement[bool]]
"""Given the column of product ids, the condition that something of it can be bought."""

cells_kept: Final[Memo[tuple[rules.Cell, ...]]] = Memo(
    "catalog.cells", seconds=KEEP_SECONDS / 2, size=32
)
facets_kept: Final[Memo[Facets]] = Memo("catalog.facets", seconds=KEEP_SECONDS / 2, size=256)

_SORT_KEYS: Final = {
    ListingOrder.NEWEST: (Listing.position_key, True, int),
    ListingOrder.CHEAPEST: (Listing.price_idr_min, False, int),
    ListingOrder.DEAREST: (Listing.price_idr_min, True, int),
    ListingOrder.NAME: (Listing.search_name, False, str),
}
"""For each order: the column, whether it falls, and the type of its values."""

_CARD: Final = (
    Listing.product_id,
    Listing.slug,
    Listing.name,
    Listing.upt_id,
    Listing.upt_slug,
    Listing.upt_short_name,
    Listing.town,
    Listing.province_code,
    Listing.category_id,
    Listing.root_category_id,
    Listing.kind,
    Listing.price_idr_min,
    Listing.price_idr_max,
    Listing.has_several_prices,
    Listing.published_at,
    Listing.cover_asset_id,
    Listing.cover_alt,
    Listing.variant_ids,
)


def list_listings(
    *,
    filter: ListingFilter,  # noqa: A002  # the word of the trade
    cursor: str | None,
    direction: Direction = Direction.FORWARD,
    size: int = PAGE_SIZE,
    available_variant_filter: AvailableFilter | None = None,
) -> Page[ListingRecord]:
    """Return a page of published products, in one statement at any depth.

    Args:
        filter: What the list is narrowed to, and its order.
        cursor: From an earlier page of the same order; a damaged or foreign one starts over.
        direction: Whether the page lies after or before the cursor.
        size: Most cards.
        available_variant_filter: How to ask whether goods are in stock; needed for ``in_stock``.

    Raises:
        ValueError: ``in_stock`` is asked for and nobody said how to tell.
    """
    column, falls, kind = _SORT_KEYS[filter.order]
    place = decode_cursor(cursor, kinds=(str, kind, int))
    if place is not None and place[0] != rules.ORDER_SIGNS[filter.order]:
        place = None
    is_back = direction is Direction.BACK and place is not None
    descending = falls != is_back
    statement = select(*_CARD).where(*_conditions(filter, available_variant_filter))
    if place is not None:
        key = tuple_(column, Listing.product_id)
        last = tuple_(literal(place[1]), literal(place[2]))
        statement = statement.where(key < last if descending else key > last)
    ends = (column, Listing.product_id)
    statement = statement.order_by(*(end.desc() if descending else end.asc() for end in ends))
    rows = db.read_session().execute(statement.limit(size + 1)).all()
    has_more = len(rows) > size
    cards = [_to_listing(row) for row in rows[:size]]
    if is_back:
        cards.reverse()
    return Page(
        items=tuple(cards),
        after=_cursor(cards[-1:], filter.order) if is_back or has_more else None,
        before=_cursor(cards[:1], filter.order) if (has_more if is_back else place) else None,
    )


def _cursor(cards: Sequence[ListingRecord], order: ListingOrder) -> str | None:
    for card in cards:
        value: str | int = card.price_idr_min
        if order is ListingOrder.NEWEST:
            value = rules.position_key(card.published_at)
        elif order is ListingOrder.NAME:
            value = rules.sort_name(card.name)
        return encode_cursor((rules.ORDER_SIGNS[order], value, card.product_id))
    return None


def _conditions(
    wanted: ListingFilter, available: AvailableFilter | None
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.category_slug is not None:
        category = find_category(slug=wanted.category_slug)
        if category is None:
            found.append(false())
        elif category.parent_id is None:
            found.append(Listing.root_category_id == category.category_id)
        else:
            found.append(Listing.category_id == category.category_id)
    if wanted.province_code is not None:
        found.append(Listing.province_code == wanted.province_code)
    if wanted.upt_slug is not None:
        found.append(Listing.upt_slug == wanted.upt_slug)
    return found + _cell_conditions(wanted, available)


def _cell_conditions(
    wanted: ListingFilter, available: AvailableFilter | None
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.price_min is not None:
        found.append(Listing.price_idr_max >= wanted.price_min)
    if wanted.price_max is not None:
        found.append(Listing.price_idr_min <= wanted.price_max)
    if wanted.in_stock:
        if available is None:
            raise ValueError("in_stock needs available_variant_filter")
        product_id: ColumnElement[int] = Listing.__table__.c.product_id
        found.append(available(product_id))
    return found


def _to_listing(row: Any) -> ListingRecord:
    values = row._asdict()
    values["kind"] = ProductKind(values["kind"])
    values["variant_ids"] = tuple(int(part) for part in values["variant_ids"].split())
    return ListingRecord(**values)


def listings(*, product_ids: Collection[int]) -> dict[int, ListingRecord]:
    """Return the cards of those of the products that are published, in one statement."""
    if not product_ids:
        return {}
    rows = db.read_session().execute(select(*_CARD).where(Listing.product_id.in_(product_ids)))
    return {row.product_id: _to_listing(row) for row in rows}


def facet_counts(
    *,
    filter: ListingFilter,  # noqa: A002  # the word of the trade
    available_variant_filter: AvailableFilter | None = None,
) -> Facets:
    """Return the counts beside the filters; at most a minute old."""

    def read() -> tuple[rules.Cell, ...]:
        columns = (Listing.category_id, Listing.province_code, Listing.upt_slug)
        rows = db.read_session().execute(
            select(*columns, sql.count())
            .where(*_cell_conditions(filter, available_variant_filter))
            .group_by(*columns)
        )
        return tuple(rules.Cell(*row) for row in rows)

    def add_up() -> Facets:
        cells = cells_kept.get((filter.price_min, filter.price_max, filter.in_stock), read)
        return rules.count_facets(cells=cells, wanted=filter, categories=list_categories())

    return facets_kept.get(replace(filter, order=ListingOrder.NEWEST), add_up)


def count_listings(
    *,
    filter: ListingFilter,  # noqa: A002  # the word of the trade
    available_variant_filter: AvailableFilter | None = None,
) -> int:
    """Return how many products fit a filter; at most a minute old."""
    return facet_counts(filter=filter, available_variant_filter=available_variant_filter).total


def similar(*, product_id: int, limit: int = 8) -> tuple[ListingRecord, ...]:
    """Return the newest others of the same category, filled up from the top category."""
    this = select(Listing.category_id, Listing.root_category_id).where(
        Listing.product_id == product_id
    )
    category_id = this.with_only_columns(Listing.category_id).scalar_subquery()
    root_id = this.with_only_columns(Listing.root_category_id).scalar_subquery()
    others = select(*_CARD, Listing.position_key).where(Listing.product_id != product_id)

    def newest(near: int, *conditions: ColumnElement[bool]) -> Any:
        chosen = (
            others.add_columns(literal(near).label("near"))
            .where(*conditions)
            .order_by(Listing.position_key.desc(), Listing.product_id.desc())
            .limit(limit)
            .subquery()
        )
        return select(chosen)

    both = (
        newest(0, Listing.category_id == category_id)
        .union_all(
            newest(1, Listing.root_category_id == root_id, Listing.category_id != category_id)
        )
        .subquery()
    )
    rows = db.read_session().execute(
        select(*(both.c[column.key] for column in _CARD))
        .order_by(both.c.near, both.c.position_key.desc(), both.c.product_id.desc())
        .limit(limit)
    )
    return tuple(_to_listing(row) for row in rows)


def forget_counts() -> None:
    """Count anew at the next question; for this process only."""
    cells_kept.clear()
    facets_kept.clear()
