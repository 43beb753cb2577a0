"""The counter by hand and without scripts: scan, change, pay, with everything kept when refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain.catalog.models import Variant
from app.domain.stock.types import Account
from app.infra import db
from tests.factories import browse, ledger, people, reading
from tests.factories import till as tills
from tests.factories.till import AT, Counter

pytestmark = pytest.mark.usefixtures("app", "now")
PAY = "/meja/kasir/bayar"


@pytest.fixture
def now() -> Iterator[None]:
    with time_machine.travel(AT + timedelta(minutes=5), tick=False):
        yield


@pytest.fixture
def counter() -> Counter:
    return tills.make_counter()


@pytest.fixture
def clerk(client: FlaskClient, counter: Counter) -> FlaskClient:
    people.staff(client, "upt_clerk", counter.upt_id)
    return client


def scan(client: FlaskClient, text: str, **more: str) -> TestResponse:
    data = {"q": text, "entry_key": tills.key(), **more}
    return client.post("/meja/kasir/tambah", data=data)


def pay(client: FlaskClient, **changes: str) -> TestResponse:
    page = client.get("/meja/kasir")
    return client.post(PAY, data={**reading.fields(page, PAY), **changes})


def words(answer: TestResponse) -> str:
    return reading.words(answer)


def test_takes_codes_names_and_label_addresses_with_few_statements(
    clerk: FlaskClient, counter: Counter
) -> None:
    tills.stock(counter, 7)
    suggested = clerk.get("/meja/kasir/saran?q=sabut").get_data(as_text=True)
    assert re.findall(r'role="option" data-value="([^"]+)"', suggested) == ["TIRAI-1", "TIRAI-2"]
    assert "7 tersedia" in suggested
    assert 'role="option"' not in clerk.get("/meja/kasir/saran?q=").get_data(as_text=True)
    asked = scan(clerk, "tirai sabut")
    assert (asked.status_code, "Yang mana?" in words(asked)) == (200, True)
    chosen = reading.fields(asked, "/meja/kasir/tambah")
    assert clerk.post("/meja/kasir/tambah", data={**chosen, "q": "TIRAI-1"}).status_code == 303
    with browse.statements() as few:
        clerk.get("/meja/kasir")
    texts = (
        "TIRAI-1",
        "tirai-1",
        "sabut ukuran 1",
        "https://toko.example/s/lapas-indramayu/TIRAI-1",
        "TIRAI-1#L1",
        "/s/lapas-indramayu/TIRAI-1#L1",
    )
    for text in texts:
        assert scan(clerk, text).status_code == 303, text
    for number in range(1, 4):
        tills.stock(counter, 3, variant_id=counter.variant_ids[1], lot=f"M{number}")
        scan(clerk, f"TIRAI-2#M{number}")
    with browse.statements() as many:
        page = words(clerk.get("/meja/kasir"))
    assert few.count == many.count <= 10
    assert "Tirai sabut, Ukuran 1" in page
    assert "5 dari rak galeri, lot L1" in page
    assert "2 dari rak galeri, lot L1" in page
    assert "Bayar Rp1.430.000" in page


def test_what_cannot_be_scanned_is_said_beside_the_field(
    clerk: FlaskClient, counter: Counter
) -> None:
    tills.stock(counter, 1)
    scan(clerk, "TIRAI-1")
    for text, sentence in (
        ("TAK-ADA", "Tidak ada barang dengan kode atau nama “TAK-ADA”"),
        ("/s/lapas-pamekasan/TIRAI-1", "milik UPT lain"),
        ("TIRAI-1#LAIN", "Lot LAIN tidak dikenal"),
        ("TIRAI-2", "Habis"),
        ("TIRAI-1", "Tinggal 1"),
        ("", "Wajib diisi"),
        ("#", "Tidak ada barang"),
    ):
        answer = scan(clerk, text)
        assert answer.status_code == 422, text
        assert sentence in words(answer)
        assert f'value="{text}"' in answer.get_data(as_text=True)
        assert "Bayar Rp185.000" in words(answer)


def test_cash_is_worked_out_before_and_after_paying(clerk: FlaskClient, counter: Counter) -> None:
    tills.stock(counter, 1)
    scan(clerk, "TIRAI-1")
    asked = pay(clerk, isi="200000")
    assert "Kembali Rp15.000" in words(asked)
    assert reading.fields(asked, PAY)["given_idr"] == "200000"
    short = pay(clerk, given_idr="100.000")
    assert (short.status_code, "Uangnya kurang Rp85.000" in words(short)) == (422, True)
    assert 'value="100.000"' in short.get_data(as_text=True)
    missing = pay(clerk)
    assert "Isi uang yang diterima" in words(missing)
    done = pay(clerk, given_idr="Rp 200.000")
    assert done.status_code == 303
    page = words(clerk.get(done.location))
    assert "Kembalikan Rp15.000" in page
    assert "K-lapas-indramayu-2026-000001" in page
    assert "Siap menjual" in words(clerk.get("/meja/kasir"))


def test_a_payment_without_proof_is_refused_and_nothing_is_lost(
    clerk: FlaskClient, counter: Counter
) -> None:
    tills.stock(counter, 2)
    scan(clerk, "TIRAI-1")
    for changes, sentence in (
        ({"method": "qris"}, "Ketik nomor rujukan pembayar"),
        ({"method": "transfer"}, "Ketik nomor rujukan transfernya"),
        ({"method": "kartu"}, "Pilih salah satu"),
        ({"method": "cash", "given_idr": "1e9"}, "angka bulat"),
        ({"method": "cash", "given_idr": "-5"}, "terlalu kecil"),
    ):
        answer = pay(clerk, **changes)
        assert (answer.status_code, sentence in words(answer)) == (422, True)
    done = pay(clerk, method="qris", is_seen="1")
    assert "Terbayar" in words(clerk.get(done.location))
    scan(clerk, "TIRAI-1")
    done = pay(clerk, method="transfer", reference="FT-0001")
    assert "FT-0001" in words(clerk.get(done.location))


def test_the_page_keeps_all_when_a_price_changed_or_the_web_was_quicker(
    clerk: FlaskClient, counter: Counter
) -> None:
    tills.stock(counter, 1, place=Account.AVAILABLE)
    scan(clerk, "TIRAI-1")
    shown = reading.fields(clerk.get("/meja/kasir"), PAY)
    with db.unit_of_work():
        row = db.session().get(Variant, counter.variant_id)
        assert row is not None
        row.price_idr = 190_000
    answer = clerk.post(PAY, data={**shown, "given_idr": "200000"})
    page = words(answer)
    assert answer.status_code == 409
    assert "Jumlahnya berubah dari Rp185.000 menjadi Rp190.000" in page
    assert "Harga berubah dari Rp185.000 menjadi Rp190.000" in page
    shown = reading.fields(answer, PAY)
    assert shown["total_idr"] == "190000"
    ledger.reserve(counter.upt_id, counter.variant_id, 1)
    answer = clerk.post(PAY, data={**shown, "given_idr": "200000"})
    page = words(answer)
    assert answer.status_code == 409
    assert "baru saja terjual" in page
    assert "Sudah habis. Keluarkan dari daftar." in page
    assert reading.fields(answer, PAY)["given_idr"] == "200000"


def test_lines_change_leave_and_come_back(clerk: FlaskClient, counter: Counter) -> None:
    tills.stock(counter, 5)
    scan(clerk, "TIRAI-1")
    (line,) = (
        action
        for action in reading.actions(clerk.get("/meja/kasir"))
        if action.startswith("/meja/kasir/baris/")
    )
    assert clerk.post(line, data={"quantity": "1", "tombol": "4"}).status_code == 303
    assert "Bayar Rp740.000" in words(clerk.get("/meja/kasir"))
    assert clerk.post(line, data={"quantity": "dua"}).status_code == 422
    clerk.post(line, data={"quantity": "9"})
    assert "Tinggal 5 dari 9" in words(clerk.get("/meja/kasir"))
    clerk.post(line, data={"tombol": "0"})
    assert "dikeluarkan. Kembalikan" in words(clerk.get("/meja/kasir"))
    clerk.post(f"{line}/kembalikan")
    clerk.post(line, data={"quantity": "2"})
    assert "Bayar Rp370.000" in words(clerk.get("/meja/kasir"))
    clerk.post("/meja/kasir/kosongkan")
    assert "Siap menjual" in words(clerk.get("/meja/kasir"))
    assert clerk.post(line, data={"quantity": "1"}).status_code == 404


def test_seconds_are_sold_after_somebody_set_their_price(
    clerk: FlaskClient, counter: Counter
) -> None:
    tills.stock(counter, 1, place=Account.SECOND_GRADE)
    asked = scan(clerk, "TIRAI-1", grade="second")
    assert "Harga mutu kedua untuk Tirai sabut, Ukuran 1 belum ditetapkan" in words(asked)
    url = f"/meja/kasir/harga-kedua/{counter.variant_id}"
    assert url in asked.get_data(as_text=True)
    assert "Rp185.000" in words(clerk.get(url))
    assert "di bawah harga utuhnya" in words(clerk.post(url, data={"price_idr": "185000"}))
    assert "Wajib diisi" in words(clerk.post(url, data={}))
    assert clerk.post(url, data={"price_idr": "Rp 90.000"}).status_code == 303
    scan(clerk, "TIRAI-1", grade="second")
    page = words(clerk.get("/meja/kasir"))
    assert "Mutu kedua" in page
    assert "Bayar Rp90.000" in page


def test_other_units_and_roles_stay_outside(clerk: FlaskClient, counter: Counter) -> None:
    other = tills.make_counter("lapas-pamekasan")
    tills.stock(other, 1)
    tills.scan(other)
    number = tills.pay(other)
    for url in (
        f"/meja/kasir?upt={other.upt_id}",
        f"/meja/kasir/penjualan/{number}",
        f"/meja/kasir/penjualan/{number}.pdf",
        f"/meja/kasir/penjualan/{number}/batal",
        f"/meja/kasir/harga-kedua/{other.variant_id}",
        f"/meja/label?upt={other.upt_id}",
    ):
        assert clerk.get(url).status_code == 404, url
    assert clerk.get("/meja/kasir/penjualan/K-tidak-ada").status_code == 404
    reader = clerk.application.test_client()
    people.staff(reader, "auditor")
    for url in ("/meja/kasir", "/meja/kasir/penjualan", "/meja/kasir/tutup", "/meja/label"):
        assert reader.get(url).status_code == 403, url
    assert reader.post(PAY, data={}).status_code == 403
    assert clerk.application.test_client().get("/meja/kasir").status_code == 303
