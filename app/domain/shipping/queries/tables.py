"""Rate tables and rules of free delivery as the desk shows them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import or_, select

from app.domain.shipping.models import ShippingFreeRule, ShippingRate
from app.domain.shipping.types import ANY_UPT, FreeRule, RateRecord, RateRow
from app.infra import db
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor

RULES_MAX = 50


def list_rates(
    *,
    upt_id: int,
    province_code: str,
    destination_code: str = "",
    on: date | None = None,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[RateRecord]:
    """Return a page of the rates that hold for a UPT, its own and its province's, newest first.

    Args:
        province_code: Province of the UPT.
        destination_code: Province or regency to narrow to; empty for all.
        on: Day on which a rate must be in force; None for all, past and future.
    """
    statement = (
        select(ShippingRate)
        .where(
            or_(
                ShippingRate.origin_upt_id == upt_id,
                (ShippingRate.origin_upt_id == ANY_UPT)
                & (ShippingRate.origin_province_code == province_code),
            )
        )
        .order_by(ShippingRate.id.desc())
        .limit(size + 1)
    )
    if destination_code:
        statement = statement.where(ShippingRate.destination_province_code == destination_code[:2])
    if len(destination_code) > 2:
        statement = statement.where(
            ShippingRate.destination_regency_code.in_(["", destination_code])
        )
    if on is not None:
        statement = statement.where(
            ShippingRate.valid_from <= on,
            or_(ShippingRate.valid_to.is_(None), ShippingRate.valid_to >= on),
        )
    if values := decode_cursor(cursor, kinds=(int,)):
        statement = statement.where(ShippingRate.id < values[0])
    found = db.read_session().scalars(statement).all()
    shown = found[:size]
    after = encode_cursor([shown[-1].id]) if len(found) > size else None
    return Page(tuple(row.record() for row in shown), after)


def known_rates(
    *, origins: Collection[tuple[int, str]], days: Collection[date]
) -> dict[tuple[tuple[int, str, str, str, str, str], date], tuple[RateRow, date | None]]:
    """Return the stored rates of these origins that begin on these days, by way and first day.

    Args:
        origins: UPT id and province code, one of them empty.
    """
    if not origins or not days:
        return {}
    rows = db.read_session().scalars(
        select(ShippingRate).where(
            ShippingRate.origin_upt_id.in_(sorted({upt_id for upt_id, _ in origins})),
            ShippingRate.origin_province_code.in_(sorted({code for _, code in origins})),
            ShippingRate.valid_from.in_(sorted(days)),
        )
    )
    records = [row.record() for row in rows]
    return {(one.rate.way, one.valid_from): (one.rate, one.valid_to) for one in records}


def list_free_rules(*, upt_id: int) -> tuple[FreeRule, ...]:
    """Return the newest rules of free delivery of a UPT, ended ones too."""
    rows = db.read_session().scalars(
        select(ShippingFreeRule)
        .where(ShippingFreeRule.upt_id == upt_id)
        .order_by(ShippingFreeRule.id.desc())
        .limit(RULES_MAX)
    )
    return tuple(row.record() for row in rows)
