"""The demo shop and the large generated one."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import text

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import ListingFilter
from app.domain.identity import flows as identity_flows
from app.domain.identity.commands import SignIn
from app.domain.media import queries as media_queries
from app.domain.stock import flows as stock_flows
from app.domain.stock import queries as stock_queries
from app.domain.stock.rules.capacity import HORIZON_WEEKS
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel import ids
from app.seeds import bulk, demo, demo_desk, reference
from tests.factories import people

TABLES = (
    "product", "variant", "product_version", "listing", "asset", "rendition", "stock_entry",
    "audit_entry", "category", "shipping_rate", "role_grant",
)  # fmt: skip


def rows(name: str) -> list[dict[str, str]]:
    with (demo.FOLDER / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def counts() -> dict[str, int]:
    return {
        table: db.read_session().execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        for table in TABLES
    }


def no_progress(_line: str) -> None:
    """Say nothing."""


@pytest.fixture
def places(app: Flask, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the register with a handful of places instead of all 83,000 villages."""
    monkeypatch.setattr(reference.places_queries, "is_loaded", lambda **_: True)
    upper = reference.lokal_source.read_upper_places()
    wanted = {row["village_code"] for row in rows("upt_details.csv")}
    districts = {code.rpartition(".")[0] for code in wanted}
    with db.unit_of_work():
        reference.places_services.load_upper_places(
            provinces=upper.provinces, regencies=upper.regencies, districts=upper.districts
        )
        for district in sorted(districts):
            villages = [
                village
                for village in reference.lokal_source.read_villages(district)
                if village.code in wanted
            ]
            reference.places_services.load_villages(villages=tuple(villages))
    reference.load(at=at, progress=no_progress)


@pytest.mark.slow
def test_the_demo_shop_is_complete_and_loads_once(places: None, app: Flask, at: datetime) -> None:
    lines: list[str] = []
    demo.load(at=at, progress=lines.append)
    products = rows("products.csv")
    cards = []
    cursor = None
    while True:
        page = catalog_queries.list_listings(filter=ListingFilter(), cursor=cursor)
        cards += page.items
        cursor = page.after
        if cursor is None:
            break
    assert {card.slug for card in cards} == {row["slug"] for row in products}
    assert len({card.published_at for card in cards}) == len(cards)
    covers = {card.cover_asset_id: card.cover_alt for card in cards if card.cover_asset_id}
    assert len(media_queries.images(asset_ids=list(covers), alts=covers)) == len(products)
    assert all(covers.values())
    assert any(line.startswith("Gambar: ") for line in lines)

    briefs = {
        brief.sku: brief.variant_id
        for upt in upt_queries.list_all()
        for brief in catalog_queries.variants_of_upt(upt_id=upt.upt_id)
    }
    expected = {row["sku"]: int(row["opening_quantity"]) for row in rows("variants.csv")}
    for sku, pieces_a_week in demo_desk.WORKSHOP_GOODS.items():
        expected[sku] += pieces_a_week * HORIZON_WEEKS
    available = stock_queries.availability(variant_ids=list(briefs.values()), at=at)
    assert {sku: available.get(variant_id, 0) for sku, variant_id in briefs.items()} == expected
    assert stock_flows.verify().faults == ()

    for row in rows("upt_details.csv"):
        upt = upt_queries.find_by_slug(slug=row["upt_slug"], on=at.date())
        assert (upt.story_title, upt.about) == (row["story_title"], row["about"])
        assert upt.cover_asset_id is not None

    before = counts()
    demo.load(at=at, progress=no_progress)
    assert counts() == before


@pytest.mark.slow
def test_every_demo_account_can_sign_in_with_its_role(
    places: None, app: Flask, at: datetime
) -> None:
    demo._load_accounts(at)
    for account in demo.accounts():
        session = identity_flows.sign_in(
            command=SignIn.parse({"email": account.email, "password": demo.PASSWORD}),
            client_key=account.email,
            at=at,
            token=ids.token(),
            user_agent="test",
        )
        found = demo.identity_queries.find_signed_in(token=session.token, at=at)
        assert found is not None
        assert found.actor.holds("desk.enter") == (account.role != demo.BUYER)
    roles = {account.role for account in demo.accounts()}
    assert roles == {demo.BUYER, *(role.value for role in demo.Role)}


def test_a_product_without_its_picture_waits_as_a_draft(
    places: None, app: Flask, at: datetime, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(demo, "PICTURES", tmp_path)
    lines: list[str] = []
    demo.load(at=at, progress=lines.append)
    assert catalog_queries.list_listings(filter=ListingFilter(), cursor=None).items == ()
    assert any("gambar belum ada" in line for line in lines)


def test_generated_goods_are_the_same_every_time_and_only_once(
    app: Flask, at: datetime, monkeypatch: pytest.MonkeyPatch, drain: Callable[[], int]
) -> None:
    people.make_upt("lapas-indramayu")
    from tests.factories import goods

    goods.make_picture()
    monkeypatch.setattr(bulk, "CHUNK", 20)
    bulk.load(products=50, upts=6, at=at, progress=no_progress)
    before = counts()
    bulk.load(products=50, upts=6, at=at, progress=no_progress)
    assert counts() == before
    assert before["product"] == before["listing"] == before["product_version"] == 50
    assert before["variant"] == 60
    page = catalog_queries.list_listings(filter=ListingFilter(), cursor=None, size=60)
    names = [card.name for card in page.items]
    assert len(set(names)) == 50
    assert len({card.upt_slug for card in page.items}) > 2
    assert len({card.category_id for card in page.items}) > 15
    assert stock_flows.verify().faults == ()
    first = catalog_queries.find_product(slug="karya-uji-000001")
    assert first.content.name == names[0]
    assert (
        first.content.variants[0].price_idr
        == bulk._make(0, [1], [1], [1], at).command.variants[0].price_idr
    )
