"""Goods for sale, carts, orders and payments for tests; every function writes for real."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from app.domain.cart import services as cart_services
from app.domain.cart.types import CartKey
from app.domain.checkout import services as checkout_services
from app.domain.checkout.commands import PlaceOrder
from app.domain.checkout.types import CheckoutPreview, PlacedOrder
from app.domain.orders import queries as orders_queries
from app.domain.orders import services as orders_services
from app.domain.orders.commands import AcceptOrder, PrepareOrder, ShipOrder
from app.domain.orders.types import OrderPage, UptOrderRecord
from app.domain.payments import queries as payments_queries
from app.domain.payments.commands import ConfirmTransfer
from app.domain.payments.types import PaymentRecord, TransferOutcome
from app.domain.shipping import services as shipping_services
from app.domain.shipping.types import RatePeriod, RateRow
from app.infra import db
from app.kernel import ids
from app.kernel.actor import ANONYMOUS, Actor
from tests.factories import goods, ledger, people
from tests.factories.people import writing

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
VILLAGE = "31.74.07.1001"
"""Senayan in Jakarta: has couriers from West and East Java."""

PROVINCE = "31"
TREASURER = people.actor("treasurer", user_id=900_777, label="Bendahara Contoh")

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Item:
    """A published variant with pieces in the store."""

    upt_id: int
    variant_id: int
    product_id: int


def make_rates() -> None:
    """Load couriers from West and East Java to Jakarta; doing it twice changes nothing."""
    rates = [
        RateRow("32", PROVINCE, "reguler", 12_000, 9_000, 2, 3),
        RateRow("32", PROVINCE, "kargo", 50_000, 4_000, 3, 6),
        RateRow("35", PROVINCE, "reguler", 20_000, 15_000, 3, 5),
    ]
    with writing():
        shipping_services.load_rates(rates=rates, period=RatePeriod(date(2026, 1, 1), "test"))


def make_item(
    slug: str = "lapas-indramayu", *, quantity: int = 10, at: datetime = AT, **variant: Any
) -> Item:
    """Return a published product of a UPT with so many pieces in the store."""
    upt_id = people.make_upt(slug).upt_id
    small = {"length_mm": 200, "width_mm": 100, "height_mm": 100}
    product_id = goods.make_product(upt_id, variants=[{**small, **variant}])
    variant_id = goods.variant_ids(product_id)[0]
    if quantity:
        ledger.receive(upt_id, variant_id, quantity, at=at)
    return Item(upt_id, variant_id, product_id)


def make_shop() -> tuple[Item, Item]:
    """Return a coir shade of Indramayu and cookies of Pamekasan, ready to be ordered."""
    make_rates()
    shade = make_item("lapas-indramayu", name="1 × 2 m", price_idr=185_000, weight_g=2_600)
    cookies = make_item("lapas-pamekasan", price_idr=45_000, weight_g=400)
    return shade, cookies


def guest() -> CartKey:
    """Return the key of a guest who was not here before."""
    return CartKey(token=f"{'t' * 30}{next(_numbers):013d}")


def fill_cart(
    pieces: Mapping[int, int], *, key: CartKey | None = None, at: datetime = AT
) -> CartKey:
    """Put pieces by variant into a cart; a new guest's when no key is given."""
    chosen = key or guest()
    for variant_id, quantity in pieces.items():
        with writing():
            cart_services.add(key=chosen, variant_id=variant_id, quantity=quantity, at=at)
    return chosen


def preview(
    key: CartKey, *, choices: Mapping[int, str] | None = None, at: datetime = AT
) -> CheckoutPreview:
    """Return the cart as it would be sent to Jakarta."""
    return checkout_services.preview(
        key=key, destination_province_code=PROVINCE, choices=choices or {}, at=at
    )


def form_values(key: CartKey, *, at: datetime = AT, **changes: Any) -> dict[str, Any]:
    """Return a form that orders the cart as it is: cheapest courier, or pick-up without one."""
    shown = preview(key, at=at)
    values: dict[str, Any] = {
        "placement_key": f"{'p' * 30}{next(_numbers):013d}",
        "contact_name": "Pembeli Contoh",
        "contact_email": "pembeli@contoh.example",
        "contact_phone": "081234567890",
        "street": "Jalan Contoh 1",
        "village_code": VILLAGE,
        "postcode": "12190",
        "payment_method": "bank_transfer",
        "confirmed_total_idr": str(shown.total_idr),
    }
    for group in shown.groups:
        values[group.field] = group.chosen.choice if group.chosen else "pickup"
    return {**values, **changes}


