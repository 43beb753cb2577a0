"""The first page of the desk: what waits, for each role, with a way to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import goods, people, trade
from tests.factories.reading import words
from tests.factories.trade import Item


@pytest.fixture(autouse=True)
def now(app: Flask) -> Iterator[None]:
    with time_machine.travel(trade.AT + timedelta(minutes=5), tick=False):
        yield


@pytest.fixture
def shop() -> tuple[Item, Item]:
    return trade.make_shop()


def test_counts_what_waits_for_gallery_staff(client: FlaskClient, shop: tuple[Item, Item]) -> None:
    goods.make_product(shop[0].upt_id, published=False)
    trade.make_item("lapas-indramayu", quantity=3)
    placed = trade.paid({shop[0].variant_id: 2})
    people.staff(client, "upt_clerk", shop[0].upt_id)
    answer = client.get("/meja/")
    page = words(answer)
    for words_and_count in (
        "1 pesanan perlu diterima",
        "0 pesanan perlu disiapkan",
        "0 pesanan perlu dikirim",
        "1 barang menipis",
        "1 produk masih draf",
        f"{placed.number}-1",
    ):
        assert words_and_count in page
    html = answer.get_data(as_text=True)
    for href in (
        "/meja/pesanan?keadaan=perlu-diterima",
        "/meja/stok?saring=menipis",
        "/meja/produk?status=draft",
    ):
        assert href in html


def test_counts_money_for_the_treasurer(client: FlaskClient, shop: tuple[Item, Item]) -> None:
    trade.place({shop[0].variant_id: 1})
    trade.transfer(trade.place({shop[0].variant_id: 1}), 1_000)
    people.staff(client, "treasurer")
    page = words(client.get("/meja/"))
    assert "2 transfer ditunggu" in page
    assert "1 uang perlu diperiksa" in page
    assert "0 uang perlu dikembalikan" in page


def test_shows_every_unit_to_those_who_look_after_several(
    client: FlaskClient, shop: tuple[Item, Item]
) -> None:
    trade.paid({shop[1].variant_id: 1})
    people.staff(client, "auditor")
    page = words(client.get("/meja/"))
    assert "Lapas Pamekasan Kab. Pamekasan 1" in page
    assert "Lapas Indramayu Kab. Indramayu 0" in page


@pytest.mark.parametrize(
    "role",
    ["upt_clerk", "upt_head", "kanwil_staff", "treasurer", "curator", "auditor", "national_admin"],
)
def test_every_link_of_every_role_opens(
    client: FlaskClient, shop: tuple[Item, Item], role: str
) -> None:
    import re

    is_local = role in ("upt_clerk", "upt_head", "kanwil_staff")
    people.staff(client, role, shop[0].upt_id if is_local else None)
    html = client.get("/meja/").get_data(as_text=True)
    for href in sorted(set(re.findall(r'href="(/meja/[^"#]*)"', html))):
        answer = client.get(href.replace("&amp;", "&"), follow_redirects=True)
        assert answer.status_code == 200, href


def test_says_when_nothing_waits(client: FlaskClient) -> None:
    people.staff(client, "curator")
    assert "Tidak ada yang menunggu" in words(client.get("/meja/"))


def test_buyers_are_told_that_the_desk_is_not_theirs(client: FlaskClient) -> None:
    assert client.get("/meja/").location.startswith("/masuk")
    people.sign_in(client, people.make_user("pembeli@contoh.example"))
    assert client.get("/meja/").status_code == 403
