"""Receipts for clerk and buyer, undoing, the day, the drawer and its export."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from app.domain.stock.types import Account
from tests.factories import browse, goods, people, reading
from tests.factories import till as tills
from tests.factories.till import AT, Counter

pytestmark = pytest.mark.usefixtures("app", "now")
DAY = "/meja/kasir/penjualan"


@pytest.fixture
def now() -> Iterator[None]:
    with time_machine.travel(AT + timedelta(minutes=5), tick=False):
        yield


@pytest.fixture
def counter() -> Counter:
    made = tills.make_counter()
    tills.stock(made, 20, lot="L1")
    return made


@pytest.fixture
def clerk(client: FlaskClient, counter: Counter) -> FlaskClient:
    people.staff(client, "upt_clerk", counter.upt_id)
    return client


def sold(counter: Counter, **changes: object) -> str:
    tills.scan(counter)
    return tills.pay(counter, **changes)


def words(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return reading.words(answer)


def test_the_buyer_sees_the_receipt_by_its_secret_address_only(
    clerk: FlaskClient, counter: Counter
) -> None:
    number = sold(counter, given_idr=200_000)
    secret = tills.sale(counter, number).token
    desk = clerk.get(f"{DAY}/{number}")
    assert f"/struk/{secret}" in desk.get_data(as_text=True)
    assert "Dilayani Petugas Kasir" not in reading.words(desk)
    buyer = clerk.application.test_client()
    answer = buyer.get(f"/struk/{secret}")
    page = reading.words(answer)
    assert "Tirai sabut, Ukuran 1" in page
    assert "Tunai Rp200.000, kembali Rp15.000" in page
    assert "Petugas" not in page.split("Struk belanja")[1].split("Simpan sebagai PDF")[0]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    for wrong in (secret[:-1] + "x", "x", "%00", secret + "é"):
        assert buyer.get(f"/struk/{wrong}").status_code == 404
    assert buyer.get(f"/struk/{number}").status_code == 404
    for url in (f"/struk/{secret}.pdf", f"{DAY}/{number}.pdf"):
        paper = clerk.get(url)
        assert paper.mimetype == "application/pdf"
        assert paper.data.startswith(b"%PDF")
    assert b"226.77" in paper.data or b"226.8" in paper.data  # 80 mm in points


def test_an_undoing_is_linked_both_ways_happens_once_and_later_needs_the_head(
    clerk: FlaskClient, counter: Counter
) -> None:
    number = sold(counter)
    url = f"{DAY}/{number}/batal"
    form = reading.fields(clerk.get(url), url)
    assert clerk.post(url, data=form).status_code == 422
    data = {**form, "reason": "Salah ukuran"}
    first, second = clerk.post(url, data=data), clerk.post(url, data=data)
    assert first.location == second.location == f"{DAY}/K-lapas-indramayu-2026-000002"
    page = words(clerk, first.location)
    assert f"Membatalkan {number}" in page
    assert "−Rp185.000" in page
    assert "K-lapas-indramayu-2026-000002" in words(clerk, f"{DAY}/{number}")
    again = clerk.post(url, data={**data, "entry_key": tills.key()})
    assert (again.status_code, "sudah dibatalkan" in reading.words(again)) == (409, True)
    buyer = clerk.application.test_client()
    seen = words(buyer, f"/struk/{tills.sale(counter, number).token}")
    assert "Penjualan ini dibatalkan" in seen
    back = tills.sale(counter, "K-lapas-indramayu-2026-000002").token
    assert "Membatalkan struk" in words(buyer, f"/struk/{back}")
    assert clerk.get(f"/struk/{back}.pdf").data.startswith(b"%PDF")
    older = sold(counter, at=AT - timedelta(days=1))
    assert "hanya dapat dibatalkan oleh kepala" in words(clerk, f"{DAY}/{older}")
    assert clerk.get(f"{DAY}/{older}/batal").status_code == 403
    head = clerk.application.test_client()
    people.staff(head, "upt_head", counter.upt_id)
    url = f"{DAY}/{older}/batal"
    data = {**reading.fields(head.get(url), url), "reason": "Barang rusak"}
    assert head.post(url, data=data).status_code == 303


def test_the_day_shows_figures_by_method_and_finds_receipts(
    clerk: FlaskClient, counter: Counter
) -> None:
    first = sold(counter)
    sold(counter, method="qris", is_seen=True)
    tills.undo(counter, first)
    tills.scan(counter, at=AT - timedelta(days=1))
    older = tills.pay(counter, at=AT - timedelta(days=1), method="transfer", reference="FT-9")
    page = words(clerk, DAY)
    assert "Rp185.000 Jumlah 2 penjualan, 1 dibatalkan" in page
    assert "Rp0 Tunai" in page
    assert "Rp185.000 QRIS" in page
    assert "Transfer" in page
    assert older in clerk.get(f"{DAY}?hari=2026-11-21").get_data(as_text=True)
    assert older in clerk.get(f"{DAY}?q={older}").get_data(as_text=True)
    for text, count in (("1", 1), ("185.000", 3), ("sabut", 3), ("TIRAI-1", 3), ("meja", 0)):
        found = clerk.get(f"{DAY}?q={text}").get_data(as_text=True)
        assert len(re.findall(r">0+\d+</a>", found)) == count, text
    assert "Tidak ada yang cocok" in words(clerk, f"{DAY}?q=meja")
    assert "Belum ada penjualan" in words(clerk, f"{DAY}?hari=2026-01-01")
    assert clerk.get(f"{DAY}?hari=ngawur&sesudah=rusak&q=99999999999999").status_code == 200


def test_the_list_goes_on_over_pages_with_few_statements(
    clerk: FlaskClient, counter: Counter
) -> None:
    sold(counter)
    with browse.statements() as few:
        clerk.get(DAY)
    tills.fill_day(counter, 25)
    with browse.statements() as many:
        page = clerk.get(DAY).get_data(as_text=True)
    assert few.count == many.count <= 10
    numbers = re.findall(r'title="K-penuh-(\d+)"', page)
    assert numbers == [str(n) for n in range(26, 2, -1)]
    href = re.search(r'rel="next" href="([^"]+)"', page)
    assert href is not None
    rest = clerk.get(href[1]).get_data(as_text=True)
    assert re.findall(r'title="K-([a-z-]+)', rest) == ["penuh-", "lapas-indramayu-"]


def test_the_export_has_every_line_and_no_formulas(clerk: FlaskClient, counter: Counter) -> None:
    tills.scan(counter)
    number = tills.pay(counter, method="transfer", reference='=HYPERLINK("x")')
    tills.undo(counter, number, method="transfer")
    answer = clerk.get("/meja/kasir/penjualan.csv")
    assert answer.mimetype == "text/csv"
    lines = answer.get_data(as_text=True).removeprefix("\ufeff").splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("hari;jam;struk;jenis")
    cells = lines[1].split(";")
    assert cells[:4] == ["2026-11-22", "10:00:00", number, "penjualan"]
    assert "-185000" in lines[2]
    assert "'=HYPERLINK" in lines[1]
    far = clerk.get("/meja/kasir/penjualan.csv?hari=2026-01-01&sampai=2026-11-22")
    assert far.status_code == 303
    assert "Paling lama 31 hari" in words(clerk, DAY)


def test_the_drawer_is_counted_with_a_reason_for_any_difference(
    clerk: FlaskClient, counter: Counter
) -> None:
    url = "/meja/kasir/tutup"
    sold(counter)
    sold(counter, method="qris", is_seen=True)
    form = reading.fields(clerk.get(url), url)
    assert form["expected_idr"] == "185000"
    data = {**form, "counted_idr": "180.000", "left_idr": "50000"}
    refused = clerk.post(url, data=data)
    assert refused.status_code == 422
    assert "Ada selisih −Rp5.000. Tulis sebabnya." in reading.words(refused)
    assert 'value="180.000"' in refused.get_data(as_text=True)
    too_much = clerk.post(url, data={**data, "left_idr": "180001"})
    assert "tidak boleh lebih" in reading.words(too_much)
    sold(counter)
    moved = clerk.post(url, data={**data, "reason": "Kembalian salah"})
    assert (moved.status_code, "Hitung sekali lagi" in reading.words(moved)) == (409, True)
    data = {**data, "expected_idr": "370000", "counted_idr": "365000", "reason": "Kembalian salah"}
    assert [clerk.post(url, data=data).status_code for _ in range(2)] == [303, 303]
    page = words(clerk, url)
    assert page.count("Kembalian salah") == 1
    assert "Seharusnya di laci Rp50.000" in page
    assert clerk.post(url, data={**data, "counted_idr": "1"}).status_code == 409
    sold(counter)
    assert "Seharusnya di laci Rp235.000" in words(clerk, url)


def test_a_label_leads_buyers_to_the_goods_and_staff_to_the_stock_card(
    clerk: FlaskClient, counter: Counter
) -> None:
    goods.make_product(counter.upt_id, variants=[{"sku": "UMUM-1"}])
    label = "/s/lapas-indramayu/TIRAI-1"
    assert clerk.get(label).location == (f"/meja/stok/{counter.variant_id}?upt={counter.upt_id}")
    buyer = clerk.application.test_client()
    shown = buyer.get("/s/lapas-indramayu/umum-1")
    assert (shown.status_code, "/produk/" in shown.location) == (303, True)
    assert buyer.get(shown.location).status_code == 200
    for wrong in (label, "/s/lapas-indramayu/X", "/s/tidak-ada/TIRAI-1"):
        assert buyer.get(wrong).status_code == 404


def test_labels_come_on_sheets_in_the_chosen_layout(clerk: FlaskClient, counter: Counter) -> None:
    other = tills.make_counter("lapas-pamekasan")
    lot_id = tills.stock(counter, 3, place=Account.AVAILABLE, lot="ROTI-7", expires_on=AT.date())
    row = f"{counter.variant_id}.{lot_id}"
    for kind, layout in (("rak", "3x8"), ("karton", "1x2")):
        page = clerk.get(
            f"/meja/label?jenis={kind}&barang={counter.variant_id}&lot={lot_id}&jumlah=5"
        )
        assert reading.fields(page, "/meja/label/lembar.pdf")[f"n.{row}"] == "5"
        assert "ROTI-7" in reading.words(page)
        across, down = (int(part) for part in layout.split("x"))
        query = {
            "jenis": kind,
            "tata": layout,
            "mulai": "2",
            f"n.{row}": str(across * down),
            f"i.{row}": "40",
        }
        answer = clerk.get("/meja/label/lembar.pdf", query_string=query)
        assert answer.mimetype == "application/pdf"
        assert len(re.findall(rb"/Type\s*/Page\b", answer.data)) == 2
        for changes, sentence in (
            ({f"n.{row}": ""}, "paling sedikit satu barang"),
            ({f"n.{row}": "x"}, "angka bulat"),
            ({f"n.{row}": "400", f"n.{counter.variant_id}.0": "400"}, "Paling banyak 480"),
            ({"mulai": "99"}, "angka bulat"),
        ):
            wrong = clerk.get("/meja/label/lembar.pdf", query_string={**query, **changes})
            assert (wrong.status_code, sentence in reading.words(wrong)) == (422, True)
        for name in (f"n.{other.variant_id}.0", f"n.{counter.variant_id}.999999"):
            assert clerk.get(f"/meja/label/lembar.pdf?jenis={kind}&{name}=1").status_code == 404
