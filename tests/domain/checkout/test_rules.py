"""Pure decisions of checkout."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cart.types import CartLine
from app.domain.catalog.types import Offer, ProductKind
from app.domain.checkout import rules
from app.domain.checkout.commands import PlaceOrder
from app.domain.checkout.errors import ItemsWithdrawn, TotalChanged
from app.domain.checkout.types import Problem, ShortItem
from app.domain.shipping.types import DeliveryMethod, Parcel, Quote, Ways
from app.domain.stock.types import Shortage
from app.domain.upt.types import UptBrief, UptKind
from app.kernel.errors import IdempotencyMismatch, Invalid
from tests.domain.checkout.test_commands import VALUES


def offer(variant_id: int, upt_id: int = 3, **changes: Any) -> Offer:
    values = {
        "variant_id": variant_id,
        "product_id": variant_id * 10,
        "product_version_id": variant_id * 100,
        "version": 1,
        "upt_id": upt_id,
        "sku": f"SKU-{variant_id}",
        "product_name": f"Karya {variant_id}",
        "variant_name": "",
        "price_idr": 10_000,
        "weight_g": 500,
        "length_mm": 10,
        "width_mm": 10,
        "height_mm": 10,
        "kind": ProductKind.READY,
        "is_published": True,
        "product_slug": f"karya-{variant_id}",
        "cover_asset_id": None,
        "category_name": "Kriya",
    }
    return Offer(**{**values, **changes})


def brief(upt_id: int, **changes: Any) -> UptBrief:
    values = {
        "upt_id": upt_id,
        "slug": f"lapas-{upt_id}",
        "short_name": f"Lapas {upt_id}",
        "town": "Kota Contoh",
        "province_code": "32",
        "province_name": "Jawa Barat",
        "timezone": "Asia/Jakarta",
        "kanwil_id": 1,
        "kind": UptKind.LAPAS,
        "is_active": True,
        "cover_asset_id": None,
    }
    return UptBrief(**{**values, **changes})


def quote(upt_id: int, service: str = "reguler", fee_idr: int = 16_000) -> Quote:
    method = DeliveryMethod.COURIER if service else DeliveryMethod.PICKUP
    return Quote(upt_id, method, service, fee_idr, 500, 1, 2, service or "Ambil")


OFFERS = {1: offer(1, 5), 2: offer(2, 3, price_idr=25_000), 3: offer(3, 5, variant_name="Besar")}
LINES = [CartLine(1, 2), CartLine(2, 1), CartLine(3, 4)]
BRIEFS = {3: brief(3), 5: brief(5, province_code="35")}
PARTS = rules.partition(lines=LINES, offers=OFFERS)
QUOTES = {3: (quote(3), quote(3, "", 0)), 5: (quote(5, "", 0),)}


def test_lines_are_parted_by_unit_in_rising_order() -> None:
    assert list(PARTS) == [3, 5]
    assert [(wanted.offer.variant_id, wanted.quantity) for wanted in PARTS[5]] == [(1, 2), (3, 4)]
    assert [wanted.total_idr for wanted in PARTS[5]] == [20_000, 40_000]


def test_a_line_without_an_offer_is_left_out() -> None:
    assert rules.partition(lines=[CartLine(99, 1)], offers=OFFERS) == {}


@given(st.permutations(LINES))
def test_parting_loses_and_doubles_nothing(lines: list[CartLine]) -> None:
    parts = rules.partition(lines=lines, offers=OFFERS)
    found = sorted((w.offer.variant_id, w.quantity) for part in parts.values() for w in part)
    assert found == [(1, 2), (2, 1), (3, 4)]


def test_parcels_weigh_what_is_in_them() -> None:
    assert rules.parcels(parts=PARTS, briefs=BRIEFS) == {
        upt_id: Parcel(
            province,
            weight_g,
            tuple(wanted.item for wanted in PARTS[upt_id]),
            sum(wanted.total_idr for wanted in PARTS[upt_id]),
        )
        for upt_id, province, weight_g in ((3, "32", 500), (5, "35", 3_000))
    }


def test_everything_that_is_no_longer_sold_is_named() -> None:
    rules.ensure_sold(parts=PARTS, briefs=BRIEFS)
    offers = {
        1: offer(1, 5, is_published=False),
        2: OFFERS[2],
        3: offer(3, 5, kind=ProductKind.SERVICE, variant_name="Besar"),
    }
    parts = rules.partition(lines=LINES, offers=offers)
    with pytest.raises(ItemsWithdrawn) as caught:
        rules.ensure_sold(parts=parts, briefs=BRIEFS)
    assert caught.value.details() == {
        "names": "Karya 1, Karya 3 (Besar)",
        "variant_ids": (1, 3),
    }


def test_goods_of_a_closed_unit_are_not_sold() -> None:
    assert rules.is_sold(offer=OFFERS[1], upt=brief(5, is_active=False)) is False


def test_a_chosen_delivery_is_found() -> None:
    chosen = rules.choose_deliveries(quotes=QUOTES, choices={3: "courier:reguler", 5: "pickup"})
    assert {upt_id: found.choice for upt_id, found in chosen.items()} == {
        3: "courier:reguler",
        5: "pickup",
    }


def test_missing_and_unknown_deliveries_are_named_together() -> None:
    with pytest.raises(Invalid) as caught:
        rules.choose_deliveries(quotes=QUOTES, choices={5: "courier:kargo"})
    assert [(error.field, error.code) for error in caught.value.errors] == [
        ("delivery_3", "field.required"),
        ("delivery_5", "checkout.delivery_unavailable"),
    ]


def test_without_a_choice_the_cheapest_courier_is_suggested() -> None:
    found = rules.suggest_delivery(offered=QUOTES[3], choice=None)
    assert found is not None
    assert found.choice == "courier:reguler"
    assert rules.suggest_delivery(offered=QUOTES[5], choice=None) is None
    chosen = rules.suggest_delivery(offered=QUOTES[3], choice="pickup")
    assert chosen is not None
    assert chosen.choice == "pickup"


def test_another_total_is_refused_with_both() -> None:
    rules.ensure_total(confirmed_idr=5, total_idr=5)
    with pytest.raises(TotalChanged) as caught:
        rules.ensure_total(confirmed_idr=5, total_idr=6)
    assert caught.value.details() == {"before_idr": 5, "after_idr": 6}


def test_shortages_get_the_names_of_the_items() -> None:
    shortages = [Shortage(5, 1, 2, 0), Shortage(5, 3, 4, 1)]
    assert rules.short_items(shortages=shortages, offers=OFFERS) == (
        ShortItem(1, "Karya 1", 2, 0),
        ShortItem(3, "Karya 3 (Besar)", 4, 1),
    )


def test_the_fingerprint_covers_everything_but_the_key() -> None:
    command = PlaceOrder.parse(VALUES)
    first = rules.fingerprint(command=command)
    other_key = PlaceOrder.parse({**VALUES, "placement_key": "z" * 43})
    assert rules.fingerprint(command=other_key) == first
    for name, value in {
        "contact_name": "Orang Lain",
        "street": "Jalan Lain 2",
        "confirmed_total_idr": "1",
        "delivery_12": "courier:reguler",
        "note": "halo",
    }.items():
        changed = PlaceOrder.parse({**VALUES, name: value})
        assert rules.fingerprint(command=changed) != first


def test_another_content_under_the_same_key_is_refused() -> None:
    rules.ensure_same_content(first="a", again="a")
    with pytest.raises(IdempotencyMismatch):
        rules.ensure_same_content(first="a", again="b")


@pytest.mark.parametrize(
    ("placed", "pay_by", "until"),
    [
        ("2026-11-23T03:00", "2026-11-24T03:00", "2026-11-25T03:00"),  # Monday
        ("2026-11-26T03:00", "2026-11-27T03:00", "2026-11-30T03:00"),  # Thursday
        ("2026-11-27T03:00", "2026-11-30T03:00", "2026-12-01T03:00"),  # Friday
        ("2026-11-22T03:00", "2026-11-23T03:00", "2026-11-24T03:00"),  # Sunday
        ("2026-11-26T18:00", "2026-11-29T18:00", "2026-11-30T18:00"),  # 01.00 on Friday in Jakarta
    ],
)
def test_a_deadline_never_falls_on_a_free_day_and_has_a_working_day_of_grace(
    placed: str, pay_by: str, until: str
) -> None:
    at = datetime.fromisoformat(placed).replace(tzinfo=UTC)
    found = rules.pay_by_at(placed_at=at, hours=24, timezone="Asia/Jakarta")
    assert found == datetime.fromisoformat(pay_by).replace(tzinfo=UTC)
    end = rules.holds_until(pay_by=found, working_days=1, timezone="Asia/Jakarta")
    assert end == datetime.fromisoformat(until).replace(tzinfo=UTC)


def preview(**changes: Any) -> Any:
    values: dict[str, Any] = {
        "parts": PARTS,
        "briefs": BRIEFS,
        "ways": {upt_id: Ways(offered) for upt_id, offered in QUOTES.items()},
        "available": {1: 9, 2: 9, 3: 9},
        "choices": {5: "pickup"},
        "has_destination": True,
    }
    return rules.preview(**{**values, **changes})


def test_a_complete_preview_has_no_problems() -> None:
    found = preview()
    assert found.is_complete is True
    assert found.problems == ()
    assert (found.goods_total_idr, found.shipping_total_idr, found.total_idr) == (
        85_000,
        16_000,
        101_000,
    )
    assert found.quantity_total == 7
    assert [group.field for group in found.groups] == ["delivery_3", "delivery_5"]


def test_an_empty_cart_is_never_complete() -> None:
    assert preview(parts={}).is_complete is False


def test_a_unit_without_a_courier_to_the_destination_is_a_problem_until_fetching_is_chosen() -> (
    None
):
    found = preview(choices={})
    assert found.problems == (Problem("checkout.no_route", upt_id=5, name="Lapas 5"),)
    assert found.is_complete is False


def test_an_unknown_destination_is_no_problem_but_not_complete() -> None:
    found = preview(
        choices={},
        has_destination=False,
        ways={3: Ways((quote(3, "", 0),)), 5: Ways((quote(5, "", 0),))},
    )
    assert found.problems == ()
    assert found.is_complete is False
    assert found.shipping_total_idr == 0


def test_short_and_sold_out_items_are_named_with_what_is_left() -> None:
    found = preview(available={1: 1, 2: 9})
    assert found.problems == (
        Problem("checkout.item_short", 1, name="Karya 1", wanted=2, available=1),
        Problem("checkout.item_sold_out", 3, name="Karya 3 (Besar)", wanted=4, available=0),
    )
    assert found.is_complete is False


def test_withdrawn_items_are_shown_and_not_counted() -> None:
    offers = {**OFFERS, 2: replace(OFFERS[2], is_published=False)}
    found = preview(parts=rules.partition(lines=LINES, offers=offers))
    assert found.problems == (Problem("checkout.item_withdrawn", 2, name="Karya 2"),)
    assert found.goods_total_idr == 60_000
    assert found.groups[0].lines[0].line_total_idr == 25_000
