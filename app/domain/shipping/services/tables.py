"""Rate tables and rules of free delivery. A rate that has begun is never changed, only ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.domain.audit import services as audit_services
from app.domain.shipping import queries
from app.domain.shipping.commands import AddFreeRule
from app.domain.shipping.errors import RatesRefused
from app.domain.shipping.models import ShippingFreeRule, ShippingRate
from app.domain.shipping.types import (
    PERMISSION_NATIONAL,
    PERMISSION_RATES,
    RatePeriod,
    RatePreview,
    RateRow,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound


def may_write(*, actor: Actor, upt_id: int) -> bool:
    """Say whether the actor sets prices for this UPT: its head, or the nation's register."""
    return (
        actor.may(PERMISSION_RATES, upt_id=upt_id) or actor.reach(PERMISSION_NATIONAL).is_national
    )


def ensure_may_write(*, actor: Actor, upt_id: int) -> None:
    """Refuse unless the actor sets prices for this UPT; 0 stands for a whole province.

    Raises:
        NotFound: The actor has no power of any kind in this UPT.
        NotAllowed: The actor works there and does not lead it.
    """
    if actor.reach(PERMISSION_NATIONAL).is_national:
        return
    if upt_id:
        actor.ensure(PERMISSION_RATES, upt_id=upt_id)
    else:
        actor.ensure_national(PERMISSION_NATIONAL)


def load_rates(*, rates: Sequence[RateRow], period: RatePeriod) -> int:
    """Store the rates that are not there yet for this first day; return how many were new.

    A rate of the same way, service and first day stays as it is; a newer first day wins in quotes.
    """
    return _store([(rate, period) for rate in rates])


def apply_rates(*, actor: Actor, upt_id: int, preview: RatePreview, at: datetime) -> int:
    """Store a rate table that was looked at; return how many rates were new.

    Raises:
        RatesRefused: It has bad rows; nothing was changed.
        NotFound, NotAllowed: A row is for a UPT or province that the actor does not lead.
    """
    if preview.errors:
        raise RatesRefused(preview.errors)
    for origin in sorted({row.rate.origin_upt_id for row in preview.rows}):
        ensure_may_write(actor=actor, upt_id=origin)
    count = _store([(row.rate, row.period) for row in preview.rows])
    audit_services.record(
        actor=actor, action="shipping.load_rates", subject=f"upt:{upt_id}", at=at, upt_id=upt_id,
        detail={"rows": len(preview.rows), "new": count},
    )  # fmt: skip
    return count


def _store(pairs: Sequence[tuple[RateRow, RatePeriod]]) -> int:
    origins = {(rate.origin_upt_id, rate.origin_province_code) for rate, _ in pairs}
    known = queries.known_rates(origins=origins, days={period.valid_from for _, period in pairs})
    fresh: dict[object, dict[str, object]] = {}
    for rate, period in pairs:
        way = (rate.way, period.valid_from)
        if way in known or way in fresh:
            continue
        fresh[way] = ShippingRate.values(
            rate, valid_from=period.valid_from, valid_to=period.valid_to, source=period.source
        )
    db.insert_rows(ShippingRate, list(fresh.values()))
    return len(fresh)


def end_rate(*, actor: Actor, rate_id: int, today: date, at: datetime) -> None:
    """Let a rate count for the last time yesterday; one that has not begun never counts.

    Raises:
        NotFound: No such rate, or of a UPT where the actor holds nothing.
        NotAllowed: The actor does not lead the UPT.
    """
    row = db.session().scalar(db.for_update(select(ShippingRate).where(ShippingRate.id == rate_id)))
    if row is None:
        raise NotFound
    ensure_may_write(actor=actor, upt_id=row.origin_upt_id)
    yesterday = today - timedelta(days=1)
    if row.valid_to is not None and row.valid_to <= yesterday:
        return
    row.valid_to = yesterday
    db.session().flush()
    audit_services.record(
        actor=actor, action="shipping.end_rate", subject=f"shipping_rate:{rate_id}", at=at,
        upt_id=row.origin_upt_id or None,
    )  # fmt: skip


def add_free_rule(*, actor: Actor, upt_id: int, command: AddFreeRule, at: datetime) -> None:
    """Let the UPT pay for the cheapest courier from an amount on; a repeat changes nothing.

    Raises:
        NotFound, NotAllowed: The actor does not lead this UPT.
    """
    ensure_may_write(actor=actor, upt_id=upt_id)
    is_known = db.session().scalar(
        select(ShippingFreeRule.id).where(ShippingFreeRule.entry_key == command.entry_key)
    )
    if is_known:
        return
    row = ShippingFreeRule(
        upt_id=upt_id,
        from_idr=command.from_idr,
        province_code=command.province_code,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        entry_key=command.entry_key,
    )
    db.add(row)
    audit_services.record(
        actor=actor, action="shipping.free_rule", subject=f"upt:{upt_id}", at=at, upt_id=upt_id,
        detail={"from_idr": command.from_idr, "province": command.province_code},
    )  # fmt: skip


def end_free_rule(*, actor: Actor, upt_id: int, rule_id: int, today: date, at: datetime) -> None:
    """End a rule of free delivery as of yesterday.

    Raises:
        NotFound: No such rule of this UPT, or the actor holds nothing there.
        NotAllowed: The actor does not lead the UPT.
    """
    ensure_may_write(actor=actor, upt_id=upt_id)
    row = db.session().scalar(
        db.for_update(select(ShippingFreeRule).where(ShippingFreeRule.id == rule_id))
    )
    if row is None or row.upt_id != upt_id:
        raise NotFound
    yesterday = today - timedelta(days=1)
    if row.valid_to is None or row.valid_to > yesterday:
        row.valid_from = min(row.valid_from, yesterday)
        row.valid_to = yesterday
        db.session().flush()
        audit_services.record(
            actor=actor, action="shipping.end_free_rule", subject=f"upt:{upt_id}", at=at,
            upt_id=upt_id, detail={"rule_id": rule_id},
        )  # fmt: skip
