"""Feeds: well-formed, complete, with the stock of now, and steady in the number of statements."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from app.surfaces.storefront import feeds
from tests.factories import goods, ledger, people, trade
from tests.factories.stock_steps import Statements

pytestmark = pytest.mark.usefixtures("app", "now")

G = "{http://base.google.com/ns/1.0}"


def test_new_goods_are_told_newest_first_with_their_own_words(client: FlaskClient) -> None:
    shade = trade.make_item("lapas-indramayu", price_idr=185_000)
    answer = client.get("/umpan/karya-baru.xml")
    assert answer.mimetype == "application/rss+xml"
    items = ElementTree.fromstring(answer.data).findall("channel/item")
    assert [item.findtext("link") for item in items] == [
        f"http://localhost/produk/{goods.slug_of(shade.product_id)}"
    ]
    assert items[0].findtext("title", "").startswith("Karya uji")
    assert items[0].findtext("guid") == f"karyabina-produk-{shade.product_id}"
    assert items[0].findtext("pubDate", "").endswith("+0000")


def test_merchants_hear_of_every_variant_with_price_and_stock(client: FlaskClient) -> None:
    upt_id = people.make_upt("lapas-indramayu").upt_id
    product_id = goods.make_product(
        upt_id,
        name='Tirai <sabut> & "kayu"',
        variants=[{"name": "Kecil", "price_idr": 90_000}, {"name": "Besar", "price_idr": 185_000}],
    )
    small, large = goods.variant_ids(product_id)
    ledger.receive(upt_id, large, 3)
    service = goods.make_product(upt_id, kind="service")
    hidden = goods.make_product(upt_id, published=False)
    root = ElementTree.fromstring(client.get("/umpan/merchant.xml").data)
    found = {
        item.findtext(f"{G}id"): (
            item.findtext(f"{G}price"), item.findtext(f"{G}availability"), item.findtext(f"{G}title"),
        )
        for item in root.findall("channel/item")
    }  # fmt: skip
    assert found == {
        f"{upt_id}-{small}": ("90000 IDR", "out_of_stock", 'Tirai <sabut> & "kayu", Kecil'),
        f"{upt_id}-{large}": ("185000 IDR", "in_stock", 'Tirai <sabut> & "kayu", Besar'),
    }
    assert {service, hidden}.isdisjoint({product_id})
    groups = {item.findtext(f"{G}item_group_id") for item in root.findall("channel/item")}
    assert groups == {str(product_id)}


def test_statements_grow_with_batches_and_not_with_goods(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    upt_id = people.make_upt("lapas-indramayu").upt_id
    category_id = goods.make_category()
    for _ in range(4):
        goods.make_product(upt_id, category_id=category_id)

    def count(batch: int) -> int:
        monkeypatch.setattr(feeds, "BATCH", batch)
        with Statements() as seen:
            assert client.get("/umpan/merchant.xml").data.count(b"<item") == 4
        return len(seen)

    count(100)
    whole = count(100)
    assert count(4) == whole
    assert count(1) == whole + 3 * 3
