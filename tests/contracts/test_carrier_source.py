"""What a source of rates must do, and that a silent one stops nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from app.domain.shipping import flows, queries, rules
from app.domain.shipping.ports import CarrierSource, Leg, ParcelEvent
from app.domain.shipping.types import Parcel, RateRow
from app.kernel.errors import Unavailable

pytestmark = pytest.mark.usefixtures("app")

LEG = Leg(7, "32.12", "31.74")
FAR = Leg(7, "32.12", "72.71")
TODAY = date(2026, 11, 22)


class SmallSource:
    """A source with two services to Jakarta; everything else is out of order."""

    name = "contoh"

    def list_rates(self, *, leg: Leg) -> Sequence[RateRow]:
        if leg != LEG:
            raise Unavailable
        return [
            RateRow("", "31", "reguler", 15_000, 12_000, 2, 3, "jne", 7, "31.74"),
            RateRow("", "31", "hemat", 50_000, 2_500, 4, 6, "jnt-kargo", 7, "31.74", 11),
        ]

    def list_events(self, *, carrier: str, number: str) -> Sequence[ParcelEvent]:
        if number != "JNE0001":
            return []
        return [
            ParcelEvent(datetime(2026, 11, 22, 3, tzinfo=UTC), "Diambil", False),
            ParcelEvent(datetime(2026, 11, 24, 3, tzinfo=UTC), "Diterima", True),
        ]


@pytest.fixture
def source() -> CarrierSource:
    return SmallSource()


def test_it_speaks_in_our_codes_whole_rupiah_and_one_leg(source: CarrierSource) -> None:
    rates = source.list_rates(leg=LEG)
    assert rates
    for rate in rates:
        assert rate.carrier in rules.CARRIERS
        assert (rate.origin_upt_id, rate.origin_province_code) == (LEG.origin_upt_id, "")
        assert rate.destination_regency_code == LEG.destination_regency_code
        assert rate.destination_province_code == LEG.destination_regency_code[:2]
        assert type(rate.first_kg_idr) is int
        assert rate.days_min <= rate.days_max
    assert len({rate.way for rate in rates}) == len(rates)


def test_it_tells_events_in_order_and_nothing_of_unknown_numbers(source: CarrierSource) -> None:
    events = source.list_events(carrier="jne", number="JNE0001")
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert [event.is_delivered for event in events] == [False, True]
    assert source.list_events(carrier="jne", number="TIDAK-ADA") == []


def test_its_rates_fill_the_tables_once_and_silence_changes_nothing(source: CarrierSource) -> None:
    assert flows.refresh_rates(source=source, legs=[FAR, LEG], today=TODAY) == 2
    assert flows.refresh_rates(source=source, legs=[LEG, FAR], today=TODAY) == 0
    found = queries.ways(
        parcels={7: Parcel("32", 2_000)},
        destination_province_code="31",
        destination_regency_code="31.74",
        on=TODAY,
    )
    assert [(quote.choice, quote.fee_idr) for quote in found[7].quotes] == [
        ("courier:jne-reguler", 27_000),
        ("courier:jnt-kargo-hemat", 50_000),
        ("pickup", 0),
    ]
