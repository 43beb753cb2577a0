"""Search pages: hits, typos, facets, suggestions, a missing index, every kind of nonsense."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.catalog import services as catalog_services
from app.infra import db
from tests.factories import browse, goods, people
from tests.factories.browse import Shop
from tests.surfaces.storefront.test_catalogue import names, page


@pytest.fixture
def shop(client: FlaskClient) -> Shop:
    return browse.make_shop()


def drop_index(app: Flask) -> None:
    shutil.rmtree(Path(app.instance_path) / "search")


def test_finds_goods_by_stem(client: FlaskClient, shop: Shop) -> None:
    html = page(client, "/cari?q=Sabutnya+tirai")
    assert names(html) == ["Tirai sabut kelapa"]
    assert "1 karya" in html
    assert "Tersisa 4" in html


def test_corrects_a_typo_and_says_so(client: FlaskClient, shop: Shop) -> None:
    html = page(client, "/cari?q=natsar")
    assert names(html) == ["Kue kering nastar"]
    assert "Hasil untuk “nastar”" in html
    assert "“natsar”" in html


def test_shows_goods_with_some_of_the_words_when_none_has_all(
    client: FlaskClient, shop: Shop
) -> None:
    html = page(client, "/cari?q=tirai+nastar")
    assert sorted(names(html)) == ["Kue kering nastar", "Tirai sabut kelapa"]
    assert "memuat sebagian" in html


def test_finds_galleries_by_name(client: FlaskClient, shop: Shop) -> None:
    html = page(client, "/cari?q=lapas+pamekasan")
    assert "Galeri Lapas Pamekasan" in html
    assert sorted(names(html)) == ["Cuci mobil", "Kue kering nastar", "Meja kayu"]


def test_narrows_and_counts_under_the_other_filters(client: FlaskClient, shop: Shop) -> None:
    html = page(client, "/cari?q=lapas&kategori=kriya&provinsi=35")
    assert names(html) == ["Meja kayu"]
    assert 'href="/cari?q=lapas&amp;provinsi=35"' in html
    assert 'href="/cari?q=lapas&amp;kategori=kriya"' in html


def test_filters_that_leave_nothing_do_not_look_like_a_typo(
    client: FlaskClient, shop: Shop
) -> None:
    html = page(client, "/cari?q=nastar&provinsi=32")
    assert names(html) == []
    assert "Tidak ada hasil dengan saringan ini" in html
    assert "ejaan" not in html


def test_an_empty_result_offers_a_way_on(client: FlaskClient, shop: Shop) -> None:
    html = page(client, "/cari?q=xyzzyqq")
    assert "Tidak ditemukan" in html
    assert 'href="/produk?kategori=kriya"' in html


def test_without_words_it_asks_for_some(client: FlaskClient, shop: Shop) -> None:
    for query in ("", "?q=", "?q=%20%20"):
        assert "<h1>Cari karya</h1>" in page(client, f"/cari{query}")


def test_orders_by_price(client: FlaskClient, shop: Shop) -> None:
    dearest = ["Tirai sabut kelapa", "Meja kayu"]
    assert names(page(client, "/cari?q=uji&urut=murah"))[:2] == ["Cuci mobil", "Kue kering nastar"]
    assert sorted(names(page(client, "/cari?q=uji&urut=mahal"))[:2]) == sorted(dearest)


NONSENSE = (
    "*",
    "?*",
    "*a*b*",
    "((((((((((tirai",
    "name:tirai",
    "stamp:s1 OR key:p1",
    "tirai~5",
    "[a TO z]",
    '"tirai',
    "tirai AND NOT sabut",
    "%",
    "_",
    "' OR '1'='1",
    "<script>alert(1)</script>",
    "😀😀😀",
    "a" * 10_000,
    "kue " * 3_000,
    "\u0007tirai",
    "\ud7ff",
    "ｔｉｒａｉ",
    "../../etc/passwd",
    "{{7*7}}",
)


def test_nonsense_is_answered_quickly_and_without_a_fault(client: FlaskClient, shop: Shop) -> None:
    for text in NONSENSE:
        started = time.process_time()
        answer = client.get("/cari", query_string={"q": text})
        suggested = client.get("/cari/saran", query_string={"q": text})
        assert time.process_time() - started < 1, text
        assert (answer.status_code, suggested.status_code) == (200, 200), text
        for one in (answer, suggested):
            assert "Rahasia bengkel" not in one.get_data(as_text=True)
            assert "<script>alert" not in one.get_data(as_text=True)


def test_a_page_number_that_cannot_be_is_passed_over(client: FlaskClient, shop: Shop) -> None:
    for number in ("0", "-1", "abc", "1e9", "999999999999", "٣", "", "1.5", "99999"):
        page(client, f"/cari?q=tirai&halaman={number}")


def test_pages_of_many_hits_join(client: FlaskClient, drain: Callable[[], int]) -> None:
    upt_id = people.make_upt("lapas-indramayu").upt_id
    for number in range(30):
        goods.make_product(upt_id, name=f"Keset sabut {number:02d}")
    drain()
    first, second = (page(client, f"/cari?q=keset&halaman={number}") for number in (1, 2))
    assert (len(names(first)), len(names(second))) == (24, 6)
    assert len({*names(first), *names(second)}) == 30
    assert "Halaman 1 dari 2" in first
    assert 'href="/cari?q=keset"' not in first
    assert "Halaman ini kosong" in page(client, "/cari?q=keset&halaman=3")


def test_a_product_is_found_after_publishing_and_gone_after_withdrawal(
    client: FlaskClient, shop: Shop, drain: Callable[[], int]
) -> None:
    with db.unit_of_work():
        catalog_services.publish(actor=goods.SYSTEM, product_id=shop.draft_id, at=goods.AT)
    drain()
    assert names(page(client, "/cari?q=rahasia")) == ["Rahasia bengkel"]
    with db.unit_of_work():
        catalog_services.withdraw(actor=goods.SYSTEM, product_id=shop.draft_id, at=goods.AT)
    assert names(page(client, "/cari?q=rahasia")) == []  # gone even before the worker comes
    drain()
    assert "Tidak ditemukan" in page(client, "/cari?q=rahasia")


def test_without_an_index_names_are_compared_in_the_database(
    app: Flask, client: FlaskClient, shop: Shop
) -> None:
    drop_index(app)
    html = page(client, "/cari?q=TIRAI+sab")
    assert names(html) == ["Tirai sabut kelapa"]
    assert "Pencarian sedang dirapikan" in html
    assert names(page(client, "/cari?q=sabut")) == []
    assert "Tirai sabut kelapa" in page(client, "/cari/saran?q=tir")
    for text in NONSENSE:
        assert client.get("/cari", query_string={"q": text}).status_code == 200
        assert client.get("/cari/saran", query_string={"q": text}).status_code == 200


def test_suggests_goods_and_galleries(client: FlaskClient, shop: Shop) -> None:
    html = page(client, "/cari/saran?q=ti")
    assert 'role="listbox"' in html
    assert f'href="/produk/{goods.slug_of(shop.shade_id)}"' in html
    assert "<html" not in html
    assert 'href="/galeri/lapas-pamekasan"' in page(client, "/cari/saran?q=pame")
    assert 'role="option"' not in page(client, "/cari/saran?q=")
