"""The rate tables and the quotes made from them; rules of free delivery; who may change them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.domain.shipping import queries as shipping_queries
from app.domain.shipping import services as shipping_services
from app.domain.shipping.adapters import rates_file
from app.domain.shipping.commands import AddFreeRule
from app.domain.shipping.errors import RatesRefused, RatesUnreadable
from app.domain.shipping.models import ShippingRate
from app.domain.shipping.types import Parcel, RatePeriod, RatePreview, RateRow, RowError, Tier
from app.infra import db
from app.kernel.errors import Invalid, NotAllowed, NotFound
from tests.factories import browse, people, trade

pytestmark = pytest.mark.usefixtures("app")

DAY = date(2026, 11, 22)
RATE = RateRow("32", "31", "reguler", 10_000, 0, 1, 2)


def load(*rates: RateRow, valid_from: date = date(2026, 1, 1), valid_to: date | None = None) -> int:
    period = RatePeriod(valid_from, "test", valid_to)
    return db.transact(lambda: shipping_services.load_rates(rates=rates, period=period))


def quotes(
    on: date = DAY, destination: str | None = "31", regency: str = "", goods_idr: int = 0
) -> dict[int, list[tuple[str, int]]]:
    found = shipping_queries.ways(
        parcels={1: Parcel("32", 2_600, goods_total_idr=goods_idr), 2: Parcel("91", 100)},
        destination_province_code=destination,
        destination_regency_code=regency,
        on=on,
    )
    return {
        upt_id: [(quote.choice, quote.fee_idr) for quote in ways.quotes]
        for upt_id, ways in found.items()
    }


def test_couriers_come_cheapest_first_and_fetching_last() -> None:
    trade.make_rates()
    assert quotes() == {
        1: [("courier:reguler", 30_000), ("courier:kargo", 58_000), ("pickup", 0)],
        2: [("pickup", 0)],
    }


def test_without_a_destination_only_fetching_is_quoted() -> None:
    trade.make_rates()
    assert quotes(destination=None) == {1: [("pickup", 0)], 2: [("pickup", 0)]}
    assert shipping_queries.ways(parcels={}, destination_province_code="31", on=DAY) == {}


def test_the_newest_rate_in_force_counts() -> None:
    assert load(RATE) == 1
    assert load(replace(RATE, first_kg_idr=20_000), valid_from=DAY) == 1
    assert load(replace(RATE, first_kg_idr=30_000), valid_from=date(2026, 12, 1)) == 1
    assert quotes(on=date(2026, 11, 21))[1][0] == ("courier:reguler", 10_000)
    assert quotes(on=DAY)[1][0] == ("courier:reguler", 20_000)
    assert quotes(on=date(2026, 12, 31))[1][0] == ("courier:reguler", 30_000)
    assert quotes(on=date(2025, 12, 31))[1] == [("pickup", 0)]


def test_a_rate_to_the_regency_or_of_the_upt_itself_goes_first_and_an_ended_one_gives_way() -> None:
    own = replace(RATE, origin_upt_id=1, origin_province_code="", first_kg_idr=7_000)
    near = replace(RATE, destination_regency_code="31.74", first_kg_idr=8_000)
    load(RATE, own, near, replace(own, origin_upt_id=9, first_kg_idr=1))
    assert quotes()[1][0] == ("courier:reguler", 7_000)
    assert quotes(regency="31.74")[1][0] == ("courier:reguler", 7_000)
    head = people.actor("upt_head", 1)
    rate_id = db.read_session().scalars(
        select(ShippingRate.id).where(ShippingRate.origin_upt_id == 1)
    ).one()  # fmt: skip
    for _ in range(2):
        with db.unit_of_work():
            shipping_services.end_rate(actor=head, rate_id=rate_id, today=DAY, at=trade.AT)
    assert quotes(regency="31.74")[1][0] == ("courier:reguler", 8_000)
    assert quotes(regency="31.71")[1][0] == ("courier:reguler", 10_000)
    assert quotes(on=DAY - timedelta(days=1))[1][0] == ("courier:reguler", 7_000)


def test_loading_the_same_table_twice_adds_nothing() -> None:
    stepped = replace(RATE, carrier="jnt-kargo", first_kg=11, tiers=(Tier(20, 5), Tier(30, 4)))
    assert load(RATE, RATE, stepped) == 2
    assert load(replace(RATE, first_kg_idr=99_000), stepped) == 0
    assert quotes()[1][0] == ("courier:jnt-kargo-reguler", 10_000)
    page = shipping_queries.list_rates(upt_id=1, province_code="32", on=DAY)
    assert {record.rate for record in page.items} == {RATE, stepped}


def test_only_the_head_or_the_nation_changes_rates() -> None:
    load(RATE, replace(RATE, origin_upt_id=1, origin_province_code=""))
    of_province, own = sorted(
        db.read_session().execute(select(ShippingRate.origin_upt_id, ShippingRate.id))
    )

    def end(actor: people.Actor, rate_id: int) -> None:
        with db.unit_of_work():
            shipping_services.end_rate(actor=actor, rate_id=rate_id, today=DAY, at=trade.AT)

    for actor, rate, refusal in (
        (people.actor("upt_clerk", 1), own, NotAllowed),
        (people.actor("upt_head", 2), own, NotFound),
        (people.actor("upt_head", 1), of_province, NotAllowed),
        (people.actor("upt_head", 1), (0, 999), NotFound),
    ):
        with pytest.raises(refusal):
            end(actor, rate[1])
    ended = select(func.count()).where(ShippingRate.valid_to.is_not(None))
    assert db.read_session().scalar(ended) == 0
    end(people.actor("national_admin"), of_province[1])
    db.read_session().rollback()
    assert db.read_session().scalar(ended) == 1


def test_free_delivery_holds_from_an_amount_to_a_place_until_a_day() -> None:
    upt_id = people.make_upt().upt_id
    assert upt_id == 1
    load(RATE)
    head = people.actor("upt_head", 1)
    command = AddFreeRule(
        from_idr=250_000, province_code="31", valid_from=DAY, valid_to=DAY + timedelta(days=7),
        entry_key="kunci-gratis-0123456789",
    )  # fmt: skip
    for _ in range(2):
        with db.unit_of_work():
            shipping_services.add_free_rule(actor=head, upt_id=1, command=command, at=trade.AT)
    (rule,) = shipping_queries.list_free_rules(upt_id=1)
    assert quotes(goods_idr=250_000)[1][0] == ("courier:reguler", 0)
    assert quotes(goods_idr=249_999)[1][0] == ("courier:reguler", 10_000)
    later = DAY + timedelta(days=8)
    assert quotes(on=later, goods_idr=250_000)[1][0] == ("courier:reguler", 10_000)
    with pytest.raises(NotFound), db.unit_of_work():
        shipping_services.end_free_rule(
            actor=people.actor("upt_head", 2),
            upt_id=2,
            rule_id=rule.rule_id,
            today=DAY,
            at=trade.AT,
        )
    with db.unit_of_work():
        shipping_services.end_free_rule(
            actor=head, upt_id=1, rule_id=rule.rule_id, today=DAY, at=trade.AT
        )
    assert quotes(goods_idr=250_000)[1][0] == ("courier:reguler", 10_000)
    with pytest.raises(Invalid):
        AddFreeRule.parse({**command.model_dump(), "valid_to": date(2026, 1, 1)})


def test_a_cart_needs_two_statements_however_many_units_it_has() -> None:
    trade.make_rates()
    with browse.statements() as seen:
        assert quotes()[1]
    assert seen.count == 2


def test_a_file_that_is_no_table_and_a_table_with_errors_store_nothing() -> None:
    for content, reason in (
        (b"", "empty"), (b"cuma kata", "not_a_table"), (b"PK\x03\x04rusak", "damaged"),
        (b"x" * 3_000_000, "too_big"),
    ):  # fmt: skip
        with pytest.raises(RatesUnreadable) as caught:
            rates_file.read_rows(content=content)
        assert caught.value.reason == f"shipping.file_{reason}"
    bad = RatePreview((), (RowError(2, "tujuan", "shipping.destination_unknown", "99"),))
    with pytest.raises(RatesRefused) as refused, db.unit_of_work():
        shipping_services.apply_rates(
            actor=people.actor("upt_head", 1), upt_id=1, preview=bad, at=trade.AT
        )
    assert refused.value.details() == {"count": 1}
    assert db.read_session().scalar(select(func.count()).select_from(ShippingRate)) == 0
