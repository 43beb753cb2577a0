"""The reports by hand: the head's page, its lists, why a figure is what it is, UPT side by side."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.reports import handlers
from app.domain.reports.types import EntryRow
from app.domain.stock import queries as stock_queries
from app.domain.stock import services as stock_services
from app.domain.stock.types import AdjustReason, PeriodRecord
from app.infra import db
from app.surfaces.desk.reports import lists, sources, upts
from app.surfaces.desk.reports import words as report_words
from tests.factories import browse, goods, ledger, people, reading

pytestmark = pytest.mark.usefixtures("app")

NOW = datetime.now(UTC)


class Stand:
    """A UPT with an item that was received, promised, sold and damaged."""

    def __init__(self) -> None:
        self.upt_id = people.make_upt("lapas-indramayu").upt_id
        product_id = goods.make_product(
            self.upt_id, name="Tirai sabut", variants=[{"name": "Besar", "price_idr": 185_000}]
        )
        (self.variant_id,) = goods.variant_ids(product_id)
        ledger.receive(
            self.upt_id, self.variant_id, 50, lot_code="L1", at=NOW - timedelta(days=3),
            expires_on=date(2999, 1, 1),
        )  # fmt: skip
        with db.unit_of_work():
            stock_services.adjust(
                actor=ledger.SYSTEM,
                upt_id=self.upt_id,
                variant_id=self.variant_id,
                lot_id=None,
                quantity_delta=-3,
                reason=AdjustReason.DAMAGED,
                note="=kena hujan",
                source=ledger.source(),
                happened_at=NOW - timedelta(days=2),
                at=NOW - timedelta(days=2),
            )


@pytest.fixture
def stand() -> Stand:
    return Stand()


@pytest.fixture
def head(client: FlaskClient, stand: Stand) -> FlaskClient:
    people.staff(client, "upt_head", stand.upt_id)
    return client


def words(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return reading.words(answer)


def test_the_heads_page_says_what_the_stock_is_worth_and_what_moved(
    head: FlaskClient, stand: Stand
) -> None:
    page = words(head, "/meja/laporan")
    assert "Rp8,6 jt nilai jual stok" in page
    assert "47 buah di semua tempat" in page
    assert "Tidak ada yang perlu diperhatikan" in page
    assert "Hasil produksi 50" in page
    assert "Rusak 3" in page
    assert "Rp8.695.000" in page
    for days in (90, 365):
        assert f"selama {days} hari" in words(head, f"/meja/laporan?periode={days}")
    assert "selama 30 hari" in words(head, "/meja/laporan?periode=17")


def test_the_heads_page_names_what_needs_attention(head: FlaskClient, stand: Stand) -> None:
    soon = (NOW + timedelta(days=5)).date()
    product_id = goods.make_product(
        stand.upt_id, name="Keripik", variants=[{"name": "Kecil"}, {"name": "Besar"}]
    )
    small, large = goods.variant_ids(product_id)
    ledger.receive(stand.upt_id, small, 4, lot_code="K1", expires_on=soon, at=NOW)
    ledger.receive(stand.upt_id, large, 60, at=NOW - timedelta(days=200))
    page = words(head, "/meja/laporan")
    assert "Menipis 1" in page
    assert "Segera kedaluwarsa 1" in page
    assert "Tidak bergerak 1" in page
    for name, word in (("menipis", "Kecil"), ("kedaluwarsa", "K1"), ("mati", "Besar")):
        assert word in words(head, f"/meja/laporan/daftar/{name}")
    assert "Tidak ada lot yang ditahan" in words(head, "/meja/laporan/daftar/diblokir")
    assert "Semua barang bergerak" not in words(head, "/meja/laporan/daftar/mati?hari=180")
    assert "Tidak ada lot" not in words(head, "/meja/laporan/daftar/kedaluwarsa?hari=7")


def test_every_list_is_a_page_and_a_file(head: FlaskClient, stand: Stand) -> None:
    for name in lists.NAMES:
        assert head.get(f"/meja/laporan/daftar/{name}?q=tidak+ada+itu").status_code == 200
        answer = head.get(f"/meja/laporan/daftar/{name}?bentuk=csv")
        assert answer.mimetype == "text/csv"
        assert answer.get_data().startswith(b"\xef\xbb\xbfBarang;Kode;")
        assert f"{name}-lapas-indramayu-" in answer.headers["Content-Disposition"]


def test_lists_keep_search_and_choices_from_page_to_page(
    head: FlaskClient, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE_ROWS", 1)
    product_id = goods.make_product(
        stand.upt_id, name="Tikar", variants=[{"name": f"Ukuran {n}"} for n in range(3)]
    )
    for variant_id in goods.variant_ids(product_id):
        ledger.receive(stand.upt_id, variant_id, 9)
    answer = head.get("/meja/laporan/daftar/nilai?q=tikar&kategori=Serat+alam&_scheme=javascript")
    page = answer.get_data(as_text=True)
    assert "1–1 dari 3" in page
    assert "q=tikar" in page
    assert "kategori=Serat" in page
    assert "javascript" not in page
    following = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "2–2 dari 3" in words(head, following)
    assert "Ubah kata pencariannya" in words(head, "/meja/laporan/daftar/nilai?q=xyz")


def test_moved_goods_lead_to_their_entries(head: FlaskClient, stand: Stand) -> None:
    page = head.get("/meja/laporan/daftar/gerak?sebab=damaged.available.loss").get_data(
        as_text=True
    )
    assert "Sebab: Rusak" in page
    assert "Hasil produksi" not in page
    href = page.split(f'href="/meja/laporan/kenapa/{stand.variant_id}?')[1].split('"')[0]
    asked = href.replace("&amp;", "&")
    found = words(head, f"/meja/laporan/kenapa/{stand.variant_id}?{asked}")
    assert "=kena hujan" in found
    assert "Catatan: Rusak" in found
    assert head.get("/meja/laporan/daftar/gerak?dari=kapan&sampai=&sebab=a.b").status_code == 200


def test_why_names_opening_causes_and_closing_with_their_entries(
    head: FlaskClient, stand: Stand
) -> None:
    address = f"/meja/laporan/kenapa/{stand.variant_id}"
    page = words(head, f"{address}?dari={(NOW - timedelta(days=9)).date()}")
    assert "Kenapa 47?" in page
    assert "Hasil produksi 1 50" in page
    assert "Rusak 1 3" in page
    chosen = words(head, f"{address}?sumbu=nomor&sampai_nomor=1&tempat=gudang")
    assert "Kenapa 50?" in chosen
    assert "Saldo sekarang 47" in chosen
    assert "setelah catatan nomor 0" in chosen
    gallery = words(head, f"{address}?tempat=galeri&sumbu=dicatat")
    assert "Kenapa 0?" in gallery
    assert "Tidak ada catatan" in gallery
    file = head.get(f"{address}?bentuk=csv&dari=2020-01-01").get_data(as_text=True)
    assert file.count("\r\n") == 3
    assert "'=kena hujan" in file


def test_a_question_that_makes_no_sense_is_shown_again_with_its_error(
    head: FlaskClient, stand: Stand
) -> None:
    for asked in (
        "dari=kemarin", "sampai=2026-02-30", "tempat=kantong", "sumbu=x",
        "sumbu=nomor&dari_nomor=-1",
    ):  # fmt: skip
        page = words(head, f"/meja/laporan/kenapa/{stand.variant_id}?{asked}", 422)
        assert "Ada yang perlu dibetulkan" in page
        assert "Kenapa 47?" in page
    for asked in (
        "dari=0001-01-01&sampai=9999-12-31", "dari=2030-01-01&sampai=2020-01-01",
        "sebab=a.b.c.d", "sumbu=nomor&dari_nomor=9&sampai_nomor=3", "sesudah=zzz",
        "sebab=held.available.loss",
    ):  # fmt: skip
        words(head, f"/meja/laporan/kenapa/{stand.variant_id}?{asked}")


def test_a_late_entry_carries_its_flag(
    head: FlaskClient, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    month = PeriodRecord(
        upt_id=stand.upt_id, month=date(2026, 10, 1), sequence=1, hash="a" * 64, starts_at=NOW,
        ends_at=NOW, closed_at=NOW, closed_by="user:1", balances=1, pieces=1,
    )  # fmt: skip
    monkeypatch.setattr(stock_queries, "list_periods", lambda **_: (month,))
    assert "Oktober 2026" in words(head, "/meja/laporan")
    address = f"/meja/laporan/kenapa/{stand.variant_id}?dari=2020-01-01"
    page = words(head, address)
    assert page.count("Susulan") == 1
    file = head.get(f"{address}&bentuk=csv").get_data(as_text=True)
    assert file.count(";ya;") == 1


def test_regional_staff_see_their_units_and_no_others(client: FlaskClient, stand: Stand) -> None:
    other = ledger.make_shelf("lapas-pamekasan")
    ledger.receive(other.upt_id, other.variant_id, 5)
    second = people.make_upt("lapas-contoh").upt_id
    handlers._refresh(NOW)
    people.staff(client, "kanwil_staff", stand.upt_id)
    answer = client.get("/meja/laporan")
    assert (answer.status_code, answer.location) == (303, "/meja/laporan/upt")
    page = words(client, "/meja/laporan/upt")
    assert "Lapas Indramayu" in page
    assert "Lapas Pamekasan" not in page
    assert "1 dari 2 UPT ikut serta" in page
    assert "Kenapa 47?" in words(client, f"/meja/laporan/kenapa/{stand.variant_id}")
    assert "Laporan stok" in words(client, f"/meja/laporan?upt={second}")
    for address in (
        f"/meja/laporan?upt={other.upt_id}",
        f"/meja/laporan/kenapa/{other.variant_id}",
        "/meja/laporan/upt?kanwil=jawa-timur",
        "/meja/laporan/upt?kanwil=entah",
        "/meja/laporan/daftar/entah",
        f"/meja/laporan/kenapa/{2**63}",
    ):
        assert client.get(address).status_code == 404, address


def test_the_nation_is_a_map_that_opens_offices_and_units(
    client: FlaskClient, stand: Stand
) -> None:
    other = ledger.make_shelf("lapas-pamekasan")
    ledger.receive(other.upt_id, other.variant_id, 5, at=NOW)
    handlers._refresh(NOW)
    people.staff(client, "auditor")
    for measure in upts.MEASURES:
        page = client.get(f"/meja/laporan/upt?warna={measure.name}").get_data(as_text=True)
        assert "<svg" in page
        assert "kanwil=jawa-barat" in page
    for sort in upts.SORTS:
        assert client.get(f"/meja/laporan/upt?urut={sort}").status_code == 200
    office = words(client, "/meja/laporan/upt?kanwil=jawa-timur")
    assert "Lapas Pamekasan" in office
    assert "Lapas Indramayu" not in office
    file = client.get("/meja/laporan/upt?bentuk=csv&q=indra").get_data(as_text=True)
    assert file.count("\r\n") == 2
    assert "Ubah kata pencariannya" in words(client, "/meja/laporan/upt?q=xyz")


def test_only_people_who_may_see_stock_come_in(client: FlaskClient, stand: Stand) -> None:
    people.staff(client, "curator")
    for address in (
        "/meja/laporan", "/meja/laporan/upt", "/meja/laporan/daftar/nilai",
        f"/meja/laporan/kenapa/{stand.variant_id}",
    ):  # fmt: skip
        assert client.get(address).status_code == 403


def test_pages_cost_the_same_with_one_item_and_with_many(head: FlaskClient, stand: Stand) -> None:
    def cost(address: str) -> int:
        with browse.statements() as seen:
            assert head.get(address).status_code == 200
        return seen.count

    addresses = ("/meja/laporan", "/meja/laporan/daftar/nilai", "/meja/laporan/daftar/gerak")
    before = [cost(address) for address in addresses]
    shelf = ledger.make_shelf("lapas-indramayu", variants=6)
    for variant_id in shelf.variant_ids:
        ledger.receive(stand.upt_id, variant_id, 3)
    assert [cost(address) for address in addresses] == before
    assert max(before) <= 24


def entry(**changes: Any) -> EntryRow:
    values: dict[str, Any] = {
        "sequence": 1, "kind": "sold", "from_account": "gallery", "to_account": "customer",
        "quantity": -1, "lot_code": "L", "actor": "user:1", "reason": "", "note": "",
        "source_kind": "form", "source_key": "k", "happened_at": NOW, "written_at": NOW,
        "short_hash": "0" * 12,
    }  # fmt: skip
    return EntryRow(**{**values, **changes})


def test_every_source_has_a_name_and_known_ones_a_page(app: Flask) -> None:
    def shown(kind: str, key: str) -> tuple[str, str | None]:
        with app.test_request_context():
            return sources.of([entry(source_kind=kind, source_key=key)])[1]

    assert shown("order", "KB-1-2:ship") == ("Pesanan KB-1-2", "/meja/pesanan/KB-1-2")
    assert shown("form", "abc") == ("Formulir meja", None)
    assert shown("capacity", "abc") == ("Rencana bengkel", None)
    assert shown("count", "OP-1") == ("Opname OP-1", None)
    assert shown("import", "f" * 64 + ":2") == ("Impor", None)
    assert shown("entah", "apa") == ("entah:apa", None)


def test_amounts_are_short_and_causes_say_where(app: Flask) -> None:
    assert report_words.idr_short(999) == "Rp999"
    assert report_words.idr_short(1_250_000) == "Rp1,2 jt"
    assert report_words.idr_short(3_000_000_000) == "Rp3 M"
    said = report_words.cause(
        kind_name="moved", from_account="available", to_account="gallery", is_in=False
    )
    assert said == "Pindah tempat (ke rak galeri)"
    unknown = report_words.cause(
        kind_name="new_thing", from_account="x", to_account="available", is_in=True
    )
    assert unknown == "New thing (dari x)"
