"""Fairs at the desk: taken along, sold, back, explained, closed."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.stock import queries as stock_queries
from app.domain.transfers import queries as transfer_queries
from app.domain.transfers.types import FairState
from tests.factories import browse, ledger, people, transit
from tests.factories.ledger import Shelf

pytestmark = pytest.mark.usefixtures("app")

KEY = "kunci-entri-0123456789"


@pytest.fixture
def shelf() -> Shelf:
    made = ledger.make_shelf(variants=2)
    for variant_id in made.variant_ids:
        ledger.receive(made.upt_id, variant_id, 10, lot_code="L1")
    return made


@pytest.fixture
def clerk(client: FlaskClient, shelf: Shelf) -> FlaskClient:
    people.staff(client, "upt_clerk", shelf.upt_id)
    return client


def form(shelf: Shelf, **more: object) -> dict[str, object]:
    return {
        "name": "Pameran Uji",
        "place": "Alun-alun",
        "starts_on": "2026-11-20",
        "ends_on": "2026-11-22",
        "responsible": "Kasi Kegiatan Kerja",
        "lines.0.variant_id": shelf.variant_id,
        "lines.0.quantity": "6",
        "lines.0.from_place": "available",
        "lines.0.price_idr": "Rp150.000",
        "entry_key": KEY,
        **more,
    }


def hidden(page: str, action: str) -> dict[str, str]:
    """Return the hidden fields of the form that goes to an address."""
    start = page.index(f'action="{action}"')
    inputs = r'type="hidden" name="([^"]+)" value="([^"]*)"'
    return dict(re.findall(inputs, page[start : page.index("</form>", start)]))


def places(shelf: Shelf) -> dict[str, int]:
    return transit.pieces(shelf.upt_id, shelf.variant_id)


def test_a_fair_from_draft_to_close(clerk: FlaskClient, shelf: Shelf) -> None:
    answers = [clerk.post("/meja/pameran/baru", data=form(shelf)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    url = answers[0].location
    assert url == answers[1].location
    data = form(shelf, expected_version="1", entry_key=KEY + "-1", note="bawa meja")
    assert clerk.post(f"{url}/ubah", data=data).status_code == 303
    data = hidden(clerk.get(url).get_data(as_text=True), f"{url}/bawa")
    for _ in range(2):
        assert clerk.post(f"{url}/bawa", data=data).status_code == 303
    assert places(shelf) == {"available": 4, "fair": 6}
    free = stock_queries.availability(variant_ids=[shelf.variant_id], at=ledger.AT)
    assert free[shelf.variant_id] == 4

    page = clerk.get(f"{url}/hasil").get_data(as_text=True)
    assert "belum jelas 6" in page
    data = hidden(page, f"{url}/hasil") | {"place": "gallery", "lines.0.sold": "3"}
    data["lines.0.price_idr"] = ""
    refused = clerk.post(f"{url}/hasil", data={**data, "lines.0.lost": "1"})
    text = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Pilih cara pembeli membayar" in text
    assert "Tulis sebab selisihnya" in text
    data |= {"lines.0.price_idr": "145.000", "lines.0.returned": "1", "paid_by": "qris"}
    for _ in range(2):
        assert clerk.post(f"{url}/hasil", data=data).status_code == 303
    assert places(shelf) == {"available": 4, "gallery": 1, "fair": 2}
    page = clerk.get(url).get_data(as_text=True)
    assert "Rp435.000" in page
    assert "QRIS" in page
    assert "Masih di pameran: 2 buah" in page
    too_early = hidden(page, f"{url}/catatan/4/batal")
    closing = clerk.post(f"{url}/tutup", data=too_early)
    assert closing.status_code == 303
    assert "Masih ada 2 buah di pameran" in clerk.get(url).get_data(as_text=True)

    data = hidden(clerk.get(f"{url}/hasil?kembali=1").get_data(as_text=True), f"{url}/hasil")
    over = clerk.post(f"{url}/hasil", data={**data, "place": "gallery", "lines.0.returned": "3"})
    assert over.status_code == 422
    assert "melebihi yang belum jelas: 2 buah" in over.get_data(as_text=True)
    data |= {"place": "quarantine", "lines.0.returned": "1", "lines.0.damaged": "1"}
    assert clerk.post(f"{url}/hasil", data={**data, "reason": "jatuh"}).status_code == 303
    data = hidden(clerk.get(url).get_data(as_text=True), f"{url}/tutup")
    for _ in range(2):
        assert clerk.post(f"{url}/tutup", data=data).status_code == 303
    assert transit.fair_page(url.rpartition("/")[2]).record.state is FairState.CLOSED
    assert places(shelf) == {"available": 4, "gallery": 1, "quarantine": 1}
    assert transfer_queries.verify() == ()
    card = clerk.get(f"/meja/stok/{shelf.variant_id}").get_data(as_text=True)
    assert "Di pameran → Pembeli" in card
    assert f'href="{url}"' in card


def test_a_wrong_record_is_taken_back_and_goods_can_follow(
    clerk: FlaskClient, shelf: Shelf
) -> None:
    document = transit.fair_out(shelf, 5)
    url = f"/meja/pameran/{document}"
    transit.settle(document, transit.result(document, {"sold": 5}))
    data = hidden(clerk.get(url).get_data(as_text=True), f"{url}/catatan/3/batal")
    for _ in range(2):
        assert clerk.post(f"{url}/catatan/3/batal", data=data).status_code == 303
    page = clerk.get(url).get_data(as_text=True)
    assert "Catatan nomor 3 dibatalkan" in page
    assert "(dibatalkan)" in page
    assert places(shelf) == {"available": 5, "fair": 5}
    data = {**data, "entry_key": KEY + "-9", "expected_version": "4"}
    clerk.post(f"{url}/catatan/3/batal", data=data)
    assert "sudah pernah dibalik" in clerk.get(url).get_data(as_text=True)
    more = hidden(clerk.get(f"{url}/tambah").get_data(as_text=True), f"{url}/tambah")
    more |= {"lines.0.variant_id": str(shelf.variant_ids[1]), "lines.0.from_place": "available"}
    short = clerk.post(f"{url}/tambah", data={**more, "lines.0.quantity": "11"})
    assert short.status_code == 409
    assert "hanya 10 yang bebas dari 11" in short.get_data(as_text=True)
    added = clerk.post(f"{url}/tambah", data={**more, "lines.0.quantity": "2", "tambah": "1"})
    assert "Baris 2" in added.get_data(as_text=True)
    assert clerk.post(f"{url}/tambah", data={**more, "lines.0.quantity": "2"}).status_code == 303
    found = transit.fair_page(document)
    assert [(line.quantity, line.left) for line in found.lines] == [(5, 5), (2, 2)]
    assert transfer_queries.verify() == ()


def test_the_list_reminds_and_the_paper_prints(clerk: FlaskClient, shelf: Shelf) -> None:
    late = transit.fair_out(shelf, 1, starts_on="2026-01-01", ends_on="2026-01-02")
    transit.fair_draft(shelf, 1)
    page = clerk.get("/meja/pameran").get_data(as_text=True)
    assert "Lewat tanggal</span>" in page
    only = clerk.get("/meja/pameran?saring=terlambat").get_data(as_text=True)
    assert only.count("/meja/pameran/PMR-") == 1
    assert "Pameran sudah selesai" in clerk.get(f"/meja/pameran/{late}").get_data(as_text=True)
    paper = clerk.get(f"/meja/pameran/{late}.pdf")
    assert (paper.mimetype, paper.data[:4]) == ("application/pdf", b"%PDF")
    blank = clerk.get(f"/meja/pameran/baru?barang={shelf.variant_id}").get_data(as_text=True)
    assert f'<option value="{shelf.variant_id}" selected>' in blank
    bad = clerk.post("/meja/pameran/baru", data=form(shelf, ends_on="2026-11-01", name=""))
    text = bad.get_data(as_text=True)
    assert bad.status_code == 422
    assert "mendahului tanggal mulai" in text
    assert 'href="#f-name"' in text


def test_strangers_and_readers_are_kept_out(app: Flask, clerk: FlaskClient, shelf: Shelf) -> None:
    document = transit.fair_out(shelf, 3)
    url = f"/meja/pameran/{document}"
    stranger, auditor = app.test_client(), app.test_client()
    people.staff(stranger, "upt_clerk", people.make_upt("lapas-lain").upt_id)
    people.staff(auditor, "auditor")
    for path in ("", "/hasil", "/tambah", "/ubah", ".pdf"):
        assert stranger.get(url + path).status_code == 404, path
    data = {"expected_version": "2", "entry_key": KEY}
    for path in ("/bawa", "/buang", "/tutup", "/catatan/1/batal"):
        assert stranger.post(url + path, data=data).status_code == 404, path
        assert auditor.post(url + path, data=data).status_code == 403, path
        assert clerk.post(url + path, data={}).status_code == 422, path
    assert auditor.get(url).status_code == 200
    assert "Catat hasil" not in auditor.get(url).get_data(as_text=True)
    assert auditor.get(f"{url}/hasil").status_code == 403
    assert clerk.get(f"{url}/ubah").status_code == 404
    assert places(shelf) == {"available": 7, "fair": 3}


def test_pages_ask_no_more_of_the_database_for_many_lines(clerk: FlaskClient, shelf: Shelf) -> None:
    many = ledger.Shelf(shelf.upt_id, ledger.make_shelf(variants=12).variant_ids)
    for variant_id in many.variant_ids:
        ledger.receive(many.upt_id, variant_id, 3)
    counts = []
    for document in (transit.fair_out(shelf, 1), transit.fair_out(many, *([1] * 12))):
        for path in ("", "/hasil"):
            with browse.statements() as seen:
                assert clerk.get(f"/meja/pameran/{document}{path}").status_code == 200
            counts.append(seen.count)
    assert counts[:2] == counts[2:]
