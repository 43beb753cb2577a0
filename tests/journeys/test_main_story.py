"""The main story, through pages alone: two units, one cart, one transfer, two parcels, one ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.domain.checkout import flows as checkout_flows
from app.domain.orders import queries as order_queries
from app.domain.orders.types import UptOrderState
from app.domain.payments import queries as payment_queries
from app.domain.search import flows as search_flows
from app.domain.stock import flows as stock_flows
from app.domain.stock import queries as stock_queries
from app.infra import db
from tests.factories import goods, ledger, people, trade
from tests.factories.reading import fields, order, words
from tests.factories.trade import Item

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Monday, 09.00 WIB."""


@pytest.fixture
def clock(app: Flask) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def shop(clock: time_machine.Traveller) -> tuple[Item, Item]:
    """Coir shades of Indramayu and cookies of Pamekasan, made and received by their own people."""
    trade.make_rates()
    items = []
    for slug, name, variant, pieces in (
        ("lapas-indramayu", "Tirai sabut kelapa", {"name": "1 × 2 m", "weight_g": 2_600}, 5),
        ("lapas-pamekasan", "Kue kering nastar", {"price_idr": 45_000, "weight_g": 400}, 20),
    ):
        upt_id = people.make_upt(slug).upt_id
        product_id = goods.make_product(upt_id, name=name, variants=[variant])
        variant_id = goods.variant_ids(product_id)[0]
        ledger.receive(upt_id, variant_id, pieces, at=START)
        items.append(Item(upt_id, variant_id, product_id))
    search_flows.rebuild()
    return items[0], items[1]


def staff(app: Flask, role: str, upt_id: int | None = None) -> FlaskClient:
    browser = app.test_client()
    people.staff(browser, role, upt_id)
    return browser


def send(browser: FlaskClient, path: str, action: str, **values: str) -> None:
    """Fill in a form of a page and send it."""
    filled = {**fields(browser.get(path), f"{path}/{action}"), **values}
    answer = browser.post(f"{path}/{action}", data=filled)
    assert answer.status_code == 303, words(answer)


def settle(app: Flask, number: str, *, amount_idr: int | None = None) -> None:
    group = order_queries.get_group(number=number).group
    reference = payment_queries.get_payment(group_id=group.group_id).reference
    send(
        staff(app, "treasurer"),
        f"/meja/pembayaran/{reference}",
        "terima",
        received_idr=str(group.total_idr if amount_idr is None else amount_idr),
        bank_reference=f"FT-{amount_idr or 'exact'}",
    )


def position(item: Item, at: datetime) -> tuple[int, int, int]:
    db.read_session().rollback()
    found = stock_queries.get_position(upt_id=item.upt_id, variant_id=item.variant_id, at=at)
    return found.on_hand, found.held, found.available


def states(number: str) -> list[UptOrderState]:
    db.read_session().rollback()
    return [part.state for part in order_queries.get_group(number=number).upt_orders]


def card(item: Item, at: datetime) -> list[str]:
    """Return the kinds of lines of the item's stock card, oldest first."""
    found = stock_queries.stock_card(
        actor=trade.clerk(item.upt_id), upt_id=item.upt_id, variant_id=item.variant_id, at=at
    )
    return [str(row.kind) for row in reversed(found.rows)]


