"""National administration over HTTP: units, offices, people, roles, by role and by form."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.domain.audit.models import AuditEntry
from app.domain.identity.models import RoleGrant, User
from app.domain.upt import queries as upt_queries
from app.domain.upt.models import Kanwil, Upt
from app.infra import db
from app.kernel import clock
from tests.factories import people

UPT_FORM = {
    "kind": "lapas",
    "subkind": "umum",
    "upt_class": "IIB",
    "place": "Bandung",
    "full_name": "Lembaga Pemasyarakatan Kelas IIB Bandung",
    "valid_from": "2025-01-01",
    "regency_code": "32.73",
    "timezone": "Asia/Jakarta",
    "aliases": "Lapas Bandung\r\nLP Bandung",
    "is_active": "1",
}
PAGES = (
    "/meja/admin/upt",
    "/meja/admin/upt/baru",
    "/meja/admin/kanwil",
    "/meja/admin/kanwil/baru",
    "/meja/admin/impor",
    "/meja/admin/pengguna",
    "/meja/admin/pengguna/baru",
)
OTHERS = ("upt_clerk", "upt_head", "kanwil_staff", "treasurer", "curator", "auditor")


def body(answer: Any) -> str:
    text: str = answer.get_data(as_text=True)
    return text


def count(model: Any) -> int:
    return db.read_session().scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    people.make_kanwil()
    people.staff(client, "national_admin")
    return client


# --- who may come in


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_is_sent_to_sign_in(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (303, f"/masuk?next={path}")


@pytest.mark.parametrize("role", OTHERS)
def test_other_roles_are_refused_everywhere(client: FlaskClient, app: Flask, role: str) -> None:
    upt = people.make_upt("lapas-indramayu")
    people.staff(client, role, upt_id=upt.upt_id)
    target = people.make_user("sasaran@contoh.example")
    before = (count(Upt), count(User), count(RoleGrant))
    codes = {path: client.get(path).status_code for path in PAGES}
    for path in (
        f"/meja/admin/upt/{upt.upt_id}",
        "/meja/admin/upt/baru",
        f"/meja/admin/kanwil/{upt.kanwil_id}",
        "/meja/admin/impor",
        "/meja/admin/impor/terapkan",
        "/meja/admin/pengguna/baru",
        f"/meja/admin/pengguna/{target.user_id}/peran",
        f"/meja/admin/pengguna/{target.user_id}/status",
        f"/meja/admin/pengguna/{target.user_id}/sesi",
        f"/meja/admin/pengguna/{target.user_id}/peran/1/cabut",
    ):
        codes["POST " + path] = client.post(path, data=UPT_FORM).status_code
    assert set(codes.values()) == {403}, codes
    assert (count(Upt), count(User), count(RoleGrant)) == before


def test_a_buyer_is_refused(client: FlaskClient) -> None:
    people.sign_in(client, people.make_user())
    assert {client.get(path).status_code for path in PAGES} == {403}


@pytest.mark.parametrize("path", PAGES)
def test_the_administrator_sees_every_page(admin: FlaskClient, path: str) -> None:
    answer = admin.get(path)
    assert answer.status_code == 200
    assert body(answer).count("<h1") == 1


@pytest.mark.parametrize(
    "path", ["/meja/admin/upt/99999", "/meja/admin/kanwil/99999", "/meja/admin/pengguna/99999"]
)
def test_unknown_ids_are_not_found(admin: FlaskClient, path: str) -> None:
    assert admin.get(path).status_code == 404
    assert admin.post(path, data=UPT_FORM).status_code in {404, 405}


# --- units


def test_a_unit_is_added_found_and_changed(admin: FlaskClient) -> None:
    answer = admin.post(
        "/meja/admin/upt/baru", data={**UPT_FORM, "kanwil_id": people.make_kanwil()}
    )
    assert answer.status_code == 303, body(answer)
    upt_id = upt_queries.find_id_by_slug(slug="lapas-bandung")
    assert answer.location == f"/meja/admin/upt/{upt_id}"
    page = body(admin.get(answer.location))
    assert "Lapas Bandung disimpan." in page
    assert "LP Bandung" in page
    assert "Lapas Bandung" in body(admin.get("/meja/admin/upt?q=lp+bandung"))
    assert "Tidak ada UPT yang cocok" in body(admin.get("/meja/admin/upt?q=tidak"))
    promoted = {
        **UPT_FORM,
        "slug": "lapas-bandung",
        "kanwil_id": people.make_kanwil(),
        "upt_class": "IIA",
        "full_name": "Lembaga Pemasyarakatan Kelas IIA Bandung",
        "valid_from": "2026-02-01",
    }
    assert admin.post(f"/meja/admin/upt/{upt_id}", data=promoted).status_code == 303
    page = body(admin.get(f"/meja/admin/upt/{upt_id}"))
    assert "Kelas IIA Bandung" in page
    assert "Kelas IIB Bandung" in page
    assert "1 Februari 2026" in page


def test_a_wrong_unit_is_shown_again_with_every_error(admin: FlaskClient) -> None:
    data = {**UPT_FORM, "place": "", "slug": "Salah Sekali", "postcode": "12", "valid_from": "x"}
    answer = admin.post("/meja/admin/upt/baru", data=data)
    assert answer.status_code == 422
    for words in (
        "Pakai huruf kecil, angka, dan tanda hubung",
        "Kode pos terdiri atas 5 angka.",
        "Isi tanggal dengan benar",
        "Wajib diisi.",
        'value="Salah Sekali"',
        "LP Bandung",
    ):
        assert words in body(answer), words
    assert count(Upt) == 0


def test_refusals_of_the_service_are_shown_beside_the_field(admin: FlaskClient) -> None:
    people.make_upt("lapas-indramayu")
    data = {**UPT_FORM, "kanwil_id": people.make_kanwil(), "slug": "lapas-indramayu"}
    answer = admin.post("/meja/admin/upt/baru", data=data)
    assert answer.status_code == 422
    assert "Alamat ini sudah dipakai UPT lain." in body(answer)
    gone = admin.post("/meja/admin/upt/baru", data={**UPT_FORM, "kanwil_id": "99999"})
    assert gone.status_code == 422
    assert "Pilih salah satu yang tersedia." in body(gone)


@pytest.mark.parametrize(
    ("query", "code", "expected"),
    [
        ("dago", "", "32.73.02.1004"),
        ("Dago, Kec. Coblong", "32.73.02.1004", "32.73.02.1004"),
        ("", "32.73.02.1004", ""),
    ],
)
def test_the_village_is_found_from_the_words_alone(
    admin: FlaskClient, query: str, code: str, expected: str
) -> None:
    data = {
        **UPT_FORM,
        "kanwil_id": people.make_kanwil(),
        "village_query": query,
        "village_code": code,
    }
    assert admin.post("/meja/admin/upt/baru", data=data).status_code == 303
    row = db.read_session().scalars(sa.select(Upt)).one()
    assert (row.village_code or "") == expected


@pytest.mark.parametrize("query", ["sindang", "entah di mana"])
def test_an_unclear_village_is_an_error(admin: FlaskClient, query: str) -> None:
    data = {**UPT_FORM, "kanwil_id": people.make_kanwil(), "village_query": query}
    answer = admin.post("/meja/admin/upt/baru", data=data)
    assert answer.status_code == 422
    assert "Tambahkan nama kecamatan atau kode pos" in body(answer)
    assert f'value="{query}"' in body(answer)


def test_a_unit_page_escapes_what_was_typed(admin: FlaskClient) -> None:
    data = {**UPT_FORM, "kanwil_id": people.make_kanwil(), "about": "<script>alert(1)</script>"}
    answer = admin.post("/meja/admin/upt/baru", data=data)
    assert "<script>alert" not in body(admin.get(answer.location))


# --- offices


def test_an_office_is_added_and_changed(admin: FlaskClient) -> None:
    data = {"code": "jawa-timur", "name": "Kanwil Jawa Timur", "province_codes": ["35"]}
    assert admin.post("/meja/admin/kanwil/baru", data=data).status_code == 303
    office = upt_queries.find_kanwil_by_code(code="jawa-timur")
    assert office is not None
    path = f"/meja/admin/kanwil/{office.kanwil_id}"
    changed = {**data, "province_codes": ["35", "72"]}
    assert admin.post(path, data=changed).status_code == 303
    page = body(admin.get("/meja/admin/kanwil"))
    assert "Jawa Timur, Sulawesi Tengah" in page


def test_an_office_with_a_taken_province_is_refused_in_words(admin: FlaskClient) -> None:
    data = {"code": "baru", "name": "Baru", "province_codes": ["32", "35"]}
    answer = admin.post("/meja/admin/kanwil/baru", data=data)
    assert answer.status_code == 422
    assert "sudah dilayani kanwil lain: Jawa Barat." in body(answer)
    blank = admin.post("/meja/admin/kanwil/baru", data={"code": "", "name": ""})
    assert blank.status_code == 422
    assert count(Kanwil) == 1


# --- people and roles


def test_an_account_is_made_and_given_a_role_that_works(admin: FlaskClient, app: Flask) -> None:
    upt = people.make_upt("lapas-indramayu")
    data = {"name": "Petugas Baru", "email": "baru@contoh.example", "password": people.PASSWORD}
    answer = admin.post("/meja/admin/pengguna/baru", data=data)
    assert answer.status_code == 303
    granted = admin.post(
        answer.location + "/peran",
        data={"role": "upt_clerk", "upt_id": upt.upt_id, "kanwil_id": "", "valid_from": ""},
    )
    assert granted.status_code == 303, body(granted)
    page = body(admin.get(answer.location))
    assert "Petugas galeri UPT" in page
    assert "Lapas Indramayu" in page
    assert "Berlaku" in page
    other = app.test_client()
    signed = other.post(
        "/masuk", data={"email": "baru@contoh.example", "password": people.PASSWORD}
    )
    assert signed.location == "/meja/"


def test_a_wrong_grant_is_shown_again_with_every_error(admin: FlaskClient) -> None:
    user = people.make_user()
    path = f"/meja/admin/pengguna/{user.user_id}/peran"
    blank = admin.post(path, data={"role": "", "valid_from": "kapan"})
    assert blank.status_code == 422
    assert "Isi tanggal dengan benar" in body(blank)
    scope = admin.post(path, data={"role": "upt_clerk", "kanwil_id": people.make_kanwil()})
    assert scope.status_code == 422
    assert "Peran ini tidak memakai lingkup itu." in body(scope)
    period = admin.post(
        path, data={"role": "curator", "valid_from": "2020-01-01", "valid_until": "2019-01-01"}
    )
    assert "Tanggal mulai tidak boleh sebelum hari ini." in body(period)
    assert "Tanggal akhir tidak boleh sebelum tanggal mulai." in body(period)
    assert 'value="2019-01-01"' in body(period)
    assert count(RoleGrant) == 1


def test_scopes_that_are_not_there_are_not_found(admin: FlaskClient) -> None:
    user = people.make_user()
    path = f"/meja/admin/pengguna/{user.user_id}/peran"
    assert admin.post(path, data={"role": "upt_clerk", "upt_id": "99999"}).status_code == 404
    assert admin.post(path, data={"role": "kanwil_staff", "kanwil_id": "99999"}).status_code == 404


def test_the_same_role_twice_is_a_conflict_in_words(admin: FlaskClient) -> None:
    user = people.make_user()
    path = f"/meja/admin/pengguna/{user.user_id}/peran"
    assert admin.post(path, data={"role": "curator"}).status_code == 303
    answer = admin.post(path, data={"role": "curator"})
    assert answer.status_code == 409
    assert "sudah memegang peran itu" in body(answer)


def test_a_role_is_revoked_for_its_owner_only(admin: FlaskClient) -> None:
    user = people.make_user()
    other = people.make_user("lain@contoh.example")
    grant_id = people.grant(user.user_id, "curator")
    foreign = f"/meja/admin/pengguna/{other.user_id}/peran/{grant_id}/cabut"
    assert admin.post(foreign).status_code == 404
    own = f"/meja/admin/pengguna/{user.user_id}/peran/{grant_id}/cabut"
    assert admin.post(own).status_code == 303
    assert admin.post(own).status_code == 409
    assert "Dicabut" in body(admin.get(f"/meja/admin/pengguna/{user.user_id}"))


def test_the_administrator_cannot_change_themselves(admin: FlaskClient) -> None:
    me = db.read_session().scalars(sa.select(User)).one()
    path = f"/meja/admin/pengguna/{me.id}"
    assert "Ini akun Anda sendiri" in body(admin.get(path))
    assert admin.post(path + "/peran", data={"role": "treasurer"}).status_code == 409
    assert admin.post(path + "/status", data={"is_active": "0"}).status_code == 409
    grant_id = db.read_session().scalars(sa.select(RoleGrant.id)).one()
    assert admin.post(f"{path}/peran/{grant_id}/cabut").status_code == 409
    assert admin.get(path).status_code == 200


def test_closing_and_opening_an_account(admin: FlaskClient, app: Flask) -> None:
    user = people.make_user()
    other = app.test_client()
    people.sign_in(other, user)
    path = f"/meja/admin/pengguna/{user.user_id}"
    assert "Akhiri semua sesi" in body(admin.get(path))
    assert admin.post(path + "/sesi").status_code == 303
    assert other.get("/akun").status_code == 303
    people.sign_in(other, user)
    assert admin.post(path + "/status", data={"is_active": "0"}).status_code == 303
    assert other.get("/akun").status_code == 303
    assert "Buka akun" in body(admin.get(path))
    assert admin.post(path + "/status", data={"is_active": "1"}).status_code == 303
    people.sign_in(other, user)


def test_wrong_accounts_are_shown_again(admin: FlaskClient) -> None:
    user = people.make_user()
    data = {"name": "", "email": "x", "password": "pendek"}
    answer = admin.post("/meja/admin/pengguna/baru", data=data)
    assert answer.status_code == 422
    assert 'value="x"' in body(answer)
    taken = admin.post("/meja/admin/pengguna/baru", data={"name": "A", "email": user.email})
    assert taken.status_code == 422
    assert "sudah punya akun" in body(taken)


def test_people_are_searched_and_paged(admin: FlaskClient) -> None:
    with db.unit_of_work():
        for number in range(55):
            people.make_user(f"u{number:02}@contoh.example", name=f"Orang {number:02}")
    first = body(admin.get("/meja/admin/pengguna"))
    assert "Orang 00" in first
    assert "Berikutnya" in first
    href = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = body(admin.get(href))
    assert "Orang 54" in second
    assert "Sebelumnya" in second
    assert "Tidak ada yang cocok" in body(admin.get("/meja/admin/pengguna?q=zzz"))


# --- the trail


def test_auditors_read_the_trail_and_narrow_it(client: FlaskClient) -> None:
    upt = people.make_upt("lapas-indramayu")
    people.staff(client, "auditor")
    page = body(client.get("/meja/audit"))
    for words in ("upt.added", "Lapas Indramayu", "session.begun", "system:tests"):
        assert words in page
    narrowed = body(client.get(f"/meja/audit?upt={upt.upt_id}&aksi=upt."))
    assert "upt.added" in narrowed
    assert "session.begun" not in narrowed
    assert "Belum ada catatan" in body(client.get("/meja/audit?aksi=stock."))
    assert client.get("/meja/audit?aksi=%25&upt=x&sesudah=rusak").status_code == 200


def test_the_trail_is_paged(client: FlaskClient) -> None:
    people.staff(client, "auditor")
    with db.unit_of_work():
        rows = [
            AuditEntry(
                at=clock.now(), actor_kind="system", actor_user_id=None, actor_label="x",
                action="stock.received", subject=f"s{n}", upt_id=None, detail="{}",
            )
            for n in range(60)
        ]  # fmt: skip
        db.add_all(list(rows))
    first = body(client.get("/meja/audit?aksi=stock."))
    href = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "aksi=stock." in href
    assert "s9</td>" in body(client.get(href)).replace(" ", "")


@pytest.mark.parametrize("role", ["upt_clerk", "kanwil_staff", "treasurer", "curator"])
def test_others_do_not_read_the_trail(client: FlaskClient, role: str) -> None:
    upt = people.make_upt("lapas-indramayu")
    people.staff(client, role, upt_id=upt.upt_id)
    assert client.get("/meja/audit").status_code == 403
