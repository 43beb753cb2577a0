"""From cart to order: what it would cost now, and placing it in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.cart import queries as cart_queries
from app.domain.cart import services as cart_services
from app.domain.cart.types import CartKey, CartLine
from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import Offer
from app.domain.checkout import queries, rules
from app.domain.checkout.commands import PlaceOrder
from app.domain.checkout.errors import EmptyCart
from app.domain.checkout.models import Placement
from app.domain.checkout.services.reserving import reserve_named
from app.domain.checkout.types import (
    GRACE_WORKING_DAYS,
    CheckoutPreview,
    PlacedOrder,
)
from app.domain.orders import queries as orders_queries
from app.domain.orders import services as orders_services
from app.domain.orders.types import (
    SERVICE_TIMEZONE,
    Address,
    Contact,
    LineDraft,
    LineHold,
    OrderDraft,
    UptOrderDraft,
)
from app.domain.payments import services as payments_services
from app.domain.payments.types import PAGE_LIFE, PAGE_MARGIN, PaymentMethod
from app.domain.places import queries as places_queries
from app.domain.places.types import PlaceRecord
from app.domain.shipping import queries as shipping_queries
from app.domain.shipping import services as shipping_services
from app.domain.shipping.types import DeliveryMethod, Quote, Ways
from app.domain.stock import queries as stock_queries
from app.domain.stock.types import Demand, EntrySource
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.infra import db
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class _Basket:
    """A cart with offers, units and quotes as they are at this moment."""

    parts: rules.Parts
    offers: dict[int, Offer]
    briefs: dict[int, UptBrief]
    ways: dict[int, Ways]


def preview(
    *,
    key: CartKey,
    destination_province_code: str | None,
    destination_regency_code: str = "",
    choices: Mapping[int, str],
    with_slots: bool = False,
    at: datetime,
) -> CheckoutPreview:
    """Return the cart as it would be ordered now; writes nothing.

    Args:
        destination_province_code: None while the address is not known: then only pick-up is quoted.
        destination_regency_code: Regency or city of the buyer; empty while it is not known.
        choices: Chosen delivery by UPT, as in the form; others get the cheapest courier.
        with_slots: Read the times of pick-up too.
    """
    lines = cart_queries.find_lines(key=key)
    basket = _read_basket(lines, destination_province_code, destination_regency_code, at=at)
    available = stock_queries.availability(variant_ids=list(basket.offers), at=at)
    return rules.preview(
        parts=basket.parts,
        briefs=basket.briefs,
        ways=basket.ways,
        available=available,
        choices=choices,
        has_destination=destination_province_code is not None,
        slots=shipping_queries.list_slots(upt_ids=list(basket.parts), at=at)
        if with_slots
        else None,
    )


def place_order(
    *,
    command: PlaceOrder,
    actor: Actor,
    cart_key: CartKey,
    number: str,
    reference: str,
    pay_hours: int,
    at: datetime,
) -> PlacedOrder:
    """Turn a cart into one order with held stock and one payment, all or nothing.

    The same placement key with the same content returns the first order and writes nothing.

    Args:
        number: Fresh random order number, drawn by the surface.
        reference: Fresh random transfer reference, drawn by the surface.
        pay_hours: Hours the buyer has to pay; a deadline on a weekend moves to Monday.

    Raises:
        IdempotencyMismatch: The placement key came before with other content.
        EmptyCart: There is nothing to order.
        Invalid: The village is unknown, or a delivery is missing or not offered.
        SlotRequired, SlotUnavailable: A gallery works with times, and none or a full one was chosen.
        ItemsWithdrawn: Something is no longer offered.
        TotalChanged: The total is not what the buyer saw.
        ItemsShort: There is less stock than wanted; names every item.
        OrderNumberTaken, ReferenceTaken, PlacementUnderWay: Another try will do.

    Source: docs/algorithms/orders.md, section "Placing".
    """
    cart = cart_queries.lock(key=cart_key)
    fingerprint = rules.fingerprint(command=command)
    first = _find_first(command, fingerprint)
    if first is not None:
        return first
    if cart is None or not cart.lines:
        raise EmptyCart
    place = _find_place(command)
    province, regency = (place.province_code, place.regency_code) if place else (None, "")
    basket = _read_basket(cart.lines, province, regency, at=at)
    chosen = _agree(basket, command)
    draft = _draft(command, place, number=number, actor=actor, pay_hours=pay_hours, at=at)
    holds = reserve_named(
        demands=_demands(basket.parts),
        offers=basket.offers,
        source=EntrySource("order", f"{number}:place"),
        expires_at=draft.holds_until,
        actor=actor,
        at=at,
    )
    draft = replace(draft, upt_orders=_upt_order_drafts(basket, chosen, holds))
    created = orders_services.create(draft=draft, actor=actor, at=at)
    payments_services.open_payment(
        group_id=created.group_id,
        totals_idr=created.totals_idr,
        reference=reference,
        pay_by_at=draft.pay_by_at,
        at=at,
        method=PaymentMethod(command.payment_method),
    )
    _book_slots(command, chosen, number=number, at=at)
    _remember(command, fingerprint, group_id=created.group_id, at=at)
    cart_services.clear(cart_id=cart.cart_id)
    return PlacedOrder(created.group_id, number, is_repeat=False)


def _book_slots(
    command: PlaceOrder, chosen: Mapping[int, Quote], *, number: str, at: datetime
) -> None:
    """Take the times of pick-up; last, since it locks the galleries' plans, by rising UPT id."""
    for position, (upt_id, quote) in enumerate(sorted(chosen.items()), start=1):
        if quote.method is DeliveryMethod.PICKUP:
            shipping_services.book_slot(
                upt_id=upt_id,
                number=f"{number}-{position}",
                key=command.slots.get(upt_id, ""),
                at=at,
            )


