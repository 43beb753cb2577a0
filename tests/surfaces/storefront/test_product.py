"""The product page: what it says, what it offers, and to whom it does not exist."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient

from app.domain.catalog import services as catalog_services
from app.infra import db
from tests.factories import browse, goods
from tests.factories.browse import Shop
from tests.surfaces.storefront.test_catalogue import page


@pytest.fixture
def shop(client: FlaskClient) -> Shop:
    return browse.make_shop()


def address(product_id: int) -> str:
    return f"/produk/{goods.slug_of(product_id)}"


def test_shows_price_variants_stock_maker_and_similar_goods(
    client: FlaskClient, shop: Shop
) -> None:
    html = page(client, address(shop.shade_id))
    assert "<h1>Tirai sabut kelapa</h1>" in html
    assert "Rp185.000 – Rp465.000" in html
    assert "Tersisa 4" in html
    assert "Habis" in html
    assert "Kelompok Uji" in html
    assert 'href="/galeri/lapas-indramayu"' in html
    assert "30 cm × 20 cm × 10 cm" in html
    assert "900 g" in html
    assert "Karya serupa" in html
    assert "Meja kayu" in html


def test_offers_a_form_that_needs_no_script(client: FlaskClient, shop: Shop) -> None:
    html = page(client, address(shop.shade_id))
    form = re.search(r'<form class="product__form.*?</form>', html, re.S)
    assert form
    assert 'method="post" action="/keranjang/tambah"' in form[0]
    first, second = goods.variant_ids(shop.shade_id)
    assert re.search(rf'name="variant_id" value="{first}" checked', form[0])
    assert re.search(rf'name="variant_id" value="{second}" disabled', form[0])
    assert 'name="quantity"' in form[0]
    assert 'data-maximum="4"' in form[0]


def test_the_variant_asked_for_is_chosen(client: FlaskClient, shop: Shop) -> None:
    _first, second = goods.variant_ids(shop.shade_id)
    html = page(client, f"{address(shop.shade_id)}?varian={second}")
    assert re.search(rf'value="{second}" checked', html)


def test_a_service_cannot_be_ordered_online(client: FlaskClient, shop: Shop) -> None:
    html = page(client, address(shop.wash_id))
    assert "Belum bisa dipesan daring" in html
    assert 'name="quantity"' not in html
    assert "ongkir" not in html


def test_goods_made_to_order_say_how_long_it_takes(client: FlaskClient, shop: Shop) -> None:
    html = page(client, address(shop.table_id))
    assert "Dibuat sesuai pesanan" in html
    assert "sekitar 21 hari" in html
    assert 'name="quantity"' not in html


def test_sold_out_goods_say_so(client: FlaskClient, shop: Shop) -> None:
    upt_id = browse.people.make_upt("lapas-indramayu").upt_id
    sold_out = goods.make_product(upt_id, name="Sapu ijuk")
    html = page(client, address(sold_out))
    assert "Sedang habis" in html
    assert 'name="quantity"' not in html


def test_quotes_delivery_to_a_chosen_province(client: FlaskClient, shop: Shop) -> None:
    html = page(client, f"{address(shop.cookies_id)}?tujuan=32")
    assert "Satu buah ke Jawa Barat" in html
    assert "Ambil di galeri" in html
    assert "Gratis" in html
    assert "Satu buah ke Jawa Barat" in page(client, address(shop.cookies_id)), "it is remembered"


def test_passes_over_what_it_cannot_read(client: FlaskClient, shop: Shop) -> None:
    first, _second = goods.variant_ids(shop.shade_id)
    for query in (
        "tujuan=99",
        "tujuan=%7F",
        "varian=abc",
        "varian=999999999999999999999",
        "varian=-1",
        "jumlah=1e9",
    ):
        html = page(client, f"{address(shop.shade_id)}?{query}")
        assert re.search(rf'value="{first}" checked', html), query
        assert "Satu buah" not in html, query


def test_unknown_unpublished_and_withdrawn_goods_get_the_same_answer(
    client: FlaskClient, shop: Shop
) -> None:
    withdrawn = address(shop.cookies_id)
    with db.unit_of_work():
        catalog_services.withdraw(actor=goods.SYSTEM, product_id=shop.cookies_id, at=goods.AT)
    bodies = {
        re.sub(r"(csrf_token\" value=\")[^\"]+|/produk/[\w-]+", "", page(client, one, status=404))
        for one in (withdrawn, address(shop.draft_id), "/produk/tidak-ada", "/produk/%F0%9F%98%80")
    }
    assert len({re.sub(r"https?://[^\"]+|%F0%9F%98%80", "", body) for body in bodies}) == 1


def test_tells_machines_what_it_is(client: FlaskClient, shop: Shop) -> None:
    answer = client.get(address(shop.shade_id))
    html = answer.get_data(as_text=True)
    found = re.findall(r'<script type="application/ld\+json" nonce="([^"]+)">(.*?)</script>', html)
    assert len(found) == 2
    assert f"'nonce-{found[0][0]}'" in answer.headers["Content-Security-Policy"]
    product, trail = (json.loads(text) for _nonce, text in found)
    assert product["@type"] == "Product"
    assert product["offers"]["lowPrice"] == 185_000
    assert product["offers"]["highPrice"] == 465_000
    assert product["offers"]["priceCurrency"] == "IDR"
    assert product["offers"]["availability"] == "https://schema.org/InStock"
    assert product["url"].endswith(address(shop.shade_id))
    assert [step["position"] for step in trail["itemListElement"]] == [1, 2, 3, 4, 5]


def test_text_of_makers_never_becomes_markup(client: FlaskClient, shop: Shop) -> None:
    upt_id = browse.people.make_upt("lapas-indramayu").upt_id
    evil = "</script><script>alert(1)</script>"
    product_id = goods.make_product(upt_id, name="Topi", summary=evil, description=evil, story=evil)
    html = page(client, address(product_id))
    assert "<script>alert" not in html
    assert html.count("</script>") == html.count("<script")
