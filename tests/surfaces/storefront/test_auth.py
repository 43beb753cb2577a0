"""Signing in and out over HTTP: safe ways on, throttling, sessions that really end."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.domain.cart import services as cart_services
from app.domain.identity import services as identity_services
from app.domain.identity.models import User, UserSession
from app.infra import db
from app.kernel import clock
from app.kernel.errors import Unavailable
from app.surfaces.storefront.auth import safe_next
from tests.factories import people

WRONG = "bukan-kata-sandinya-1"


def page(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined,no-any-return]


def test_signs_in_and_goes_to_the_account(client: FlaskClient) -> None:
    user = people.make_user()
    answer = client.post("/masuk", data={"email": user.email, "password": people.PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/akun")


def test_staff_go_to_the_desk(client: FlaskClient) -> None:
    user = people.make_user("a@contoh.example")
    people.grant(user.user_id, "auditor")
    answer = client.post("/masuk", data={"email": user.email, "password": people.PASSWORD})
    assert answer.location == "/meja/"


def test_the_address_is_folded(client: FlaskClient) -> None:
    people.make_user("budi@contoh.example")
    data = {"email": "  BUDI@Contoh.Example ", "password": people.PASSWORD}
    assert client.post("/masuk", data=data).status_code == 303


@pytest.mark.parametrize("email", ["pembeli@contoh.example", "tidak-ada@contoh.example"])
def test_wrong_password_and_unknown_account_get_the_same_words(
    client: FlaskClient, email: str
) -> None:
    people.make_user()
    answer = client.post("/masuk", data={"email": email, "password": WRONG})
    assert answer.status_code == 422
    assert "Surel atau kata sandi tidak cocok." in page(answer)
    assert email in page(answer)
    assert WRONG not in page(answer)


def test_an_account_without_password_cannot_be_entered(client: FlaskClient) -> None:
    user = people.make_user()
    with db.unit_of_work():
        db.session().get_one(User, user.user_id).password_hash = None
    answer = client.post("/masuk", data={"email": user.email, "password": people.PASSWORD})
    assert answer.status_code == 422


def test_blank_fields_are_named_at_once(client: FlaskClient) -> None:
    answer = client.post("/masuk", data={"email": "", "password": ""})
    assert answer.status_code == 422
    assert page(answer).count("Wajib diisi.") == 4


@pytest.mark.parametrize(
    "target",
    [
        "https://jahat.example/",
        "//jahat.example/",
        "/\\jahat.example",
        "\\\\jahat.example",
        "javascript:alert(1)",
        "akun",
        "/akun\r\nSet-Cookie: a=b",
        "/" + "a" * 600,
        "http:///jahat.example",
        "",
    ],
)
def test_unsafe_ways_on_are_ignored(client: FlaskClient, target: str) -> None:
    user = people.make_user()
    data = {"email": user.email, "password": people.PASSWORD, "next": target}
    assert client.post("/masuk", data=data).location == "/akun"
    assert safe_next(target) is None


@pytest.mark.parametrize("target", ["/", "/checkout?x=1", "/produk/tirai#a", "/cari?q=a%2F%2Fb"])
def test_safe_ways_on_are_followed(client: FlaskClient, target: str) -> None:
    user = people.make_user()
    data = {"email": user.email, "password": people.PASSWORD, "next": target}
    assert client.post("/masuk", data=data).location == target


def test_the_form_carries_the_way_on(client: FlaskClient) -> None:
    assert 'value="/checkout"' in page(client.get("/masuk?next=/checkout"))
    assert "jahat" not in page(client.get("/masuk?next=//jahat.example"))


def test_a_guarded_page_sends_to_sign_in_and_back(client: FlaskClient) -> None:
    answer = client.get("/akun?a=1")
    assert answer.status_code == 303
    assert answer.location == "/masuk?next=/akun?a%3D1"


def test_a_signed_in_person_is_sent_on(client: FlaskClient) -> None:
    people.sign_in(client, people.make_user())
    assert client.get("/masuk?next=/checkout").location == "/checkout"
    assert client.get("/daftar").location == "/akun"


def test_the_token_changes_at_every_sign_in_and_the_older_session_ends(
    client: FlaskClient,
) -> None:
    user = people.make_user()
    people.sign_in(client, user)
    first = client.get_cookie("kb_session")
    people.sign_in(client, user)
    assert client.get_cookie("kb_session") != first
    rows = db.read_session().scalars(sa.select(UserSession).order_by(UserSession.id)).all()
    assert [row.revoked_at is None for row in rows] == [False, True]
    assert first is not None
    client.set_cookie("kb_session", first.value)
    assert client.get("/akun").status_code == 303


def test_a_wrong_password_leaves_the_present_session_alone(client: FlaskClient) -> None:
    user = people.make_user()
    people.sign_in(client, user)
    client.post("/masuk", data={"email": user.email, "password": WRONG})
    assert client.get("/akun").status_code == 200


def test_a_logged_out_cookie_never_works_again(client: FlaskClient) -> None:
    people.sign_in(client, people.make_user())
    stolen = client.get_cookie("kb_session")
    answer = client.post("/keluar")
    assert (answer.status_code, answer.location) == (303, "/")
    assert stolen is not None
    client.set_cookie("kb_session", stolen.value)
    assert client.get("/akun").status_code == 303


def test_sign_out_needs_no_session_and_refuses_get(client: FlaskClient) -> None:
    assert client.post("/keluar").status_code == 303
    assert client.get("/keluar").status_code == 405


def test_ten_wrong_passwords_close_the_account_for_a_while(client: FlaskClient) -> None:
    user = people.make_user()
    for _ in range(10):
        answer = client.post("/masuk", data={"email": user.email, "password": WRONG})
        assert answer.status_code == 422
    answer = client.post("/masuk", data={"email": user.email, "password": people.PASSWORD})
    assert answer.status_code == 429
    assert "Tunggu 5 menit" in page(answer)
    assert answer.headers["Retry-After"] == "300"


def test_one_client_cannot_try_many_accounts(client: FlaskClient) -> None:
    other = people.make_user("lain@contoh.example")
    for number in range(10):
        client.post("/masuk", data={"email": f"a{number}@contoh.example", "password": WRONG})
    answer = client.post("/masuk", data={"email": other.email, "password": people.PASSWORD})
    assert answer.status_code == 429
    elsewhere = client.post(
        "/masuk",
        data={"email": other.email, "password": people.PASSWORD},
        environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
    )
    assert elsewhere.status_code == 303


def test_sign_in_fails_closed_when_attempts_cannot_be_counted(
    client: FlaskClient, app: Flask
) -> None:
    user = people.make_user()
    with db.unit_of_work():
        db.session().execute(sa.text("DROP TABLE sign_in_attempt"))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.post("/masuk", data={"email": user.email, "password": people.PASSWORD})
    assert answer.status_code == 500
    assert client.get("/akun").status_code == 303


@pytest.mark.unhurried
def test_registers_a_buyer_and_signs_in(client: FlaskClient) -> None:
    data = {
        "name": "Ibu Contoh",
        "email": "Ibu@Contoh.Example",
        "phone": "0812-3456-7890",
        "password": people.PASSWORD,
        "next": "/checkout",
    }
    answer = client.post("/daftar", data=data)
    assert (answer.status_code, answer.location) == (303, "/checkout")
    assert client.get("/akun").status_code == 200
    row = db.read_session().scalars(sa.select(User)).one()
    assert (row.email, row.phone, row.is_active) == ("ibu@contoh.example", "081234567890", True)
    assert row.password_hash is not None
    assert row.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_registration_shows_every_error_and_what_was_typed(client: FlaskClient) -> None:
    data = {"name": "", "email": "bukan surel", "phone": "abc", "password": "pendek"}
    answer = client.post("/daftar", data=data)
    assert answer.status_code == 422
    for words in (
        "Wajib diisi.",
        "Tulis alamat surel yang benar",
        "Tulis nomor telepon dengan angka",
        "Kata sandi paling sedikit 10 huruf.",
        'value="bukan surel"',
    ):
        assert words in page(answer)
    assert "pendek" not in page(answer)
    assert db.read_session().scalar(sa.select(sa.func.count()).select_from(User)) == 0


@pytest.mark.parametrize(
    "password",
    ["password1234", "qwertyuiop", "1234567890", "aaaaaaaaaaaa", "rahasia123", "karyabina2026",
     "siti1234567", "abcdefghij"],
)  # fmt: skip
def test_easy_passwords_are_refused(client: FlaskClient, password: str) -> None:
    data = {"name": "Siti Contoh", "email": "siti@contoh.example", "password": password}
    answer = client.post("/daftar", data=data)
    assert answer.status_code == 422
    assert "mudah ditebak" in page(answer)


def test_a_taken_address_is_refused_in_words(client: FlaskClient) -> None:
    user = people.make_user()
    data = {"name": "Lain", "email": user.email.upper(), "password": people.PASSWORD}
    answer = client.post("/daftar", data=data)
    assert answer.status_code == 422
    assert "sudah punya akun" in page(answer)


def test_registering_is_throttled_too(client: FlaskClient) -> None:
    user = people.make_user()
    data = {"name": "Lain", "email": user.email, "password": people.PASSWORD}
    codes = [client.post("/daftar", data=data).status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]


def test_closing_an_account_bites_on_the_next_request(client: FlaskClient) -> None:
    user = people.make_user()
    people.sign_in(client, user)
    with db.unit_of_work():
        identity_services.set_active(
            actor=people.SYSTEM, user_id=user.user_id, is_active=False, at=clock.now()
        )
    assert client.get("/akun").status_code == 303
    answer = client.post("/masuk", data={"email": user.email, "password": people.PASSWORD})
    assert answer.status_code == 422


def test_a_new_role_and_its_end_bite_on_the_next_request(client: FlaskClient) -> None:
    user = people.make_user()
    people.sign_in(client, user)
    assert client.get("/meja/audit").status_code == 403
    grant_id = people.grant(user.user_id, "auditor")
    assert client.get("/meja/audit").status_code == 200
    with db.unit_of_work():
        identity_services.revoke_grant(actor=people.SYSTEM, grant_id=grant_id, at=clock.now())
    assert client.get("/meja/audit").status_code == 403


def test_an_idle_staff_session_ends_and_a_used_one_goes_on(client: FlaskClient) -> None:
    user = people.make_user()
    people.grant(user.user_id, "auditor")
    people.sign_in(client, user)
    _age(minutes=20)
    assert client.get("/meja/audit").status_code == 200
    row = db.read_session().scalars(sa.select(UserSession)).one()
    assert clock.now() - row.last_seen_at < timedelta(minutes=1)
    _age(minutes=31)
    assert client.get("/meja/audit").status_code == 303


def test_a_buyer_stays_signed_in_for_weeks(client: FlaskClient) -> None:
    people.sign_in(client, people.make_user())
    _age(minutes=60 * 24 * 20)
    assert client.get("/akun").status_code == 200


def _age(minutes: int) -> None:
    with db.unit_of_work():
        row = db.session().scalars(sa.select(UserSession)).one()
        row.last_seen_at = clock.now() - timedelta(minutes=minutes)


def test_forms_are_refused_without_their_token(csrf_app: Flask) -> None:
    people.make_user()
    client = csrf_app.test_client()
    for path in ("/masuk", "/daftar", "/keluar"):
        assert client.post(path, data={"email": "a", "password": "b"}).status_code == 400


@pytest.mark.parametrize("is_busy", [False, True])
def test_the_visitors_cart_comes_along(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, is_busy: bool
) -> None:
    calls: list[tuple[str, int]] = []

    def merge(*, token: str, user_id: int, at: object) -> None:
        calls.append((token, user_id))
        if is_busy:
            raise Unavailable

    monkeypatch.setattr(cart_services, "merge", merge)
    user = people.make_user()
    token = "t" * 43
    client.set_cookie("kb_cart", token)
    answer = client.post("/masuk", data={"email": user.email, "password": people.PASSWORD})
    assert answer.status_code == 303
    assert calls == [(token, user.user_id)]
    assert (client.get_cookie("kb_cart") is not None) is is_busy


def test_a_visitor_without_a_cart_merges_nothing(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cart_services, "merge", None)
    people.sign_in(client, people.make_user())
