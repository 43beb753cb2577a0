"""The stock table and the stock card of the desk: figures by place, filters, powers."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.domain.stock import queries as stock_queries
from app.domain.stock.models import StockEntry
from app.infra import db
from app.kernel import clock
from app.surfaces.desk import stock_words
from app.surfaces.web import filters
from tests.factories import browse, goods, ledger, people
from tests.factories.ledger import Shelf
from tests.factories.stock_forms import KEY, adjustment, receipt

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def shelf() -> Shelf:
    return ledger.make_shelf(variants=2)


@pytest.fixture
def clerk(client: FlaskClient, shelf: Shelf) -> FlaskClient:
    people.staff(client, "upt_clerk", shelf.upt_id)
    return client


def entries() -> int:
    db.read_session().rollback()
    return db.read_session().scalar(select(func.count()).select_from(StockEntry)) or 0


def test_filters_low_and_sold_out_goods(clerk: FlaskClient, shelf: Shelf) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_id, 3)
    low = clerk.get("/meja/stok?saring=menipis").get_data(as_text=True)
    out = clerk.get("/meja/stok?saring=habis").get_data(as_text=True)
    assert ("Ukuran 0" in low, "Ukuran 1" in low) == (True, False)
    assert ("Ukuran 0" in out, "Ukuran 1" in out) == (False, True)
    assert "Tidak ada yang cocok" in clerk.get("/meja/stok?q=tidakada").get_data(as_text=True)
    assert clerk.get("/meja/stok?saring=ngawur&sesudah=rusak").status_code == 200


def test_card_shows_running_balances_numbers_and_the_head(clerk: FlaskClient, shelf: Shelf) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_id, 10)
    ledger.reserve(shelf.upt_id, shelf.variant_id, 4, minutes=None)
    clerk.post(f"/meja/stok/{shelf.variant_id}/sesuaikan", data=adjustment())
    page = clerk.get(f"/meja/stok/{shelf.variant_id}").get_data(as_text=True)
    numbers = re.findall(r'<td class="number">(\d+)</td>\n<th scope="row">([^<]+)<br>', page)
    assert numbers == [("3", "Rusak"), ("2", "Dipesan"), ("1", "Hasil produksi")]
    head = stock_queries.head(actor=ledger.SYSTEM, upt_id=shelf.upt_id)
    assert head.short_hash in page
    assert "<polyline" in page
    assert "Petugas" in page


def test_card_goes_on_over_pages_with_the_same_balances(clerk: FlaskClient, shelf: Shelf) -> None:
    for _ in range(30):
        ledger.receive(shelf.upt_id, shelf.variant_id, 1)
    first = clerk.get(f"/meja/stok/{shelf.variant_id}").get_data(as_text=True)
    href = re.search(r'rel="next" href="([^"]+)"', first)
    assert href is not None
    second = clerk.get(href[1]).get_data(as_text=True)
    assert re.findall(r"<td class=\"number\"><strong>(\d+)</strong></td>", second) == [
        str(n) for n in range(6, 0, -1)
    ]


def test_foreign_goods_are_not_found_anywhere(clerk: FlaskClient, shelf: Shelf) -> None:
    other = ledger.make_shelf("lapas-pamekasan")
    ledger.receive(other.upt_id, other.variant_id, 5)
    for url in (
        f"/meja/stok?upt={other.upt_id}",
        f"/meja/stok/{other.variant_id}",
        f"/meja/stok/{other.variant_id}/sesuaikan",
        f"/meja/stok/{other.variant_id}/pindah",
        f"/meja/stok/{other.variant_id}/lot/1",
        f"/meja/stok/{shelf.variant_id}/lot/1",
        f"/meja/stok/{other.variant_id}/balik/1",
        "/meja/stok/999999",
        f"/meja/stok/{shelf.variant_id}/balik/99",
    ):
        assert clerk.get(url).status_code == 404, url
    assert (
        clerk.post(f"/meja/stok/{other.variant_id}/sesuaikan", data=adjustment()).status_code == 404
    )
    answer = clerk.post("/meja/stok/terima", data=receipt(shelf, variant_id=other.variant_id))
    assert answer.status_code == 404
    assert entries() == 1


def test_readers_see_stock_but_no_way_to_change_it(client: FlaskClient, shelf: Shelf) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_id, 5)
    people.staff(client, "auditor")
    assert client.get(f"/meja/stok/{shelf.variant_id}").status_code == 404
    assert "Pilih UPT" in client.get("/meja/stok").get_data(as_text=True)
    page = client.get(f"/meja/stok?upt={shelf.upt_id}").get_data(as_text=True)
    assert "Terima barang" not in page
    assert "Catat perubahan" not in page
    assert "Pilih UPT" in client.get("/meja/stok?pilih=1").get_data(as_text=True)
    assert client.get(f"/meja/stok/{shelf.variant_id}").status_code == 200
    assert client.get("/meja/stok/terima").status_code == 403
    assert client.post(f"/meja/stok/{shelf.variant_id}/sesuaikan", data={}).status_code == 403


def test_asks_visitors_to_sign_in(client: FlaskClient, app: Flask) -> None:
    answer = client.get("/meja/stok")
    assert answer.status_code == 303
    assert answer.location.startswith("/masuk")


def test_an_empty_store_says_how_to_begin(clerk: FlaskClient, shelf: Shelf) -> None:
    page = clerk.get(f"/meja/stok/{shelf.variant_id}").get_data(as_text=True)
    assert "Belum ada catatan" in page
    assert "<polyline" not in page
    blank = clerk.get(f"/meja/stok/terima?barang={shelf.variant_id}").get_data(as_text=True)
    assert f'<option value="{shelf.variant_id}" selected>' in blank
    assert re.search(r'name="lines.0.lot_code"[^>]*value="L\d{6}"', blank)


def test_the_table_tells_places_and_narrows_by_them(clerk: FlaskClient, shelf: Shelf) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_id, 9, lot_code="L9")
    ledger.receive(shelf.upt_id, shelf.variant_ids[1], 4, lot_code="L4")
    for key, start, end in (("a", "available", "gallery"), ("b", "available", "quarantine")):
        clerk.post(
            f"/meja/stok/{shelf.variant_id}/pindah",
            data={
                "from_place": start, "to_place": end, "quantity": "2", "entry_key": KEY + key,
            },
        )  # fmt: skip
    page = clerk.get("/meja/stok").get_data(as_text=True)
    row = page[page.index("Ukuran 0") :]
    figures = re.findall(r'<td class="number">(?:<strong>)?([^<]+)<', row)[:5]
    assert figures == ["7", "–", "5", "2", "2"]
    assert "Ambil dulu lot" in row
    assert "satu-satunya lot yang bebas" in row
    for place, seen in (("rak", True), ("karantina", True), ("pameran", False)):
        found = clerk.get(f"/meja/stok?tempat={place}").get_data(as_text=True)
        assert ("Ukuran 0" in found, "Ukuran 1" in found) == (seen, False)
    kept = clerk.get("/meja/stok?tempat=rak&q=Karya").get_data(as_text=True)
    assert 'href="/meja/stok?q=Karya&amp;saring=menipis&amp;tempat=rak"' in kept


def test_the_table_finds_a_scanned_label_and_near_expiry(clerk: FlaskClient, shelf: Shelf) -> None:
    near = clock.local_date(at=clock.now(), timezone="Asia/Jakarta") + timedelta(days=20)
    ledger.receive(shelf.upt_id, shelf.variant_id, 3, lot_code="A", expires_on=near)
    ledger.receive(shelf.upt_id, shelf.variant_id, 3, lot_code="B")
    sku = stock_words.name(shelf.variant_id).rpartition("(")[2].rstrip(")")
    address = f"https://toko.contoh/s/lapas-contoh/{sku}#A"
    page = clerk.get("/meja/stok", query_string={"q": address}).get_data(as_text=True)
    late = clerk.get("/meja/stok?saring=kedaluwarsa").get_data(as_text=True)
    assert ("Ukuran 0" in page, "Ukuran 1" in page) == (True, False)
    assert ("Ukuran 0" in late, "Ukuran 1" in late) == (True, False)
    assert "paling dulu kedaluwarsa" in late
    assert f"s.d. {filters.local_date(near)}" in late


def test_the_table_asks_no_more_of_the_database_for_many_goods(
    clerk: FlaskClient, shelf: Shelf, app: Flask
) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_id, 3)
    counts = []
    for _ in range(2):
        with browse.statements() as seen:
            assert clerk.get("/meja/stok").status_code == 200
        counts.append(seen.count)
        more = goods.make_product(
            shelf.upt_id, published=False, with_picture=False, variants=[{} for _ in range(20)]
        )
        for variant_id in goods.variant_ids(more):
            ledger.receive(shelf.upt_id, variant_id, 2)
    assert counts[0] == counts[1]
