"""Writing products, their variants, pictures and categories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.domain.catalog import queries, services
from app.domain.catalog.commands import (
    SaveCategory,
    SaveImages,
    SaveProduct,
    SaveVariant,
)
from app.domain.catalog.errors import (
    ProductChanged,
    SkuTaken,
    TooManyImages,
)
from app.domain.catalog.models import Variant
from app.domain.catalog.types import (
    IMAGES_MAX,
    VARIANTS_MAX,
    ListingFilter,
    ProductState,
)
from app.domain.upt.types import UptRecord
from app.infra import db
from app.kernel.actor import ANONYMOUS, Actor
from app.kernel.errors import Invalid, NotAllowed, NotFound
from tests.factories import goods, people
from tests.factories.goods import LATER, command_of, draft_of, save, state


@pytest.fixture
def upt(app: Flask) -> UptRecord:
    return people.make_upt("lapas-indramayu")


@pytest.fixture
def clerk(upt: UptRecord) -> Actor:
    return people.actor("upt_clerk", upt_id=upt.upt_id)


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
