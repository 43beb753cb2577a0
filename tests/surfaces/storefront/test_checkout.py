"""Checkout in plain steps: look a place up, pick it, choose deliveries, order exactly once."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update

from app.domain.catalog.models import Variant
from app.domain.checkout.models import Placement
from app.domain.orders import queries as order_queries
from app.domain.orders.models import OrderGroup
from app.infra import db
from tests.factories import people, trade
from tests.factories.reading import ADDRESS, CONTACT, add, checkout_values, fields, order, words
from tests.factories.trade import Item

pytestmark = pytest.mark.usefixtures("app", "now")


@pytest.fixture
def shop() -> tuple[Item, Item]:
    return trade.make_shop()


@pytest.fixture
def cart(client: FlaskClient, shop: tuple[Item, Item]) -> tuple[Item, Item]:
    add(client, shop[0].variant_id, 2)
    add(client, shop[1].variant_id, 1)
    return shop


def order_count() -> int:
    db.read_session().rollback()
    return db.read_session().scalar(select(func.count()).select_from(OrderGroup)) or 0


def test_an_empty_cart_leads_back_to_the_cart(client: FlaskClient) -> None:
    answer = client.get("/checkout")
    assert (answer.status_code, answer.location) == (303, "/keranjang")


def test_shows_pick_up_alone_until_the_place_is_known(
    client: FlaskClient, cart: tuple[Item, Item]
) -> None:
    page = words(client.get("/checkout"))
    assert "Cari alamat dulu" in page
    assert page.count("Ambil di galeri") == 2
    assert "Kurir reguler" not in page
    assert "Total sementara Rp415.000" in page


def test_finds_a_place_by_its_name_and_counts_the_delivery(
    client: FlaskClient, cart: tuple[Item, Item]
) -> None:
    values = fields(client.get("/checkout"), "/checkout")
    answer = client.post("/checkout", data={**values, "place_query": "senayan", "langkah": "cari"})
    assert answer.status_code == 200
    again = fields(answer, "/checkout")
    assert again["village_code"] == trade.VILLAGE
    assert again["postcode"] == "12190"
    assert again["place_query"].startswith("Senayan, Kec. Kebayoran Baru")
    assert again[f"delivery_{cart[0].upt_id}"] == "courier:reguler"
    page = words(answer)
    assert "Kurir reguler Perkiraan 2–3 hari setelah dikirim." in page
    assert "Kesalahan:" not in page


def test_finds_a_place_by_its_postcode(client: FlaskClient, cart: tuple[Item, Item]) -> None:
    values = fields(client.get("/checkout"), "/checkout")
    answer = client.post("/checkout", data={**values, "place_query": "12190", "langkah": "cari"})
    assert fields(answer, "/checkout")["village_code"] == trade.VILLAGE


def test_asks_which_place_when_several_fit(client: FlaskClient, cart: tuple[Item, Item]) -> None:
    values = fields(client.get("/checkout"), "/checkout")
    matching = client.post("/checkout", data={**values, "place_query": "45", "langkah": "cari"})
    assert "Yang mana tempatnya?" in words(matching)
    assert "Beberapa tempat cocok" in words(matching)
    picked = client.post(
        "/checkout",
        data={
            **fields(matching, "/checkout"),
            "village_pick": "32.12.15.1006",
            "langkah": "pakai",
        },
    )
    assert fields(picked, "/checkout")["village_code"] == "32.12.15.1006"


@pytest.mark.parametrize("query", ["", "tidak ada tempat begini", "%", "99999"])
def test_says_when_no_place_fits(client: FlaskClient, cart: tuple[Item, Item], query: str) -> None:
    values = fields(client.get("/checkout"), "/checkout")
    answer = client.post("/checkout", data={**values, "place_query": query, "langkah": "cari"})
    assert answer.status_code == 200
    assert fields(answer, "/checkout")["place_query"] == query
    assert 'href="#f-place_query"' in answer.get_data(as_text=True)


def test_a_place_typed_anew_replaces_the_one_found_before(
    client: FlaskClient, cart: tuple[Item, Item]
) -> None:
    values = checkout_values(client)
    answer = client.post(
        "/checkout", data={**values, "place_query": "Indramayu 45212", "langkah": "hitung"}
    )
    again = fields(answer, "/checkout")
    assert again["village_code"] != trade.VILLAGE
    assert again["postcode"] != "12190" or again["village_code"] == ""


def test_counts_again_when_a_delivery_is_chosen(
    client: FlaskClient, cart: tuple[Item, Item]
) -> None:
    values = checkout_values(client)
    before = int(values["confirmed_total_idr"])
    answer = client.post(
        "/checkout",
        data={**values, f"delivery_{cart[0].upt_id}": "pickup", "langkah": "hitung"},
    )
    assert int(fields(answer, "/checkout")["confirmed_total_idr"]) == before - 48_000


def test_places_one_order_and_leads_to_it(client: FlaskClient, cart: tuple[Item, Item]) -> None:
    answer = client.post("/checkout", data=checkout_values(client))
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert page.status_code == 200
    assert "Tinggal transfer" in words(page)
    assert order_count() == 1
    assert "Keranjang Anda masih kosong" in words(client.get("/keranjang"))


def test_a_form_sent_twice_is_one_order(client: FlaskClient, cart: tuple[Item, Item]) -> None:
    values = checkout_values(client)
    first = client.post("/checkout", data=values)
    second = client.post("/checkout", data=values)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert order_count() == 1


def test_going_back_and_changing_a_placed_form_makes_no_second_order(
    client: FlaskClient, cart: tuple[Item, Item]
) -> None:
    values = checkout_values(client)
    client.post("/checkout", data=values)
    answer = client.post("/checkout", data={**values, "contact_name": "Nama Lain"})
    assert answer.status_code == 303
    assert answer.location == "/keranjang"
    assert order_count() == 1


def test_a_placed_form_with_a_new_cart_starts_a_new_order(
    client: FlaskClient, cart: tuple[Item, Item]
) -> None:
    values = checkout_values(client)
    client.post("/checkout", data=values)
    add(client, cart[0].variant_id, 1)
    answer = client.post("/checkout", data={**values, "contact_name": "Nama Lain"})
    assert answer.status_code == 409
    again = fields(answer, "/checkout")
    assert again["placement_key"] != values["placement_key"]
    assert client.post("/checkout", data={**again, "langkah": "pesan"}).status_code == 303
    assert order_count() == 2


def test_shows_every_error_at_once_and_everything_as_typed(
    client: FlaskClient, cart: tuple[Item, Item]
) -> None:
    values = {
        **fields(client.get("/checkout"), "/checkout"),
        "contact_name": "",
        "contact_email": "bukan-surel",
        "contact_phone": "abc",
        "street": "",
        "note": "Tolong <b>hati-hati</b>",
        "langkah": "pesan",
    }
    answer = client.post("/checkout", data=values)
    assert answer.status_code == 422
    page = words(answer)
    for sentence in (
        "Tulis nama lengkap Anda.",
        "Tulis surel dengan lengkap",
        "Tulis nomor telepon dengan angka",
        "Tulis kelurahan, desa, atau kode pos tujuan.",
        "Tulis nama jalan dan nomor rumah.",
    ):
        assert page.count(sentence) == 2, sentence
    again = fields(answer, "/checkout")
    for name in ("contact_email", "contact_phone", "note", "placement_key"):
        assert again[name] == values[name]
    assert order_count() == 0


def test_asks_for_a_delivery_that_was_not_chosen(
    client: FlaskClient, cart: tuple[Item, Item]
) -> None:
    values = checkout_values(client)
    del values[f"delivery_{cart[1].upt_id}"]
    answer = client.post("/checkout", data=values)
    assert answer.status_code == 422
    assert f'href="#f-delivery_{cart[1].upt_id}"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("choice", ["courier:roket", "pickup:x", "", "{}", "courier:"])
def test_refuses_a_delivery_that_is_not_offered(
    client: FlaskClient, cart: tuple[Item, Item], choice: str
) -> None:
    values = checkout_values(client)
    answer = client.post("/checkout", data={**values, f"delivery_{cart[0].upt_id}": choice})
    assert answer.status_code == 422
    assert order_count() == 0


def test_needs_no_address_when_everything_is_fetched(
    client: FlaskClient, cart: tuple[Item, Item]
) -> None:
    values = {
        **fields(client.get("/checkout"), "/checkout"),
        **CONTACT,
        **{f"delivery_{item.upt_id}": "pickup" for item in cart},
        "langkah": "pesan",
    }
    answer = client.post("/checkout", data=values)
    assert answer.status_code == 303, words(answer)
    page = words(client.get(answer.location))
    assert "Tunjukkan nomor pesanan ini" in page


def test_says_how_the_total_changed_and_asks_again(
    client: FlaskClient, cart: tuple[Item, Item]
) -> None:
    values = checkout_values(client)
    with db.unit_of_work():
        db.session().execute(
            update(Variant).where(Variant.id == cart[1].variant_id).values(price_idr=50_000)
        )
    answer = client.post("/checkout", data=values)
    assert answer.status_code == 409
    before, after = int(values["confirmed_total_idr"]), int(values["confirmed_total_idr"]) + 5_000
    page = words(answer)
    assert f"berubah dari Rp{before:,} menjadi Rp{after:,}".replace(",", ".") in page
    assert order_count() == 0
    again = client.post("/checkout", data={**fields(answer, "/checkout"), "langkah": "pesan"})
    assert again.status_code == 303
    assert order_count() == 1


def test_names_the_item_that_ran_out(client: FlaskClient, cart: tuple[Item, Item]) -> None:
    values = checkout_values(client)
    trade.place({cart[0].variant_id: 9})
    answer = client.post("/checkout", data=values)
    assert answer.status_code == 409
    page = words(answer)
    assert "Stok tidak cukup: Karya uji" in page
    assert "(1 × 2 m) (tersisa 1, Anda minta 2)" in page
    assert fields(answer, "/checkout")["contact_name"] == CONTACT["contact_name"]
    assert order_count() == 1


def test_a_stale_page_is_counted_again(client: FlaskClient, cart: tuple[Item, Item]) -> None:
    values = checkout_values(client)
    for bad in ({"confirmed_total_idr": "abc"}, {"placement_key": "x"}):
        answer = client.post("/checkout", data={**values, **bad})
        assert answer.status_code == 422
        assert "Halaman ini terlalu lama terbuka" in words(answer)
    assert order_count() == 0


def test_an_emptied_cart_is_said(client: FlaskClient, cart: tuple[Item, Item]) -> None:
    values = checkout_values(client)
    for item in cart:
        client.post("/keranjang/ubah", data={"variant_id": item.variant_id, "quantity": "0"})
    answer = client.post("/checkout", data=values)
    assert (answer.status_code, answer.location) == (303, "/keranjang")
    assert "belum ada yang dipesan" in words(client.get("/keranjang"))


def test_knows_a_signed_in_buyer_and_the_last_address(
    client: FlaskClient, shop: tuple[Item, Item]
) -> None:
    user = people.make_user("pembeli@contoh.example", name="Pembeli Tetap")
    people.sign_in(client, user)
    order(client, {shop[0].variant_id: 1})
    add(client, shop[0].variant_id, 1)
    values = fields(client.get("/checkout"), "/checkout")
    assert values["contact_email"] == "pembeli@contoh.example"
    assert values["street"] == ADDRESS["street"]
    assert values["village_code"] == trade.VILLAGE
    assert values[f"delivery_{shop[0].upt_id}"] == "courier:reguler"


def test_an_order_belongs_to_the_account_that_placed_it(
    client: FlaskClient, shop: tuple[Item, Item]
) -> None:
    user = people.make_user("pembeli@contoh.example")
    people.sign_in(client, user)
    number = order(client, {shop[0].variant_id: 1})
    assert order_queries.get_group(number=number).group.buyer_user_id == user.user_id


def test_needs_the_token(csrf_app: Flask) -> None:
    answer = csrf_app.test_client().post("/checkout", data={"langkah": "pesan"})
    assert answer.status_code == 400
    assert db.read_session().scalar(select(func.count()).select_from(Placement)) == 0


def test_stores_no_key_when_nothing_was_ordered(
    client: FlaskClient, cart: tuple[Item, Item]
) -> None:
    values = checkout_values(client)
    client.post("/checkout", data={**values, "contact_name": ""})
    assert db.read_session().execute(text("SELECT count(*) FROM placement")).scalar() == 0