def command(key: CartKey, *, at: datetime = AT, **changes: Any) -> PlaceOrder:
    """Return the same as a command."""
    return PlaceOrder.parse(form_values(key, at=at, **changes))


def place(
    pieces: Mapping[int, int] | None = None,
    *,
    key: CartKey | None = None,
    actor: Actor = ANONYMOUS,
    order: PlaceOrder | None = None,
    at: datetime = AT,
    **changes: Any,
) -> PlacedOrder:
    """Place an order for pieces by variant, or for a cart that is filled already."""
    chosen = fill_cart(pieces, key=key, at=at) if pieces else (key or guest())
    asked = order or command(chosen, at=at, **changes)
    number, reference = ids.order_number(), ids.payment_reference()
    return db.transact(
        lambda: checkout_services.place_order(
            command=asked,
            actor=actor,
            cart_key=chosen,
            number=number,
            reference=reference,
            pay_hours=24,
            at=at,
        )
    )


def page(placed: PlacedOrder) -> OrderPage:
    """Return an order as its buyer sees it."""
    return orders_queries.get_group(number=placed.number)


def payment(placed: PlacedOrder) -> PaymentRecord:
    """Return the payment of an order."""
    return payments_queries.get_payment(group_id=placed.group_id)


def transfer(
    placed: PlacedOrder,
    amount_idr: int | None = None,
    *,
    at: datetime = AT,
    actor: Actor = TREASURER,
    entry_key: str | None = None,
) -> TransferOutcome:
    """Let the treasurer confirm a transfer, of the exact amount when none is given."""
    found = payment(placed)
    asked = ConfirmTransfer(
        entry_key=entry_key or f"{'e' * 16}{next(_numbers):08d}",
        reference=found.reference,
        received_idr=found.expected_idr if amount_idr is None else amount_idr,
        received_on=date(2026, 11, 22),
        bank_reference="FT-CONTOH",
    )
    return db.transact(
        lambda: checkout_services.confirm_transfer(actor=actor, command=asked, at=at)
    )


def paid(pieces: Mapping[int, int], *, at: datetime = AT, **changes: Any) -> PlacedOrder:
    """Return an order that is placed and paid."""
    placed = place(pieces, at=at, **changes)
    transfer(placed, at=at)
    return placed


def part(placed: PlacedOrder, upt_id: int) -> UptOrderRecord:
    """Return the part of an order that one UPT fulfils."""
    return next(order for order in page(placed).upt_orders if order.upt_id == upt_id)


def clerk(upt_id: int) -> Actor:
    """Return a clerk of a UPT."""
    return people.actor("upt_clerk", upt_id, user_id=900_100 + upt_id)


def accept(placed: PlacedOrder, upt_id: int, *, at: datetime = AT) -> None:
    """Let a UPT promise to send its part within three days."""
    found = part(placed, upt_id)
    asked = AcceptOrder(expected_version=found.version, promised_on=date(2026, 11, 25))
    db.transact(
        lambda: orders_services.accept(
            actor=clerk(upt_id), number=found.number, command=asked, at=at
        )
    )


def prepare(placed: PlacedOrder, upt_id: int, *, at: datetime = AT) -> None:
    """Let a UPT start packing its accepted part."""
    found = part(placed, upt_id)
    asked = PrepareOrder(expected_version=found.version)
    db.transact(
        lambda: orders_services.start_preparing(
            actor=clerk(upt_id), number=found.number, command=asked, at=at
        )
    )


def ship(placed: PlacedOrder, upt_id: int, *, at: datetime = AT) -> None:
    """Let a UPT send its paid part: accept, prepare, ship."""
    accept(placed, upt_id, at=at)
    prepare(placed, upt_id, at=at)
    found = part(placed, upt_id)
    asked = ShipOrder(
        expected_version=found.version, carrier="JNE", tracking_number="JNE0001234567"
    )
    db.transact(
        lambda: orders_services.ship(actor=clerk(upt_id), number=found.number, command=asked, at=at)
    )
