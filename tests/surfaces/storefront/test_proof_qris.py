"""The QRIS picture on the order page, shown while all of the money is awaited."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask
from flask.testing import FlaskClient

import config
from app.domain.payments import queries as payment_queries
from tests.domain.payments.test_qris import DYNAMIC, STATIC
from tests.factories import trade
from tests.factories.reading import order
from tests.factories.trade import TREASURER

pytestmark = pytest.mark.usefixtures("now")


def test_the_picture_is_shown_to_the_buyer_until_it_is_paid(
    client: FlaskClient, app: Flask
) -> None:
    number = order(client, {trade.make_shop()[0].variant_id: 1})
    path = f"/pesanan/{number}/qris.svg"
    assert path not in client.get(f"/pesanan/{number}").get_data(as_text=True)
    assert client.get(path).status_code == 404
    app.config["KARYABINA"] = dataclasses.replace(app.config["KARYABINA"], qris=STATIC)
    assert path in client.get(f"/pesanan/{number}").get_data(as_text=True)
    sent = client.get(path)
    assert (sent.status_code, sent.mimetype) == (200, "image/svg+xml")
    assert sent.data.startswith(b"<?xml")
    assert app.test_client().get(path).status_code == 404
    placed = payment_queries.list_waiting(actor=TREASURER).items[0]
    group_id = payment_queries.find_group_id(reference=placed.reference) or 0
    trade.transfer(trade.PlacedOrder(group_id, number, is_repeat=False))
    assert client.get(path).status_code == 404


def test_the_settings_take_a_fixed_code_only() -> None:
    assert config._qris("") == ""
    assert config._qris(STATIC) == STATIC
    for wrong in (DYNAMIC, STATIC[:-1] + "9", "x"):
        with pytest.raises(ValueError, match="fixed QRIS code"):
            config._qris(wrong)
