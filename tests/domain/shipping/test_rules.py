"""Chargeable weight, boxes, fees, and what is not offered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.shipping import rules
from app.domain.shipping.rules import slots as slot_rules
from app.domain.shipping.types import (
    Box,
    Carrier,
    DeliveryMethod,
    FreeRule,
    Item,
    Parcel,
    PickupPlan,
    Quote,
    RateRecord,
    RateRow,
    Refusal,
    RefusalReason,
    Rounding,
    Tier,
)

PARCEL = Parcel(origin_province_code="32", weight_g=2_600)
RATE = RateRow("32", "35", "reguler", 16_000, 14_000, 2, 3)
EXACT = Carrier("x", "X", 6000, Rounding.NONE, 0, 0, 30_000, 1_000)
SIDES = st.integers(1, 1_000)
CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PIECES = st.builds(Item, st.integers(1, 30_000), SIDES, SIDES, SIDES, st.integers(1, 40))


def box(weight_g: int, *sides: int) -> Box:
    length, width, height = sides or (0, 0, 0)
    return Box(weight_g, length, width, height, length * width * height, 1)


@pytest.mark.parametrize(
    ("weight_g", "sides", "changes", "charged_g"),
    [
        (4_000, (400, 300, 300), {"divisor": 6000}, 6_000),
        (4_000, (400, 300, 300), {"divisor": 5000}, 7_200),
        (4_000, (400, 300, 300), {"divisor": 0}, 4_000),
        (7_000, (400, 300, 300), {"divisor": 6000}, 7_000),
        (1, (1, 1, 6001), {"divisor": 6000}, 2),
        (2_400, (), {"rounding": Rounding.HALF}, 2_500),
        (2_501, (), {"rounding": Rounding.HALF}, 3_000),
        (2_001, (), {"rounding": Rounding.UP}, 3_000),
        (2_000, (), {"rounding": Rounding.UP}, 2_000),
        (2_000, (), {"rounding": Rounding.UP, "minimum_g": 10_000}, 10_000),
    ],
)
def test_a_box_pays_for_weight_or_volume_whichever_is_more(
    weight_g: int, sides: tuple[int, ...], changes: dict[str, int], charged_g: int
) -> None:
    carrier = replace(EXACT, **changes)
    assert rules.chargeable_g(box=box(weight_g, *sides), carrier=carrier) == charged_g


@pytest.mark.parametrize(
    ("weight_g", "kg"),
    [(0, 1), (1, 1), (1_000, 1), (1_300, 1), (1_301, 2), (2_300, 2), (2_301, 3), (7_400, 8)],
)
def test_jne_leaves_three_hundred_grams_uncharged(weight_g: int, kg: int) -> None:
    jne = rules.CARRIERS["jne"]
    assert rules.chargeable_g(box=box(weight_g), carrier=jne) == kg * 1_000


@CALM
@given(
    st.sampled_from(sorted(rules.CARRIERS)), st.integers(0, 10**7), st.integers(0, 10**5),
    SIDES, SIDES, SIDES, st.integers(0, 200),
)  # fmt: skip
def test_more_weight_or_size_never_pays_for_less(
    code: str, weight_g: int, more_g: int, length: int, width: int, height: int, more_mm: int
) -> None:
    carrier = rules.CARRIERS[code]
    charged = rules.chargeable_g(box=box(weight_g, length, width, height), carrier=carrier)
    heavier = box(weight_g + more_g, length, width + more_mm, height)
    assert type(charged) is int
    assert max(carrier.minimum_g, weight_g - carrier.tolerance_g) <= charged
    assert charged <= rules.chargeable_g(box=heavier, carrier=carrier)


def test_the_first_price_covers_the_first_kilograms_and_steps_count_from_their_own_weight() -> None:
    stepped = replace(RATE, first_kg=11, tiers=(Tier(20, 3_000), Tier(50, 1_000)))
    fees = {
        kg: rules.rate_fee_idr(charged_g=kg * 1_000, rate=stepped) for kg in (1, 11, 12, 20, 21, 60)
    }
    assert fees == {
        1: 16_000,
        11: 16_000,
        12: 30_000,
        20: 142_000,
        21: 145_000,
        60: 142_000 + 30 * 3_000 + 10 * 1_000,
    }
    assert rules.rate_fee_idr(charged_g=1_001, rate=RATE) == 16_014
    assert rules.rate_fee_idr(charged_g=1_001, rate=replace(RATE, next_kg_idr=999)) == 16_001


@CALM
@given(
    st.integers(0, 10**6), st.integers(0, 10**4), st.integers(1, 20),
    st.lists(st.tuples(st.integers(1, 500), st.integers(0, 20_000)), max_size=3),
)  # fmt: skip
def test_a_heavier_box_is_never_cheaper_nor_below_the_first_price(
    weight_g: int, more_g: int, first_kg: int, steps: list[tuple[int, int]]
) -> None:
    tiers = tuple(Tier(*step) for step in sorted(steps))
    rate = replace(RATE, first_kg=first_kg, tiers=tiers)
    fee = rules.rate_fee_idr(charged_g=weight_g, rate=rate)
    assert type(fee) is int
    assert 16_000 <= fee <= rules.rate_fee_idr(charged_g=weight_g + more_g, rate=rate)


@CALM
@given(st.lists(PIECES, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_boxes_hold_everything_within_the_limits_whatever_the_order(
    items: list[Item], chance: object
) -> None:
    carrier = rules.CARRIERS["kargo"]
    boxes = rules.pack(items=items, carrier=carrier)
    assert boxes is not None
    assert sum(one.pieces for one in boxes) == sum(item.quantity for item in items)
    assert sum(one.weight_g for one in boxes) == sum(i.weight_g * i.quantity for i in items)
    for one in boxes:
        assert one.weight_g <= carrier.weight_g_max
        assert max(one.length_mm, one.width_mm, one.height_mm) <= carrier.side_mm_max
        assert one.volume_mm3 <= one.length_mm * one.width_mm * one.height_mm
    volume = sum(i.length_mm * i.width_mm * i.height_mm * i.quantity for i in items)
    assert sum(one.volume_mm3 for one in boxes) >= volume
    again = list(items)
    chance.shuffle(again)  # type: ignore[attr-defined]
    assert rules.pack(items=again, carrier=carrier) == boxes


@CALM
@given(PIECES, st.integers(1, 40))
def test_more_pieces_of_one_thing_never_cost_less(item: Item, more: int) -> None:
    def fee(quantity: int) -> int:
        parcel = Parcel("32", 1, (replace(item, quantity=quantity),))
        rate = replace(RATE, carrier="kargo")
        found = rules.courier_quote(upt_id=5, parcel=parcel, rate=rate)
        assert isinstance(found, Quote)
        return found.fee_idr

    assert fee(item.quantity) <= fee(item.quantity + more)


def test_goods_are_stacked_on_the_biggest_and_a_full_box_starts_another() -> None:
    carrier = replace(EXACT, weight_g_max=10_000)
    items = [Item(3_000, 100, 200, 400, 4), Item(500, 50, 50, 50, 2)]
    assert rules.pack(items=items, carrier=carrier) == (
        Box(9_000, 400, 200, 300, 24_000_000, 3),
        Box(4_000, 400, 200, 104, 8_250_000, 3),
    )
    assert rules.pack(items=[Item(10_001)], carrier=carrier) is None
    assert rules.pack(items=[Item(1, 10, 1_001, 10)], carrier=carrier) is None
    assert rules.pack(items=[Item(10_000, quantity=999)], carrier=carrier) is None


def test_a_courier_quote_names_its_service_and_sums_its_boxes() -> None:
    quote = rules.courier_quote(upt_id=5, parcel=PARCEL, rate=RATE)
    assert quote == Quote(
        5, DeliveryMethod.COURIER, "reguler", 44_000, 2_600, 2, 3, "Reguler", "kurir", 3_000
    )
    assert quote.choice == "courier:reguler"
    jne = rules.courier_quote(
        upt_id=5,
        parcel=Parcel("32", 80_000, (Item(40_000, quantity=2),)),
        rate=replace(RATE, carrier="jne"),
    )
    assert isinstance(jne, Quote)
    assert (jne.choice, jne.label, jne.boxes) == ("courier:jne-reguler", "JNE reguler", 2)
    assert jne.fee_idr == 2 * (16_000 + 39 * 14_000)


def test_what_is_too_big_or_would_spoil_is_refused_with_its_reason() -> None:
    table = Parcel("32", 28_000, (Item(28_000, 1_600, 800, 740),))
    bread = Parcel("32", 360, (Item(360, 420, 240, 110, shelf_life_days=4), Item(10)))
    assert rules.courier_quote(upt_id=5, parcel=table, rate=RATE) == Refusal(
        "Reguler", RefusalReason.TOO_BIG, 3
    )
    assert rules.courier_quote(upt_id=5, parcel=bread, rate=RATE) == Refusal(
        "Reguler", RefusalReason.TOO_SLOW, 3, 4
    )
    quick = replace(RATE, service="kilat", days_min=1, days_max=2)
    cargo = replace(RATE, service="kargo", carrier="kargo")
    assert rules.ways(upt_id=5, parcel=table, rates=[RATE]).is_by_hand
    found = rules.ways(upt_id=5, parcel=table, rates=[RATE, cargo])
    assert [quote.choice for quote in found.quotes] == ["courier:kargo", "pickup"]
    assert not found.is_by_hand
    found = rules.ways(upt_id=5, parcel=bread, rates=[RATE, quick])
    assert [quote.choice for quote in found.quotes] == ["courier:kilat", "pickup"]
    assert [one.label for one in found.refusals] == ["Reguler"]


def test_the_cheapest_courier_is_free_from_the_amount_on() -> None:
    rule = FreeRule(1, 5, 100_000, "", date(2026, 1, 1), None)
    dear = replace(RATE, service="kilat", first_kg_idr=90_000)
    for goods_idr, fees in ((99_999, [44_000, 118_000, 0]), (100_000, [0, 118_000, 0])):
        parcel = replace(PARCEL, goods_total_idr=goods_idr)
        found = rules.ways(upt_id=5, parcel=parcel, rates=[dear, RATE], free_rules=[rule])
        assert [quote.fee_idr for quote in found.quotes] == fees
    assert found.quotes[0].waived_idr == 44_000
    assert rules.ways(upt_id=5, parcel=parcel, rates=[], free_rules=[rule]).quotes[0].fee_idr == 0


def test_own_rates_regencies_and_later_days_go_first() -> None:
    own = replace(RATE, origin_upt_id=5, origin_province_code="")
    near = replace(RATE, destination_regency_code="35.28")
    days = [date(2026, 1, 1), date(2026, 6, 1)]

    def best(*rows: tuple[RateRow, date]) -> tuple[RateRow, ...]:
        records = [RateRecord(n, row, day, None, "") for n, (row, day) in enumerate(rows)]
        return rules.choose_rates(records=records)

    assert best((own, days[0]), (near, days[1])) == (own,)
    assert best((near, days[0]), (RATE, days[1])) == (near,)
    dearer = replace(RATE, first_kg_idr=20_000)
    assert best((dearer, days[1]), (RATE, days[0])) == (dearer,)


def test_a_tracking_number_leads_to_its_carrier() -> None:
    assert rules.tracking_link(carrier_name=" SiCepat ", number="00 12/3") == (
        "https://www.sicepat.com/checkAwb?awb=00%2012%2F3"
    )
    assert rules.tracking_link(carrier_name="J&T Cargo", number="JT123") == "https://www.jtcargo.id"
    assert rules.tracking_link(carrier_name="Ekspedisi Sendiri", number="JT123") == ""
    assert rules.tracking_link(carrier_name="jne", number="<x>") == ""
    assert rules.carrier_of(code="hilang") == rules.CARRIERS["kurir"]


PLAN = PickupPlan(5, (1, 2), 8 * 60 + 30, 10 * 60, 30, 2, 24, 7, 1, "Asia/Jakarta")
SUNDAY = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def test_times_lie_in_opening_hours_after_the_lead_and_leave_out_full_ones() -> None:
    full = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    found = slot_rules.open_slots(plan=PLAN, taken={full: 2}, at=SUNDAY)
    assert [one.key for one in found] == ["20261124T0130Z", "20261124T0230Z"]
    assert found[0].ends_at - found[0].starts_at == timedelta(minutes=30)
    assert [one.left for one in found] == [2, 2]
    early = slot_rules.open_slots(plan=replace(PLAN, lead_hours=22), taken={}, at=SUNDAY)
    assert [one.key for one in early][:3] == ["20261123T0130Z", "20261123T0200Z", "20261123T0230Z"]
    for key, is_open in (("20261124T0230Z", True), ("20261124T0200Z", False), ("", False)):
        slot = slot_rules.find_slot(plan=PLAN, taken={full: 2}, key=key, at=SUNDAY)
        assert (slot is not None) is is_open
