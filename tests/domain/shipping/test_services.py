"""The rate table and the quotes made from it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from app.domain.shipping import queries as shipping_queries
from app.domain.shipping import services as shipping_services
from app.domain.shipping.types import Parcel, RatePeriod, RateRow
from app.infra import db
from tests.factories import trade

pytestmark = pytest.mark.usefixtures("app")

DAY = date(2026, 11, 22)


def load(*rates: RateRow, valid_from: date = date(2026, 1, 1)) -> int:
    period = RatePeriod(valid_from, "test")
    return db.transact(lambda: shipping_services.load_rates(rates=rates, period=period))


def quotes(on: date = DAY, destination: str | None = "31") -> dict[int, list[tuple[str, int]]]:
    found = shipping_queries.quotes(
        parcels={1: Parcel("32", 2_600), 2: Parcel("91", 100)},
        destination_province_code=destination,
        on=on,
    )
    return {
        upt_id: [(quote.choice, quote.fee_idr) for quote in row] for upt_id, row in found.items()
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
    assert shipping_queries.quotes(parcels={}, destination_province_code="31", on=DAY) == {}


def test_the_newest_rate_in_force_counts() -> None:
    rate = RateRow("32", "31", "reguler", 10_000, 0, 1, 2)
    assert load(rate) == 1
    assert load(RateRow("32", "31", "reguler", 20_000, 0, 1, 2), valid_from=date(2026, 11, 22)) == 1
    assert load(RateRow("32", "31", "reguler", 30_000, 0, 1, 2), valid_from=date(2026, 12, 1)) == 1
    assert quotes(on=date(2026, 11, 21))[1][0] == ("courier:reguler", 10_000)
    assert quotes(on=date(2026, 11, 22))[1][0] == ("courier:reguler", 20_000)
    assert quotes(on=date(2026, 12, 31))[1][0] == ("courier:reguler", 30_000)
    assert quotes(on=date(2025, 12, 31))[1] == [("pickup", 0)]


def test_an_ended_rate_no_longer_counts() -> None:
    load(RateRow("32", "31", "reguler", 10_000, 0, 1, 2))
    with db.unit_of_work():
        db.session().execute(
            text("UPDATE shipping_rate SET valid_to = :day"), {"day": "2026-11-21"}
        )
    assert quotes()[1] == [("pickup", 0)]


def test_loading_the_same_table_twice_adds_nothing() -> None:
    rate = RateRow("32", "31", "reguler", 10_000, 0, 1, 2)
    assert load(rate, rate) == 1
    assert load(RateRow("32", "31", "reguler", 99_000, 0, 1, 2)) == 0
    assert quotes()[1][0] == ("courier:reguler", 10_000)
