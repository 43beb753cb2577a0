"""The pictures of a product, through the browser's door."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog import services as catalog_services
from app.domain.upt.types import UptRecord
from app.infra import db
from tests.factories import goods, people
from tests.factories.goods import draft_of
from tests.factories.pages import text_of, upload, value_of


@pytest.fixture
def upt(app: Flask) -> UptRecord:
    return people.make_upt("lapas-indramayu")


@pytest.fixture
def clerk(client: FlaskClient, upt: UptRecord) -> FlaskClient:
    people.staff(client, "upt_clerk", upt_id=upt.upt_id)
    return client


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Pilih berkas gambar dahulu."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "bukan gambar JPEG, PNG, atau WebP"),
        (b"<?php echo 1;", "bukan gambar JPEG, PNG, atau WebP"),
        (goods.picture_bytes(kind="JPEG")[:900], "rusak atau terpotong"),
        (goods.picture_bytes(120, 120), "Gambar terlalu kecil"),
        (b"\xff\xd8\xff" + b"0" * (10 * 1024 * 1024), "terlalu besar"),
    ],
)
def test_a_file_that_is_no_picture_is_refused_in_words(
    clerk: FlaskClient, upt: UptRecord, content: bytes, words: str
) -> None:
    product_id = goods.make_product(upt.upt_id, published=False, with_picture=False)
    answer = upload(clerk, product_id, content, "..\\..\\foto.jpg", "Kalimat saya")
    assert answer.status_code == 422
    page = text_of(answer)
    assert words in page
    assert value_of(page, "alt") == "Kalimat saya"
    assert draft_of(product_id).images == ()


def test_a_picture_needs_words(clerk: FlaskClient, upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id, published=False, with_picture=False)
    answer = upload(clerk, product_id, goods.picture_bytes(), "foto.png", " ")
    assert answer.status_code == 422
    assert 'href="#f-alt">Apa yang tampak pada gambar: Wajib diisi.' in text_of(answer)
    assert draft_of(product_id).images == ()


def test_a_body_beyond_all_limits_gets_an_answer(clerk: FlaskClient, upt: UptRecord) -> None:
    clerk.application.config["PROPAGATE_EXCEPTIONS"] = False
    product_id = goods.make_product(upt.upt_id, published=False)
    answer = upload(clerk, product_id, b"0" * (13 * 1024 * 1024), "foto.png", "Besar")
    assert answer.status_code == 413


def test_pictures_are_put_in_order_described_and_removed(
    clerk: FlaskClient, upt: UptRecord
) -> None:
    product_id = goods.make_product(upt.upt_id)
    second = goods.make_picture(upt.upt_id)
    db.transact(
        lambda: catalog_services.add_image(
            actor=goods.SYSTEM, product_id=product_id, asset_id=second, alt="Kedua", at=goods.AT
        )
    )
    one, two = (image.image_id for image in draft_of(product_id).images)
    target = f"/meja/produk/{product_id}/gambar/susun"
    sent = {f"alts.{one}": "Satu baru", f"alts.{two}": "Dua baru"}
    assert clerk.post(target, data={**sent, "naik": str(two)}).status_code == 303
    images = draft_of(product_id).images
    assert [(image.image_id, image.alt) for image in images] == [
        (two, "Dua baru"),
        (one, "Satu baru"),
    ]
    cover = catalog_queries.listings(product_ids=[product_id])[product_id]
    assert (cover.cover_asset_id, cover.cover_alt) == (second, "Dua baru")
    assert clerk.post(target, data={**sent, "turun": str(one)}).status_code == 303
    answer = clerk.post(target, data={f"alts.{one}": "", f"alts.{two}": "Dua baru"})
    assert answer.status_code == 422
    assert clerk.post(target, data={**sent, "lepas": str(two)}).status_code == 303
    assert [image.image_id for image in draft_of(product_id).images] == [one]
    answer = clerk.post(target, data={f"alts.{one}": "Satu baru", "lepas": str(one)})
    assert answer.status_code == 409
    assert [image.image_id for image in draft_of(product_id).images] == [one]
    assert clerk.post(target, data={"lepas": "999"}).status_code == 404
