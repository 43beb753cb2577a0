"""Many orders at the desk: found, accepted one by one, printed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.domain.orders.types import UptOrderState
from app.infra import db
from tests.factories import people, trade
from tests.factories.browse import statements
from tests.factories.reading import words


@pytest.fixture(autouse=True)
def now(app: Flask) -> Iterator[None]:
    with time_machine.travel(trade.AT + timedelta(minutes=5), tick=False):
        yield


def test_orders_are_found_accepted_together_and_printed(client: FlaskClient) -> None:
    shade, cookies = trade.make_shop()
    orders = [trade.paid({shade.variant_id: 1}) for _ in range(3)]
    foreign = trade.paid({cookies.variant_id: 1})
    people.staff(client, "upt_clerk", shade.upt_id)
    numbers = [f"{placed.number}-1" for placed in orders]
    found = words(client.get(f"/meja/pesanan?keadaan=semua&cari={numbers[0].lower()}"))
    assert numbers[0] in found
    assert numbers[1] not in found
    sku = trade.part(orders[0], shade.upt_id).lines[0].sku
    assert numbers[2] in words(client.get(f"/meja/pesanan?keadaan=semua&cari={sku}"))
    assert numbers[1] in words(client.get("/meja/pesanan?keadaan=semua&cari=contoh"))
    assert numbers[1] not in words(client.get("/meja/pesanan?keadaan=semua&cari=%25zz"))

    for end, name in (("slip", "nomor"), ("label", "nomor")):
        values = {name: [f"{number}:2" for number in numbers]}
        with statements() as many:
            answer = client.post(f"/meja/pesanan-banyak/{end}.pdf", data=values)
        with statements() as one:
            client.post(f"/meja/pesanan-banyak/{end}.pdf", data={name: [f"{numbers[0]}:2"]})
        assert (answer.status_code, answer.data[:5]) == (200, b"%PDF-")
        assert one.count == many.count
    other = {"nomor": [f"{foreign.number}-1:2"]}
    assert client.post("/meja/pesanan-banyak/slip.pdf", data=other).status_code == 303

    trade.accept(orders[1], shade.upt_id)
    chosen = [f"{number}:2" for number in numbers] + [f"{foreign.number}-1:2"]
    data = {"nomor": chosen, "promised_on": "2026-11-25"}
    assert client.post("/meja/pesanan-banyak/terima", data={"nomor": chosen}).status_code == 303
    assert client.post("/meja/pesanan-banyak/terima", data=data).status_code == 303
    page = words(client.get("/meja/pesanan?keadaan=perlu-diterima"))
    assert "2 pesanan diterima dengan tanggal janji 25 November 2026." in page
    assert f"Karena itu {numbers[1]} tidak diterima." in page
    db.read_session().rollback()
    states = [trade.part(placed, shade.upt_id).state for placed in orders]
    assert states == [UptOrderState.ACCEPTED] * 3
    assert trade.part(foreign, cookies.upt_id).state is UptOrderState.PLACED
    assert client.post("/meja/pesanan-banyak/terima", data={}).status_code == 303


def test_readers_accept_nothing(client: FlaskClient) -> None:
    shade, _ = trade.make_shop()
    placed = trade.paid({shade.variant_id: 1})
    people.staff(client, "auditor")
    data = {"nomor": f"{placed.number}-1:2", "promised_on": "2026-11-25"}
    assert client.post("/meja/pesanan-banyak/terima", data=data).status_code == 403
    assert trade.part(placed, shade.upt_id).state is UptOrderState.PLACED
