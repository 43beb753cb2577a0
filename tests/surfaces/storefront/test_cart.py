"""The basket by hand: adding, changing, taking out and putting back, and what changed meanwhile."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.domain.cart.models import CartLineRow
from app.domain.catalog.models import Variant
from app.infra import db
from tests.factories import goods, people, trade
from tests.factories.browse import statements
from tests.factories.reading import actions, add, fields, words
from tests.factories.trade import Item

pytestmark = pytest.mark.usefixtures("app", "now")

BAD_QUANTITIES = [
    "0",
    "-1",
    "0.5",
    "1e9",
    "NaN",
    "",
    "1000",
    "satu",
    "1,5",
    "٣",
    "99999999999999999999",
]


@pytest.fixture
def shop() -> tuple[Item, Item]:
    return trade.make_shop()


def lines() -> dict[int, int]:
    db.read_session().rollback()
    rows = db.read_session().execute(select(CartLineRow.variant_id, CartLineRow.quantity))
    return {row.variant_id: row.quantity for row in rows}


def test_says_kindly_that_the_cart_is_empty(client: FlaskClient) -> None:
    answer = client.get("/keranjang")
    assert answer.status_code == 200
    assert "Keranjang Anda masih kosong" in words(answer)


def test_groups_lines_by_upt_with_subtotals(client: FlaskClient, shop: tuple[Item, Item]) -> None:
    shade, cookies = shop
    assert add(client, shade.variant_id, 2).location == "/keranjang"
    add(client, cookies.variant_id, 3)
    page = words(client.get("/keranjang"))
    assert "5 barang dari 2 UPT" in page
    assert "Barang dari Lapas Indramayu Rp370.000" in page
    assert "Barang dari Lapas Pamekasan Rp135.000" in page
    assert "Total harga barang Rp505.000" in page


def test_adding_again_adds_up(client: FlaskClient, shop: tuple[Item, Item]) -> None:
    add(client, shop[0].variant_id, 2)
    add(client, shop[0].variant_id, 3)
    assert lines() == {shop[0].variant_id: 5}


def test_answers_scripts_with_json(client: FlaskClient, shop: tuple[Item, Item]) -> None:
    answer = client.post(
        "/keranjang/tambah",
        data={"variant_id": shop[0].variant_id, "quantity": "2"},
        headers={"Accept": "application/json, text/html;q=0.9"},
    )
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["cart_quantity"] == 2
    assert answer.json["message"].endswith("masuk keranjang.")


@pytest.mark.parametrize("quantity", BAD_QUANTITIES)
def test_refuses_bad_quantities_with_a_message(
    client: FlaskClient, shop: tuple[Item, Item], quantity: str
) -> None:
    answer = add(client, shop[0].variant_id, quantity)
    if quantity == "":
        assert answer.status_code == 303  # a blank field means one piece
        return
    assert answer.status_code == 422
    assert fields(answer, "/keranjang/tambah")["quantity"] == quantity
    assert "Kesalahan:" in words(answer)
    assert lines() == {}


def test_refuses_a_quantity_that_comes_twice(client: FlaskClient, shop: tuple[Item, Item]) -> None:
    answer = client.post(
        "/keranjang/tambah",
        data={"variant_id": shop[0].variant_id, "quantity": ["1", "2"]},
    )
    assert answer.status_code == 422
    assert lines() == {}


@pytest.mark.parametrize("variant_id", ["", "0", "-4", "abc", "999999", "1" * 30])
def test_unknown_goods_are_not_found(client: FlaskClient, variant_id: str) -> None:
    answer = client.post("/keranjang/tambah", data={"variant_id": variant_id, "quantity": "1"})
    assert answer.status_code == 404


def test_unpublished_goods_are_not_found(client: FlaskClient) -> None:
    upt_id = people.make_upt("lapas-indramayu").upt_id
    hidden = goods.variant_ids(goods.make_product(upt_id, published=False))[0]
    assert add(client, hidden).status_code == 404
    assert add(client, hidden, "0").status_code == 404


def test_a_service_is_refused_in_words(client: FlaskClient) -> None:
    upt_id = people.make_upt("lapas-indramayu").upt_id
    wash = goods.make_product(upt_id, kind="service", name="Cuci mobil")
    answer = add(client, goods.variant_ids(wash)[0])
    assert answer.status_code == 409
    assert "Cuci mobil tidak dijual lewat keranjang" in words(answer)


def test_refuses_more_than_a_cart_takes(client: FlaskClient, shop: tuple[Item, Item]) -> None:
    add(client, shop[0].variant_id, 999)
    answer = add(client, shop[0].variant_id, 1)
    assert answer.status_code == 409
    assert "Paling banyak 999 buah" in words(answer)
    assert lines() == {shop[0].variant_id: 999}


def test_changes_a_quantity(client: FlaskClient, shop: tuple[Item, Item]) -> None:
    add(client, shop[0].variant_id, 1)
    answer = client.post(
        "/keranjang/ubah", data={"variant_id": shop[0].variant_id, "quantity": "4"}
    )
    assert answer.status_code == 303
    assert lines() == {shop[0].variant_id: 4}
    assert "sekarang 4." in words(client.get("/keranjang"))


@pytest.mark.parametrize("quantity", ["-1", "0.5", "NaN", "", "1e9", "banyak"])
def test_shows_a_bad_change_again_as_typed(
    client: FlaskClient, shop: tuple[Item, Item], quantity: str
) -> None:
    add(client, shop[0].variant_id, 2)
    answer = client.post(
        "/keranjang/ubah", data={"variant_id": shop[0].variant_id, "quantity": quantity}
    )
    assert answer.status_code == 422
    assert f'value="{quantity}"' in answer.get_data(as_text=True)
    assert 'href="#f-quantity"' in answer.get_data(as_text=True)
    assert lines() == {shop[0].variant_id: 2}


def test_taking_out_can_be_undone(client: FlaskClient, shop: tuple[Item, Item]) -> None:
    add(client, shop[0].variant_id, 3)
    out = client.post("/keranjang/ubah", data={"variant_id": shop[0].variant_id, "quantity": "0"})
    assert out.status_code == 303
    page = client.get("/keranjang")
    assert "dikeluarkan dari keranjang" in words(page)
    back = client.post("/keranjang/tambah", data=fields(page, "/keranjang/tambah"))
    assert back.status_code == 303
    assert lines() == {shop[0].variant_id: 3}
    assert "kembali ke keranjang" in words(client.get("/keranjang"))


def test_the_offer_to_undo_is_made_once(client: FlaskClient, shop: tuple[Item, Item]) -> None:
    add(client, shop[0].variant_id, 3)
    client.post("/keranjang/ubah", data={"variant_id": shop[0].variant_id, "quantity": "0"})
    client.get("/keranjang")
    assert "/keranjang/tambah" not in actions(client.get("/keranjang"))


def test_a_line_that_is_gone_is_said_and_nothing_breaks(
    client: FlaskClient, shop: tuple[Item, Item]
) -> None:
    answer = client.post(
        "/keranjang/ubah", data={"variant_id": shop[0].variant_id, "quantity": "2"}
    )
    assert answer.status_code == 303
    assert "sudah tidak ada di keranjang" in words(client.get("/keranjang"))


def test_shows_a_price_that_changed(client: FlaskClient, shop: tuple[Item, Item]) -> None:
    add(client, shop[0].variant_id, 1)
    with db.unit_of_work():
        db.session().execute(
            update(Variant).where(Variant.id == shop[0].variant_id).values(price_idr=200_000)
        )
    page = words(client.get("/keranjang"))
    if "Rp200.000" not in page:
        pytest.fail(page)
    assert "semula Rp185.000" in page
    assert "Harga berubah" in page


def test_shows_what_is_sold_out_and_closes_the_way_to_checkout(
    client: FlaskClient, shop: tuple[Item, Item]
) -> None:
    shade, cookies = shop
    add(client, shade.variant_id, 2)
    add(client, cookies.variant_id, 1)
    trade.place({shade.variant_id: 10})
    answer = client.get("/keranjang")
    page = words(answer)
    assert "Stoknya baru saja habis" in page
    assert "Total harga barang Rp45.000" in page
    assert "Lanjut ke checkout" not in page


def test_says_how_many_are_left(client: FlaskClient, shop: tuple[Item, Item]) -> None:
    add(client, shop[0].variant_id, 5)
    trade.place({shop[0].variant_id: 8})
    assert "Stoknya tinggal 2" in words(client.get("/keranjang"))


def test_a_guests_cart_joins_the_accounts_cart(
    client: FlaskClient, shop: tuple[Item, Item]
) -> None:
    shade, cookies = shop
    user = people.make_user("pembeli@contoh.example")
    trade.fill_cart({shade.variant_id: 1}, key=trade.CartKey(user_id=user.user_id))
    add(client, shade.variant_id, 2)
    add(client, cookies.variant_id, 1)
    people.sign_in(client, user)
    assert "4 barang dari 2 UPT" in words(client.get("/keranjang"))


def test_needs_the_same_statements_for_one_line_and_for_many(
    client: FlaskClient, shop: tuple[Item, Item]
) -> None:
    add(client, shop[0].variant_id, 1)
    client.get("/keranjang")
    with statements() as one:
        client.get("/keranjang")
    for _ in range(5):
        add(client, trade.make_item("lapas-indramayu", quantity=50).variant_id, 1)
    client.get("/keranjang")
    with statements() as many:
        client.get("/keranjang")
    assert one.count == many.count
    assert many.count <= 6


def test_changing_the_cart_needs_the_token(csrf_app: Flask) -> None:
    client = csrf_app.test_client()
    for path in ("/keranjang/tambah", "/keranjang/ubah"):
        assert client.post(path, data={"variant_id": "1", "quantity": "1"}).status_code == 400
    assert db.read_session().scalar(select(func.count()).select_from(CartLineRow)) == 0