def _remember(command: PlaceOrder, fingerprint: str, *, group_id: int, at: datetime) -> None:
    placement = {
        "key": command.placement_key,
        "fingerprint": fingerprint,
        "group_id": group_id,
        "created_at": at,
    }
    db.insert_rows(Placement, [placement])


def _find_first(command: PlaceOrder, fingerprint: str) -> PlacedOrder | None:
    """Return the order that this placement key led to before, if any."""
    known = queries.find_placement(key=command.placement_key)
    if known is None:
        return None
    rules.ensure_same_content(first=known.fingerprint, again=fingerprint)
    number = orders_queries.get_number(group_id=known.group_id)
    return PlacedOrder(known.group_id, number, is_repeat=True)


def _agree(basket: _Basket, command: PlaceOrder) -> dict[int, Quote]:
    """Return the chosen deliveries when everything is sold and costs what the buyer saw."""
    rules.ensure_sold(parts=basket.parts, briefs=basket.briefs)
    quotes = {upt_id: ways.quotes for upt_id, ways in basket.ways.items()}
    chosen = rules.choose_deliveries(quotes=quotes, choices=command.deliveries)
    total_idr = _total_idr(basket, chosen)
    rules.ensure_total(confirmed_idr=command.confirmed_total_idr, total_idr=total_idr)
    return chosen


def _draft(
    command: PlaceOrder,
    place: PlaceRecord | None,
    *,
    number: str,
    actor: Actor,
    pay_hours: int,
    at: datetime,
) -> OrderDraft:
    """Return the order without its parts, which need the holds."""
    if command.payment_method == "card":
        pay_by_at = at + PAGE_LIFE
        holds_until = pay_by_at + PAGE_MARGIN
    else:
        pay_by_at = rules.pay_by_at(placed_at=at, hours=pay_hours, timezone=SERVICE_TIMEZONE)
        holds_until = rules.holds_until(
            pay_by=pay_by_at, working_days=GRACE_WORKING_DAYS, timezone=SERVICE_TIMEZONE
        )
    return OrderDraft(
        number=number,
        buyer_user_id=actor.user_id,
        contact=Contact(command.contact_name, command.contact_email, command.contact_phone),
        address=_address(command, place),
        note=command.note,
        pay_by_at=pay_by_at,
        holds_until=holds_until,
        upt_orders=(),
    )


def _find_place(command: PlaceOrder) -> PlaceRecord | None:
    if not command.needs_address:
        return None
    place = places_queries.find_village(code=command.village_code)
    if place is None:
        raise Invalid(FieldError("village_code", "checkout.village_unknown"))
    return place


def _read_basket(
    lines: Sequence[CartLine], province: str | None, regency: str, *, at: datetime
) -> _Basket:
    offers = catalog_queries.offers(variant_ids=[line.variant_id for line in lines])
    parts = rules.partition(lines=lines, offers=offers)
    briefs = upt_queries.briefs(upt_ids=list(parts))
    ways = shipping_queries.ways(
        parcels=rules.parcels(parts=parts, briefs=briefs),
        destination_province_code=province,
        destination_regency_code=regency,
        on=clock.local_date(at=at, timezone=SERVICE_TIMEZONE),
    )
    return _Basket(parts, offers, briefs, ways)


def _total_idr(basket: _Basket, chosen: Mapping[int, Quote]) -> int:
    goods_idr = sum(wanted.total_idr for part in basket.parts.values() for wanted in part)
    return goods_idr + sum(quote.fee_idr for quote in chosen.values())


def _demands(parts: rules.Parts) -> list[Demand]:
    return sorted(
        Demand(upt_id, wanted.offer.variant_id, wanted.quantity)
        for upt_id, part in parts.items()
        for wanted in part
    )


def _upt_order_drafts(
    basket: _Basket, chosen: Mapping[int, Quote], holds: Mapping[int, tuple[LineHold, ...]]
) -> tuple[UptOrderDraft, ...]:
    return tuple(
        UptOrderDraft(
            upt_id=upt_id,
            delivery_method=chosen[upt_id].method,
            delivery_service=chosen[upt_id].service,
            delivery_days_max=chosen[upt_id].days_max,
            shipping_fee_idr=chosen[upt_id].fee_idr,
            weight_g=chosen[upt_id].weight_g,
            lines=tuple(_line_draft(wanted, holds[wanted.offer.variant_id]) for wanted in part),
        )
        for upt_id, part in basket.parts.items()
    )


def _line_draft(wanted: rules.Wanted, holds: tuple[LineHold, ...]) -> LineDraft:
    offer = wanted.offer
    return LineDraft(
        variant_id=offer.variant_id,
        product_id=offer.product_id,
        product_version_id=offer.product_version_id,
        sku=offer.sku,
        product_name=offer.product_name,
        variant_name=offer.variant_name,
        unit_price_idr=offer.price_idr,
        weight_g=offer.weight_g,
        quantity=wanted.quantity,
        cover_asset_id=offer.cover_asset_id,
        holds=holds,
    )


def _address(command: PlaceOrder, place: PlaceRecord | None) -> Address | None:
    if place is None:
        return None
    return Address(
        recipient=command.recipient or command.contact_name,
        phone=command.recipient_phone or command.contact_phone,
        street=command.street,
        village_code=place.village_code,
        village=place.village,
        district=place.district,
        regency=place.regency,
        province=place.province,
        province_code=place.province_code,
        postcode=command.postcode,
    )
