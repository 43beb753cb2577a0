"""Parts of an order at the desk and on the buyer's page: parcels, refusals, losses, notes, help."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.domain.checkout.types import PlacedOrder
from app.domain.orders.types import UptOrderState
from app.infra import db
from app.surfaces.web import order_link
from tests.factories import people, trade
from tests.factories.browse import statements
from tests.factories.reading import actions, fields, words
from tests.factories.trade import Item


@pytest.fixture(autouse=True)
def now(app: Flask) -> Iterator[None]:
    with time_machine.travel(trade.AT + timedelta(minutes=5), tick=False):
        yield


@pytest.fixture
def shop() -> tuple[Item, Item]:
    return trade.make_shop()


@pytest.fixture
def placed(shop: tuple[Item, Item]) -> PlacedOrder:
    return trade.paid({shop[0].variant_id: 3, shop[1].variant_id: 2})


@pytest.fixture
def path(placed: PlacedOrder, shop: tuple[Item, Item]) -> str:
    return f"/meja/pesanan/{trade.part(placed, shop[0].upt_id).number}"


@pytest.fixture
def clerk(client: FlaskClient, shop: tuple[Item, Item]) -> FlaskClient:
    people.staff(client, "upt_clerk", shop[0].upt_id)
    return client


@pytest.fixture
def buyer(app: Flask, placed: PlacedOrder) -> FlaskClient:
    client = app.test_client()
    client.get(f"/pesanan/{placed.number}?kunci={order_link.key_of(placed.number)}")
    return client


def ready(placed: PlacedOrder, item: Item) -> None:
    trade.accept(placed, item.upt_id)
    trade.prepare(placed, item.upt_id)


def state(placed: PlacedOrder, item: Item) -> UptOrderState:
    db.read_session().rollback()
    return trade.part(placed, item.upt_id).state


def send(client: FlaskClient, path: str, placed: PlacedOrder, item: Item, pieces: str) -> int:
    (line,) = trade.part(placed, item.upt_id).lines
    values = {
        **fields(client.get(path), f"{path}/kirim"),
        "carrier": "JNE",
        "tracking_number": f"JNE00{pieces}",
        f"pieces.{line.line_id}": pieces,
    }
    return client.post(f"{path}/kirim", data=values).status_code


def test_two_parcels_go_out_and_the_buyer_follows_each(
    clerk: FlaskClient, buyer: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item], path: str
) -> None:
    ready(placed, shop[0])
    (line,) = trade.part(placed, shop[0].upt_id).lines
    assert fields(clerk.get(path), f"{path}/kirim")[f"pieces.{line.line_id}"] == "3"
    assert send(clerk, path, placed, shop[0], "4") == 422
    assert send(clerk, path, placed, shop[0], "0") == 409
    assert send(clerk, path, placed, shop[0], "2") == 303
    assert "Sisanya tetap disimpan untuk pembeli." in words(clerk.get(path))
    assert state(placed, shop[0]) is UptOrderState.PART_SHIPPED
    mine = f"/pesanan/{placed.number}"
    page = words(buyer.get(mine))
    assert "Sebagian dikirim" in page
    assert "JNE002" in page
    number = f"{placed.number}-1"
    answer = buyer.post(f"{mine}/diterima", data={"bagian": number, "paket": "1"})
    assert answer.status_code == 303
    assert send(clerk, path, placed, shop[0], "1") == 303
    assert state(placed, shop[0]) is UptOrderState.SHIPPED
    assert clerk.post(f"{path}/paket/2/sampai").status_code == 303
    assert state(placed, shop[0]) is UptOrderState.DELIVERED
    page = words(buyer.get(mine))
    assert "JNE002" in page
    assert "JNE001" in page
    assert "Paket 2 dari 2" in page


def test_pieces_that_cannot_be_sent_are_refused_with_reason_and_the_buyer_reads_it(
    clerk: FlaskClient, buyer: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item], path: str
) -> None:
    (line,) = trade.part(placed, shop[0].upt_id).lines
    ask = f"{path}/tolak-sebagian"
    values = {**fields(clerk.get(ask), ask), f"pieces.{line.line_id}": "1"}
    assert "Pilih alasan penolakan." in words(clerk.post(ask, data=values))
    values |= {"reason": "damaged", "note": "Ada yang retak."}
    assert clerk.post(ask, data={**values, f"pieces.{line.line_id}": "9"}).status_code == 422
    assert clerk.post(ask, data={**values, f"pieces.{line.line_id}": ""}).status_code == 422
    assert clerk.post(ask, data=values).status_code == 303
    page = words(clerk.get(path))
    assert "Rp185.000 masuk daftar pengembalian uang" in page
    assert "1 tidak dipenuhi" in page
    assert clerk.post(ask, data=values).status_code == 409
    assert "Ada yang retak." in words(buyer.get(f"/pesanan/{placed.number}"))
    assert state(placed, shop[0]) is UptOrderState.PLACED


def test_a_lost_parcel_is_sent_again_or_paid_back(
    clerk: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item], path: str
) -> None:
    ready(placed, shop[0])
    assert send(clerk, path, placed, shop[0], "3") == 303
    ask = f"{path}/paket/1/hilang"
    values = fields(clerk.get(ask), ask)
    assert clerk.post(ask, data=values).status_code == 422
    values |= {"note": "Aduan kurir 4411", "outcome": "resend"}
    assert clerk.post(ask, data=values).status_code == 303
    assert state(placed, shop[0]) is UptOrderState.PREPARING
    assert clerk.get(ask).status_code == 404
    assert send(clerk, path, placed, shop[0], "3") == 303
    ask = f"{path}/paket/2/hilang"
    values = {**fields(clerk.get(ask), ask), "note": "Aduan lagi", "outcome": "refund"}
    assert clerk.post(ask, data=values).status_code == 303
    assert "masuk daftar pengembalian uang" in words(clerk.get(path))
    assert state(placed, shop[0]) is UptOrderState.DELIVERED


def test_a_buyer_cancels_asks_for_help_and_moves_house(
    clerk: FlaskClient, buyer: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item], path: str
) -> None:
    mine, number = f"/pesanan/{placed.number}", f"{placed.number}-1"
    values = fields(buyer.get(f"{mine}/alamat"), f"{mine}/alamat")
    assert buyer.post(f"{mine}/alamat", data={**values, "street": ""}).status_code == 422
    assert (
        buyer.post(f"{mine}/alamat", data={**values, "street": "Jalan Baru 9"}).status_code == 303
    )
    assert "Jalan Baru 9" in words(buyer.get(mine))
    asking = f"{mine}/bantuan/{number}"
    values = fields(buyer.get(asking), asking)
    assert buyer.post(asking, data=values).status_code == 422
    for _ in range(2):
        answer = buyer.post(asking, data={**values, "text": "Tolong kirim sore hari."})
        assert answer.status_code == 303
    page = words(clerk.get(path))
    assert page.count("Tolong kirim sore hari.") == 1
    assert "Pembeli meminta bantuan" in page
    stop = f"{mine}/batal/{number}"
    assert "kami kembalikan" in words(buyer.get(stop))
    assert buyer.post(stop).status_code == 303
    assert state(placed, shop[0]) is UptOrderState.CANCELLED
    assert state(placed, shop[1]) is UptOrderState.PLACED
    assert buyer.post(f"{mine}/batal/KB-2222-2222-2222-1").status_code == 404


def test_an_address_stays_once_a_unit_accepted(
    buyer: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item]
) -> None:
    mine = f"/pesanan/{placed.number}"
    values = fields(buyer.get(f"{mine}/alamat"), f"{mine}/alamat")
    away = {**values, "village_code": "32.12.15.2001", "village_before": "32.12.15.2001"}
    assert buyer.post(f"{mine}/alamat", data=away).status_code in (409, 422)
    trade.accept(placed, shop[0].upt_id)
    assert (
        buyer.post(f"{mine}/alamat", data={**values, "street": "Jalan Lain 3"}).status_code == 303
    )
    page = words(buyer.get(mine))
    assert "Jalan Lain 3" not in page
    assert "sudah diterima unit" in page


def test_notes_stay_among_staff(
    clerk: FlaskClient, buyer: FlaskClient, placed: PlacedOrder, path: str
) -> None:
    values = {**fields(clerk.get(path), f"{path}/catatan"), "text": "Rak B, lot kedua."}
    for _ in range(2):
        assert clerk.post(f"{path}/catatan", data=values).status_code == 303
    assert words(clerk.get(path)).count("Rak B, lot kedua.") == 1
    assert "Rak B" not in words(buyer.get(f"/pesanan/{placed.number}"))
    assert clerk.post(f"{path}/catatan", data={**values, "text": ""}).status_code == 422


def test_others_neither_see_nor_touch_parts(
    client: FlaskClient, app: Flask, placed: PlacedOrder, shop: tuple[Item, Item], path: str
) -> None:
    ready(placed, shop[0])
    people.staff(client, "upt_clerk", shop[1].upt_id)
    stranger = app.test_client()
    mine = f"/pesanan/{placed.number}"
    for end in ("tolak-sebagian", "paket/1/hilang"):
        assert client.get(f"{path}/{end}").status_code == 404
        assert client.post(f"{path}/{end}", data={}).status_code == 404
    for end in ("paket/1/sampai", "catatan"):
        assert client.post(f"{path}/{end}", data={"text": "x"}).status_code == 404
    for end in (f"batal/{placed.number}-1", f"bantuan/{placed.number}-1", "alamat"):
        assert stranger.get(f"{mine}/{end}").status_code == 404
        assert stranger.post(f"{mine}/{end}").status_code == 404
    people.staff(client, "auditor")
    assert client.post(f"{path}/paket/1/sampai").status_code == 403
    assert f"{path}/kirim" not in actions(client.get(path))
    assert state(placed, shop[0]) is UptOrderState.PREPARING


def test_an_order_page_needs_the_same_statements_for_one_and_many_parcels(
    clerk: FlaskClient, placed: PlacedOrder, shop: tuple[Item, Item], path: str
) -> None:
    ready(placed, shop[0])
    send(clerk, path, placed, shop[0], "1")
    clerk.get(path)
    with statements() as one:
        clerk.get(path)
    send(clerk, path, placed, shop[0], "1")
    send(clerk, path, placed, shop[0], "1")
    clerk.get(path)
    with statements() as many:
        clerk.get(path)
    assert one.count == many.count
