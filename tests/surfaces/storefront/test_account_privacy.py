"""A buyer's addresses, the file with everything, and being forgotten everywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.domain.buyers.errors import AddressesFull, OrdersOpen
from app.domain.cart.types import CartKey
from app.domain.checkout import services as checkout_services
from app.domain.checkout.types import PlacedOrder
from app.domain.identity.errors import StaffAccount
from app.domain.identity.types import UserRecord
from app.domain.notifications import flows as mail_flows
from app.domain.orders import services as order_services
from app.domain.payments import queries as payment_queries
from app.domain.payments import services as payment_services
from app.domain.stock import flows as stock_flows
from app.infra import db
from tests.factories import people, trade
from tests.factories.reading import words

pytestmark = pytest.mark.usefixtures("app", "now")

NAME = "Zubaidah Penanda"
EMAIL = "zubaidah.penanda@contoh.example"
PHONE = "081299887766"
STREET = "Gang Penanda 77"
NOTE = "titipkan penjaga-penanda"
PLANTED = ("zubaidah", "81299887766", "gang penanda", "penjaga-penanda")

ADDRESS = {
    "label": "Rumah Penanda",
    "recipient": NAME,
    "phone": PHONE,
    "place_query": "",
    "village_code": trade.VILLAGE,
    "village_before": trade.VILLAGE,
    "postcode": "12190",
    "street": STREET,
    "langkah": "simpan",
}


@pytest.fixture
def buyer(client: FlaskClient) -> UserRecord:
    user = people.make_user(EMAIL, name=NAME)
    people.sign_in(client, user)
    return user


def save(client: FlaskClient, **changes: str) -> int:
    return client.post("/akun/alamat", data={**ADDRESS, **changes}).status_code


def test_visitors_are_asked_to_sign_in(client: FlaskClient) -> None:
    for path in ("/akun/alamat", "/akun/data", "/akun/data.json"):
        assert client.get(path).location.startswith("/masuk")
    for path in (
        "/akun/alamat",
        "/akun/alamat/1/utama",
        "/akun/alamat/1/hapus",
        "/akun/data/hapus",
    ):
        assert client.post(path).status_code in (303, 400)


def test_addresses_are_kept_once_and_the_default_fills_the_checkout(
    app: Flask, client: FlaskClient, buyer: UserRecord
) -> None:
    item = trade.make_item()
    assert save(client) == 303
    assert save(client) == 303
    assert save(client, label="Kantor", street="Jalan Kantor 9") == 303
    page = client.get("/akun/alamat")
    assert words(page).count("Rumah Penanda") == 1
    assert "Alamat disimpan." in words(page)
    trade.fill_cart({item.variant_id: 1}, key=CartKey(user_id=buyer.user_id))
    assert STREET in client.get("/checkout").text
    second = page.text.split("/utama")[0].rsplit("/", 1)[1]
    assert client.post(f"/akun/alamat/{second}/utama").status_code == 303
    assert "Jalan Kantor 9" in client.get("/checkout").text
    assert client.post(f"/akun/alamat/{second}/hapus").status_code == 303
    assert STREET in client.get("/checkout").text
    stranger = app.test_client()
    people.sign_in(stranger, people.make_user("lain@contoh.example", name="Lain"))
    for action in ("utama", "hapus"):
        assert stranger.post(f"/akun/alamat/1/{action}").status_code == 404
    assert "Rumah Penanda" in words(client.get("/akun/alamat"))


def test_a_wrong_address_comes_back_as_typed(client: FlaskClient, buyer: UserRecord) -> None:
    trade.make_item()
    answer = client.post("/akun/alamat", data={**ADDRESS, "street": "", "village_code": ""})
    assert answer.status_code == 422
    page = words(answer)
    assert "Tulis nama jalan dan nomor rumah." in page
    assert "Tulis kelurahan, desa, atau kode pos tujuan." in page
    assert "Rumah Penanda" in answer.text
    looked = client.post("/akun/alamat", data={**ADDRESS, "langkah": "cari"})
    assert looked.status_code == 200
    assert "Senayan" in looked.text
    for number in range(10):
        assert save(client, street=f"Jalan {number}") == 303
    full = client.post("/akun/alamat", data={**ADDRESS, "street": "Jalan 11"})
    assert full.status_code == 409
    assert "Paling banyak 10 alamat" in words(full)
    assert AddressesFull.code == "buyers.addresses_full"


def closed_order(user: UserRecord) -> PlacedOrder:
    """Return an order of an account that went all its way."""
    item = trade.make_shop()[0]
    placed = trade.paid(
        {item.variant_id: 1},
        actor=people.buyer(user.user_id),
        contact_name=NAME, contact_email=EMAIL, contact_phone=PHONE,
        street=STREET, recipient=NAME, recipient_phone=PHONE, note=NOTE,
    )  # fmt: skip
    trade.ship(placed, item.upt_id)
    part = trade.part(placed, item.upt_id)
    actor = people.buyer(user.user_id)
    db.transact(
        lambda: checkout_services.confirm_received(number=part.number, actor=actor, at=trade.AT)
    )
    db.transact(lambda: order_services.complete(number=part.number, actor=actor, at=trade.AT))
    return placed


def test_the_file_holds_everything_and_nothing_of_others(
    client: FlaskClient, buyer: UserRecord, drain: Callable[[], int]
) -> None:
    placed = closed_order(buyer)
    drain()
    save(client)
    other = trade.place({trade.make_item("lapas-pamekasan").variant_id: 1})
    answer = client.get("/akun/data.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="data-karyabina.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    values = json.loads(answer.text)
    assert values["account"]["email"] == EMAIL
    assert values["addresses"][0]["street"] == STREET
    (order,) = values["orders"]
    assert order["number"] == placed.number
    assert order["contact"] == {"name": NAME, "email": EMAIL, "phone": "+6281299887766"}
    assert order["address"][0] == STREET
    assert order["note"] == NOTE
    assert len(order["papers"]) == 2
    assert [letter["kind"] for letter in order["letters"]][:2] == ["order_placed", "order_paid"]
    assert other.number not in answer.text


def planted(app: Flask) -> set[str]:
    """Return each table and file in which a planted word is found."""
    db.db.session.rollback()
    found = set()
    for table in sa.inspect(db.db.engine).get_table_names():
        for row in db.db.session.execute(sa.text(f'SELECT * FROM "{table}"')):  # noqa: S608  # names from the database
            if any(word in str(row).lower() for word in PLANTED):
                found.add(table)
    db.db.session.rollback()
    for path in app.config["KARYABINA"].instance_dir.rglob("*"):
        if path.is_file() and "fonts" not in path.parts and path.suffix != ".db":
            content = path.read_bytes().lower()
            if any(word.encode() in content for word in PLANTED):
                found.add(path.parent.name)
    return found


def test_a_person_is_forgotten_everywhere_and_the_books_stay_whole(
    app: Flask, client: FlaskClient, buyer: UserRecord, drain: Callable[[], int]
) -> None:
    placed = closed_order(buyer)
    drain()
    mail_flows.send_due(at=datetime(2100, 1, 1, tzinfo=UTC))
    save(client)
    trade.fill_cart(
        {trade.make_item("lapas-pamekasan").variant_id: 1}, key=CartKey(user_id=buyer.user_id)
    )
    assert {"user", "order_group", "saved_address", "paper", "outbox"} <= planted(app)
    assert client.post("/akun/data/hapus", data={"password": "salah-sekali-ini"}).status_code == 422
    assert {"user", "order_group", "saved_address", "outbox"} <= planted(app)
    answer = client.post("/akun/data/hapus", data={"password": people.PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")
    assert planted(app) == {"paper"}
    assert client.get("/akun").location.startswith("/masuk")
    group = trade.page(placed).group
    assert group.contact.name == "Pembeli terhapus"
    assert (group.contact.email, group.contact.phone, group.note, group.address) == (
        "",
        "",
        "",
        None,
    )
    assert mail_flows.send_due(at=datetime(2100, 1, 2, tzinfo=UTC)).sent == 0
    assert payment_queries.verify().faults == ()
    assert stock_flows.verify().faults == ()


def test_what_is_under_way_keeps_the_account_open(
    app: Flask, client: FlaskClient, buyer: UserRecord
) -> None:
    item = trade.make_shop()[0]
    placed = trade.place({item.variant_id: 1}, actor=people.buyer(buyer.user_id))
    answer = client.post("/akun/data/hapus", data={"password": people.PASSWORD})
    assert answer.status_code == 409
    assert placed.number in words(answer)
    assert EMAIL in words(client.get("/akun/data"))
    assert OrdersOpen.code == "buyers.orders_open"
    staff = app.test_client()
    people.staff(staff, "upt_clerk", item.upt_id)
    refused = staff.post("/akun/data/hapus", data={"password": people.PASSWORD})
    assert refused.status_code == 409
    assert "Hubungi administrator" in words(refused)
    assert StaffAccount.code == "identity.staff_account"


def test_provider_notices_lose_their_words(app: Flask) -> None:
    placed = trade.place({trade.make_item().variant_id: 1})
    with db.unit_of_work():
        payment_services.forget_notices(group_ids=[placed.group_id])
    assert payment_queries.verify().faults == ()
