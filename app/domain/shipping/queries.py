"""Quotes from the stored table; no network, one statement for a whole cart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import or_, select

from app.domain.shipping import rules
from app.domain.shipping.models import ShippingRate
from app.domain.shipping.types import Parcel, Quote, RateRow
from app.infra import db


def quotes(
    *,
    parcels: Mapping[int, Parcel],
    destination_province_code: str | None,
    on: date,
) -> dict[int, tuple[Quote, ...]]:
    """Return every way to deliver each UPT's parcel, cheapest courier first, pick-up last.

    Args:
        parcels: Parcel by UPT id.
        destination_province_code: Province of the buyer; None while the address is not known, and
            then only pick-up is quoted.
        on: Day for which the table is read.
    """
    rates: dict[str, list[RateRow]] = {}
    if destination_province_code is not None and parcels:
        origins = {parcel.origin_province_code for parcel in parcels.values()}
        for rate in _rates(origins, destination_province_code, on):
            rates.setdefault(rate.origin_province_code, []).append(rate)
    found: dict[int, tuple[Quote, ...]] = {}
    for upt_id, parcel in parcels.items():
        couriers = [
            rules.courier_quote(upt_id=upt_id, parcel=parcel, rate=rate)
            for rate in rates.get(parcel.origin_province_code, [])
        ]
        couriers.sort(key=lambda quote: (quote.fee_idr, quote.days_max, quote.service))
        found[upt_id] = (*couriers, rules.pickup_quote(upt_id=upt_id, parcel=parcel))
    return found


def _rates(origins: set[str], destination: str, on: date) -> list[RateRow]:
    rows = db.read_session().scalars(
        select(ShippingRate)
        .where(
            ShippingRate.origin_province_code.in_(sorted(origins)),
            ShippingRate.destination_province_code == destination,
            ShippingRate.valid_from <= on,
            or_(ShippingRate.valid_to.is_(None), ShippingRate.valid_to >= on),
        )
        .order_by(ShippingRate.valid_from)
    )
    newest = {(row.origin_province_code, row.service): row for row in rows}
    return [
        RateRow(
            origin_province_code=row.origin_province_code,
            destination_province_code=row.destination_province_code,
            service=row.service,
            first_kg_idr=row.first_kg_idr,
            next_kg_idr=row.next_kg_idr,
            days_min=row.days_min,
            days_max=row.days_max,
        )
        for row in newest.values()
    ]
