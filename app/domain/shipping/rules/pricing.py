"""From rates to what a buyer may choose: fees, limits of fresh food, free delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from app.domain.shipping.rules.carriers import carrier_of
from app.domain.shipping.rules.packing import pack
from app.domain.shipping.rules.weighing import KG, chargeable_g
from app.domain.shipping.types import (
    FRESH_MARGIN_DAYS,
    DeliveryMethod,
    FreeRule,
    Item,
    Parcel,
    Quote,
    RateRecord,
    RateRow,
    Refusal,
    RefusalReason,
    Ways,
)
from app.kernel.money import div_ceil

PICKUP_LABEL: Final = "Ambil di galeri"


def rate_fee_idr(*, charged_g: int, rate: RateRow) -> int:
    """Return the price of one box in rupiah.

    The first price covers the first kilograms. Each gram above costs a thousandth of the price per
    kilogram of its own step, so a heavier box is never cheaper; a part of a rupiah is charged whole.

    Source: docs/algorithms/delivery.md, section "Fees".
    """
    done_g = rate.first_kg * KG
    per_kg_idr = rate.next_kg_idr
    parts = 0
    for tier in (*rate.tiers, None):
        end_g = charged_g if tier is None else min(charged_g, tier.above_kg * KG)
        if end_g > done_g:
            parts += (end_g - done_g) * per_kg_idr
            done_g = end_g
        if tier is not None:
            per_kg_idr = tier.per_kg_idr
    return rate.first_kg_idr + div_ceil(parts, KG)


def courier_quote(*, upt_id: int, parcel: Parcel, rate: RateRow) -> Quote | Refusal:
    """Return the quote of one rate for one parcel, or why its service does not take it."""
    label = _label(rate)
    shelf_life_days = min(
        (item.shelf_life_days for item in parcel.items if item.shelf_life_days), default=None
    )
    if shelf_life_days is not None and rate.days_max > shelf_life_days - FRESH_MARGIN_DAYS:
        return Refusal(label, RefusalReason.TOO_SLOW, rate.days_max, shelf_life_days)
    carrier = carrier_of(code=rate.carrier)
    boxes = pack(items=parcel.items or (Item(parcel.weight_g),), carrier=carrier)
    if boxes is None:
        return Refusal(label, RefusalReason.TOO_BIG, rate.days_max)
    charged = [chargeable_g(box=box, carrier=carrier) for box in boxes]
    return Quote(
        upt_id=upt_id,
        method=DeliveryMethod.COURIER,
        service=rate.key,
        fee_idr=sum(rate_fee_idr(charged_g=weight_g, rate=rate) for weight_g in charged),
        weight_g=parcel.weight_g,
        days_min=rate.days_min,
        days_max=rate.days_max,
        label=label,
        carrier=rate.carrier,
        charged_g=sum(charged),
        boxes=len(boxes),
    )


def pickup_quote(*, upt_id: int, parcel: Parcel) -> Quote:
    """Return the free quote for fetching the goods at the gallery."""
    return Quote(
        upt_id=upt_id,
        method=DeliveryMethod.PICKUP,
        service="",
        fee_idr=0,
        weight_g=parcel.weight_g,
        days_min=0,
        days_max=0,
        label=PICKUP_LABEL,
    )


def choose_rates(*, records: Sequence[RateRecord]) -> tuple[RateRow, ...]:
    """Return the one rate of each service that counts.

    A rate of the UPT goes before one of its province, one to the regency before one to the
    province; of equals the one that began later.
    """
    best: dict[str, RateRecord] = {}
    for record in sorted(records, key=_standing):
        best[f"{record.rate.carrier}:{record.rate.service}"] = record
    return tuple(record.rate for record in best.values())


def _standing(record: RateRecord) -> tuple[bool, bool, int, int]:
    rate = record.rate
    return (
        bool(rate.origin_upt_id),
        bool(rate.destination_regency_code),
        record.valid_from.toordinal(),
        record.rate_id,
    )


def ways(
    *, upt_id: int, parcel: Parcel, rates: Sequence[RateRow], free_rules: Sequence[FreeRule] = ()
) -> Ways:
    """Return every way to deliver a parcel, cheapest courier first, pick-up last."""
    couriers: list[Quote] = []
    refusals: list[Refusal] = []
    for rate in rates:
        found = courier_quote(upt_id=upt_id, parcel=parcel, rate=rate)
        if isinstance(found, Quote):
            couriers.append(found)
        else:
            refusals.append(found)
    couriers.sort(key=lambda quote: (quote.fee_idr, quote.days_max, quote.service))
    offered = {quote.service: quote for quote in reversed(couriers)}
    couriers = [quote for quote in couriers if offered[quote.service] is quote]
    couriers = apply_free_rules(couriers=couriers, parcel=parcel, free_rules=free_rules)
    refusals.sort(key=lambda refusal: (refusal.days_max, refusal.label))
    return Ways((*couriers, pickup_quote(upt_id=upt_id, parcel=parcel)), tuple(refusals))


def apply_free_rules(
    *, couriers: Sequence[Quote], parcel: Parcel, free_rules: Sequence[FreeRule]
) -> list[Quote]:
    """Return the quotes with the cheapest courier free when a rule is met."""
    quotes = list(couriers)
    if quotes and any(parcel.goods_total_idr >= rule.from_idr for rule in free_rules):
        first = quotes[0]
        quotes[0] = replace(first, fee_idr=0, waived_idr=first.fee_idr)
    return quotes


def _label(rate: RateRow) -> str:
    words = rate.service.replace("-", " ")
    if rate.key == rate.service:
        return words.capitalize()
    return f"{carrier_of(code=rate.carrier).name} {words}"
