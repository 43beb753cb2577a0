"""Home, galleries, site map and robots; and how many statements each page costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from app.domain.upt.models import Upt
from app.infra import db
from tests.factories import browse, goods, people
from tests.factories.browse import Shop
from tests.surfaces.storefront.test_catalogue import names, page

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def shop(client: FlaskClient) -> Shop:
    return browse.make_shop()


def test_home_shows_goods_kinds_and_regions(client: FlaskClient, shop: Shop) -> None:
    html = page(client, "/")
    assert {"Tirai sabut kelapa", "Kue kering nastar"} <= set(names(html))
    assert 'href="/produk?kategori=serat-alam"' in html
    assert "Jawa Barat" in html
    assert "Rahasia bengkel" not in html
    assert html.count("<h1") == 1


def test_home_opens_in_an_empty_shop(client: FlaskClient) -> None:
    assert "Etalase sedang disiapkan" in page(client, "/")


def test_home_tells_the_story_of_a_upt(client: FlaskClient, shop: Shop) -> None:
    picture = goods.make_picture()
    with db.unit_of_work():
        row = db.session().query(Upt).filter_by(slug="lapas-pamekasan").one()
        row.story_title, row.story, row.cover_asset_id = (
            "Layar kecil",
            "Perahu Madura berwarna.",
            picture,
        )
    browse.forget_kept_answers()
    html = page(client, "/")
    assert "Layar kecil" in html
    assert "Perahu Madura berwarna." in html


def test_galleries_stand_by_province(client: FlaskClient, shop: Shop) -> None:
    html = page(client, "/galeri")
    assert html.index("Jawa Barat") < html.index("Lapas Indramayu") < html.index("Lapas Pamekasan")
    assert "1 karya" in html
    assert "3 karya" in html
    only = page(client, "/galeri?provinsi=35")
    assert "Lapas Pamekasan" in only
    assert "Lapas Indramayu" not in only
    page(client, "/galeri?provinsi=99", status=404)


def test_a_gallery_shows_goods_visit_and_ledger_head(client: FlaskClient, shop: Shop) -> None:
    html = page(client, "/galeri/lapas-indramayu")
    assert "<h1>Lapas Indramayu</h1>" in html
    assert names(html) == ["Tirai sabut kelapa"]
    assert "Apa ini?" in html
    assert re.search(r'catatan ke-1, kode <span class="code">[0-9a-f]{12}</span>', html)
    assert 'href="/produk?kategori=serat-alam&amp;upt=lapas-indramayu"' in html


def test_unknown_and_closed_galleries_are_not_found(client: FlaskClient, shop: Shop) -> None:
    page(client, "/galeri/lapas-tidak-ada", status=404)
    with db.unit_of_work():
        db.session().query(Upt).filter_by(slug="lapas-indramayu").one().is_active = False
    page(client, "/galeri/lapas-indramayu", status=404)


def test_a_gallery_passes_over_what_it_cannot_read(client: FlaskClient, shop: Shop) -> None:
    for query in ("lanjut=ngawur", "sebelum=%7F", "lanjut=" + "A" * 900):
        assert names(page(client, f"/galeri/lapas-indramayu?{query}")) == ["Tirai sabut kelapa"]


def locations(xml: str) -> list[str]:
    root = ElementTree.fromstring(xml)  # noqa: S314  # our own output
    return [str(one.text) for one in root.iter(f"{SITEMAP}loc")]


def test_the_site_map_names_every_public_page_and_no_other(client: FlaskClient, shop: Shop) -> None:
    index = client.get("/sitemap.xml")
    assert index.mimetype == "application/xml"
    parts = locations(index.get_data(as_text=True))
    assert [part.rsplit("/", 1)[1] for part in parts] == ["halaman.xml", "produk-0.xml"]
    found = [one for part in parts for one in locations(page(client, part))]
    assert all(one.startswith("http") for one in found)
    paths = {re.sub(r"^https?://[^/]+", "", one) for one in found}
    assert {"/", "/produk", "/galeri", "/galeri/lapas-indramayu", "/produk?kategori=kriya"} <= paths
    assert f"/produk/{goods.slug_of(shop.shade_id)}" in paths
    assert f"/produk/{goods.slug_of(shop.draft_id)}" not in paths
    for path in paths:
        page(client, path)


def test_parts_of_the_site_map_beyond_the_last_are_empty_or_not_found(client: FlaskClient) -> None:
    assert locations(page(client, "/sitemap/produk-7.xml")) == []
    page(client, "/sitemap/produk-1000.xml", status=404)
    page(client, "/sitemap/produk-x.xml", status=404)


def test_robots_are_kept_from_private_pages(client: FlaskClient) -> None:
    text = page(client, "/robots.txt")
    assert "Disallow: /meja/" in text
    assert "Disallow: /pesanan/" in text
    assert re.search(r"^Sitemap: http\S+/sitemap\.xml$", text, re.M)


def cost(client: FlaskClient, address: str) -> int:
    page(client, address)
    with browse.statements() as seen:
        page(client, address)
    return seen.count


def fill(count: int) -> None:
    upt_id = people.make_upt("lapas-indramayu").upt_id
    category = goods.make_category("serat-alam", parent_slug="kriya", name="Serat alam")
    for number in range(count):
        goods.make_product(upt_id, category_id=category, name=f"Tirai lain {number:02d}")


PAGES = (
    ("/produk", 4),
    ("/produk?kategori=kriya&provinsi=32&tersedia=1&harga_maks=900000&urut=murah", 4),
    ("/produk/{shade}", 6),
    ("/cari?q=tirai", 4),
    ("/cari?q=tirai&provinsi=32&kategori=kriya", 4),
    ("/cari/saran?q=ti", 0),
    ("/galeri/lapas-indramayu", 6),
)


def test_a_page_costs_the_same_statements_for_one_card_and_for_many(
    client: FlaskClient, shop: Shop, drain: Callable[[], int]
) -> None:
    browse.put_in_cart(client, shop.shade_variant_id)
    pages = [(one.format(shade=goods.slug_of(shop.shade_id)), most) for one, most in PAGES]
    few = {address: cost(client, address) for address, _most in pages}
    assert {address: few[address] for address, most in pages if few[address] > most} == {}
    fill(30)
    drain()
    assert {address: cost(client, address) for address, _most in pages} == few