def test_from_search_to_ledger(
    app: Flask,
    client: FlaskClient,
    clock: time_machine.Traveller,
    shop: tuple[Item, Item],
    drain: Callable[[], int],
) -> None:
    shade, cookies = shop
    drain()
    assert "Tirai sabut kelapa" in words(client.get("/cari?q=tirai"))
    number = order(client, {shade.variant_id: 2, cookies.variant_id: 3})
    drain()
    assert position(shade, START) == (5, 2, 3)
    assert "Tinggal transfer" in words(client.get(f"/pesanan/{number}"))

    clock.shift(timedelta(hours=2))
    settle(app, number)
    drain()
    assert states(number) == [UptOrderState.PLACED, UptOrderState.PLACED]
    assert "Pembayaran diterima" in words(client.get(f"/pesanan/{number}"))

    for position_in_order, item in enumerate((shade, cookies), start=1):
        clerk = staff(app, "upt_clerk", item.upt_id)
        path = f"/meja/pesanan/{number}-{position_in_order}"
        send(clerk, path, "terima", promised_on="2026-11-26")
        send(clerk, path, "siapkan")
        clock.shift(timedelta(minutes=5))
        send(clerk, path, "kirim", carrier="JNE", tracking_number=f"JNE-000{position_in_order}")
        drain()
    now = START + timedelta(hours=3)
    assert states(number) == [UptOrderState.SHIPPED, UptOrderState.SHIPPED]
    page = words(client.get(f"/pesanan/{number}"))
    assert "nomor resi JNE-0001" in page
    assert "nomor resi JNE-0002" in page

    for part in (1, 2):
        answer = client.post(f"/pesanan/{number}/diterima", data={"bagian": f"{number}-{part}"})
        assert answer.status_code == 303
    drain()
    assert "Selamat menikmati karyanya" in words(client.get(f"/pesanan/{number}"))
    assert position(shade, now) == (3, 0, 3)
    assert position(cookies, now) == (17, 0, 17)
    assert card(shade, now) == ["produced", "held", "kept", "shipped", "delivered"]
    report = stock_flows.verify()
    assert report.faults == ()
    assert (report.chains, report.entries) == (2, 10)


def test_a_refused_part_goes_back_while_the_other_is_sent(
    app: Flask,
    client: FlaskClient,
    shop: tuple[Item, Item],
    drain: Callable[[], int],
) -> None:
    shade, cookies = shop
    number = order(client, {shade.variant_id: 1, cookies.variant_id: 1})
    settle(app, number)
    refusal = f"/meja/pesanan/{number}-1/tolak"
    first = staff(app, "upt_clerk", shade.upt_id)
    filled = {**fields(first.get(refusal), refusal), "reason": "damaged"}
    assert first.post(refusal, data=filled).status_code == 303
    clerk = staff(app, "upt_clerk", cookies.upt_id)
    path = f"/meja/pesanan/{number}-2"
    send(clerk, path, "terima", promised_on="2026-11-26")
    send(clerk, path, "siapkan")
    send(clerk, path, "kirim", carrier="Pos", tracking_number="P-12345")
    drain()
    assert states(number) == [UptOrderState.CANCELLED, UptOrderState.SHIPPED]
    page = words(client.get(f"/pesanan/{number}"))
    assert "Uang Anda akan dikembalikan" in page
    assert "Barang rusak sebelum dikirim" in page
    assert position(shade, START) == (5, 0, 5)
    assert position(cookies, START) == (19, 0, 19)
    assert stock_flows.verify().faults == ()


def test_an_order_that_nobody_pays_gives_its_goods_back(
    app: Flask,
    client: FlaskClient,
    clock: time_machine.Traveller,
    shop: tuple[Item, Item],
    drain: Callable[[], int],
) -> None:
    shade, _ = shop
    number = order(client, {shade.variant_id: 5})
    other = app.test_client()
    refused = other.post(
        "/keranjang/tambah", data={"variant_id": shade.variant_id, "quantity": "1"}
    )
    assert refused.status_code == 303
    assert "Stoknya baru saja habis" in words(other.get("/keranjang"))
    later = START + timedelta(days=3)
    clock.move_to(later)
    assert "Stoknya baru saja habis" not in words(other.get("/keranjang"))  # without the worker
    checkout_flows.expire_unpaid(at=later)
    drain()
    assert states(number) == [UptOrderState.EXPIRED]
    assert "kedaluwarsa" in words(client.get(f"/pesanan/{number}"))
    assert position(shade, later) == (5, 0, 5)

    settle(app, number)
    page = words(client.get(f"/pesanan/{number}"))
    assert "Uang Anda sedang diperiksa" in page
    assert stock_flows.verify().faults == ()


def test_a_cancelled_order_frees_the_last_piece_for_the_next_buyer(
    app: Flask, client: FlaskClient, shop: tuple[Item, Item]
) -> None:
    shade, _ = shop
    number = order(client, {shade.variant_id: 5})
    client.post(f"/pesanan/{number}/batal")
    second = order(app.test_client(), {shade.variant_id: 5})
    assert states(number) == [UptOrderState.CANCELLED]
    assert states(second) == [UptOrderState.HELD]
    assert stock_flows.verify().faults == ()
