"""A buyer's own corner: orders, profile, password, devices."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.identity.types import UserRecord
from tests.factories import people, trade
from tests.factories.reading import fields, words

pytestmark = pytest.mark.usefixtures("app", "now")


@pytest.fixture
def buyer(client: FlaskClient) -> UserRecord:
    user = people.make_user("pembeli@contoh.example", name="Pembeli Contoh")
    people.sign_in(client, user)
    return user


def test_visitors_are_asked_to_sign_in(client: FlaskClient) -> None:
    for path in ("/akun", "/akun/profil"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.location.startswith("/masuk")


def test_says_when_there_are_no_orders(client: FlaskClient, buyer: UserRecord) -> None:
    assert "Belum ada pesanan" in words(client.get("/akun"))


def test_lists_own_orders_only(client: FlaskClient, buyer: UserRecord) -> None:
    shade, cookies = trade.make_shop()
    own = trade.place(
        {shade.variant_id: 1, cookies.variant_id: 1}, actor=people.buyer(buyer.user_id)
    )
    other = trade.place({shade.variant_id: 1})
    page = words(client.get("/akun"))
    assert own.number in page
    assert other.number not in page
    assert "dan 1 karya lain" in page
    assert "Lapas Indramayu, Lapas Pamekasan" in page
    assert "Menunggu pembayaran" in page


def test_changes_name_and_telephone(client: FlaskClient, buyer: UserRecord) -> None:
    answer = client.post("/akun/profil", data={"name": "Nama Baru", "phone": "0812 3456 789"})
    assert answer.status_code == 303
    page = client.get("/akun/profil")
    assert fields(page, "/akun/profil")["name"] == "Nama Baru"
    assert "Profil disimpan." in words(page)


def test_shows_a_wrong_profile_again(client: FlaskClient, buyer: UserRecord) -> None:
    answer = client.post("/akun/profil", data={"name": "", "phone": "abc"})
    assert answer.status_code == 422
    assert fields(answer, "/akun/profil") == {"name": "", "phone": "abc"}


@pytest.mark.parametrize(
    ("current", "new"),
    [("salah-sekali-ini", "perahu-merah-di-laut-28"), ("", ""), (people.PASSWORD, "pendek")],
)
def test_refuses_a_wrong_or_easy_password(
    client: FlaskClient, buyer: UserRecord, current: str, new: str
) -> None:
    answer = client.post("/akun/sandi", data={"current_password": current, "new_password": new})
    assert answer.status_code == 422
    assert "Kesalahan:" in words(answer)


def test_a_new_password_signs_other_devices_out(
    app: Flask, client: FlaskClient, buyer: UserRecord
) -> None:
    other = app.test_client()
    people.sign_in(other, buyer)
    answer = client.post(
        "/akun/sandi",
        data={"current_password": people.PASSWORD, "new_password": "perahu-merah-di-laut-28"},
    )
    assert answer.status_code == 303
    assert other.get("/akun").status_code == 303
    assert client.get("/akun").status_code == 200


def test_signs_other_devices_out(app: Flask, client: FlaskClient, buyer: UserRecord) -> None:
    other = app.test_client()
    people.sign_in(other, buyer)
    assert client.post("/akun/perangkat").status_code == 303
    assert other.get("/akun").status_code == 303
    assert "Perangkat lain sudah dikeluarkan." in words(client.get("/akun/profil"))
