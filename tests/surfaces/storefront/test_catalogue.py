"""The list of goods: filters, counts, order, paging, whatever stands in the address."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests.factories import browse, goods, people
from tests.factories.browse import Shop


@pytest.fixture
def shop(client: FlaskClient) -> Shop:
    return browse.make_shop()


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def names(html: str) -> list[str]:
    return re.findall(r'class="card__link" href="/produk/[^"]+">([^<]+)</a>', html)


def test_shows_published_goods_newest_first_with_price_upt_and_stock(
    client: FlaskClient, shop: Shop
) -> None:
    html = page(client, "/produk")
    assert sorted(names(html)) == [
        "Cuci mobil",
        "Kue kering nastar",
        "Meja kayu",
        "Tirai sabut kelapa",
    ]
    assert "mulai Rp185.000" in html
    assert "Lapas Indramayu" in html
    assert "Tersisa 4" in html
    assert "Stok tersedia" in html
    assert "Dibuat sesuai pesanan" in html
    assert "Belum bisa dipesan daring" in html
    assert "4 karya" in html
    assert "Rahasia bengkel" not in html


NARROWED = (
    ("kategori=kriya", ["Meja kayu", "Tirai sabut kelapa"]),
    ("kategori=kue-kering", ["Kue kering nastar"]),
    ("provinsi=32", ["Tirai sabut kelapa"]),
    ("upt=lapas-pamekasan", ["Cuci mobil", "Kue kering nastar", "Meja kayu"]),
    ("tersedia=1", ["Kue kering nastar", "Tirai sabut kelapa"]),
    ("harga_min=100.000&harga_maks=Rp200.000", ["Meja kayu", "Tirai sabut kelapa"]),
    ("harga_min=200000&harga_maks=100000", ["Meja kayu", "Tirai sabut kelapa"]),
    ("kategori=kriya&provinsi=32&tersedia=1", ["Tirai sabut kelapa"]),
    ("provinsi=32&kategori=pangan", []),
)


def test_narrows_by_what_the_address_says(client: FlaskClient, shop: Shop) -> None:
    for query, expected in NARROWED:
        html = page(client, f"/produk?{query}")
        assert sorted(names(html)) == expected, query
        assert f"{len(expected)} karya" in html, query


def test_orders_by_price_and_name(client: FlaskClient, shop: Shop) -> None:
    cheapest = names(page(client, "/produk?urut=murah"))
    assert (cheapest[0], cheapest[1]) == ("Cuci mobil", "Kue kering nastar")
    assert names(page(client, "/produk?urut=nama")) == [
        "Cuci mobil",
        "Kue kering nastar",
        "Meja kayu",
        "Tirai sabut kelapa",
    ]


def test_counts_stand_beside_the_filters_and_chips_lead_back(
    client: FlaskClient, shop: Shop
) -> None:
    html = page(client, "/produk?kategori=kriya&tersedia=1")
    assert 'href="/produk?tersedia=1"' in html
    assert 'href="/produk?kategori=kriya"' in html
    assert "Hapus semua" in html
    facets = re.findall(r'<span>([^<]+)</span><span class="facet__count">(\d+)</span>', html)
    assert ("Kriya", "1") in facets
    assert ("Pangan", "1") in facets


UNREADABLE = (
    "urut=ngawur",
    "urut=murah&urut=mahal",
    "harga_min=abc&harga_maks=-5",
    "harga_maks=99999999999999999999999999",
    "harga_min=1e9",
    "harga_min=NaN&harga_maks=0.5",
    "harga_min=1.00&harga_maks=10.0000",
    "lanjut=ngawur",
    "lanjut=WyJiIl0",
    "lanjut=" + "A" * 5_000,
    "sebelum=%F0%9F%98%80",
    "lanjut=x&sebelum=y",
    "tersedia=mungkin",
    "kategori=&provinsi=&upt=",
    "halaman=-1&per_page=1000000",
    "tidak=dikenal",
    "urut[]=murah",
)


def test_passes_over_what_it_cannot_read(client: FlaskClient, shop: Shop) -> None:
    for query in UNREADABLE:
        assert len(names(page(client, f"/produk?{query}"))) == 4, query


def test_an_unknown_filter_is_not_found(client: FlaskClient, shop: Shop) -> None:
    for query in (
        "kategori=tidak-ada",
        "provinsi=99",
        "provinsi=' OR 1=1--",
        "upt=x",
        "kategori=%25",
    ):
        page(client, f"/produk?{query}", status=404)


def many(count: int) -> None:
    upt_id = people.make_upt("lapas-indramayu").upt_id
    for number in range(count):
        goods.make_product(
            upt_id, name=f"Karya {number:03d}", at=goods.AT + timedelta(minutes=number)
        )


def test_pages_join_forwards_and_backwards_in_every_order(client: FlaskClient) -> None:
    many(53)
    for order in ("baru", "murah", "mahal", "nama"):
        walk(client, order)


def walk(client: FlaskClient, order: str) -> None:
    seen: list[list[str]] = []
    address = f"/produk?urut={order}"
    while True:
        html = page(client, address)
        seen.append(names(html))
        found = re.search(r'rel="next" href="([^"]+)"><span>', html)
        if not found:
            break
        address = found[1].replace("&amp;", "&")
    assert [len(one) for one in seen] == [24, 24, 5]
    assert len({name for one in seen for name in one}) == 53
    back = re.search(r'rel="prev" href="([^"]+)">', html)
    assert back
    assert names(page(client, back[1].replace("&amp;", "&"))) == seen[1]


def test_an_empty_shop_offers_a_way_on(client: FlaskClient) -> None:
    html = page(client, "/produk")
    assert "Belum ada yang cocok" in html
    assert 'href="/galeri"' in html
