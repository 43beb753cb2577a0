"""A return from the buyer's page to the desk and back: photos, answer, count, grades, money."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.domain.checkout import flows
from app.domain.checkout import services as checkout_services
from app.domain.checkout.types import PlacedOrder
from app.infra import db
from app.kernel.actor import ANONYMOUS
from app.surfaces.web import order_link
from tests.factories import people, trade
from tests.factories.reading import fields, words
from tests.factories.trade import Item


@pytest.fixture(autouse=True)
def now(app: Flask) -> Iterator[None]:
    with time_machine.travel(trade.AT + timedelta(days=1), tick=False):
        yield


@pytest.fixture
def shade() -> Item:
    return trade.make_shop()[0]


@pytest.fixture
def placed(shade: Item) -> PlacedOrder:
    placed = trade.paid({shade.variant_id: 3})
    trade.ship(placed, shade.upt_id)
    number = trade.part(placed, shade.upt_id).number
    db.transact(
        lambda: checkout_services.confirm_received(number=number, actor=ANONYMOUS, at=trade.AT)
    )
    return placed


@pytest.fixture
def buyer(app: Flask, placed: PlacedOrder) -> FlaskClient:
    client = app.test_client()
    client.get(f"/pesanan/{placed.number}?kunci={order_link.key_of(placed.number)}")
    return client


def photo() -> tuple[io.BytesIO, str]:
    content = io.BytesIO()
    Image.new("RGB", (640, 480), "#7A4A21").save(content, "JPEG")
    return io.BytesIO(content.getvalue()), "rusak.jpg"


def test_a_return_goes_its_whole_way(
    client: FlaskClient, buyer: FlaskClient, placed: PlacedOrder, shade: Item
) -> None:
    number = f"{placed.number}-1"
    mine, asking = (
        f"/pesanan/{placed.number}",
        f"/pesanan/{placed.number}/kembali/{placed.number}-1",
    )
    assert "Kembalikan barang" in words(buyer.get(mine))
    (line,) = trade.part(placed, shade.upt_id).lines
    values = {**fields(buyer.get(asking), asking), f"pieces.{line.line_id}": "2"}
    assert "Pilih alasan pengembalian." in words(buyer.post(asking, data=values))
    values |= {"reason": "damaged", "note": "Anyamannya lepas di dua sisi."}
    four = {**values, "photos": [photo() for _ in range(4)]}
    assert "Paling banyak tiga foto." in words(buyer.post(asking, data=four))
    assert buyer.post(asking, data={**values, f"pieces.{line.line_id}": "9"}).status_code == 422
    for _ in range(2):
        answer = buyer.post(asking, data={**values, "photos": [photo()]})
        assert answer.status_code == 303
    assert f"{number}-R1" in words(buyer.get(mine))
    assert f"{number}-R2" not in words(buyer.get(mine))

    people.staff(client, "upt_clerk", shade.upt_id)
    desk = f"/meja/pesanan/retur/{number}-R1"
    assert f"{number}-R1" in words(client.get("/meja/pesanan"))
    page = client.get(desk)
    assert "Anyamannya lepas di dua sisi." in words(page)
    given = {**fields(page, f"{desk}/setuju"), "answer": "Kirim ke galeri kami."}
    assert client.post(f"{desk}/setuju", data={**given, "answer": ""}).status_code == 422
    assert client.post(f"{desk}/setuju", data=given).status_code == 303
    assert client.post(f"{desk}/setuju", data=given).status_code == 409
    assert "Kirim ke galeri kami." in words(buyer.get(mine))
    given = fields(client.get(desk), f"{desk}/terima")
    assert given[f"pieces.{line.line_id}"] == "2"
    assert client.post(f"{desk}/terima", data=given).status_code == 303
    given = fields(client.get(desk), f"{desk}/periksa")
    assert (given[f"sellable.{line.line_id}"], given["refund_idr"]) == ("2", "370000")
    bad = {**given, f"second_grade.{line.line_id}": "1"}
    assert client.post(f"{desk}/periksa", data=bad).status_code == 422
    much = {**given, "refund_idr": "99000000"}
    assert client.post(f"{desk}/periksa", data=much).status_code == 422
    good = {**bad, f"sellable.{line.line_id}": "1", "refund_idr": "300000"}
    assert client.post(f"{desk}/periksa", data=good).status_code == 303
    assert "Rp300.000" in words(client.get(desk))
    assert "Uang kembali Rp300.000" in words(buyer.get(mine))


def test_others_neither_see_nor_touch_a_return(
    client: FlaskClient, app: Flask, buyer: FlaskClient, placed: PlacedOrder, shade: Item
) -> None:
    asking = f"/pesanan/{placed.number}/kembali/{placed.number}-1"
    (line,) = trade.part(placed, shade.upt_id).lines
    values = {**fields(buyer.get(asking), asking), f"pieces.{line.line_id}": "1"}
    buyer.post(asking, data={**values, "reason": "other", "note": "Salah warna."})
    assert app.test_client().get(asking).status_code == 404
    desk = f"/meja/pesanan/retur/{placed.number}-1-R1"
    people.staff(client, "upt_clerk", shade.upt_id + 1)
    assert client.get(desk).status_code == 404
    for end in ("setuju", "tolak", "terima", "periksa"):
        data = {"expected_version": "1", "answer": "Baik.", "refund_idr": "0", "pieces.1": "1"}
        assert client.post(f"{desk}/{end}", data=data).status_code == 404, end
    people.staff(client, "auditor")
    assert client.get(desk).status_code == 200
    assert client.post(f"{desk}/setuju", data={"expected_version": "1"}).status_code == 403


def test_a_regional_office_sees_on_its_board_what_waits_too_long(
    client: FlaskClient, shade: Item
) -> None:
    waiting = trade.paid({shade.variant_id: 1})
    flows.watch_orders(at=trade.AT + timedelta(days=3))
    people.staff(client, "kanwil_staff", shade.upt_id)
    page = words(client.get(f"/meja/pesanan?upt={shade.upt_id}"))
    assert "Tetap belum dijawab, segera dibatalkan" in page
    assert f"{waiting.number}-1" in page
