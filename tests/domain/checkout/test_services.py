"""Placing an order: everything or nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.domain.catalog import services as catalog_services
from app.domain.checkout.errors import EmptyCart, ItemsShort, ItemsWithdrawn, TotalChanged
from app.domain.checkout.types import ShortItem
from app.domain.orders.types import Address, Contact, UptOrderState
from app.domain.payments.types import PaymentState
from app.domain.shipping.types import DeliveryMethod
from app.domain.stock import queries as stock_queries
from app.infra import db
from app.kernel.errors import IdempotencyMismatch, Invalid
from tests.factories import goods, people, trade
from tests.factories.trade import AT

pytestmark = pytest.mark.usefixtures("app")

TABLES = (
    "order_group",
    "upt_order",
    "order_line",
    "order_line_hold",
    "order_event",
    "payment",
    "payment_share",
    "money_entry",
    "placement",
    "stock_entry",
    "stock_hold",
    "audit_entry",
    "job_event",
)


def counts() -> dict[str, int]:
    session = db.read_session()
    found = {
        table: session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        for table in TABLES
    }
    session.rollback()
    return found


def refuses(error: type[Exception], key: Any, order: Any) -> Any:
    before = counts()
    with pytest.raises(error) as caught:
        trade.place(key=key, order=order)
    assert counts() == before, "a refusal leaves no row"
    return caught.value


def test_one_cart_of_two_units_becomes_one_order_with_two_parts() -> None:
    shade, cookies = trade.make_shop()
    key = trade.fill_cart({cookies.variant_id: 3, shade.variant_id: 1})
    placed = trade.place(key=key)

    found = trade.page(placed)
    assert found.group.number == placed.number
    assert [order.number for order in found.upt_orders] == [
        f"{placed.number}-1",
        f"{placed.number}-2",
    ]
    first, second = found.upt_orders
    assert [first.upt_id, second.upt_id] == sorted([shade.upt_id, cookies.upt_id])
    parts = {order.upt_id: order for order in found.upt_orders}
    sent = parts[shade.upt_id]
    assert (sent.goods_total_idr, sent.shipping_fee_idr, sent.weight_g) == (185_000, 30_000, 2_600)
    assert (sent.delivery_method, sent.delivery_service) == (DeliveryMethod.COURIER, "reguler")
    assert parts[cookies.upt_id].goods_total_idr == 135_000
    assert parts[cookies.upt_id].shipping_fee_idr == 20_000
    assert found.group.total_idr == 185_000 + 30_000 + 135_000 + 20_000
    assert found.state is UptOrderState.HELD
    assert found.can_be_cancelled
    assert found.group.contact == Contact(
        "Pembeli Contoh", "pembeli@contoh.example", "+6281234567890"
    )
    assert found.group.address == Address(
        recipient="Pembeli Contoh",
        phone="+6281234567890",
        street="Jalan Contoh 1",
        village_code=trade.VILLAGE,
        village="Senayan",
        district="Kebayoran Baru",
        regency="Kota Jakarta Selatan",
        province="DKI Jakarta",
        province_code="31",
        postcode="12190",
    )
    assert found.group.pay_by_at == datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    assert found.group.holds_until == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    assert {(event.event, event.from_state, event.to_state) for event in found.events} == {
        ("check_out", "draft", "held")
    }


def test_placing_holds_the_stock_empties_the_cart_and_opens_one_payment() -> None:
    shade, cookies = trade.make_shop()
    key = trade.fill_cart({cookies.variant_id: 3, shade.variant_id: 1})
    placed = trade.place(key=key)

    available = stock_queries.availability(
        variant_ids=[shade.variant_id, cookies.variant_id], at=AT
    )
    assert available == {shade.variant_id: 9, cookies.variant_id: 7}
    assert trade.preview(key).groups == ()
    payment = trade.payment(placed)
    assert (payment.state, payment.expected_idr) == (PaymentState.PENDING, 370_000)
    rows = counts()
    assert (rows["payment_share"], rows["order_line_hold"], rows["placement"]) == (2, 2, 1)


def test_the_snapshot_stays_when_the_catalogue_changes() -> None:
    shade, _ = trade.make_shop()
    placed = trade.place({shade.variant_id: 2})
    before = trade.part(placed, shade.upt_id).lines[0]
    with db.unit_of_work():
        catalog_services.withdraw(actor=goods.SYSTEM, product_id=shade.product_id, at=AT)
    assert trade.part(placed, shade.upt_id).lines[0] == before
    assert (before.unit_price_idr, before.quantity, before.line_total_idr) == (185_000, 2, 370_000)
    assert before.variant_name == "1 × 2 m"


def test_the_same_form_twice_is_one_order() -> None:
    shade, _ = trade.make_shop()
    key = trade.fill_cart({shade.variant_id: 1})
    order = trade.command(key)
    first = trade.place(key=key, order=order)
    before = counts()
    again = trade.place(key=key, order=order)
    assert (again.group_id, again.number) == (first.group_id, first.number)
    assert (first.is_repeat, again.is_repeat) == (False, True)
    assert counts() == before


def test_the_same_form_finds_its_order_even_without_the_cart() -> None:
    shade, _ = trade.make_shop()
    key = trade.fill_cart({shade.variant_id: 1})
    order = trade.command(key)
    first = trade.place(key=key, order=order)
    assert trade.place(key=trade.guest(), order=order).number == first.number


def test_the_same_key_with_other_content_is_refused() -> None:
    shade, _ = trade.make_shop()
    key = trade.fill_cart({shade.variant_id: 1})
    order = trade.command(key)
    trade.place(key=key, order=order)
    other = order.model_copy(update={"street": "Jalan Lain 9"})
    refuses(IdempotencyMismatch, key, other)


def test_a_new_key_with_an_empty_cart_is_refused() -> None:
    shade, _ = trade.make_shop()
    key = trade.fill_cart({shade.variant_id: 1})
    order = trade.command(key)
    trade.place(key=key, order=order)
    refuses(EmptyCart, key, order.model_copy(update={"placement_key": "n" * 43}))
    refuses(EmptyCart, trade.guest(), order.model_copy(update={"placement_key": "m" * 43}))


def test_a_shortage_names_every_item_and_leaves_nothing() -> None:
    trade.make_rates()
    scarce = trade.make_item("lapas-indramayu", quantity=1, name="Besar")
    gone = trade.make_item("lapas-pamekasan", quantity=0)
    plenty = trade.make_item("lapas-pamekasan", quantity=50)
    key = trade.fill_cart({scarce.variant_id: 2, gone.variant_id: 1, plenty.variant_id: 5})
    error = refuses(ItemsShort, key, trade.command(key))
    assert {(item.variant_id, item.wanted, item.available) for item in error.items} == {
        (scarce.variant_id, 2, 1),
        (gone.variant_id, 1, 0),
    }
    assert all(isinstance(item, ShortItem) and item.name for item in error.items)
    assert "(Besar)" in error.names
    assert trade.preview(key).quantity_total == 8, "the cart stays as it was"


def test_a_changed_price_is_refused_with_both_totals() -> None:
    shade, _ = trade.make_shop()
    key = trade.fill_cart({shade.variant_id: 1})
    order = trade.command(key, confirmed_total_idr="1")
    error = refuses(TotalChanged, key, order)
    assert (error.before_idr, error.after_idr) == (1, 215_000)


def test_a_withdrawn_item_is_refused_by_name() -> None:
    shade, cookies = trade.make_shop()
    key = trade.fill_cart({shade.variant_id: 1, cookies.variant_id: 1})
    order = trade.command(key)
    with db.unit_of_work():
        catalog_services.withdraw(actor=goods.SYSTEM, product_id=shade.product_id, at=AT)
    error = refuses(ItemsWithdrawn, key, order)
    assert error.variant_ids == (shade.variant_id,)


def test_goods_of_a_unit_that_closed_are_refused() -> None:
    shade, _ = trade.make_shop()
    key = trade.fill_cart({shade.variant_id: 1})
    order = trade.command(key)
    with db.unit_of_work():
        db.session().execute(
            text("UPDATE upt SET is_active = :no WHERE id = :id"), {"no": False, "id": shade.upt_id}
        )
    assert refuses(ItemsWithdrawn, key, order).variant_ids == (shade.variant_id,)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"village_code": "99.99.99.9999"}, "village_code", "checkout.village_unknown"),
        ({"delivery": "courier:terbang"}, "delivery", "checkout.delivery_unavailable"),
        ({"delivery": None}, "delivery", "field.required"),
    ],
)
def test_an_address_or_delivery_that_does_not_exist_is_refused_in_its_field(
    changes: dict[str, Any], field: str, code: str
) -> None:
    shade, cookies = trade.make_shop()
    key = trade.fill_cart({shade.variant_id: 1, cookies.variant_id: 1})
    values = trade.form_values(key)
    name = f"delivery_{shade.upt_id}" if field == "delivery" else field
    if "delivery" in changes:
        values.pop(name)
        if changes["delivery"]:
            values[name] = changes["delivery"]
    else:
        values.update(changes)
    error = refuses(Invalid, key, trade.PlaceOrder.parse(values))
    assert [(item.field, item.code) for item in error.errors] == [(name, code)]


def test_fetching_at_the_gallery_needs_no_address_and_costs_nothing() -> None:
    shade, _ = trade.make_shop()
    key = trade.fill_cart({shade.variant_id: 1})
    changes = {
        f"delivery_{shade.upt_id}": "pickup",
        "village_code": "",
        "street": "",
        "postcode": "",
    }
    placed = trade.place(key=key, confirmed_total_idr="185000", **changes)
    found = trade.page(placed)
    assert found.group.address is None
    assert found.group.shipping_total_idr == 0
    assert found.upt_orders[0].delivery_method is DeliveryMethod.PICKUP


def test_a_signed_in_buyer_finds_the_order_in_the_account() -> None:
    shade, _ = trade.make_shop()
    user = people.make_user()
    key = trade.CartKey(user_id=user.user_id)
    placed = trade.place({shade.variant_id: 1}, key=key, actor=people.buyer(user.user_id))
    rows = trade.orders_queries.list_for_buyer(user_id=user.user_id).items
    assert [row.number for row in rows] == [placed.number]
    assert rows[0].state is UptOrderState.HELD
    assert rows[0].quantity_total == 1
    assert trade.orders_queries.list_for_buyer(user_id=user.user_id + 1).items == ()


def test_a_preview_writes_nothing_and_names_what_is_short() -> None:
    shade, cookies = trade.make_shop()
    key = trade.fill_cart({shade.variant_id: 11, cookies.variant_id: 1})
    before = counts()
    found = trade.preview(key)
    assert counts() == before
    assert [(problem.code, problem.variant_id) for problem in found.problems] == [
        ("checkout.item_short", shade.variant_id)
    ]
    assert [group.upt_id for group in found.groups] == sorted([shade.upt_id, cookies.upt_id])


def test_a_preview_without_destination_offers_fetching_only() -> None:
    shade, _ = trade.make_shop()
    key = trade.fill_cart({shade.variant_id: 1})
    found = trade.checkout_services.preview(
        key=key, destination_province_code=None, choices={}, at=AT
    )
    assert [quote.choice for quote in found.groups[0].quotes] == ["pickup"]
    assert found.groups[0].chosen is None
    assert (found.total_idr, found.is_complete) == (185_000, False)


def test_an_order_publishes_its_event_and_leaves_an_audit_entry(app: Flask) -> None:
    shade, _ = trade.make_shop()
    placed = trade.place({shade.variant_id: 1})
    rows = db.read_session().execute(
        text("SELECT action, subject FROM audit_entry WHERE action = 'order.place'")
    )
    assert [tuple(row) for row in rows] == [("order.place", f"order:{placed.number}")]
