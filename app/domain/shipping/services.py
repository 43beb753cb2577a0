"""Loading a rate table."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.domain.shipping.models import ShippingRate
from app.domain.shipping.types import RatePeriod, RateRow
from app.infra import db


def load_rates(*, rates: Sequence[RateRow], period: RatePeriod) -> int:
    """Store the rates that are not there yet for this first day; return how many were new.

    A rate of the same way, service and first day stays as it is; a newer first day wins in quotes.
    """
    present = {
        tuple(row)
        for row in db.session().execute(
            select(
                ShippingRate.origin_province_code,
                ShippingRate.destination_province_code,
                ShippingRate.service,
            ).where(ShippingRate.valid_from == period.valid_from)
        )
    }
    rows: dict[tuple[str, str, str], ShippingRate] = {}
    for rate in rates:
        way = (rate.origin_province_code, rate.destination_province_code, rate.service)
        if way in present or way in rows:
            continue
        rows[way] = ShippingRate(
            origin_province_code=rate.origin_province_code,
            destination_province_code=rate.destination_province_code,
            service=rate.service,
            first_kg_idr=rate.first_kg_idr,
            next_kg_idr=rate.next_kg_idr,
            days_min=rate.days_min,
            days_max=rate.days_max,
            valid_from=period.valid_from,
            source=period.source,
        )
    db.add_all(list(rows.values()))
    return len(rows)
