"""Transfers at the desk: draft by scan, send, receive on the other side, recall."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.catalog import queries as catalog_queries
from app.domain.transfers import queries as transfer_queries
from app.domain.transfers import services as transfer_services
from app.domain.transfers.errors import NoPublishedVersion
from app.domain.transfers.types import TransferState
from app.infra import db
from tests.factories import browse, goods, ledger, people, transit
from tests.factories.transit import Pair

pytestmark = pytest.mark.usefixtures("app")

KEY = "kunci-entri-0123456789"


@pytest.fixture
def pair() -> Pair:
    return transit.make_pair(10)


def clerk(app: Flask, upt_id: int) -> FlaskClient:
    client = app.test_client()
    people.staff(client, "upt_clerk", upt_id)
    return client


@pytest.fixture
def sender(app: Flask, pair: Pair) -> FlaskClient:
    return clerk(app, pair.sender.upt_id)


@pytest.fixture
def receiver(app: Flask, pair: Pair) -> FlaskClient:
    return clerk(app, pair.receiver.upt_id)


def form(pair: Pair, **more: object) -> dict[str, object]:
    return {
        "receiver_upt_id": pair.receiver.upt_id,
        "carrier": "Truk dinas",
        "lines.0.variant_id": pair.sender.variant_id,
        "lines.0.quantity": "6",
        "lines.0.from_place": "available",
        "entry_key": KEY,
        **more,
    }


def hidden(page: str, action: str) -> dict[str, str]:
    """Return the hidden fields of the form that goes to an address."""
    start = page.index(f'action="{action}"')
    inputs = r'type="hidden" name="([^"]+)" value="([^"]*)"'
    return dict(re.findall(inputs, page[start : page.index("</form>", start)]))


def stock(pair: Pair) -> tuple[dict[str, int], dict[str, int]]:
    return (
        transit.pieces(pair.sender.upt_id, pair.sender.variant_id),
        transit.pieces(pair.receiver.upt_id, pair.receiver.variant_id),
    )


def test_a_transfer_goes_from_draft_to_both_ledgers(
    sender: FlaskClient, receiver: FlaskClient, pair: Pair
) -> None:
    answers = [sender.post("/meja/kirim/baru", data=form(pair)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    url = answers[0].location
    assert receiver.get(url).status_code == 404
    page = sender.get(url).get_data(as_text=True)
    assert "Rancangan" in page
    data = hidden(page, f"{url}/berangkat")
    for _ in range(2):
        assert sender.post(f"{url}/berangkat", data=data).status_code == 303
    assert stock(pair) == ({"available": 4, "transit_upt": 6}, {})
    assert "6 buah kini di jalan" in sender.get(url).get_data(as_text=True)

    start = receiver.get("/meja/").get_data(as_text=True)
    assert "kiriman menuju ke sini" in start
    assert "/meja/kirim?saring=masuk" in start
    assert "kiriman menuju ke sini" not in sender.get("/meja/").get_data(as_text=True)
    listed = receiver.get("/meja/kirim").get_data(as_text=True)
    assert url in listed
    assert "dari Lapas Indramayu" in listed
    counting = receiver.get(f"{url}/terima?semua=1").get_data(as_text=True)
    assert f'<option value="{pair.receiver.variant_id}" selected>' in counting
    data = hidden(counting, f"{url}/terima")
    data |= {"lines.0.received": "4", "lines.0.variant_id": str(pair.receiver.variant_id)}
    data |= {"place": "gallery", "lines.0.lost": "1"}
    short = receiver.post(f"{url}/terima", data=data)
    assert short.status_code == 422
    assert "Tulis sebab selisihnya" in short.get_data(as_text=True)
    data["lines.0.reason"] = "dus terbuka"
    for _ in range(2):
        assert receiver.post(f"{url}/terima", data=data).status_code == 303
    assert stock(pair) == ({"available": 4, "transit_upt": 1}, {"gallery": 4})
    over = {**data, "lines.0.received": "2", "lines.0.lost": "", "entry_key": KEY + "-2"}
    over["expected_version"] = "3"
    answer = receiver.post(f"{url}/terima", data=over)
    assert answer.status_code == 422
    assert "minta pengirim membuat kiriman" in answer.get_data(as_text=True)
    last = {**over, "lines.0.received": "1"}
    assert receiver.post(f"{url}/terima", data=last).status_code == 303
    page = receiver.get(url).get_data(as_text=True)
    assert "Kedua buku stok cocok" in page
    assert "1 Tikar pandan uji, Ukuran 0 hilang: dus terbuka" in page
    assert transfer_queries.verify() == ()
    card = receiver.get(f"/meja/stok/{pair.receiver.variant_id}").get_data(as_text=True)
    assert "UPT lain → Rak galeri" in card
    assert f'href="{url}"' in card


def test_a_page_that_is_too_old_shows_what_was_typed_and_what_is_now(
    receiver: FlaskClient, pair: Pair
) -> None:
    document = transit.sent(pair, 6)
    url = f"/meja/kirim/{document}/terima"
    data = hidden(receiver.get(url).get_data(as_text=True), url)
    data |= {"lines.0.received": "5", "lines.0.variant_id": str(pair.receiver.variant_id)}
    counted = {"received": 2, "variant_id": pair.receiver.variant_id}
    transit.receive(document, transit.arrival(document, counted))
    answer = receiver.post(url, data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "baru saja diubah orang lain" in page
    assert 'name="lines.0.received" type="text" value="5"' in page
    assert "<strong>4 buah</strong>" in page
    assert stock(pair)[0] == {"available": 4, "transit_upt": 4}


def test_scans_fill_rows_and_lots_are_found_by_their_code(sender: FlaskClient, pair: Pair) -> None:
    sku = catalog_queries.variant_briefs(variant_ids=[pair.sender.variant_id])[
        pair.sender.variant_id
    ].sku
    blank = {"receiver_upt_id": str(pair.receiver.upt_id), "tambah": "1", "entry_key": KEY}
    page = sender.post(
        "/meja/kirim/baru", data={**blank, "pindai": f"/s/lapas-indramayu/{sku}#L1"}
    ).get_data(as_text=True)
    assert f'<option value="{pair.sender.variant_id}" selected>' in page
    assert 'name="lines.0.lot_code" type="text" value="L1"' in page
    assert "Bebas: gudang 10" in page
    row = {
        "lines.0.variant_id": str(pair.sender.variant_id),
        "lines.0.quantity": "1",
        "lines.0.lot_code": "L1",
    }
    again = sender.post("/meja/kirim/baru", data={**blank, **row, "pindai": f"{sku}#L1"})
    assert 'name="lines.0.quantity" type="text" value="2"' in again.get_data(as_text=True)
    unknown = sender.post("/meja/kirim/baru", data={**blank, "pindai": "ENTAH"})
    assert "Kode ENTAH tidak dikenal" in unknown.get_data(as_text=True)
    wrong = sender.post("/meja/kirim/baru", data=form(pair, **{"lines.0.lot_code": "SALAH"}))
    assert wrong.status_code == 422
    assert "Lot ini tidak dikenal" in wrong.get_data(as_text=True)
    empty = sender.post("/meja/kirim/baru", data={"receiver_upt_id": "x", "entry_key": KEY})
    assert empty.status_code == 422
    made = sender.post("/meja/kirim/baru", data=form(pair, **{"lines.0.lot_code": "L1"}))
    edit = sender.get(f"{made.location}/ubah").get_data(as_text=True)
    assert 'name="lines.0.lot_code" type="text" value="L1"' in edit
    data = form(pair, expected_version="1", entry_key=KEY + "-3", **{"lines.0.quantity": "99"})
    assert sender.post(f"{made.location}/ubah", data=data).status_code == 303
    data = hidden(sender.get(made.location).get_data(as_text=True), f"{made.location}/berangkat")
    sender.post(f"{made.location}/berangkat", data=data)
    assert "hanya 10 yang bebas dari 99" in sender.get(made.location).get_data(as_text=True)
    data = hidden(sender.get(made.location).get_data(as_text=True), f"{made.location}/buang")
    sender.post(f"{made.location}/buang", data=data)
    assert "Dibatalkan" in sender.get(made.location).get_data(as_text=True)
    assert sender.get(f"{made.location}/ubah").status_code == 404
    assert stock(pair)[0] == {"available": 10}


def test_goods_unknown_here_are_copied_into_the_catalogue_as_a_draft(app: Flask) -> None:
    upt_id = people.make_upt("lapas-indramayu").upt_id
    product_id = goods.make_product(upt_id, variants=[{"sku": "SALIN-01"}])
    variant_id = goods.variant_ids(product_id)[0]
    ledger.receive(upt_id, variant_id, 5)
    there = people.make_upt("lapas-pamekasan").upt_id
    lone = Pair(ledger.Shelf(upt_id, (variant_id,)), ledger.Shelf(there, ()))
    document = transit.sent(lone, 5)
    receiver = clerk(app, there)
    url = f"/meja/kirim/{document}/terima"
    page = receiver.get(url).get_data(as_text=True)
    assert "Salin ke katalog kami" in page
    data = {**hidden(page, url), "lines.0.received": "3"}
    line_id = transit.page(document).lines[0].line_id
    page = receiver.post(url, data={**data, "salin": str(line_id)}).get_data(as_text=True)
    own = catalog_queries.variants_of_upt(upt_id=there)
    assert [brief.sku for brief in own] == ["SALIN-01"]
    assert f'<option value="{own[0].variant_id}" selected>' in page
    assert 'name="lines.0.received" type="text" value="3"' in page
    receiver.post(url, data={**data, "salin": str(line_id)})
    db.read_session().rollback()
    assert len(catalog_queries.variants_of_upt(upt_id=there)) == 1
    done = receiver.post(url, data={**data, "lines.0.variant_id": str(own[0].variant_id)})
    assert done.status_code == 303
    assert transit.pieces(there, own[0].variant_id) == {"available": 3}
    draft = goods.draft_of(own[0].product_id)
    assert (draft.upt_id, draft.state.value) == (there, "draft")


def test_goods_never_published_cannot_be_copied(receiver: FlaskClient, pair: Pair) -> None:
    document = transit.sent(pair, 1)
    line_id = transit.page(document).lines[0].line_id
    with pytest.raises(NoPublishedVersion):
        db.transact(
            lambda: transfer_services.copy_to_catalogue(
                actor=ledger.SYSTEM, number=document, line_id=line_id, at=ledger.AT
            )
        )
    url = f"/meja/kirim/{document}/terima"
    page = receiver.get(url).get_data(as_text=True)
    assert "Salin ke katalog kami" not in page
    told = receiver.post(url, data={**hidden(page, url), "salin": str(line_id)})
    assert "belum pernah menerbitkan" in told.get_data(as_text=True)


def test_the_sender_takes_a_transfer_back(
    sender: FlaskClient, receiver: FlaskClient, pair: Pair
) -> None:
    document = transit.sent(pair, 6)
    url = f"/meja/kirim/{document}/tarik"
    page = sender.get(url).get_data(as_text=True)
    assert "6 buah Tikar pandan uji" in page
    data = hidden(page, url)
    assert sender.post(url, data={**data, "choice": "back"}).status_code == 422
    assert receiver.post(url, data={**data, "choice": "back", "note": "x"}).status_code == 404
    done = {**data, "choice": "back", "note": "salah alamat"}
    for _ in range(2):
        assert sender.post(url, data=done).status_code == 303
    assert transit.page(document).record.state is TransferState.RECALLED
    assert stock(pair)[0] == {"available": 10}
    assert "“salah alamat”" in sender.get(f"/meja/kirim/{document}").get_data(as_text=True)
    assert sender.get(url).status_code == 303
    assert receiver.get(f"/meja/kirim/{document}/terima").status_code == 303


def test_the_paper_is_for_both_sides_and_nobody_else(
    app: Flask, sender: FlaskClient, receiver: FlaskClient, pair: Pair, client: FlaskClient
) -> None:
    document = transit.sent(pair, 6, due_on="2026-01-01")
    for side in (sender, receiver):
        paper = side.get(f"/meja/kirim/{document}.pdf")
        assert paper.mimetype == "application/pdf"
        assert paper.data.startswith(b"%PDF")
    assert "Terlambat" in receiver.get("/meja/kirim?saring=terlambat").get_data(as_text=True)
    stranger = clerk(app, people.make_upt("lapas-lain").upt_id)
    for path in ("", ".pdf", "/terima", "/tarik", "/ubah"):
        assert stranger.get(f"/meja/kirim/{document}{path}").status_code == 404, path
    assert stranger.get("/meja/kirim").status_code == 200
    people.staff(client, "auditor")
    assert client.get(f"/meja/kirim/{document}").status_code == 200
    assert "Terima barang" not in client.get(f"/meja/kirim/{document}").get_data(as_text=True)
    assert client.get("/meja/kirim/baru").status_code == 403
    assert client.post(f"/meja/kirim/{document}/tarik", data={}).status_code == 403
    for step in ("berangkat", "buang"):
        assert sender.post(f"/meja/kirim/{document}/{step}", data={}).status_code == 422


def test_pages_ask_no_more_of_the_database_for_many_lines(app: Flask) -> None:
    counts = []
    receiver = clerk(app, people.make_upt("lapas-pamekasan").upt_id)
    for variants in (1, 12):
        pair = transit.make_pair(5, variants=variants)
        document = transit.sent(pair, *([2] * variants))
        for path in ("", "/terima"):
            with browse.statements() as seen:
                assert receiver.get(f"/meja/kirim/{document}{path}").status_code == 200
            counts.append(seen.count)
        with browse.statements() as seen:
            receiver.get("/meja/kirim")
        counts.append(seen.count)
    assert counts[:3] == counts[3:]
