"""Delivery at the desk: tables from files, rates listed and ended, a trial sum, free delivery, times."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.domain.shipping import queries, services
from app.domain.shipping.models import PickupPlanRow, ShippingFreeRule, ShippingRate
from app.infra import db
from tests.factories import browse, people, reading, trade

pytestmark = pytest.mark.usefixtures("app")

HEADS = "tujuan;kurir;layanan;kg_pertama;harga_pertama;harga_berikutnya;jenjang;hari_min;hari_maks"
GOOD = (
    f"{HEADS}\r\n31;;reguler;;12000;9000;;2;3\r\n"
    "3174;J&T Cargo;hemat;11;60000;4000;50=3500|100=3000;4;7\r\n"
)
PLAN = {
    "weekdays": ["1", "2"], "opens": "09:00", "closes": "11.00", "slot_minutes": "60",
    "capacity": "2", "lead_hours": "24", "days_ahead": "14", "version": "0",
}  # fmt: skip


@pytest.fixture
def upt_id() -> int:
    return people.make_upt("lapas-indramayu").upt_id


@pytest.fixture
def head(client: FlaskClient, upt_id: int) -> FlaskClient:
    people.staff(client, "upt_head", upt_id)
    return client


def count(model: type[db.Base]) -> int:
    db.read_session().rollback()
    return db.read_session().scalar(select(func.count()).select_from(model)) or 0


def upload(client: FlaskClient, text: str, **more: str) -> reading.TestResponse:
    return client.post(
        "/meja/ongkir/impor",
        data={
            "valid_from": "2026-11-22", "file": (io.BytesIO(text.encode()), "tarif.csv"), **more,
        },
    )  # fmt: skip


def test_a_table_is_looked_at_stored_once_and_never_overwritten(
    head: FlaskClient, upt_id: int
) -> None:
    assert "kg_pertama" in head.get("/meja/ongkir/impor/contoh.csv").get_data(as_text=True)
    answer = upload(head, GOOD)
    assert "2 tarif baru, 0 sudah ada" in reading.words(answer)
    values = reading.fields(answer, "/meja/ongkir/impor/terapkan")
    assert count(ShippingRate) == 0, "looking stores nothing"
    for status in (303, 422):
        assert head.post("/meja/ongkir/impor/terapkan", data=values).status_code == status
        assert count(ShippingRate) == 2
    again = upload(head, GOOD)
    assert "0 tarif baru, 2 sudah ada" in reading.words(again)
    assert "/meja/ongkir/impor/terapkan" not in reading.actions(again)
    assert head.post("/meja/ongkir/impor/terapkan", data=values).status_code == 303
    assert count(ShippingRate) == 2
    db.read_session().rollback()
    cargo = db.read_session().scalars(select(ShippingRate).order_by(ShippingRate.id.desc())).first()
    assert cargo is not None
    assert (cargo.origin_upt_id, cargo.destination_regency_code) == (upt_id, "31.74")
    assert (cargo.carrier, cargo.first_kg, cargo.tiers) == ("jnt-kargo", 11, "50=3500 100=3000")
    other = upload(head, GOOD.replace("12000", "13000"))
    assert other.status_code == 422
    assert "sudah ada dengan angka lain" in reading.words(other)
    answer = upload(head, GOOD.replace("12000", "13000"), valid_from="2026-12-01")
    assert "2 tarif baru" in reading.words(answer)
    gone = head.post("/meja/ongkir/impor/terapkan", data={"digest": "0" * 64})
    assert gone.status_code == 422
    assert count(ShippingRate) == 2


def test_every_wrong_cell_is_named_and_nothing_is_stored(head: FlaskClient) -> None:
    bad = (
        f"asal;{HEADS};mulai\r\n"
        "32;99;terbang;Reguler!;0;Rp12.000;;50=1|20=2;x;3;kemarin\r\n"
        ";31;;reguler;;12000;9000;;3;2;\r\n"
        ";31;;kilat;;12000;9000;;1;2;\r\n"
        ";31;;kilat;;12000;9000;;1;2;\r\n"
    )
    answer = upload(head, bad)
    assert answer.status_code == 422
    page = reading.words(answer)
    assert "Ada 12 kesalahan" in page
    for words in (
        "2 asal Tarif untuk seluruh provinsi", "2 tujuan Kode provinsi", "2 kurir Kurir ini",
        "2 layanan Pakai huruf kecil", "2 kg_pertama", "2 harga_pertama Tulis rupiah bulat",
        "2 harga_berikutnya", "2 jenjang Tulis jenjang naik", "2 hari_min", "2 mulai Tulis tanggal",
        "3 hari_maks", "5 seluruh baris Tujuan, kurir",
    ):  # fmt: skip
        assert words in page, words
    assert "column_missing" not in page
    assert "Kolom ini tidak ada di berkas" in reading.words(upload(head, "tujuan;aneh\r\n31;1\r\n"))
    assert "bukan tabel" in reading.words(upload(head, "cuma kata"))
    assert "Pilih berkas" in reading.words(head.post("/meja/ongkir/impor", data={}))
    assert upload(head, GOOD, valid_from="besok").status_code == 422
    assert count(ShippingRate) == 0


def test_the_nation_sets_rates_of_a_province(client: FlaskClient, upt_id: int) -> None:
    people.staff(client, "national_admin")
    table = GOOD.replace("tujuan;", "asal;tujuan;").replace("\r\n31", "\r\n32;31")
    answer = client.post(
        f"/meja/ongkir/impor?upt={upt_id}",
        data={"valid_from": "2026-11-22", "file": (io.BytesIO(table.encode()), "t.csv")},
    )
    assert "2 tarif baru" in reading.words(answer)
    action = f"/meja/ongkir/impor/terapkan?upt={upt_id}"
    actions = [one for one in reading.actions(answer) if "terapkan" in one]
    values = reading.fields(answer, actions[0])
    assert client.post(action, data=values).status_code == 303
    assert count(ShippingRate) == 2
    assert "Seprovinsi" in reading.words(client.get("/meja/ongkir"))


def test_rates_are_narrowed_ended_and_need_the_same_statements_for_many(head: FlaskClient) -> None:
    trade.make_rates()
    values = reading.fields(upload(head, GOOD), "/meja/ongkir/impor/terapkan")
    with browse.statements() as few:
        head.get("/meja/ongkir")
    head.post("/meja/ongkir/impor/terapkan", data=values)
    with browse.statements() as many:
        page = reading.words(head.get("/meja/ongkir"))
    assert many.count == few.count
    assert "J&T Cargo" in page
    assert "Rp60.000 untuk 11 kg" in page
    assert "di atas 50 kg Rp3.500" in page
    narrow = reading.words(head.get("/meja/ongkir?tujuan=Jakarta Selatan"))
    assert "Kota Jakarta Selatan" in narrow
    assert "Belum ada tarif ke" in reading.words(head.get("/meja/ongkir?tujuan=Pamekasan"))
    assert "tidak ditemukan" in reading.words(head.get("/meja/ongkir?tujuan=zzz"))
    own = db.read_session().scalars(
        select(ShippingRate.id).where(ShippingRate.carrier == "jnt-kargo")
    ).one()  # fmt: skip
    assert head.post(f"/meja/ongkir/tarif/{own}/akhiri").status_code == 303
    assert "J&T Cargo" not in reading.words(head.get("/meja/ongkir"))
    assert "J&T Cargo" in reading.words(head.get("/meja/ongkir?semua=1"))


def test_a_trial_sum_shows_fees_boxes_and_what_is_refused(head: FlaskClient) -> None:
    trade.make_rates()
    assert "Dari" not in reading.words(head.get("/meja/ongkir/hitung")).split("Berat satu buah")[1]
    query = "tujuan=12190&berat_g=4000&panjang_cm=40&lebar_cm=30&tinggi_cm=30&jumlah=1"
    page = reading.words(head.get(f"/meja/ongkir/hitung?{query}"))
    assert "ke Kota Jakarta Selatan" in page
    assert "Reguler 1 6 kg 2–3 Rp57.000" in page
    long = head.get("/meja/ongkir/hitung?tujuan=31&berat_g=4000&panjang_cm=300&jumlah=1")
    assert "Reguler Terlalu besar atau terlalu berat" in reading.words(long)
    many = head.get("/meja/ongkir/hitung?tujuan=kab&berat_g=1")
    assert many.status_code == 422
    assert "Ada beberapa tempat" in reading.words(many)
    assert head.get("/meja/ongkir/hitung?tujuan=31&berat_g=1,5").status_code == 422


def test_free_delivery_is_promised_once_and_ended(head: FlaskClient) -> None:
    form = reading.fields(head.get("/meja/ongkir/gratis"), "/meja/ongkir/gratis")
    bad = head.post("/meja/ongkir/gratis", data={**form, "from_idr": "x", "province_code": "99"})
    assert bad.status_code == 422
    assert head.post(
        "/meja/ongkir/gratis", data={**form, "from_idr": "1", "province_code": "99"}
    ).status_code == 422  # fmt: skip
    assert count(ShippingFreeRule) == 0
    for _ in range(2):
        answer = head.post(
            "/meja/ongkir/gratis",
            data={**form, "from_idr": "250000", "province_code": "31", "valid_to": "2026-12-31"},
        )
        assert answer.status_code == 303
    assert count(ShippingFreeRule) == 1
    assert "Rp250.000 DKI Jakarta" in reading.words(head.get("/meja/ongkir/gratis"))
    assert head.post("/meja/ongkir/gratis/1/akhiri").status_code == 303
    assert "Lewat" in reading.words(head.get("/meja/ongkir/gratis"))
    assert head.post("/meja/ongkir/gratis/9/akhiri").status_code == 404


def test_times_of_pick_up_are_planned_and_never_overwritten_unseen(head: FlaskClient) -> None:
    bad = head.post("/meja/ongkir/ambil", data={**PLAN, "opens": "pagi", "capacity": "0"})
    assert bad.status_code == 422
    assert reading.fields(bad, "/meja/ongkir/ambil")["opens"] == "pagi"
    short = head.post("/meja/ongkir/ambil", data={**PLAN, "closes": "09:30"})
    assert "cukup untuk satu waktu" in reading.words(short)
    assert count(PickupPlanRow) == 0
    assert head.post("/meja/ongkir/ambil", data=PLAN).status_code == 303
    stale = head.post("/meja/ongkir/ambil", data=PLAN)
    assert stale.status_code == 409
    assert "baru saja diubah" in reading.words(stale)
    page = head.get("/meja/ongkir/ambil")
    assert reading.fields(page, "/meja/ongkir/ambil")["version"] == "1"
    assert "masih 2 pesanan" in reading.words(page)
    db.read_session().rollback()
    slot = queries.list_slots(upt_ids=(1,), at=datetime.now(UTC))[1][0]
    with db.unit_of_work():
        services.book_slot(upt_id=1, number="KB-CONTOH-1", key=slot.key, at=datetime.now(UTC))
    shown = head.get("/meja/ongkir/ambil")
    assert "Yang akan datang" in reading.words(shown)
    assert 'href="/meja/pesanan/KB-CONTOH-1"' in shown.get_data(as_text=True)


def test_clerks_look_heads_write_and_others_see_nothing(client: FlaskClient, upt_id: int) -> None:
    other = people.make_upt("lapas-pamekasan").upt_id
    people.staff(client, "upt_clerk", upt_id)
    for path in ("", "/hitung", "/gratis", "/ambil"):
        assert client.get(f"/meja/ongkir{path}").status_code == 200, path
        assert client.get(f"/meja/ongkir{path}?upt={other}").status_code == 404, path
    assert "Impor tarif" not in reading.words(client.get("/meja/ongkir"))
    assert client.get("/meja/ongkir/impor").status_code == 403
    assert upload(client, GOOD).status_code == 403
    for path in ("impor/terapkan", "gratis", "gratis/1/akhiri", "ambil"):
        assert client.post(f"/meja/ongkir/{path}", data=PLAN).status_code == 403, path
    trade.make_rates()
    assert client.post("/meja/ongkir/tarif/1/akhiri").status_code == 403
    assert count(PickupPlanRow) + count(ShippingFreeRule) == 0
    assert client.post("/keluar").status_code in (200, 303)
    people.staff(client, "curator")
    assert client.get("/meja/ongkir").status_code == 403
