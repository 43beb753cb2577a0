"""Publishing, changing while public, withdrawing, importing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from app.domain.audit.models import AuditEntry
from app.domain.catalog import queries, services
from app.domain.catalog.commands import (
    ImportedProduct,
    SaveProduct,
)
from app.domain.catalog.errors import (
    NotPublishable,
    WrongProductState,
)
from app.domain.catalog.models import ProductVersion
from app.domain.catalog.types import (
    ListingFilter,
    ProductImage,
    ProductState,
)
from app.domain.media.models import Asset
from app.domain.upt.types import UptRecord
from app.infra import db
from app.infra.jobs import JobEvent
from app.kernel.actor import Actor
from app.kernel.errors import NotAllowed, NotFound
from tests.factories import goods, people
from tests.factories.goods import LATER, command_of, draft_of, publish, save, state, withdraw


@pytest.fixture
def upt(app: Flask) -> UptRecord:
    return people.make_upt("lapas-indramayu")


@pytest.fixture
def clerk(upt: UptRecord) -> Actor:
    return people.actor("upt_clerk", upt_id=upt.upt_id)


def test_publishing_needs_everything_and_names_it(upt: UptRecord) -> None:
    product_id = goods.make_product(
        upt.upt_id,
        published=False,
        with_picture=False,
        summary="",
        variants=[{"price_idr": None, "weight_g": None}],
    )
    before = state()
    with pytest.raises(NotPublishable) as caught:
        publish(product_id)
    assert caught.value.missing == ("summary", "price", "weight", "picture")
    assert state() == before
    assert draft_of(product_id).state is ProductState.DRAFT


def test_a_refused_picture_does_not_count(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id, published=False)
    with db.unit_of_work():
        db.session().execute(update(Asset).values(state="refused"))
    with pytest.raises(NotPublishable) as caught:
        publish(product_id)
    assert caught.value.missing == ("picture",)


def test_publishing_writes_version_listing_event_and_trail(upt: UptRecord) -> None:
    category_id = goods.make_category("anyaman", parent_slug="")
    root_id = goods.make_category("kriya")
    goods.make_category("anyaman", parent_slug="kriya")
    product_id = goods.make_product(
        upt.upt_id,
        name="Tas Éceng",
        category_id=category_id,
        variants=[
            {"price_idr": 90_000},
            {"price_idr": 50_000},
            {"price_idr": 1, "is_active": False},
        ],
    )
    draft = draft_of(product_id)
    one, two, _ = (variant.variant_id for variant in draft.variants)
    card = queries.listings(product_ids=[product_id])[product_id]
    assert (card.slug, card.name, card.upt_slug) == ("tas-eceng", "Tas Éceng", "lapas-indramayu")
    assert (card.town, card.province_code) == (upt.town, "32")
    assert (card.category_id, card.root_category_id) == (category_id, root_id)
    assert (card.price_idr_min, card.price_idr_max, card.has_several_prices) == (
        50_000,
        90_000,
        True,
    )
    assert card.variant_ids == (one, two)
    assert card.cover_asset_id == draft.images[0].asset_id
    page = queries.find_product(slug="tas-eceng")
    assert page.version == draft.version
    assert [variant.variant_id for variant in page.content.variants] == [one, two]
    assert [record.slug for record in page.trail] == ["kriya", "anyaman"]
    offer = queries.offers(variant_ids=[two])[two]
    assert offer.is_published
    assert (offer.product_version_id, offer.version) == (page.product_version_id, page.version)
    actions = db.read_session().scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-3:] == ["product.create", "product.add_image", "product.publish"]


def test_publishing_tells_the_search_by_an_event(
    upt: UptRecord,
) -> None:
    product_id = goods.make_product(upt.upt_id)
    withdraw(product_id)
    names = db.read_session().scalars(select(JobEvent.name).order_by(JobEvent.id)).all()
    heard = [name for name in names if name.startswith("catalog.")]
    assert heard == ["catalog.product_published.v1", "catalog.product_withdrawn.v1"]


def test_a_published_product_is_not_published_again(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id)
    before = state()
    with pytest.raises(WrongProductState):
        publish(product_id)
    assert state() == before


def test_every_change_of_a_public_product_is_archived_and_shown(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id)
    first = queries.find_product(slug=goods.slug_of(product_id))
    save(product_id, command_of(product_id, name="Nama baru"))
    second = queries.find_product(slug=first.slug)
    assert second.content == replace(first.content, name="Nama baru")
    assert second.version == first.version + 1
    assert queries.get_version(product_version_id=first.product_version_id).content == first.content
    assert queries.listings(product_ids=[product_id])[product_id].name == "Nama baru"
    with pytest.raises(NotFound):
        queries.get_version(product_version_id=999_999)


def test_archived_versions_cannot_be_changed_or_deleted(upt: UptRecord) -> None:
    goods.make_product(upt.upt_id)
    session = db.read_session()
    row = session.execute(text("SELECT * FROM product_version")).one()
    for statement in (
        update(ProductVersion).values(content="{}"),
        delete(ProductVersion),
    ):
        with pytest.raises(DBAPIError, match="append_only: product_version"), db.unit_of_work():
            db.session().execute(statement)
    if db.db.engine.dialect.name == "sqlite":
        with pytest.raises(DBAPIError, match="append_only"), db.unit_of_work():
            db.session().execute(
                text("INSERT OR REPLACE INTO product_version VALUES (:id, 1, 9, '{}', 'x')"),
                {"id": row.id},
            )
    assert session.execute(text("SELECT * FROM product_version")).one() == row


def test_a_change_that_would_empty_a_public_product_is_refused(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id)
    before, saved = state(), draft_of(product_id)
    with pytest.raises(NotPublishable) as caught:
        save(product_id, command_of(product_id, variants=[], description=""))
    assert caught.value.missing == ("description", "variant")
    assert (state(), draft_of(product_id)) == (before, saved)


def test_a_withdrawn_product_is_gone_and_keeps_its_place_when_it_returns(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id, at=goods.AT)
    goods.make_product(upt.upt_id, at=goods.AT + timedelta(minutes=1))
    slug = goods.slug_of(product_id)
    withdraw(product_id)
    with pytest.raises(NotFound):
        queries.find_product(slug=slug)
    assert queries.listings(product_ids=[product_id]) == {}
    variant_id = goods.variant_ids(product_id)[0]
    assert not queries.offers(variant_ids=[variant_id])[variant_id].is_published
    with pytest.raises(WrongProductState):
        withdraw(product_id)
    save(product_id, command_of(product_id, description=""))
    with pytest.raises(NotPublishable):
        publish(product_id)
    save(product_id, command_of(product_id, description="Ada lagi"))
    publish(product_id)
    cards = queries.list_listings(filter=ListingFilter(), cursor=None).items
    assert [card.product_id for card in cards][-1] == product_id
    assert queries.find_product(slug=slug).published_at == goods.AT


def test_cards_follow_when_a_upt_is_renamed(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id)
    with db.unit_of_work():
        db.session().execute(
            text("UPDATE upt SET short_name = 'Lapas Baru' WHERE id = :id"), {"id": upt.upt_id}
        )
    count_refreshed = db.transact(lambda: services.refresh_listings(upt_id=upt.upt_id, at=LATER))
    assert count_refreshed == 1
    assert queries.listings(product_ids=[product_id])[product_id].upt_short_name == "Lapas Baru"


def imported(upt_id: int, category_id: int, number: int, **more: Any) -> ImportedProduct:
    values = goods.product_values(category_id, name=f"Impor {number}", **more)
    return ImportedProduct(
        upt_id=upt_id,
        slug=f"impor-{number}",
        command=SaveProduct.parse(values),
        images=(ProductImage(goods.make_picture(upt_id), "Gambar impor"),),
        published_at=goods.AT,
    )


def test_import_leaves_what_the_single_services_leave(upt: UptRecord) -> None:
    category_id = goods.make_category()
    variants = [goods.variant_values(price_idr=5_000), goods.variant_values(price_idr=9_000)]
    product = imported(upt.upt_id, category_id, 1, variants=variants)
    made = db.transact(
        lambda: services.import_products(actor=goods.SYSTEM, products=[product], at=LATER)
    )
    product_id, variant_ids = made["impor-1"]
    by_import = queries.listings(product_ids=[product_id])[product_id]
    page = queries.find_product(slug="impor-1")
    assert by_import.variant_ids == variant_ids
    db.transact(lambda: services.refresh_listings(upt_id=upt.upt_id, at=LATER))
    assert queries.listings(product_ids=[product_id])[product_id] == by_import
    save(product_id, command_of(product_id))
    again = queries.find_product(slug="impor-1")
    assert (again.content, again.version) == (page.content, page.version + 1)


def test_import_refuses_the_incomplete_and_the_taken(upt: UptRecord) -> None:
    category_id = goods.make_category()
    whole = imported(upt.upt_id, category_id, 1)
    lacking = imported(upt.upt_id, category_id, 2, description="")
    taken = replace(imported(upt.upt_id, category_id, 3), slug="impor-1")
    before = state()
    with pytest.raises(NotPublishable):
        db.transact(
            lambda: services.import_products(
                actor=goods.SYSTEM, products=[whole, lacking], at=LATER
            )
        )
    assert state() == before
    db.transact(lambda: services.import_products(actor=goods.SYSTEM, products=[whole], at=LATER))
    with pytest.raises(Exception) as caught:
        db.transact(
            lambda: services.import_products(actor=goods.SYSTEM, products=[taken], at=LATER)
        )
    assert caught.value.code == "catalog.slug_taken"
    with pytest.raises(NotAllowed):
        services.import_products(
            actor=people.actor("upt_head", upt_id=upt.upt_id), products=[whole], at=LATER
        )
