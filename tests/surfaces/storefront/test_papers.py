"""Papers and letters as pages: who may open them, and what a stranger learns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.checkout.types import PlacedOrder
from app.domain.documents import queries
from app.domain.documents.types import PaperBrief
from app.domain.notifications import flows
from app.infra import db
from app.surfaces.web import order_link
from tests.factories import people, trade
from tests.factories.reading import words

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def order(app: Flask, drain: Callable[[], int]) -> tuple[PlacedOrder, PaperBrief, int]:
    """Give a paid order with two papers, the first of them, and its UPT."""
    trade.make_rates()
    item = trade.make_item()
    placed = trade.paid({item.variant_id: 1})
    drain()
    flows.send_due(at=datetime(2100, 1, 1, tzinfo=UTC))
    part = trade.part(placed, item.upt_id)
    found = queries.list_papers(upt_order_ids=[part.upt_order_id])
    db.db.session.rollback()
    return placed, found[0], item.upt_id


def test_the_buyer_downloads_what_a_stranger_does_not_find(
    app: Flask, client: FlaskClient, order: tuple[PlacedOrder, PaperBrief, int]
) -> None:
    placed, paper, _ = order
    path = f"/pesanan/{placed.number}/dokumen/{paper.number}.pdf"
    assert app.test_client().get(path).status_code == 404
    client.get(f"/pesanan/{placed.number}?kunci={order_link.key_of(placed.number)}")
    page = client.get(f"/pesanan/{placed.number}")
    assert path in page.text
    assert "Faktur" in words(page)
    assert "Kwitansi" in words(page)
    first, second = client.get(path), client.get(path)
    assert first.mimetype == "application/pdf"
    assert first.data == second.data
    assert first.headers["Cache-Control"] == "no-store"
    other = trade.paid({trade.make_item("lapas-pamekasan").variant_id: 1}, contact_name="Lain")
    client.get(f"/pesanan/{other.number}?kunci={order_link.key_of(other.number)}")
    assert client.get(f"/pesanan/{other.number}/dokumen/{paper.number}.pdf").status_code == 404


def test_a_check_page_tells_the_sum_and_no_name(
    client: FlaskClient, order: tuple[PlacedOrder, PaperBrief, int]
) -> None:
    placed, paper, _ = order
    answer = client.get(f"/dokumen/{paper.token}")
    page = words(answer)
    for shown in (
        paper.number, "Rp", "Dokumen ini terdaftar", "1 Januari 2100",
        queries.find_by_token(token=paper.token).sha256,
    ):  # fmt: skip
        assert shown in page
    for private in ("Pembeli Contoh", "pembeli@", placed.number):
        assert private not in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    for wrong in ("x" * 43, "short", "é" * 43):
        assert client.get(f"/dokumen/{wrong}").status_code == 404


def test_the_desk_sees_its_own_papers_only(
    client: FlaskClient, app: Flask, order: tuple[PlacedOrder, PaperBrief, int]
) -> None:
    _, paper, upt_id = order
    path = f"/meja/dokumen/{paper.number}.pdf"
    people.staff(client, "upt_clerk", upt_id)
    assert paper.number in words(client.get("/meja/dokumen"))
    assert client.get(path).data.startswith(b"%PDF-")
    other = app.test_client()
    people.staff(other, "upt_clerk", people.make_upt("lapas-pamekasan").upt_id)
    assert other.get(path).status_code == 404
    assert "Belum ada dokumen" in words(other.get("/meja/dokumen"))
    powerless = app.test_client()
    people.staff(powerless, "curator")
    assert powerless.get("/meja/dokumen").status_code == 403
    assert powerless.get(path).status_code == 403


def test_the_outbox_shows_letters_in_a_closed_frame(
    client: FlaskClient, order: tuple[PlacedOrder, PaperBrief, int]
) -> None:
    placed, _, _ = order
    index = client.get("/peragaan/kotak-keluar")
    assert f"Pembayaran {placed.number} diterima" in words(index)
    path = index.text.split('order-card__link" href="')[1].split('"')[0]
    page = client.get(path)
    assert (
        f'<iframe class="panel letter" sandbox title="Surel sebagaimana dilihat pembeli" src="{path}/isi"'
        in page.text
    )
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert "Halo Pembeli Contoh" in words(page)
    letter = client.get(f"{path}/isi")
    rules = letter.headers["Content-Security-Policy"]
    assert "sandbox" in rules
    assert "default-src 'none'" in rules
    assert "script-src" not in rules
    assert client.get("/peragaan/kotak-keluar/" + "0" * 40).status_code == 404


def test_there_is_no_outbox_where_letters_leave(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.infra.mail.outbox", lambda: None)
    for path in ("", "/" + "0" * 40, "/" + "0" * 40 + "/isi"):
        assert client.get(f"/peragaan/kotak-keluar{path}").status_code == 404
