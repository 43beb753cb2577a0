"""Paying by card as a buyer meets it, and the address that takes the provider's notices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.domain.orders.models import OrderGroup
from app.domain.payments.models import GatewayEvent
from app.infra import db, jobs
from tests.conftest import Client
from tests.factories import cards, reading, trade
from tests.factories.cards import Provider
from tests.surfaces.storefront.conftest import NOW

pytestmark = pytest.mark.usefixtures("app", "now")


@pytest.fixture
def provider() -> Iterator[Provider]:
    with cards.provider() as found:
        found.clock.at = NOW
        yield found


@pytest.fixture
def app(database_url: str, tmp_path: Path, provider: Provider) -> Iterator[Flask]:
    made = cards.make_app(url=database_url, instance_dir=tmp_path, api_url=provider.url)
    made.test_client_class = Client
    with made.app_context():
        yield made
        db.db.session.remove()
        db.db.engine.dispose()


def order(client: FlaskClient, **changes: str) -> tuple[str, str]:
    """Order a shade by card; return where the browser is sent and the number of the order."""
    shade, _ = trade.make_shop()
    reading.add(client, shade.variant_id)
    values = reading.checkout_values(client, payment_method="card", **changes)
    answer = client.post("/checkout", data=values)
    assert answer.status_code == 303, reading.words(answer)
    db.read_session().rollback()
    return answer.location, db.read_session().scalars(select(OrderGroup.number)).one()


def count_events() -> int:
    db.read_session().rollback()
    return db.read_session().scalar(select(func.count()).select_from(GatewayEvent)) or 0


def send(client: FlaskClient, body: bytes, signature: str) -> int:
    return client.post(
        "/webhook/stripe", data=body, headers={"Stripe-Signature": signature}
    ).status_code


def test_the_buyer_is_led_to_the_pay_page_and_sees_the_order_paid_after_the_notice(
    client: FlaskClient, provider: Provider
) -> None:
    place, number = order(client)
    assert place.startswith(f"{provider.url}/pay/cs_test_")
    assert provider.pay(cards.page_id(place)) == "paid"
    waiting = client.get(f"/pesanan/{number}?bayar=selesai")
    assert "Menunggu kabar dari penyedia pembayaran" in reading.words(waiting)
    assert waiting.headers["Refresh"] == "3"
    event = provider.event("checkout.session.completed")
    body, signature = cards.signed(event, at=NOW)
    assert [send(client, body, signature) for _ in range(3)] == [200, 200, 200]
    assert count_events() == 1
    jobs.drain(at=NOW)
    page = client.get(f"/pesanan/{number}?bayar=selesai")
    assert "Pembayaran diterima" in reading.words(page)
    assert "Refresh" not in page.headers


def test_a_buyer_who_came_back_without_paying_can_pay_again(
    client: FlaskClient, provider: Provider
) -> None:
    place, number = order(client)
    page = client.get(f"/pesanan/{number}?bayar=batal")
    assert f"/pesanan/{number}/bayar" in reading.actions(page)
    assert "Bayar Rp" in reading.words(page)
    again = client.post(f"/pesanan/{number}/bayar")
    assert (again.status_code, again.location) == (303, place)
    stranger = client.application.test_client()
    assert stranger.post(f"/pesanan/{number}/bayar").status_code == 404
    assert f"form-action 'self' {provider.url};" in page.headers["Content-Security-Policy"]


def test_when_the_provider_is_silent_the_order_stands_and_the_buyer_is_told(
    client: FlaskClient, provider: Provider
) -> None:
    provider.state.clock = lambda: 0.0
    place, number = order(client)
    assert place == f"/pesanan/{number}"
    page = reading.words(client.get(place))
    assert "menolak permintaan ini" in page
    assert "Bayar Rp" in page


def test_forged_stale_and_huge_notices_are_refused_and_not_kept(
    client: FlaskClient, provider: Provider
) -> None:
    place, _ = order(client)
    provider.pay(cards.page_id(place))
    event = provider.event("payment_intent.succeeded")
    body, signature = cards.signed(event, at=NOW)
    for wrong_body, header in (
        (body, ""),
        (body + b" ", signature),
        (b"\xff" + body, signature),
        cards.signed(event, at=NOW - timedelta(minutes=6)),
        cards.signed("{" + " " * (5 * 1024 * 1024) + "}", at=NOW),
    ):
        assert send(client, wrong_body, header) == 400
    assert count_events() == 0


def test_cancelling_a_paid_order_keeps_it(client: FlaskClient, provider: Provider) -> None:
    place, number = order(client)
    provider.pay(cards.page_id(place))
    answer = client.post(f"/pesanan/{number}/batal", follow_redirects=True)
    page = reading.words(answer)
    assert "Pembayaran Anda baru saja masuk" in page
    assert "Pembayaran diterima" in page


def test_a_shop_without_a_provider_offers_transfer_alone(
    database_url: str, bare_app: Flask
) -> None:
    visitor = bare_app.test_client()
    assert visitor.post("/webhook/stripe", data=b"{}").status_code == 404
