"""Lists by keyset, counts from the cube, and how many statements each question costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, event, inspect

from app.domain.catalog import queries
from app.domain.catalog import services as catalog_services
from app.domain.catalog.commands import ImportedProduct, SaveProduct
from app.domain.catalog.types import (
    Direction,
    ListingFilter,
    ListingOrder,
    ProductImage,
    ProductState,
)
from app.domain.media import queries as media_queries
from app.domain.upt.types import UptRecord
from app.infra import db
from app.kernel.actor import Actor, ActorKind, Reach
from app.kernel.errors import NotFound
from app.kernel.paging import encode_cursor
from tests.factories import goods, people

COUNT = 61


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(db.db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.db.engine, "before_cursor_execute", note)


def fill(upt: UptRecord, count: int, *, category_id: int, start: int = 0) -> list[int]:
    """Publish goods whose sort values repeat a lot: four prices, five names, three instants."""
    asset_id = goods.make_picture(upt.upt_id)
    products = [
        ImportedProduct(
            upt_id=upt.upt_id,
            slug=f"{upt.slug}-{number}",
            command=SaveProduct.parse(
                goods.product_values(
                    category_id,
                    name=f"Tas {'aBcDé'[number % 5]}",
                    variants=[goods.variant_values(price_idr=10_000 * (1 + number % 4))],
                )
            ),
            images=(ProductImage(asset_id, "Gambar tas"),),
            published_at=goods.AT + timedelta(hours=number % 3),
        )
        for number in range(start, start + count)
    ]
    made = db.transact(
        lambda: catalog_services.import_products(actor=goods.SYSTEM, products=products, at=goods.AT)
    )
    return [product_id for product_id, _ in made.values()]


@pytest.fixture
def upt(app: Flask) -> UptRecord:
    return people.make_upt("lapas-indramayu")


@pytest.fixture
def shop(upt: UptRecord) -> dict[str, list[int]]:
    goods.make_category("kriya")
    tas = goods.make_category("tas", parent_slug="kriya")
    topi = goods.make_category("topi", parent_slug="kriya")
    pangan = goods.make_category("pangan")
    other = people.make_upt("lapas-pamekasan")
    return {
        "tas": fill(upt, COUNT, category_id=tas),
        "topi": fill(upt, 9, category_id=topi, start=COUNT),
        "pangan": fill(other, 13, category_id=pangan),
    }


def walk(wanted: ListingFilter, *, size: int = 7) -> tuple[list[int], list[int]]:
    """Return the ids met on the way to the end, and on the way back from there."""
    page = queries.list_listings(filter=wanted, cursor=None, size=size)
    assert page.before is None
    there = [card.product_id for card in page.items]
    while page.after:
        page = queries.list_listings(filter=wanted, cursor=page.after, size=size)
        there += [card.product_id for card in page.items]
    back = [card.product_id for card in page.items]
    while page.before:
        page = queries.list_listings(
            filter=wanted, cursor=page.before, direction=Direction.BACK, size=size
        )
        back = [card.product_id for card in page.items] + back
    return there, back


KEYS: dict[ListingOrder, Callable[[Any], tuple[Any, ...]]] = {
    ListingOrder.NEWEST: lambda card: (-card.published_at.timestamp(), -card.product_id),
    ListingOrder.CHEAPEST: lambda card: (card.price_idr_min, card.product_id),
    ListingOrder.DEAREST: lambda card: (-card.price_idr_min, -card.product_id),
    ListingOrder.NAME: lambda card: (
        {"a": 0, "b": 1, "c": 2, "d": 3, "é": 4}[card.name[-1].lower()],
        card.product_id,
    ),
}


@pytest.mark.parametrize("order", ListingOrder)
@pytest.mark.parametrize("size", [1, 7, 61, 100])
def test_pages_have_no_hole_and_no_double_in_both_directions(
    shop: dict[str, list[int]], order: ListingOrder, size: int
) -> None:
    wanted = ListingFilter(category_slug="tas", order=order)
    cards = queries.listings(product_ids=shop["tas"]).values()
    expected = [card.product_id for card in sorted(cards, key=KEYS[order])]
    assert walk(wanted, size=size) == (expected, expected)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, ("tas", "topi", "pangan")),
        ({"category_slug": "kriya"}, ("tas", "topi")),
        ({"category_slug": "topi"}, ("topi",)),
        ({"category_slug": "tidak-ada"}, ()),
        ({"province_code": "35"}, ("pangan",)),
        ({"upt_slug": "lapas-indramayu"}, ("tas", "topi")),
        ({"upt_slug": "lapas-indramayu", "category_slug": "topi"}, ("topi",)),
        ({"province_code": "35", "category_slug": "tas"}, ()),
    ],
)
def test_filters_narrow_the_list_and_the_counts_agree(
    shop: dict[str, list[int]], values: dict[str, str], names: tuple[str, ...]
) -> None:
    wanted = ListingFilter(**values)
    expected = sorted(product_id for name in names for product_id in shop[name])
    assert sorted(walk(wanted)[0]) == expected
    assert queries.count_listings(filter=wanted) == len(expected)


def test_prices_narrow_by_overlap(shop: dict[str, list[int]]) -> None:
    wanted = ListingFilter(category_slug="tas", price_min=20_000, price_max=30_000)
    found = queries.listings(product_ids=walk(wanted)[0]).values()
    assert {card.price_idr_min for card in found} == {20_000, 30_000}
    assert len(found) == queries.count_listings(filter=wanted) == 30


def test_stock_narrows_by_what_the_caller_says(shop: dict[str, list[int]]) -> None:
    chosen = sorted(shop["tas"])[:5]

    def available(product_id: ColumnElement[int]) -> ColumnElement[bool]:
        return product_id.in_(chosen)

    wanted = ListingFilter(in_stock=True)
    page = queries.list_listings(filter=wanted, cursor=None, available_variant_filter=available)
    assert sorted(card.product_id for card in page.items) == chosen
    assert queries.count_listings(filter=wanted, available_variant_filter=available) == 5
    with pytest.raises(ValueError, match="in_stock"):
        queries.list_listings(filter=wanted, cursor=None)


@pytest.mark.parametrize("order", [ListingOrder.NEWEST, ListingOrder.NAME])
def test_a_damaged_or_foreign_cursor_starts_over(
    shop: dict[str, list[int]], order: ListingOrder
) -> None:
    foreign = [("p", 1, 1), ("n", "\0", 1), ("b", 2**63, 1), ("b", "x", 1)]
    cursors = ["", "x", "W10", "bnVsbA", "a" * 500, *(encode_cursor(each) for each in foreign)]
    wanted = ListingFilter(order=order)
    first = queries.list_listings(filter=wanted, cursor=None)
    for cursor in cursors:
        for direction in Direction:
            again = queries.list_listings(filter=wanted, cursor=cursor, direction=direction)
            assert again == first


def test_a_list_costs_one_statement_whatever_its_size_and_depth(
    shop: dict[str, list[int]],
) -> None:
    queries.list_categories()
    first = queries.list_listings(filter=ListingFilter(category_slug="tas"), cursor=None)
    for size, cursor in ((1, None), (24, None), (24, first.after)):
        with counted() as statements:
            page = queries.list_listings(
                filter=ListingFilter(category_slug="tas"), cursor=cursor, size=size
            )
            queries.count_listings(filter=ListingFilter(category_slug="tas"))
        cube = [each for each in statements if "GROUP BY" in each]
        assert len(statements) - len(cube) == 1
        assert len(page.items) == size


def test_a_page_of_cards_costs_as_much_for_one_as_for_many(shop: dict[str, list[int]]) -> None:
    counts = []
    for size in (1, 24):
        with counted() as statements:
            page = queries.list_listings(
                filter=ListingFilter(upt_slug="lapas-indramayu"), cursor=None, size=size
            )
            covers = {card.cover_asset_id: card.cover_alt for card in page.items}
            media_queries.images(asset_ids=[each for each in covers if each], alts={})
        counts.append(len(statements))
    assert counts == [2, 2]


SCOPES: tuple[tuple[dict[str, str], str], ...] = (
    ({}, "ix_listing"),
    ({"category_slug": "kriya"}, "ix_listing_root_category_id"),
    ({"category_slug": "tas"}, "ix_listing_category_id"),
    ({"province_code": "32"}, "ix_listing_province_code"),
    ({"upt_slug": "lapas-indramayu"}, "ix_listing_upt_slug"),
)
SORT_KEYS = {
    ListingOrder.NEWEST: "position_key",
    ListingOrder.CHEAPEST: "price_idr_min",
    ListingOrder.DEAREST: "price_idr_min",
    ListingOrder.NAME: "search_name",
}


def plan_of(wanted: ListingFilter, cursor: str | None) -> str:
    lines: list[str] = []

    def explain(
        connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any
    ) -> None:
        if "FROM listing" in statement:
            raw = connection.connection.cursor()
            rows = raw.execute("EXPLAIN QUERY PLAN " + statement, parameters)
            lines.extend(row[3] for row in rows)

    event.listen(db.db.engine, "before_cursor_execute", explain)
    try:
        queries.list_listings(filter=wanted, cursor=cursor, size=3)
    finally:
        event.remove(db.db.engine, "before_cursor_execute", explain)
    return " / ".join(lines)


def test_every_way_into_a_list_has_an_index(shop: dict[str, list[int]]) -> None:
    names = {index["name"] for index in inspect(db.db.engine).get_indexes("listing")}
    expected = {f"{index}_{key}" for _, index in SCOPES for key in SORT_KEYS.values()}
    assert expected <= names


@pytest.mark.parametrize("order", ListingOrder)
def test_a_deep_page_is_found_by_index_and_never_sorted(
    shop: dict[str, list[int]], order: ListingOrder, database_kind: str
) -> None:
    if database_kind == "postgres":
        assert walk(ListingFilter(order=order))[0]
        return
    for values, index in SCOPES:
        wanted = ListingFilter(order=order, **values)
        cursor = queries.list_listings(filter=wanted, cursor=None, size=3).after
        plan = plan_of(wanted, cursor)
        assert f"{index}_{SORT_KEYS[order]}" in plan
        assert "TEMP B-TREE" not in plan


def test_counts_are_kept_for_a_minute_and_forgotten_on_publishing(upt: UptRecord) -> None:
    goods.make_product(upt.upt_id)
    assert queries.count_listings(filter=ListingFilter()) == 1
    with counted() as statements:
        assert queries.count_listings(filter=ListingFilter()) == 1
    assert statements == []
    product_id = goods.make_product(upt.upt_id)
    assert queries.count_listings(filter=ListingFilter()) == 2
    db.transact(
        lambda: catalog_services.withdraw(actor=goods.SYSTEM, product_id=product_id, at=goods.AT)
    )
    assert queries.count_listings(filter=ListingFilter()) == 1


def test_a_product_page_is_one_statement(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id, variants=[{}] * 5)
    slug = goods.slug_of(product_id)
    queries.list_categories()
    with counted() as statements:
        page = queries.find_product(slug=slug)
    assert len(statements) == 1
    assert len(page.content.variants) == 5
    assert queries.product_pages(product_ids=[product_id, 999]) == {product_id: page}
    assert queries.product_pages(product_ids=[]) == {}
    assert queries.list_product_pages(after_product_id=0, limit=5) == (page,)
    assert queries.list_product_pages(after_product_id=product_id, limit=5) == ()


def test_similar_goods_come_from_the_nearest_shelf_first(shop: dict[str, list[int]]) -> None:
    near = shop["topi"]
    with counted() as statements:
        found = queries.similar(product_id=near[0], limit=12)
    assert len(statements) == 1
    ids = [card.product_id for card in found]
    assert set(ids[:8]) == set(near[1:])
    assert set(ids[8:]) <= set(shop["tas"])
    assert len(ids) == 12
    assert queries.similar(product_id=999_999) == ()


def test_offers_cost_one_statement_and_know_the_foreign_and_unknown(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id, variants=[{}, {"is_active": False}])
    one, two = goods.variant_ids(product_id)
    with counted() as statements:
        offers = queries.offers(variant_ids=[one, two, 999_999])
    assert len(statements) == 1
    assert {key: offer.is_published for key, offer in offers.items()} == {one: True, two: False}
    assert offers[one].category_name == "Serat alam"
    assert offers[one].cover_asset_id is not None
    assert queries.offers(variant_ids=[]) == {}
    assert queries.listings(product_ids=[]) == {}


def test_variants_are_found_by_name_and_sku(upt: UptRecord) -> None:
    product_id = goods.make_product(
        upt.upt_id, name="Tas Éceng", variants=[{"sku": "ECG-100", "name": "Besar"}]
    )
    goods.make_product(people.make_upt("lapas-pamekasan").upt_id, name="Tas asing")
    brief = queries.variants_of_upt(upt_id=upt.upt_id, text="eceng ecg")[0]
    assert (brief.product_id, brief.sku, brief.product_name, brief.variant_name) == (
        product_id,
        "ECG-100",
        "Tas Éceng",
        "Besar",
    )
    assert queries.variant_briefs(variant_ids=[brief.variant_id]) == {brief.variant_id: brief}
    assert queries.variant_briefs(variant_ids=[]) == {}
    assert queries.variants_of_upt(upt_id=upt.upt_id, text="asing") == ()
    assert queries.variants_of_upt(upt_id=upt.upt_id, text="%") == ()
    assert queries.variants_of_upt(upt_id=upt.upt_id, text="_") == ()


def test_the_desk_lists_what_the_actor_reaches(upt: UptRecord) -> None:
    other = people.make_upt("lapas-pamekasan")
    third = people.make_upt("rutan-palu")
    ids = [
        goods.make_product(each.upt_id, name=f"Karya {each.slug}") for each in (upt, other, third)
    ]
    reach = Reach(upt_ids=frozenset({upt.upt_id, other.upt_id}))
    actor = Actor(ActorKind.USER, 1, "x", {"product.edit": reach})
    rows = queries.list_products(actor=actor, upt_id=None).items
    assert sorted(row.product_id for row in rows) == sorted(ids[:2])
    assert [
        row.product_id for row in queries.list_products(actor=actor, upt_id=other.upt_id).items
    ] == [ids[1]]
    with pytest.raises(NotFound):
        queries.list_products(actor=actor, upt_id=third.upt_id)
    drafts = queries.list_products(actor=actor, upt_id=None, state=ProductState.DRAFT)
    assert drafts.items == ()
    assert len(queries.list_products(actor=goods.SYSTEM, upt_id=None).items) == 3
    with pytest.raises(NotFound):
        queries.get_product(actor=actor, product_id=999_999)


def test_the_desk_list_is_one_statement_and_pages_both_ways(upt: UptRecord) -> None:
    fill(upt, 11, category_id=goods.make_category())
    with counted() as statements:
        first = queries.list_products(actor=goods.SYSTEM, upt_id=upt.upt_id, size=4)
    assert len(statements) == 1
    row = first.items[0]
    assert (row.variant_count, row.price_idr_min, row.price_idr_max) == (1, 10_000, 10_000)
    assert row.cover_alt == "Gambar tas"
    second = queries.list_products(
        actor=goods.SYSTEM, upt_id=upt.upt_id, size=4, cursor=first.after
    )
    back = queries.list_products(
        actor=goods.SYSTEM, upt_id=upt.upt_id, size=4, cursor=second.before, is_back=True
    )
    assert back.items == first.items
    assert back.before is None
    assert {row.product_id for row in first.items}.isdisjoint(
        row.product_id for row in second.items
    )
