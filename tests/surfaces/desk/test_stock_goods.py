"""Goods that come in, move and leave at the stock desk, each form one effect."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.domain.catalog import queries as catalog_queries
from app.domain.stock import queries as stock_queries
from app.domain.stock.models import StockEntry
from app.infra import db
from app.surfaces.desk import stock_words
from tests.factories import ledger, people, transit
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


def available(shelf: Shelf) -> int:
    db.read_session().rollback()
    return stock_queries.availability(variant_ids=[shelf.variant_id], at=ledger.AT)[
        shelf.variant_id
    ]


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


TYPED = (
    ("0", "Angkanya terlalu kecil"),
    ("-1", "Angkanya terlalu kecil"),
    ("0.5", "angka bulat"),
    ("1e9", "angka bulat"),
    ("1000000000", "Angkanya terlalu besar"),
    ("NaN", "angka bulat"),
    ("", "Wajib diisi"),
    ("１２", "angka bulat"),
)


@pytest.mark.parametrize("form", ["receive", "adjust", "move"])
def test_shows_bad_quantities_again_with_a_sentence(
    clerk: FlaskClient, shelf: Shelf, form: str
) -> None:
    for typed, words in TYPED:
        if form == "receive":
            url, data = "/meja/stok/terima", receipt(shelf, quantity=typed, note="Tetap ada")
        elif form == "adjust":
            url = f"/meja/stok/{shelf.variant_id}/sesuaikan"
            data = adjustment(quantity=typed, note="Tetap ada")
        else:
            url, data = moving(shelf, quantity=typed, note="Tetap ada")
        answer = clerk.post(url, data=data)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422, typed
        assert words in page, typed
        assert "Tetap ada" in page
    assert entries() == 0


def test_shows_every_error_of_a_receipt_at_once(clerk: FlaskClient, shelf: Shelf) -> None:
    answer = clerk.post(
        "/meja/stok/terima",
        data={
            "lines.4.quantity": "x",
            "lines.4.lot_code": "?",
            "lines.4.produced_on": "2026-11-20",
            "lines.4.expires_on": "2026-11-01",
            "happened_on": "kemarin",
            "origin": "purchase",
            "place": "transit_upt",
        },
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for field in ("variant_id", "quantity", "lot_code", "expires_on"):
        assert f'href="#f-lines.0.{field}"' in page
    for field in ("happened_on", "place", "supplier"):
        assert f'href="#f-{field}"' in page
    empty = clerk.post("/meja/stok/terima", data={"entry_key": KEY})
    assert "Isi paling sedikit satu baris barang" in empty.get_data(as_text=True)
    kept = clerk.post(
        "/meja/stok/terima",
        data={"lines.0.variant_id": "", "lines.0.lot_code": "L-7", "entry_key": KEY},
    ).get_data(as_text=True)
    for sentence in ("Baris 1, Barang: Wajib diisi.", "Baris 1, Jumlah: Wajib diisi."):
        assert sentence in kept
    assert 'value="L-7"' in kept
    assert "Isi paling sedikit satu baris" not in kept


def test_enter_leads_a_scanner_from_scan_to_figure_and_back(
    clerk: FlaskClient, shelf: Shelf
) -> None:
    brief = catalog_queries.variant_briefs(variant_ids=[shelf.variant_id])[shelf.variant_id]
    form = {"entry_key": KEY, "tambah": "lanjut"}
    first = clerk.post("/meja/stok/terima", data={**form, "pindai": brief.sku}).get_data(
        as_text=True
    )
    assert re.search(r'name="lines.0.quantity"[^>]* autofocus', first)
    form |= {"lines.0.variant_id": str(shelf.variant_id), "lines.0.quantity": "1.500"}
    back = clerk.post("/meja/stok/terima", data=form).get_data(as_text=True)
    assert re.search(r'name="pindai"[^>]* autofocus', back)
    assert "lines.1." not in back
    more = clerk.post("/meja/stok/terima", data={**form, "tambah": "1"}).get_data(as_text=True)
    assert re.search(r'name="lines.1.variant_id"', more)


def test_goods_cannot_be_made_after_they_came(clerk: FlaskClient, shelf: Shelf) -> None:
    data = {
        "origin": "production",
        "place": "available",
        "lines.0.variant_id": str(shelf.variant_id),
        "lines.0.quantity": "1.500",
        "lines.0.produced_on": "2026-11-20",
        "happened_on": "2026-11-19",
        "entry_key": KEY,
    }
    answer = clerk.post("/meja/stok/terima", data=data)
    assert answer.status_code == 422
    assert "Tanggal dibuat sesudah tanggal diterima" in answer.get_data(as_text=True)
    data["lines.0.produced_on"] = "2026-11-19"
    done = clerk.post("/meja/stok/terima", data=data, follow_redirects=True)
    assert "1.500 buah" in done.get_data(as_text=True)


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


def moving(shelf: Shelf, **changes: object) -> tuple[str, dict[str, object]]:
    values = {
        "from_place": "available", "to_place": "gallery", "quantity": "3", "entry_key": KEY,
        **changes,
    }  # fmt: skip
    return f"/meja/stok/{shelf.variant_id}/pindah", values


def places(shelf: Shelf) -> dict[str, int]:
    return transit.pieces(shelf.upt_id, shelf.variant_id)


def undo_data(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(posted_key|entry_key)" value="([^"]+)"', page))


def test_receives_bought_goods_of_several_lots_in_one_posting(
    clerk: FlaskClient, shelf: Shelf
) -> None:
    data = receipt(shelf, origin="purchase", supplier="Toko Makmur", place="quarantine")
    second = {"variant_id": shelf.variant_ids[1], "quantity": "5", "lot_code": "L2"}
    data |= {f"lines.3.{name}": value for name, value in second.items()}
    for _ in range(2):
        answer = clerk.post("/meja/stok/terima", data=data)
        assert (answer.status_code, answer.location) == (303, "/meja/stok")
    assert entries() == 2
    assert places(shelf) == {"quarantine": 12}
    page = clerk.get("/meja/stok").get_data(as_text=True)
    assert "2 baris, 17 buah masuk ke karantina" in page
    card = clerk.get(f"/meja/stok/{shelf.variant_id}").get_data(as_text=True)
    assert "Barang dibeli" in card
    assert "Pemasok → Karantina · Pemasok: Toko Makmur" in card
    assert available(shelf) == 0


def test_a_scan_adds_a_row_and_nothing_is_written(clerk: FlaskClient, shelf: Shelf) -> None:
    sku = stock_words.name(shelf.variant_ids[1]).rpartition("(")[2].rstrip(")")
    data = receipt(shelf, tambah="1", pindai=f"{sku.lower()}#KARTON-7")
    page = clerk.post("/meja/stok/terima", data=data).get_data(as_text=True)
    assert f'<option value="{shelf.variant_ids[1]}" selected>' in page
    assert 'name="lines.1.lot_code" type="text" value="KARTON-7"' in page
    assert 'name="lines.0.quantity" type="text" value="12"' in page
    unknown = clerk.post("/meja/stok/terima", data={**data, "pindai": "TAK-ADA"})
    assert "Kode TAK-ADA tidak dikenal" in unknown.get_data(as_text=True)
    assert entries() == 0


def test_moves_between_places_once_and_back_by_undo(clerk: FlaskClient, shelf: Shelf) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_id, 10)
    url, data = moving(shelf)
    assert "Ambil dulu lot" in clerk.get(url + "?tempat=gudang").get_data(as_text=True)
    answers = [clerk.post(url, data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert places(shelf) == {"available": 7, "gallery": 3}
    page = clerk.get(answers[0].location).get_data(as_text=True)
    assert "3 buah" in page
    assert "dipindah dari gudang ke rak galeri" in page
    assert "Gudang → Rak galeri" in page
    assert "Batalkan catatan tadi" in page
    assert "Batalkan catatan tadi" not in clerk.get(answers[0].location).get_data(as_text=True)
    undone = [clerk.post("/meja/stok/batalkan", data=undo_data(page)) for _ in range(2)]
    assert [answer.status_code for answer in undone] == [303, 303]
    assert (entries(), places(shelf)) == (3, {"available": 10})
    again = {**undo_data(page), "entry_key": KEY + "-sekali-lagi"}
    clerk.post("/meja/stok/batalkan", data=again)
    assert "sudah pernah dibalik" in clerk.get("/meja/stok").get_data(as_text=True)
    assert clerk.post("/meja/stok/batalkan", data={"posted_key": "x"}).status_code == 422
    missing = {"posted_key": KEY + "-tiada", "entry_key": KEY + "-y"}
    assert clerk.post("/meja/stok/batalkan", data=missing).status_code == 404


def test_refuses_moves_to_nowhere_and_of_more_than_is_there(
    clerk: FlaskClient, shelf: Shelf
) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_id, 2)
    for changes, status, words in (
        ({"to_place": "available"}, 422, "tempat tujuan yang lain"),
        ({"to_place": "customer"}, 422, "Pilih salah satu"),
        ({"from_place": "transit_upt"}, 422, "Pilih salah satu"),
        ({"quantity": "3"}, 409, "Hanya 2 yang bebas dari 3"),
    ):
        url, data = moving(shelf, **changes)
        answer = clerk.post(url, data=data)
        assert (answer.status_code, words in answer.get_data(as_text=True)) == (status, True)
    assert entries() == 1


def test_takes_from_any_place_with_its_reason(clerk: FlaskClient, shelf: Shelf) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_id, 10)
    url, data = moving(shelf, quantity="6", to_place="second_grade")
    clerk.post(url, data=data)
    url = f"/meja/stok/{shelf.variant_id}/sesuaikan"
    for reason in ("damaged", "spoiled", "lost", "sample", "internal_use"):
        data = adjustment(quantity="1", reason=reason, place="second_grade", entry_key=KEY + reason)
        assert clerk.post(url, data=data).status_code == 303
    assert places(shelf) == {"available": 4, "second_grade": 1}
    page = clerk.get(f"/meja/stok/{shelf.variant_id}").get_data(as_text=True)
    assert "Mutu kedua → Pemakaian sendiri" in page


def test_holds_a_lot_back_and_releases_it(clerk: FlaskClient, shelf: Shelf) -> None:
    ledger.receive(shelf.upt_id, shelf.variant_id, 4, lot_code="UJI")
    lot = stock_queries.lots_in(upt_id=shelf.upt_id)[0]
    url = f"/meja/stok/{shelf.variant_id}/lot/{lot.lot_id}"
    assert "Tahan lot UJI" in clerk.get(url).get_data(as_text=True)
    assert clerk.post(url, data={"state": "blocked"}).status_code == 422
    assert available(shelf) == 4
    assert clerk.post(url, data={"state": "blocked", "note": "uji lab"}).status_code == 303
    page = clerk.get(f"/meja/stok/{shelf.variant_id}").get_data(as_text=True)
    assert "Lot UJI ditahan" in page
    assert "Ditahan" in page
    assert available(shelf) == 0
    clerk.post(url, data={"state": "open", "note": "lolos"})
    assert available(shelf) == 4


def test_entries_of_a_transfer_are_not_taken_back_by_hand(
    client: FlaskClient,
) -> None:
    pair = transit.make_pair(3)
    transit.sent(pair, 2)
    people.staff(client, "upt_clerk", pair.sender.upt_id)
    page = client.get(f"/meja/stok/{pair.sender.variant_id}").get_data(as_text=True)
    assert "Gudang → Di jalan ke UPT lain" in page
    assert page.count(">Balik<") == 1
    url = f"/meja/stok/{pair.sender.variant_id}/balik/3"
    for answer in (client.get(url), client.post(url, data={"note": "salah"})):
        assert answer.status_code == 409
        assert "milik sebuah dokumen" in answer.get_data(as_text=True)
