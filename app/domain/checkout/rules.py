"""Pure decisions of checkout: who sends what, what it costs, and how long the buyer may take."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain.cart.types import CartLine
from app.domain.catalog.types import Offer
from app.domain.checkout.commands import PlaceOrder
from app.domain.checkout.errors import ItemsWithdrawn, TotalChanged
from app.domain.checkout.types import (
    CheckoutPreview,
    PreviewGroup,
    PreviewLine,
    Problem,
    ShortItem,
)
from app.domain.shipping.types import DeliveryMethod, Item, Parcel, Quote, Slot, Ways
from app.domain.stock.types import Shortage
from app.domain.upt.types import UptBrief
from app.kernel import clock
from app.kernel.errors import FieldError, IdempotencyMismatch, Invalid


@dataclass(frozen=True, slots=True)
class Wanted:
    """Pieces of one offer."""

    offer: Offer
    quantity: int

    @property
    def total_idr(self) -> int:
        """Return price times pieces."""
        return self.offer.price_idr * self.quantity

    @property
    def weight_g(self) -> int:
        """Return weight times pieces."""
        return self.offer.weight_g * self.quantity

    @property
    def item(self) -> Item:
        """Return the pieces as they are packed."""
        offer = self.offer
        return Item(
            offer.weight_g, offer.length_mm, offer.width_mm, offer.height_mm,
            self.quantity, offer.shelf_life_days,
        )  # fmt: skip


Parts = dict[int, tuple[Wanted, ...]]
"""What each UPT sends, by UPT id in rising order; lines in the order of the cart."""


def partition(*, lines: Sequence[CartLine], offers: Mapping[int, Offer]) -> Parts:
    """Return the lines by UPT, in rising order of UPT ids; lines without an offer are left out."""
    parts: dict[int, list[Wanted]] = {}
    for line in lines:
        offer = offers.get(line.variant_id)
        if offer is not None:
            parts.setdefault(offer.upt_id, []).append(Wanted(offer, line.quantity))
    return {upt_id: tuple(parts[upt_id]) for upt_id in sorted(parts)}


def is_sold(*, offer: Offer, upt: UptBrief) -> bool:
    """Say whether an offer can be ordered: public, no service, and its UPT is active."""
    return offer.is_published and offer.kind != "service" and upt.is_active


def ensure_sold(*, parts: Parts, briefs: Mapping[int, UptBrief]) -> None:
    """Refuse when anything in the cart is no longer offered, naming all of it.

    Raises:
        ItemsWithdrawn: Something is not.
    """
    gone = [
        wanted.offer
        for upt_id, part in parts.items()
        for wanted in part
        if not is_sold(offer=wanted.offer, upt=briefs[upt_id])
    ]
    if gone:
        raise ItemsWithdrawn(
            names=tuple(item_name(offer=offer) for offer in gone),
            variant_ids=tuple(offer.variant_id for offer in gone),
        )


def item_name(*, offer: Offer) -> str:
    """Return the name by which a message calls an item."""
    return (
        f"{offer.product_name} ({offer.variant_name})" if offer.variant_name else offer.product_name
    )


def parcels(*, parts: Parts, briefs: Mapping[int, UptBrief]) -> dict[int, Parcel]:
    """Return the parcel of each UPT."""
    return {
        upt_id: Parcel(
            origin_province_code=briefs[upt_id].province_code,
            weight_g=sum(wanted.weight_g for wanted in part),
            items=tuple(wanted.item for wanted in part),
            goods_total_idr=sum(wanted.total_idr for wanted in part),
        )
        for upt_id, part in parts.items()
    }


def choose_deliveries(
    *, quotes: Mapping[int, Sequence[Quote]], choices: Mapping[int, str]
) -> dict[int, Quote]:
    """Return the chosen quote of each UPT.

    Raises:
        Invalid: For each UPT without a choice, or with one that is not offered.
    """
    chosen: dict[int, Quote] = {}
    errors: list[FieldError] = []
    for upt_id, offered in quotes.items():
        by_choice = {quote.choice: quote for quote in offered}
        choice = choices.get(upt_id)
        if choice is None:
            errors.append(FieldError(f"delivery_{upt_id}", "field.required"))
        elif choice not in by_choice:
            errors.append(FieldError(f"delivery_{upt_id}", "checkout.delivery_unavailable"))
        else:
            chosen[upt_id] = by_choice[choice]
    if errors:
        raise Invalid(*errors)
    return chosen


def suggest_delivery(*, offered: Sequence[Quote], choice: str | None) -> Quote | None:
    """Return the quote asked for, else the cheapest courier, else nothing."""
    for quote in offered:
        if quote.choice == choice:
            return quote
    couriers = (quote for quote in offered if quote.method is DeliveryMethod.COURIER)
    return next(couriers, None)


def ensure_total(*, confirmed_idr: int, total_idr: int) -> None:
    """Refuse when the buyer saw another total.

    Raises:
        TotalChanged: With both totals.
    """
    if confirmed_idr != total_idr:
        raise TotalChanged(before_idr=confirmed_idr, after_idr=total_idr)


def short_items(
    *, shortages: Sequence[Shortage], offers: Mapping[int, Offer]
) -> tuple[ShortItem, ...]:
    """Return the shortages with the names of the items."""
    return tuple(
        ShortItem(
            variant_id=shortage.variant_id,
            name=item_name(offer=offers[shortage.variant_id]),
            wanted=shortage.wanted,
            available=shortage.available,
        )
        for shortage in shortages
    )


def fingerprint(*, command: PlaceOrder) -> str:
    """Return the digest of everything that was asked, the placement key left out."""
    content = command.model_dump(mode="json", exclude={"placement_key"})
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def ensure_same_content(*, first: str, again: str) -> None:
    """Refuse a known placement key with other content.

    Raises:
        IdempotencyMismatch: The fingerprints differ.
    """
    if first != again:
        raise IdempotencyMismatch


def pay_by_at(*, placed_at: datetime, hours: int, timezone: str) -> datetime:
    """Return the deadline of a transfer, moved past Saturday and Sunday.

    Source: docs/algorithms/payments.md, section "Deadlines".
    """
    local = (placed_at + timedelta(hours=hours)).astimezone(ZoneInfo(timezone))
    while local.weekday() >= 5:
        local += timedelta(days=1)
    return local.astimezone(UTC)


def holds_until(*, pay_by: datetime, working_days: int, timezone: str) -> datetime:
    """Return the end of the grace: so many working days after the deadline, same time of day."""
    zone = ZoneInfo(timezone)
    local = pay_by.astimezone(zone)
    day = clock.add_working_days(start=local.date(), days=working_days)
    return datetime.combine(day, time(local.hour, local.minute, local.second), zone).astimezone(UTC)


def preview(
    *,
    parts: Parts,
    briefs: Mapping[int, UptBrief],
    ways: Mapping[int, Ways],
    available: Mapping[int, int],
    choices: Mapping[int, str],
    has_destination: bool,
    slots: Mapping[int, tuple[Slot, ...]] | None = None,
) -> CheckoutPreview:
    """Return the cart as it would be ordered now, with everything that stands in the way.

    Items that are no longer sold are shown and not counted.
    """
    groups = tuple(
        _preview_group(
            part=part,
            upt=briefs[upt_id],
            ways=ways[upt_id],
            available=available,
            choice=choices.get(upt_id),
            slots=slots.get(upt_id) if slots else None,
        )
        for upt_id, part in parts.items()
    )
    problems = [line.problem for group in groups for line in group.lines if line.problem]
    if has_destination:
        problems += [
            Problem("checkout.no_route", upt_id=group.upt_id, name=group.upt.short_name)
            for group in groups
            if group.chosen is None
        ]
    goods_total_idr = sum(group.goods_total_idr for group in groups)
    shipping_total_idr = sum(group.shipping_fee_idr for group in groups)
    is_complete = bool(groups) and not problems and all(group.chosen for group in groups)
    return CheckoutPreview(
        groups=groups,
        goods_total_idr=goods_total_idr,
        shipping_total_idr=shipping_total_idr,
        total_idr=goods_total_idr + shipping_total_idr,
        quantity_total=sum(line.quantity for group in groups for line in group.lines),
        problems=tuple(problems),
        is_complete=is_complete,
    )


def _preview_group(
    *,
    part: tuple[Wanted, ...],
    upt: UptBrief,
    ways: Ways,
    available: Mapping[int, int],
    choice: str | None,
    slots: tuple[Slot, ...] | None,
) -> PreviewGroup:
    lines = tuple(
        _preview_line(wanted, upt, available.get(wanted.offer.variant_id, 0)) for wanted in part
    )
    sold = [wanted for wanted in part if is_sold(offer=wanted.offer, upt=upt)]
    chosen = suggest_delivery(offered=ways.quotes, choice=choice)
    goods_total_idr = sum(wanted.total_idr for wanted in sold)
    shipping_fee_idr = chosen.fee_idr if chosen else 0
    return PreviewGroup(
        upt_id=upt.upt_id,
        upt=upt,
        lines=lines,
        quotes=ways.quotes,
        chosen=chosen,
        weight_g=sum(wanted.weight_g for wanted in part),
        goods_total_idr=goods_total_idr,
        shipping_fee_idr=shipping_fee_idr,
        total_idr=goods_total_idr + shipping_fee_idr,
        refusals=ways.refusals,
        is_by_hand=ways.is_by_hand,
        slots=slots,
    )


def _preview_line(wanted: Wanted, upt: UptBrief, available: int) -> PreviewLine:
    offer = wanted.offer
    problem = None
    if not is_sold(offer=offer, upt=upt):
        problem = Problem("checkout.item_withdrawn", offer.variant_id, name=item_name(offer=offer))
    elif available < wanted.quantity:
        code = "checkout.item_short" if available > 0 else "checkout.item_sold_out"
        problem = Problem(
            code,
            offer.variant_id,
            name=item_name(offer=offer),
            wanted=wanted.quantity,
            available=max(available, 0),
        )
    return PreviewLine(
        variant_id=offer.variant_id,
        product_id=offer.product_id,
        product_slug=offer.product_slug,
        product_name=offer.product_name,
        variant_name=offer.variant_name,
        sku=offer.sku,
        cover_asset_id=offer.cover_asset_id,
        unit_price_idr=offer.price_idr,
        weight_g=offer.weight_g,
        quantity=wanted.quantity,
        line_total_idr=wanted.total_idr,
        available=max(available, 0),
        problem=problem,
    )
