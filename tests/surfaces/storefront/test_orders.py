"""The buyer's order: who may see it, what it says, cancelling, receiving."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.checkout.types import PlacedOrder
from app.domain.orders.types import UptOrderState
from app.domain.stock import queries as stock_queries
from app.infra import db
from app.kernel.actor import Actor
from app.surfaces.web import order_link
from tests.factories import people, trade
from tests.factories.reading import actions, order, words
from tests.factories.trade import Item

pytestmark = pytest.mark.usefixtures("app", "now")


@pytest.fixture
def shop() -> tuple[Item, Item]:
    return trade.make_shop()


@pytest.fixture
def number(client: FlaskClient, shop: tuple[Item, Item]) -> str:
    return order(client, {shop[0].variant_id: 2, shop[1].variant_id: 1})


def placed_by(actor: Actor, shop: tuple[Item, Item]) -> PlacedOrder:
    return trade.place({shop[0].variant_id: 1}, actor=actor)


def follow(client: FlaskClient, placed: PlacedOrder) -> None:
    """Open the secret link of an order, so that this browser may see it."""
    key = order_link.key_of(placed.number)
    assert client.get(f"/pesanan/{placed.number}?kunci={key}").status_code == 303


def test_the_browser_that_ordered_sees_how_to_pay(client: FlaskClient, number: str) -> None:
    answer = client.get(f"/pesanan/{number}")
    page = words(answer)
    assert "Transfer Rp483.000" in page
    assert "000-111-222-333" in page
    assert "Kode di berita transfer" in page
    assert "23 November 2026 pukul 10.05 WIB" in page
    assert page.count("Kami menunggu transfer Anda.") == 2
    assert order_link.key_of(number) in page
    assert answer.headers["Cache-Control"] == "no-store"


def test_others_get_the_404_of_an_unknown_number(app: Flask, number: str) -> None:
    stranger = app.test_client()
    known = stranger.get(f"/pesanan/{number}")
    unknown = stranger.get("/pesanan/KB-2222-2222-2222")
    assert known.status_code == unknown.status_code == 404
    for method, path in (("get", "batal"), ("post", "batal"), ("post", "diterima")):
        assert getattr(stranger, method)(f"/pesanan/{number}/{path}").status_code == 404
    assert words(known) == words(unknown)


@pytest.mark.parametrize("key", ["", "x", "é", "A" * 43, "0"])
def test_a_wrong_key_opens_nothing(app: Flask, number: str, key: str) -> None:
    stranger = app.test_client()
    assert stranger.get(f"/pesanan/{number}", query_string={"kunci": key}).status_code == 404
    assert stranger.get(f"/pesanan/{number}").status_code == 404


def test_a_right_key_of_an_unknown_order_opens_nothing(client: FlaskClient) -> None:
    key = order_link.key_of("KB-2222-2222-2222")
    assert client.get(f"/pesanan/KB-2222-2222-2222?kunci={key}").status_code == 404


def test_the_secret_link_opens_the_order_and_leaves_the_address(app: Flask, number: str) -> None:
    friend = app.test_client()
    answer = friend.get(f"/pesanan/{number}?kunci={order_link.key_of(number)}")
    assert (answer.status_code, answer.location) == (303, f"/pesanan/{number}")
    assert friend.get(f"/pesanan/{number}").status_code == 200


def test_the_key_of_one_order_does_not_open_another(app: Flask, shop: tuple[Item, Item]) -> None:
    one, other = (trade.place({shop[0].variant_id: 1}) for _ in range(2))
    key = order_link.key_of(one.number)
    assert app.test_client().get(f"/pesanan/{other.number}?kunci={key}").status_code == 404


def test_keys_carry_at_least_128_bits_and_outlive_a_new_secret(app: Flask) -> None:
    key = order_link.key_of("KB-2222-2222-2222")
    assert len(key) == 43
    app.config["SECRET_KEY_FALLBACKS"] = [app.config["SECRET_KEY"]]
    app.config["SECRET_KEY"] = "a-new-secret-of-enough-length-for-tests"
    assert order_link.key_of("KB-2222-2222-2222") != key
    assert order_link.is_key_of("KB-2222-2222-2222", key)


def test_the_account_sees_its_order_in_any_browser(
    app: Flask, client: FlaskClient, shop: tuple[Item, Item]
) -> None:
    user = people.make_user("pembeli@contoh.example")
    placed = placed_by(people.buyer(user.user_id), shop)
    assert client.get(f"/pesanan/{placed.number}").status_code == 404
    people.sign_in(client, user)
    assert client.get(f"/pesanan/{placed.number}").status_code == 200
    other = app.test_client()
    people.sign_in(other, people.make_user("lain@contoh.example"))
    assert other.get(f"/pesanan/{placed.number}").status_code == 404


def test_staff_do_not_see_buyers_pages(client: FlaskClient, shop: tuple[Item, Item]) -> None:
    placed = trade.place({shop[0].variant_id: 1})
    people.staff(client, "upt_clerk", shop[0].upt_id)
    assert client.get(f"/pesanan/{placed.number}").status_code == 404


def test_cancelling_asks_first_and_gives_the_goods_back(
    client: FlaskClient, shop: tuple[Item, Item], number: str
) -> None:
    question = client.get(f"/pesanan/{number}/batal")
    assert "Batalkan pesanan ini?" in words(question)
    assert f"/pesanan/{number}/batal" in actions(question)
    answer = client.post(f"/pesanan/{number}/batal")
    assert (answer.status_code, answer.location) == (303, f"/pesanan/{number}")
    page = words(client.get(answer.location))
    assert "Pesanan ini dibatalkan" in page
    assert "Tidak ada yang perlu dibayar" in page
    db.read_session().rollback()
    ids = [item.variant_id for item in shop]
    assert stock_queries.availability(variant_ids=ids, at=trade.AT) == dict.fromkeys(ids, 10)


def test_cancelling_twice_changes_nothing_more(client: FlaskClient, number: str) -> None:
    client.post(f"/pesanan/{number}/batal")
    assert client.post(f"/pesanan/{number}/batal").status_code == 303
    assert "Pesanan ini dibatalkan" in words(client.get(f"/pesanan/{number}"))


def test_a_paid_order_is_not_cancelled(client: FlaskClient, shop: tuple[Item, Item]) -> None:
    placed = trade.paid({shop[0].variant_id: 1})
    follow(client, placed)
    assert client.get(f"/pesanan/{placed.number}/batal").status_code == 303
    assert client.post(f"/pesanan/{placed.number}/batal").status_code == 303
    page = words(client.get(f"/pesanan/{placed.number}"))
    assert "Pesanan ini tidak bisa dibatalkan lagi." in page
    assert "Pembayaran diterima. Terima kasih!" in page


def test_a_shipped_part_shows_its_number_and_can_be_received(
    client: FlaskClient, shop: tuple[Item, Item]
) -> None:
    placed = trade.paid({shop[0].variant_id: 2, shop[1].variant_id: 1})
    follow(client, placed)
    trade.ship(placed, shop[0].upt_id)
    page = client.get(f"/pesanan/{placed.number}")
    assert "JNE, nomor resi JNE0001234567" in words(page)
    assert words(page).count("Barang sudah saya terima") == 1
    child = trade.part(placed, shop[0].upt_id).number
    answer = client.post(f"/pesanan/{placed.number}/diterima", data={"bagian": child})
    assert answer.status_code == 303
    assert "Penerimaan barang sudah dicatat" in words(client.get(answer.location))
    db.read_session().rollback()
    assert trade.part(placed, shop[0].upt_id).state is UptOrderState.DELIVERED
    assert trade.part(placed, shop[1].upt_id).state is UptOrderState.PLACED


def test_a_part_that_was_not_sent_cannot_be_received(
    client: FlaskClient, shop: tuple[Item, Item]
) -> None:
    placed = trade.paid({shop[0].variant_id: 1})
    follow(client, placed)
    child = trade.part(placed, shop[0].upt_id).number
    client.post(f"/pesanan/{placed.number}/diterima", data={"bagian": child})
    assert "belum dikirim" in words(client.get(f"/pesanan/{placed.number}"))
    db.read_session().rollback()
    assert trade.part(placed, shop[0].upt_id).state is UptOrderState.PLACED


@pytest.mark.parametrize("child", ["", "KB-2222-2222-2222-1"])
def test_only_own_parts_can_be_received(client: FlaskClient, number: str, child: str) -> None:
    answer = client.post(f"/pesanan/{number}/diterima", data={"bagian": child})
    assert answer.status_code == 404


def test_tells_of_money_that_is_being_looked_at(
    client: FlaskClient, shop: tuple[Item, Item]
) -> None:
    placed = trade.place({shop[0].variant_id: 1})
    follow(client, placed)
    trade.transfer(placed, 100_000)
    page = words(client.get(f"/pesanan/{placed.number}"))
    assert "Uang Anda sedang diperiksa" in page
    assert "Kami menerima Rp100.000" in page


def test_changing_orders_needs_the_token(csrf_app: Flask) -> None:
    client = csrf_app.test_client()
    for path in ("batal", "diterima"):
        assert client.post(f"/pesanan/KB-2222-2222-2222/{path}").status_code == 400
