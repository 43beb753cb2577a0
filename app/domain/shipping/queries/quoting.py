"""Quotes from the stored tables: two statements for a whole cart, whatever is in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select

from app.domain.shipping import rules
from app.domain.shipping.models import ShippingFreeRule, ShippingRate
from app.domain.shipping.types import ANY_UPT, FreeRule, Parcel, RateRecord, Ways
from app.infra import db


def ways(
    *,
    parcels: Mapping[int, Parcel],
    destination_province_code: str | None,
    destination_regency_code: str = "",
    on: date,
) -> dict[int, Ways]:
    """Return every way to deliver each UPT's parcel, cheapest courier first, pick-up last.

    Args:
        parcels: Parcel by UPT id.
        destination_province_code: Province of the buyer; None while the address is not known, and
            then only pick-up is quoted.
        destination_regency_code: Regency or city of the buyer; empty while it is not known.
        on: Day for which the tables are read.
    """
    records: tuple[RateRecord, ...] = ()
    free_rules: tuple[FreeRule, ...] = ()
    if destination_province_code is not None and parcels:
        records = _records(parcels, destination_province_code, destination_regency_code, on)
        free_rules = _free_rules(parcels, destination_province_code, on) if records else ()
    return {
        upt_id: rules.ways(
            upt_id=upt_id,
            parcel=parcel,
            rates=rules.choose_rates(
                records=[one for one in records if _is_from(one, upt_id, parcel)]
            ),
            free_rules=[rule for rule in free_rules if rule.upt_id == upt_id],
        )
        for upt_id, parcel in parcels.items()
    }


def _is_from(record: RateRecord, upt_id: int, parcel: Parcel) -> bool:
    rate = record.rate
    if rate.origin_upt_id:
        return rate.origin_upt_id == upt_id
    return rate.origin_province_code == parcel.origin_province_code


def _records(
    parcels: Mapping[int, Parcel], province_code: str, regency_code: str, on: date
) -> tuple[RateRecord, ...]:
    provinces = sorted({parcel.origin_province_code for parcel in parcels.values()})
    rows = db.read_session().scalars(
        select(ShippingRate).where(
            or_(
                ShippingRate.origin_upt_id.in_(sorted(parcels)),
                and_(
                    ShippingRate.origin_upt_id == ANY_UPT,
                    ShippingRate.origin_province_code.in_(provinces),
                ),
            ),
            ShippingRate.destination_province_code == province_code,
            ShippingRate.destination_regency_code.in_(sorted({"", regency_code})),
            *_in_force(ShippingRate, on),
        )
    )
    return tuple(row.record() for row in rows)


def _free_rules(
    parcels: Mapping[int, Parcel], province_code: str, on: date
) -> tuple[FreeRule, ...]:
    rows = db.read_session().scalars(
        select(ShippingFreeRule).where(
            ShippingFreeRule.upt_id.in_(sorted(parcels)),
            ShippingFreeRule.province_code.in_(["", province_code]),
            *_in_force(ShippingFreeRule, on),
        )
    )
    return tuple(row.record() for row in rows)


def _in_force(
    model: type[ShippingRate] | type[ShippingFreeRule], on: date
) -> tuple[ColumnElement[bool], ...]:
    return model.valid_from <= on, or_(model.valid_to.is_(None), model.valid_to >= on)
