"""The desk's products, through the browser's door."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog import services as catalog_services
from app.domain.catalog.commands import SaveProduct
from app.domain.catalog.types import ListingFilter, ProductState
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


def fields(category_id: int, **more: str) -> dict[str, str]:
    return {
        "name": "Tirai sabut kelapa",
        "category_id": str(category_id),
        "kind": "ready",
        "summary": "Peneduh teras.",
        "description": "Disimpul tangan.",
        "variants.0.sku": "idm-sabut-200",
        "variants.0.name": "1 × 2 m",
        "variants.0.price_idr": "185.000",
        "variants.0.weight_g": "2600",
        "variants.0.length_mm": "1000",
        "variants.0.width_mm": "250",
        "variants.0.height_mm": "250",
        **more,
    }


def saved_fields(product_id: int, **more: str) -> dict[str, str]:
    draft = draft_of(product_id)
    variant = draft.variants[0]
    return fields(
        draft.category_id,
        **{
            "expected_version": str(draft.version),
            "name": draft.name,
            "variants.0.variant_id": str(variant.variant_id),
            "variants.0.sku": variant.sku,
            "variants.0.is_active": "1",
            **more,
        },
    )


def test_a_product_goes_from_blank_form_to_the_shop(
    clerk: FlaskClient, drain: Callable[[], int]
) -> None:
    category_id = goods.make_category("anyaman")
    assert clerk.get("/meja/produk/baru").status_code == 200
    answer = clerk.post("/meja/produk/baru", data=fields(category_id))
    assert answer.status_code == 303
    product_id = int(re.search(r"/meja/produk/(\d+)#gambar", answer.location)[1])
    draft = draft_of(product_id)
    assert (draft.state, draft.missing) == (ProductState.DRAFT, ("picture",))
    assert draft.variants[0].sku == "IDM-SABUT-200"
    assert draft.variants[0].price_idr == 185_000

    page = text_of(clerk.get(f"/meja/produk/{product_id}"))
    assert "Tambahkan paling sedikit satu gambar." in page
    assert "/terbitkan" not in page
    picture = goods.picture_bytes(kind="JPEG")
    assert upload(clerk, product_id, picture, "foto.jpg", "Tirai terbentang").status_code == 303
    assert upload(clerk, product_id, picture, "foto.jpg", "Tirai terbentang").status_code == 303
    assert len(draft_of(product_id).images) == 1
    assert "Sedang disiapkan" in text_of(clerk.get(f"/meja/produk/{product_id}"))

    assert clerk.post(f"/meja/produk/{product_id}/terbitkan").status_code == 303
    assert draft_of(product_id).state is ProductState.PUBLISHED
    drain()
    page = text_of(clerk.get(f"/meja/produk/{product_id}"))
    assert "Sedang disiapkan" not in page
    assert re.search(r"/media/aa/a{16}-1-640.jpg", page)
    assert clerk.get(f"/meja/produk/{product_id}/pratinjau").status_code == 200

    assert clerk.post(f"/meja/produk/{product_id}/tarik").status_code == 303
    assert catalog_queries.list_listings(filter=ListingFilter(), cursor=None).items == ()


def test_publishing_too_early_says_what_is_missing(clerk: FlaskClient, upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id, published=False, with_picture=False)
    answer = clerk.post(f"/meja/produk/{product_id}/terbitkan")
    assert answer.status_code == 409
    assert "belum lengkap" in text_of(answer)
    assert "Tambahkan paling sedikit satu gambar." in text_of(answer)
    assert draft_of(product_id).state is ProductState.DRAFT


def test_every_error_is_shown_at_once_with_everything_as_typed(clerk: FlaskClient) -> None:
    category_id = goods.make_category("anyaman")
    typed = fields(
        category_id,
        **{
            "name": "",
            "summary": 'Aneh <b>& "kutip"',
            "variants.0.price_idr": "0.5",
            "variants.3.sku": "a b",
            "variants.3.weight_g": "-1",
            "variants.3.length_mm": "1e9",
            "variants.3.width_mm": "NaN",
            "variants.5.sku": "   ",
        },
    )
    answer = clerk.post("/meja/produk/baru", data=typed)
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Wajib diisi." in page
    assert "Kode barang hanya berisi huruf" in page
    assert "Angkanya terlalu kecil." in page
    assert page.count("Isi dengan angka bulat tanpa koma.") == 6
    assert "Aneh &lt;b&gt;&amp; &#34;kutip&#34;" in page
    assert value_of(page, "variants.0.price_idr") == "0.5"
    assert value_of(page, "variants.1.sku") == "a b"
    assert value_of(page, "variants.1.length_mm") == "1e9"
    assert 'id="f-variants.1.weight_g"' in page
    assert value_of(page, "variants.2.sku") is None
    assert catalog_queries.list_products(actor=goods.SYSTEM, upt_id=None).items == ()


@pytest.mark.parametrize("value", ["0", "-1", "0.5", "1e9", "NaN", "99999999999999999999", "１２"])
def test_a_price_that_is_none_is_refused(clerk: FlaskClient, value: str) -> None:
    category_id = goods.make_category("anyaman")
    typed = fields(category_id, **{"variants.0.price_idr": value})
    answer = clerk.post("/meja/produk/baru", data=typed)
    assert answer.status_code == 422
    assert value_of(text_of(answer), "variants.0.price_idr") == value


def test_fields_sent_twice_are_refused(clerk: FlaskClient) -> None:
    category_id = goods.make_category("anyaman")
    typed: dict[str, object] = {**fields(category_id), "variants.0.price_idr": ["1000", "2000"]}
    assert clerk.post("/meja/produk/baru", data=typed).status_code == 422


def test_a_row_for_a_variant_is_added_without_javascript(clerk: FlaskClient) -> None:
    category_id = goods.make_category("anyaman")
    typed = fields(category_id, **{"tambah-varian": "1", "name": ""})
    answer = clerk.post("/meja/produk/baru", data=typed)
    assert answer.status_code == 200
    page = text_of(answer)
    assert value_of(page, "variants.0.sku") == "idm-sabut-200"
    assert value_of(page, "variants.1.sku") == ""
    assert "error-summary" not in page


def test_a_taken_sku_is_named_in_its_row(clerk: FlaskClient, upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id)
    taken = draft_of(product_id).variants[0].sku
    typed = fields(goods.make_category("anyaman"), **{"variants.1.sku": taken.lower()})
    answer = clerk.post("/meja/produk/baru", data=typed)
    assert answer.status_code == 422
    assert 'href="#f-variants.1.sku">Varian 2, kode: Kode barang ini sudah dipakai' in text_of(
        answer
    )


def test_changes_to_a_public_product_show_at_once(clerk: FlaskClient, upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id)
    sent = saved_fields(product_id, **{"variants.0.price_idr": "99000"})
    assert clerk.post(f"/meja/produk/{product_id}", data=sent).status_code == 303
    card = catalog_queries.listings(product_ids=[product_id])[product_id]
    assert card.price_idr_min == 99_000
    assert "langsung tampil di toko" in text_of(clerk.get(f"/meja/produk/{product_id}"))


def test_a_public_product_cannot_be_emptied(clerk: FlaskClient, upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id)
    sent = saved_fields(product_id, **{"variants.0.weight_g": "", "description": ""})
    answer = clerk.post(f"/meja/produk/{product_id}", data=sent)
    assert answer.status_code == 409
    page = text_of(answer)
    assert 'href="#f-variants.0.weight_g">Varian 1, berat: Isi berat setiap varian' in page
    assert 'href="#f-description">Penjelasan: Tulis penjelasan' in page
    assert draft_of(product_id).variants[0].weight_g == 900


def test_the_slower_of_two_sees_both_and_loses_nothing(clerk: FlaskClient, upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id)
    sent = saved_fields(product_id, name="Nama dari saya")
    other = SaveProduct.parse(
        goods.product_values(draft_of(product_id).category_id, name="Nama dari rekan", variants=[])
        | {
            "variants": [
                goods.variant_values(
                    variant_id=draft_of(product_id).variants[0].variant_id, price_idr=70_000
                )
            ]
        }
    )
    db.transact(
        lambda: catalog_services.update_product(
            actor=goods.SYSTEM,
            product_id=product_id,
            command=other,
            expected_version=int(sent["expected_version"]),
            at=goods.AT,
        )
    )
    answer = clerk.post(f"/meja/produk/{product_id}", data=sent)
    assert answer.status_code == 409
    page = text_of(answer)
    assert "sudah diubah orang lain" in page
    assert "Nama dari saya" in page
    assert "Nama dari rekan" in page
    assert draft_of(product_id).name == "Nama dari rekan"
    sent["expected_version"] = value_of(page, "expected_version") or ""
    assert clerk.post(f"/meja/produk/{product_id}", data=sent).status_code == 303
    assert draft_of(product_id).name == "Nama dari saya"


def test_a_damaged_version_is_refused(clerk: FlaskClient, upt: UptRecord) -> None:
    product_id = goods.make_product(upt.upt_id)
    sent = saved_fields(product_id, expected_version="x", name="Lain")
    assert clerk.post(f"/meja/produk/{product_id}", data=sent).status_code == 422
    assert draft_of(product_id).name != "Lain"


def test_products_of_another_upt_do_not_exist(clerk: FlaskClient) -> None:
    foreign = goods.make_product(people.make_upt("lapas-pamekasan").upt_id)
    before = draft_of(foreign)
    for product_id in (foreign, 999_999):
        assert clerk.get(f"/meja/produk/{product_id}").status_code == 404
        assert clerk.get(f"/meja/produk/{product_id}/pratinjau").status_code == 404
        for action in ("", "/gambar", "/gambar/susun", "/terbitkan", "/tarik"):
            answer = clerk.post(f"/meja/produk/{product_id}{action}", data=fields(1))
            assert answer.status_code == 404
    assert draft_of(foreign) == before
    assert clerk.get("/meja/produk?upt=999999").status_code == 404


@pytest.mark.parametrize("role", ["treasurer", "auditor", "national_admin", "curator"])
def test_roles_without_the_power_are_turned_away(
    client: FlaskClient, upt: UptRecord, role: str
) -> None:
    product_id = goods.make_product(upt.upt_id)
    people.staff(client, role)
    assert client.get("/meja/produk").status_code == 403
    assert client.get(f"/meja/produk/{product_id}").status_code == 403
    assert client.post(f"/meja/produk/{product_id}/tarik").status_code == 403
    assert draft_of(product_id).state is ProductState.PUBLISHED


def test_visitors_are_asked_to_sign_in(client: FlaskClient) -> None:
    answer = client.get("/meja/produk")
    assert answer.status_code == 303
    assert "/masuk" in answer.location


def test_the_list_keeps_search_and_filter_in_the_address(
    clerk: FlaskClient, upt: UptRecord
) -> None:
    category_id = goods.make_category("anyaman")
    for number in range(30):
        goods.make_product(
            upt.upt_id, published=number % 2 == 0, name=f"Tas {number:02d}", category_id=category_id
        )
    goods.make_product(people.make_upt("lapas-pamekasan").upt_id, name="Tas asing")
    page = text_of(clerk.get("/meja/produk?q=tas"))
    assert "Tas 00" in page
    assert "Tas asing" not in page
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following
    href = following[1].replace("&amp;", "&")
    assert "q=tas" in href
    second = text_of(clerk.get(href))
    assert "Tas 29" in second
    assert "Tas 00" not in second
    earlier = re.search(r'rel="prev" href="([^"]+)"', second)
    assert earlier
    assert "Tas 00" in text_of(clerk.get(earlier[1].replace("&amp;", "&")))
    published = text_of(clerk.get("/meja/produk?q=tas+0&status=published"))
    assert "Tas 00" in published
    assert "Tas 01" not in published
    assert "Tidak ada yang cocok" in text_of(clerk.get("/meja/produk?q=%25_zzz"))
    assert clerk.get("/meja/produk?q=%00").status_code == 404
    assert clerk.get("/meja/produk?status=lain&sesudah=rusak").status_code == 200


def test_an_empty_desk_says_how_to_begin(clerk: FlaskClient) -> None:
    assert "Tulis karya pertama" in text_of(clerk.get("/meja/produk"))


def test_forms_need_their_token(csrf_app: Flask, at: datetime) -> None:
    answer = csrf_app.test_client().post("/meja/produk/baru", data={})
    assert answer.status_code == 400
