"""What a product lacks, what a version keeps, how counts add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.domain.catalog import rules
from app.domain.catalog.types import (
    CategoryRecord,
    ImageDraft,
    ListingFilter,
    ProductContent,
    ProductDraft,
    ProductImage,
    ProductKind,
    ProductState,
    VariantDraft,
    VariantRecord,
)

VARIANT = VariantDraft(1, "A-1", "Kecil", 10_000, 200, 10, 20, 30, is_active=True)
AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def missing(
    *,
    kind: ProductKind = ProductKind.READY,
    summary: str = "Ringkas",
    description: str = "Panjang",
    lead_time_days: int | None = None,
    variants: Sequence[VariantDraft] = (VARIANT,),
    image_count: int = 1,
) -> tuple[str, ...]:
    return rules.find_missing(
        kind=kind,
        summary=summary,
        description=description,
        lead_time_days=lead_time_days,
        variants=variants,
        image_count=image_count,
    )


def test_a_complete_product_lacks_nothing() -> None:
    assert missing() == ()


def test_everything_that_is_missing_is_named_at_once() -> None:
    empty = replace(VARIANT, price_idr=None, weight_g=None, length_mm=None)
    assert missing(
        kind=ProductKind.MADE_TO_ORDER,
        summary="",
        description="",
        variants=[empty],
        image_count=0,
    ) == ("summary", "description", "lead_time", "price", "weight", "size", "picture")


@pytest.mark.parametrize(
    ("change", "lack"),
    [
        ({"price_idr": None}, "price"),
        ({"weight_g": None}, "weight"),
        ({"length_mm": None}, "size"),
        ({"width_mm": None}, "size"),
        ({"height_mm": None}, "size"),
    ],
)
def test_each_number_of_an_active_variant_is_needed(change: dict[str, None], lack: str) -> None:
    assert missing(variants=[VARIANT, replace(VARIANT, **change)]) == (lack,)
    hidden = replace(VARIANT, is_active=False, **change)
    assert missing(variants=[VARIANT, hidden]) == ()


def test_a_variant_that_is_not_sold_is_no_variant() -> None:
    assert missing(variants=[replace(VARIANT, is_active=False)]) == ("variant",)
    assert missing(variants=[]) == ("variant",)


def test_a_service_needs_no_parcel_and_an_order_needs_a_lead_time() -> None:
    bare = replace(VARIANT, weight_g=None, length_mm=None, width_mm=None, height_mm=None)
    assert missing(kind=ProductKind.SERVICE, variants=[bare]) == ()
    assert missing(kind=ProductKind.MADE_TO_ORDER) == ("lead_time",)
    assert missing(kind=ProductKind.MADE_TO_ORDER, lead_time_days=7) == ()


def test_double_skus_are_the_later_ones() -> None:
    assert rules.find_double_skus(["A", "B", "A", "C", "B", "A"]) == (2, 4, 5)
    assert rules.find_double_skus(["A", "B"]) == ()
    assert rules.find_double_skus([]) == ()


@pytest.mark.parametrize(
    ("wish", "name", "taken", "expected"),
    [
        ("", "Tirai Sabut", set(), "tirai-sabut"),
        ("", "Tirai Sabut", {"tirai-sabut"}, "tirai-sabut-2"),
        ("", "Tirai Sabut", {"tirai-sabut", "tirai-sabut-2", "tirai-sabut-4"}, "tirai-sabut-3"),
        ("tirai", "Tirai Sabut", set(), "tirai"),
        ("", "★★★", set(), "karya"),
    ],
)
def test_addresses_are_free(wish: str, name: str, taken: set[str], expected: str) -> None:
    assert rules.choose_slug(wish=wish, name=name, taken=taken) == expected
    assert expected.startswith(rules.slug_stem(wish=wish, name=name))


def test_position_keys_order_like_instants() -> None:
    assert rules.position_key(rules.EPOCH) == 0
    assert rules.position_key(AT + timedelta(microseconds=1)) == rules.position_key(AT) + 1


def test_names_sort_without_accents_and_case() -> None:
    assert rules.sort_name("  Éceng   GONDOK ") == "eceng gondok"
    assert len(rules.sort_name("ﷺ" * 120)) == 200


DRAFT = ProductDraft(
    product_id=1,
    slug="tirai",
    upt_id=2,
    category_id=3,
    kind=ProductKind.READY,
    name="Tirai",
    name_en="",
    summary="Ringkas",
    description="Panjang",
    materials="Sabut",
    story="",
    maker_credit="Kelompok Sabut",
    lead_time_days=None,
    shelf_life_days=30,
    state=ProductState.DRAFT,
    version=4,
    published_at=None,
    updated_at=AT,
    variants=(VARIANT, replace(VARIANT, variant_id=2, is_active=False)),
    images=(ImageDraft(9, 8, "Tirai terbentang"),),
    missing=(),
)


def test_a_version_keeps_what_can_be_bought_and_seen() -> None:
    content = rules.content_of(DRAFT)
    assert content.variants == (VariantRecord(1, "A-1", "Kecil", 10_000, 200, 10, 20, 30),)
    assert content.images == (ProductImage(8, "Tirai terbentang"),)
    assert rules.read_content(rules.write_content(content)) == content


@given(
    some.builds(
        ProductContent,
        kind=some.sampled_from(ProductKind),
        variants=some.lists(some.builds(VariantRecord)).map(tuple),
        images=some.lists(some.builds(ProductImage)).map(tuple),
    )
)
def test_any_content_survives_the_archive(content: ProductContent) -> None:
    assert rules.read_content(rules.write_content(content)) == content


def test_the_price_range_spans_the_variants() -> None:
    content = rules.content_of(DRAFT)
    dear = replace(content.variants[0], price_idr=25_000)
    assert rules.price_range(content) == (10_000, 10_000)
    assert rules.price_range(replace(content, variants=(dear, *content.variants))) == (
        10_000,
        25_000,
    )


ROWS = [
    (1, "kriya", "Kriya", "", None, 2, "leaf"),
    (2, "anyaman", "Anyaman", "", 1, 2, "leaf"),
    (3, "pangan", "Pangan", "", None, 1, "leaf"),
    (4, "rajut", "Rajut", "", 1, 1, "leaf"),
    (5, "kue", "Kue", "", 3, 1, "leaf"),
]
CATEGORIES = rules.arrange_categories(ROWS)


def test_children_follow_their_parent_in_order() -> None:
    assert [record.slug for record in CATEGORIES] == ["pangan", "kue", "kriya", "rajut", "anyaman"]
    assert [record.root_id for record in CATEGORIES] == [3, 3, 1, 1, 1]


def test_the_trail_leads_from_the_top() -> None:
    assert [record.slug for record in rules.trail_of(2, CATEGORIES)] == ["kriya", "anyaman"]
    assert [record.slug for record in rules.trail_of(3, CATEGORIES)] == ["pangan"]
    assert rules.trail_of(99, CATEGORIES) == ()


CELLS = (
    rules.Cell(2, "32", "indramayu", 3),
    rules.Cell(4, "32", "indramayu", 2),
    rules.Cell(5, "35", "pamekasan", 7),
    rules.Cell(2, "35", "pamekasan", 1),
)


def count(**wanted: str) -> tuple[int, dict[int, int], dict[str, int], dict[str, int]]:
    facets = rules.count_facets(cells=CELLS, wanted=ListingFilter(**wanted), categories=CATEGORIES)
    return (
        facets.total,
        dict(facets.by_category),
        dict(facets.by_province),
        dict(facets.by_upt),
    )


def test_counts_without_a_filter_cover_everything() -> None:
    assert count() == (
        13,
        {2: 4, 1: 6, 4: 2, 5: 7, 3: 7},
        {"32": 5, "35": 8},
        {"indramayu": 5, "pamekasan": 8},
    )


def test_each_group_keeps_the_filters_of_the_others() -> None:
    assert count(category_slug="kriya") == (
        6,
        {2: 4, 1: 6, 4: 2, 5: 7, 3: 7},
        {"32": 5, "35": 1},
        {"indramayu": 5, "pamekasan": 1},
    )
    assert count(category_slug="anyaman", province_code="35") == (
        1,
        {5: 7, 3: 7, 2: 1, 1: 1},
        {"32": 3, "35": 1},
        {"pamekasan": 1},
    )
    assert count(upt_slug="indramayu")[0] == 5
    assert count(category_slug="tidak-ada")[0] == 0


def test_goods_of_a_category_not_read_yet_are_counted_under_itself() -> None:
    cells = (rules.Cell(77, "32", "indramayu", 2),)
    facets = rules.count_facets(cells=cells, wanted=ListingFilter(), categories=CATEGORIES)
    assert (facets.total, facets.by_category) == (2, {77: 2})
    assert isinstance(CATEGORIES[0], CategoryRecord)
