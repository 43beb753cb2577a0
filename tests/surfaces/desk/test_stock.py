"""The stock desk by hand: table, receiving, adjusting, card, taking back."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.domain.stock import queries as stock_queries
from app.domain.stock.models import StockEntry
from app.infra import db
from tests.factories import ledger, people
from tests.factories.ledger import Shelf

KEY = "kunci-entri-0123456789"
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


def available(shelf: Shelf) -> int:
    db.read_session().rollback()
    return stock_queries.availability(variant_ids=[shelf.variant_id], at=ledger.AT)[
        shelf.variant_id
    ]


def receipt(shelf: Shelf, **changes: object) -> dict[str, object]:
    return {
        "variant_id": shelf.variant_id,
        "quantity": "12",
        "lot_code": "L1",
        "entry_key": KEY,
        **changes,
    }


def adjustment(**changes: object) -> dict[str, object]:
    values = {"direction": "minus", "quantity": "2", "reason": "damaged", "entry_key": KEY}
    return {**values, **changes}


def test_receives_goods_once_however_often_the_form_is_sent(
    clerk: FlaskClient, shelf: Shelf
) -> None:
    first = clerk.post("/meja/stok/terima", data=receipt(shelf))
    second = clerk.post("/meja/stok/terima", data=receipt(shelf))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == f"/meja/stok/{shelf.variant_id}"
    assert (entries(), available(shelf)) == (1, 12)
    page = clerk.get(first.location).get_data(as_text=True)
    assert "12 buah" in page
    assert "Hasil produksi" in page


def test_refuses_a_known_key_with_another_quantity(clerk: FlaskClient, shelf: Shelf) -> None:
    clerk.post("/meja/stok/terima", data=receipt(shelf))
    answer = clerk.post("/meja/stok/terima", data=receipt(shelf, quantity="13"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "sudah pernah dikirim dengan isi lain" in page
    assert KEY not in page
    assert entries() == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0", "Angkanya terlalu kecil"),
        ("-1", "Angkanya terlalu kecil"),
        ("0.5", "angka bulat"),
        ("1e9", "angka bulat"),
        ("1000000000", "Angkanya terlalu besar"),
        ("NaN", "angka bulat"),
        ("", "Wajib diisi"),
        (["1", "2"], "lebih dari sekali"),
        ("１２", "angka bulat"),
    ],
)
@pytest.mark.parametrize("form", ["receive", "adjust"])
def test_shows_bad_quantities_again_with_a_sentence(
    clerk: FlaskClient, shelf: Shelf, form: str, typed: object, words: str
) -> None:
    if form == "receive":
        answer = clerk.post(
            "/meja/stok/terima", data=receipt(shelf, quantity=typed, note="Tetap ada")
        )
    else:
        url = f"/meja/stok/{shelf.variant_id}/sesuaikan"
        answer = clerk.post(url, data=adjustment(quantity=typed, note="Tetap ada"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert "Tetap ada" in page
    assert entries() == 0


def test_shows_every_error_of_a_receipt_at_once(clerk: FlaskClient, shelf: Shelf) -> None:
    answer = clerk.post(
        "/meja/stok/terima",
        data={
            "quantity": "x",
            "lot_code": "?",
            "produced_on": "2026-11-20",
            "expires_on": "2026-11-01",
            "happened_on": "kemarin",
        },
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for field in ("variant_id", "quantity", "lot_code", "expires_on", "happened_on"):
        assert f'href="#f-{field}"' in page


def test_refuses_a_lot_made_in_the_future_and_goods_received_tomorrow(
    clerk: FlaskClient, shelf: Shelf
) -> None:
    for changes in ({"produced_on": "2999-01-01"}, {"happened_on": "2999-01-01"}):
        answer = clerk.post("/meja/stok/terima", data=receipt(shelf, **changes))
        assert answer.status_code == 422
    assert entries() == 0


def test_keeps_both_times_of_goods_received_earlier(clerk: FlaskClient, shelf: Shelf) -> None:
    clerk.post("/meja/stok/terima", data=receipt(shelf, happened_on="2026-01-05"))
    page = clerk.get(f"/meja/stok/{shelf.variant_id}").get_data(as_text=True)
    assert "5 Januari 2026 pukul 12.00 WIB" in page
    assert "dicatat" in page


def test_names_a_lot_that_is_known_with_other_dates(clerk: FlaskClient, shelf: Shelf) -> None:
    clerk.post("/meja/stok/terima", data=receipt(shelf, expires_on="2999-01-01"))
    answer = clerk.post(
        "/meja/stok/terima",
        data=receipt(shelf, expires_on="2999-02-01", entry_key=KEY + "-lain"),
    )
    assert answer.status_code == 409
    assert "Kode lot ini sudah dipakai" in answer.get_data(as_text=True)
    assert entries() == 1


def test_adjusts_in_the_table_and_keeps_search_and_filter(clerk: FlaskClient, shelf: Shelf) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_id, 10)
    answer = clerk.post(
        f"/meja/stok/{shelf.variant_id}/sesuaikan",
        data=adjustment(kembali="tabel", q="Karya", saring="menipis"),
    )
    assert answer.status_code == 303
    assert answer.location == "/meja/stok?q=Karya&saring=menipis"
    assert available(shelf) == 8
    page = clerk.get(answer.location).get_data(as_text=True)
    assert 'value="Karya"' in page


def test_says_how_many_are_free_when_too_many_would_be_taken(
    clerk: FlaskClient, shelf: Shelf
) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_id, 3)
    answer = clerk.post(f"/meja/stok/{shelf.variant_id}/sesuaikan", data=adjustment(quantity="4"))
    assert answer.status_code == 409
    assert "Hanya 3 yang bebas dari 4" in answer.get_data(as_text=True)
    assert (entries(), available(shelf)) == (1, 3)


def test_refuses_a_reason_that_does_not_fit_the_direction(clerk: FlaskClient, shelf: Shelf) -> None:
    answer = clerk.post(f"/meja/stok/{shelf.variant_id}/sesuaikan", data=adjustment(reason="found"))
    assert answer.status_code == 422
    assert "Alasan ini tidak cocok" in answer.get_data(as_text=True)


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
    numbers = re.findall(r'<td class="number">(\d+)</td>\n<th scope="row">([^<]+)<', page)
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


def test_takes_an_entry_back_once(clerk: FlaskClient, shelf: Shelf) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_id, 10)
    url = f"/meja/stok/{shelf.variant_id}/balik/1"
    assert "10 buah" in clerk.get(url).get_data(as_text=True)
    assert clerk.post(url, data={"entry_key": KEY}).status_code == 422
    data = {"entry_key": KEY, "note": "Salah ketik"}
    assert [clerk.post(url, data=data).status_code for _ in range(2)] == [303, 303]
    again = clerk.post(url, data={**data, "entry_key": KEY + "-lain"})
    assert again.status_code == 409
    assert "tidak dapat dibalik" in again.get_data(as_text=True)
    assert (entries(), available(shelf)) == (2, 0)


def test_foreign_goods_are_not_found_anywhere(clerk: FlaskClient, shelf: Shelf) -> None:
    other = ledger.make_shelf("lapas-pamekasan")
    ledger.receive(other.upt_id, other.variant_id, 5)
    for url in (
        f"/meja/stok?upt={other.upt_id}",
        f"/meja/stok/{other.variant_id}",
        f"/meja/stok/{other.variant_id}/sesuaikan",
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
    assert "Terima barang jadi" not in page
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
    assert re.search(r'name="lot_code"[^>]*value="L\d{6}"', blank)
