"""Writing, publishing and withdrawing products."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from app.domain.audit.models import AuditEntry
from app.domain.catalog import queries, services
from app.domain.catalog.commands import (
    ImportedProduct,
    SaveCategory,
    SaveImages,
    SaveProduct,
    SaveVariant,
)
from app.domain.catalog.errors import (
    NotPublishable,
    ProductChanged,
    SkuTaken,
    TooManyImages,
    WrongProductState,
)
from app.domain.catalog.models import Listing, Product, ProductVersion, Variant
from app.domain.catalog.types import (
    IMAGES_MAX,
    VARIANTS_MAX,
    ListingFilter,
    ProductDraft,
    ProductImage,
    ProductState,
)
from app.domain.media.models import Asset
from app.domain.upt.types import UptRecord
from app.infra import db
from app.infra.jobs import JobEvent
from app.kernel.actor import ANONYMOUS, Actor
from app.kernel.errors import Invalid, NotAllowed, NotFound
from tests.factories import goods, people

LATER = goods.AT + timedelta(hours=5)


@pytest.fixture
def upt(app: Flask) -> UptRecord:
    return people.make_upt("lapas-indramayu")


@pytest.fixture
def clerk(upt: UptRecord) -> Actor:
    return people.actor("upt_clerk", upt_id=upt.upt_id)


def draft_of(product_id: int) -> ProductDraft:
    return queries.get_product(actor=goods.SYSTEM, product_id=product_id)


def command_of(product_id: int, **more: Any) -> SaveProduct:
    draft = draft_of(product_id)
    values = {name: getattr(draft, name) for name in SaveProduct.model_fields if name != "variants"}
    values["variants"] = [
        {name: getattr(variant, name) for name in SaveVariant.model_fields}
        for variant in draft.variants
    ]
    return SaveProduct.parse({**values, **more})


def save(product_id: int, command: SaveProduct, *, version: int | None = None) -> int:
    expected = draft_of(product_id).version if version is None else version
    return db.transact(
        lambda: services.update_product(
            actor=goods.SYSTEM,
            product_id=product_id,
            command=command,
            expected_version=expected,
            at=LATER,
        )
    )


def publish(product_id: int, *, at: datetime = LATER) -> None:
    db.transact(lambda: services.publish(actor=goods.SYSTEM, product_id=product_id, at=at))


def withdraw(product_id: int) -> None:
    db.transact(lambda: services.withdraw(actor=goods.SYSTEM, product_id=product_id, at=LATER))


def count(model: type[Any]) -> int:
    return db.read_session().scalar(select(func.count()).select_from(model)) or 0


def state() -> tuple[int, ...]:
    return tuple(count(model) for model in (Product, Variant, ProductVersion, Listing, AuditEntry))


def test_a_new_product_is_a_draft_that_nobody_sees(upt: UptRecord, clerk: Actor) -> None:
    category_id = goods.make_category()
    command = SaveProduct.parse(goods.product_values(category_id, name="Tirai Sabut"))
    product_id = db.transact(
        lambda: services.create_product(
            actor=clerk, upt_id=upt.upt_id, command=command, at=goods.AT
        )
    )
    draft = draft_of(product_id)
    assert (draft.slug, draft.state, draft.version) == ("tirai-sabut", ProductState.DRAFT, 1)
    assert draft.missing == ("picture",)
    assert draft.variants[0].price_idr == 185_000
    assert queries.list_listings(filter=ListingFilter(), cursor=None).items == ()
    with pytest.raises(NotFound):
        queries.find_product(slug="tirai-sabut")
    offer = queries.offers(variant_ids=[draft.variants[0].variant_id])
    assert [(each.is_published, each.product_version_id) for each in offer.values()] == [(False, 0)]


def test_two_products_of_one_name_have_two_addresses(upt: UptRecord) -> None:
    one = goods.make_product(upt.upt_id, name="Tas rajut")
    two = goods.make_product(upt.upt_id, name="Tas rajut", published=False)
    assert (goods.slug_of(one), goods.slug_of(two)) == ("tas-rajut", "tas-rajut-2")
    save(one, command_of(one, name="Tas lain"))
    assert goods.slug_of(one) == "tas-rajut"


def test_only_those_who_may_write_for_the_upt_do(upt: UptRecord, clerk: Actor) -> None:
    product_id = goods.make_product(upt.upt_id)
    foreign = people.actor("upt_clerk", upt_id=upt.upt_id + 1_000)
    office = people.actor("kanwil_staff", upt_id=upt.upt_id)
    command = command_of(product_id)
    before, saved = state(), draft_of(product_id)
    for actor, error in ((foreign, NotFound), (office, NotAllowed), (ANONYMOUS, NotFound)):
        acts: list[Callable[[], object]] = [
            lambda actor=actor: services.create_product(
                actor=actor, upt_id=upt.upt_id, command=command, at=LATER
            ),
            lambda actor=actor: services.update_product(
                actor=actor, product_id=product_id, command=command, expected_version=3, at=LATER
            ),
            lambda actor=actor: services.publish(actor=actor, product_id=product_id, at=LATER),
            lambda actor=actor: services.withdraw(actor=actor, product_id=product_id, at=LATER),
            lambda actor=actor: services.add_image(
                actor=actor, product_id=product_id, asset_id=1, alt="x", at=LATER
            ),
            lambda actor=actor: services.remove_image(
                actor=actor, product_id=product_id, image_id=1, at=LATER
            ),
            lambda actor=actor: services.save_images(
                actor=actor,
                product_id=product_id,
                command=SaveImages(image_ids=(), alts={}),
                at=LATER,
            ),
            lambda actor=actor: services.save_variant(
                actor=actor,
                product_id=product_id,
                command=SaveVariant(sku="AB"),
                at=LATER,
            ),
            lambda actor=actor: queries.get_product(actor=actor, product_id=product_id),
            lambda actor=actor: queries.list_products(actor=actor, upt_id=upt.upt_id),
        ]
        for act in acts:
            with pytest.raises(error):
                db.transact(act)
    assert (state(), draft_of(product_id)) == (before, saved)
    assert queries.get_product(actor=clerk, product_id=product_id) == saved


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


def test_the_slower_of_two_is_told_and_given_the_saved_product(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id)
    version = draft_of(product_id).version
    save(product_id, command_of(product_id, name="Dari rekan"))
    with pytest.raises(ProductChanged) as caught:
        save(product_id, command_of(product_id, name="Dari saya"), version=version)
    assert caught.value.current == draft_of(product_id)
    assert caught.value.current.name == "Dari rekan"
    assert caught.value.details() == {"current_version": version + 1}
    with pytest.raises(ProductChanged):
        db.transact(
            lambda: services.publish(
                actor=goods.SYSTEM, product_id=product_id, at=LATER, expected_version=version
            )
        )


def test_variants_left_out_stay_but_are_not_sold(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id, variants=[{}, {}, {}])
    one, two, three = draft_of(product_id).variants
    command = command_of(product_id)
    kept = (command.variants[2], command.variants[0])
    save(product_id, command.model_copy(update={"variants": kept}))
    variants = draft_of(product_id).variants
    assert [(variant.variant_id, variant.is_active) for variant in variants] == [
        (three.variant_id, True),
        (one.variant_id, True),
        (two.variant_id, False),
    ]
    card = queries.listings(product_ids=[product_id])[product_id]
    assert card.variant_ids == (three.variant_id, one.variant_id)
    assert not queries.offers(variant_ids=[two.variant_id])[two.variant_id].is_published


def test_a_sku_belongs_to_one_variant_of_a_upt(upt: UptRecord) -> None:
    other_upt = people.make_upt("lapas-pamekasan")
    product_id = goods.make_product(upt.upt_id, variants=[{"sku": "SAMA-1"}, {"sku": "SAMA-2"}])
    goods.make_product(other_upt.upt_id, variants=[{"sku": "SAMA-1"}])
    before = state()
    with pytest.raises(SkuTaken) as caught:
        goods.make_product(
            upt.upt_id,
            variants=[{"sku": "sama-1"}, {"sku": "LAIN"}, {"sku": "LAIN"}, {"sku": "SAMA-2"}],
        )
    fields = [error.field for error in caught.value.errors]
    assert fields == ["variants.0.sku", "variants.2.sku", "variants.3.sku"]
    with pytest.raises(SkuTaken) as caught:
        goods.make_variant(product_id, sku="SAMA-1")
    assert [error.field for error in caught.value.errors] == ["sku"]
    assert state() == before
    save(product_id, command_of(product_id))


def test_the_database_itself_refuses_a_double_sku(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id, variants=[{"sku": "SAMA-1"}])
    with pytest.raises(SkuTaken), db.unit_of_work():
        db.add(
            Variant(
                product_id=product_id,
                upt_id=upt.upt_id,
                sku="SAMA-1",
                name="",
                position=9,
                is_active=False,
            )
        )


def test_variants_of_another_product_are_not_found(upt: UptRecord) -> None:
    one, two = goods.make_product(upt.upt_id), goods.make_product(upt.upt_id)
    foreign = goods.variant_ids(two)[0]
    command = command_of(one)
    stolen = command.variants[0].model_copy(update={"variant_id": foreign, "sku": "CURI"})
    for variants in ((stolen,), (command.variants[0], command.variants[0])):
        with pytest.raises(NotFound):
            save(one, command.model_copy(update={"variants": variants}))
    with pytest.raises(NotFound):
        goods.make_variant(one, variant_id=foreign, sku="CURI")


def test_one_variant_is_added_or_changed_alone(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id)
    first = goods.variant_ids(product_id)[0]
    second = goods.make_variant(product_id, price_idr=7_000)
    goods.make_variant(product_id, variant_id=first, sku="BARU-1", price_idr=9_000)
    page = queries.find_product(slug=goods.slug_of(product_id))
    assert [(each.variant_id, each.price_idr) for each in page.content.variants] == [
        (first, 9_000),
        (second, 7_000),
    ]


def test_a_product_has_room_for_so_many_variants(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id, variants=[{}] * VARIANTS_MAX)
    with pytest.raises(Invalid) as caught:
        goods.make_variant(product_id)
    assert caught.value.errors[0].code == "catalog.too_many_variants"


def test_unknown_categories_are_refused(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id)
    for category_id in (999_999, 2**40):
        with pytest.raises(Invalid) as caught:
            save(product_id, command_of(product_id, category_id=category_id))
        assert caught.value.errors[0].field == "category_id"


def test_pictures_of_another_upt_are_not_found(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id)
    foreign = goods.make_picture(people.make_upt("lapas-pamekasan").upt_id)
    for asset_id in (foreign, 999_999):
        with pytest.raises(NotFound):
            db.transact(
                lambda asset_id=asset_id: services.add_image(
                    actor=goods.SYSTEM, product_id=product_id, asset_id=asset_id, alt="x", at=LATER
                )
            )
    with pytest.raises(NotFound):
        db.transact(
            lambda: services.save_images(
                actor=goods.SYSTEM,
                product_id=product_id,
                command=SaveImages(image_ids=(999,), alts={}),
                at=LATER,
            )
        )


def test_a_product_has_room_for_so_many_pictures(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id)

    def add(alt: str = "Gambar lain") -> int:
        return services.add_image(
            actor=goods.SYSTEM,
            product_id=product_id,
            asset_id=goods.make_picture(upt.upt_id),
            alt=alt,
            at=LATER,
        )

    with pytest.raises(Invalid) as caught:
        db.transact(lambda: add(alt="  "))
    assert caught.value.errors[0].code == "catalog.alt_required"
    for _ in range(IMAGES_MAX - 1):
        db.transact(add)
    with pytest.raises(TooManyImages) as refused:
        db.transact(add)
    assert refused.value.details() == {"limit": IMAGES_MAX}
    assert len(draft_of(product_id).images) == IMAGES_MAX


def test_saving_the_same_pictures_changes_nothing(upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id)
    draft = draft_of(product_id)
    command = SaveImages(
        image_ids=tuple(image.image_id for image in draft.images),
        alts={image.image_id: image.alt for image in draft.images},
    )
    db.transact(
        lambda: services.save_images(
            actor=goods.SYSTEM, product_id=product_id, command=command, at=LATER
        )
    )
    assert draft_of(product_id) == draft


def category(**values: Any) -> int:
    command = SaveCategory.parse({"name": "Nama", **values})
    return db.transact(
        lambda: services.save_category(actor=goods.SYSTEM, command=command, at=goods.AT)
    )


def test_categories_are_saved_once_and_two_levels_deep(app: Flask) -> None:
    root = category(slug="kriya", name="Kriya")
    assert category(slug="kriya", name="Kriya") == root
    child = category(slug="anyaman", parent_slug="kriya", position=4)
    assert [record.category_id for record in queries.list_categories()] == [root, child]
    before = state()
    for slug, parent in (("x-1", "anyaman"), ("x-1", "tidak-ada"), ("kriya", "kriya")):
        with pytest.raises(Invalid) as caught:
            category(slug=slug, parent_slug=parent)
        assert caught.value.errors[0].field == "parent_slug"
    assert state() == before
    category(slug="anyaman", name="Anyaman halus", parent_slug="kriya")
    assert queries.find_category(slug="anyaman").name == "Anyaman halus"
    with pytest.raises(NotAllowed):
        services.save_category(
            actor=people.actor("upt_head", upt_id=1),
            command=SaveCategory(slug="ab", name="Ab"),
            at=goods.AT,
        )


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
