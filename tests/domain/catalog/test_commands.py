"""What may be written about a product."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from app.domain.catalog.commands import (
    ImageWords,
    SaveCategory,
    SaveImages,
    SaveProduct,
    SaveVariant,
)
from app.domain.catalog.types import ProductKind
from app.kernel.errors import Invalid


def codes(values: dict[str, Any], command: type[Any] = SaveVariant) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        command.parse(values)
    return {error.field: error.code for error in caught.value.errors}


@pytest.mark.parametrize(
    ("typed", "price_idr"),
    [
        ("185000", 185_000),
        ("185.000", 185_000),
        ("1.250.000", 1_250_000),
        ("Rp185.000", 185_000),
        ("rp 185.000", 185_000),
        ("185.000,-", 185_000),
        ("185.000,00", 185_000),
        (185_000, 185_000),
        ("  ", None),
        (None, None),
    ],
)
def test_takes_prices_as_people_write_them(typed: object, price_idr: int | None) -> None:
    assert SaveVariant.parse({"sku": "A-1", "price_idr": typed}).price_idr == price_idr


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("0", "field.too_small"),
        ("-1", "field.too_small"),
        ("0.5", "field.whole_number"),
        ("1.5", "field.whole_number"),
        ("1.0000", "field.whole_number"),
        ("18,5", "field.whole_number"),
        ("1e9", "field.whole_number"),
        ("NaN", "field.whole_number"),
        ("Infinity", "field.whole_number"),
        ("１２", "field.whole_number"),
        ("1 000", "field.whole_number"),
        ("2000000000", "field.too_large"),
        ("9" * 30, "field.too_large"),
        ("9." + "999." * 40 + "999", "field.too_large"),
        (0.5, "field.whole_number"),
        (5.0, "field.whole_number"),
        (True, "field.whole_number"),
        (["1", "2"], "field.whole_number"),
        ({"a": 1}, "field.whole_number"),
    ],
)
def test_refuses_prices_that_are_none(typed: object, code: str) -> None:
    assert codes({"sku": "A-1", "price_idr": typed}) == {"price_idr": code}


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("weight_g", "0", "field.too_small"),
        ("weight_g", "1000001", "field.too_large"),
        ("weight_g", "1.000", "field.whole_number"),
        ("length_mm", "20001", "field.too_large"),
        ("width_mm", "-3", "field.too_small"),
        ("height_mm", "1e9", "field.whole_number"),
        ("sku", "a", "field.too_short"),
        ("sku", "A" * 41, "field.too_long"),
        ("sku", "A 1", "catalog.sku_shape"),
        ("sku", "-A1", "catalog.sku_shape"),
        ("sku", "<b>", "catalog.sku_shape"),
        ("name", "x" * 81, "field.too_long"),
        ("name", "a\x00b", "field.control_signs"),
        ("variant_id", "x", "field.whole_number"),
    ],
)
def test_refuses_measures_and_codes_that_do_not_fit(field: str, typed: str, code: str) -> None:
    assert codes({"sku": "A-1", field: typed}) == {field: code}


def test_skus_are_upper_case_and_trimmed() -> None:
    assert SaveVariant.parse({"sku": "  idm-sabut.200/b "}).sku == "IDM-SABUT.200/B"


def product(**more: object) -> dict[str, object]:
    return {"name": "Tirai", "category_id": "3", "kind": "ready", **more}


def test_a_draft_needs_a_name_a_category_and_a_kind() -> None:
    assert codes({}, SaveProduct) == {
        "name": "field.required",
        "category_id": "field.required",
        "kind": "field.required",
    }
    command = SaveProduct.parse(product())
    assert (command.category_id, command.kind, command.variants) == (3, ProductKind.READY, ())


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"name": "ab"}, "name", "field.too_short"),
        ({"name": "x" * 121}, "name", "field.too_long"),
        ({"kind": "lain"}, "kind", "field.choice"),
        ({"category_id": "x"}, "category_id", "field.whole_number"),
        ({"summary": "x" * 301}, "summary", "field.too_long"),
        ({"description": "a\x07"}, "description", "field.control_signs"),
        ({"lead_time_days": "3651"}, "lead_time_days", "field.too_large"),
        ({"lead_time_days": "-1"}, "lead_time_days", "field.too_small"),
        ({"slug": "Tidak Boleh"}, "slug", "field.pattern"),
        ({"lain": "x"}, "lain", "field.unknown"),
        ({"variants": [{"sku": "A-1"}] * 41}, "variants", "field.too_many"),
    ],
)
def test_refuses_products_that_do_not_fit(values: dict[str, object], field: str, code: str) -> None:
    assert codes(product(**values), SaveProduct) == {field: code}


def test_reads_rows_of_variants_from_a_form() -> None:
    form = MultiDict(
        [
            ("name", "Tirai"),
            ("slug", "tidak-dari-formulir"),
            ("category_id", "3"),
            ("kind", "ready"),
            ("csrf_token", "x"),
            ("variants.2.sku", "B"),
            ("variants.0.sku", "A-1"),
            ("variants.0.variant_id", "7"),
            ("variants.1.sku", "  "),
            ("variants.1.is_active", "1"),
            ("variants.9.unknown", "x"),
            ("variants.x.sku", "C"),
        ]
    )
    values = SaveProduct.read_form(form)
    assert values == {
        "name": "Tirai",
        "category_id": "3",
        "kind": "ready",
        "variants": [{"is_active": False, "variant_id": "7", "sku": "A-1"}, {"sku": "B"}],
    }
    assert codes(values, SaveProduct) == {"variants.1.sku": "field.too_short"}


def test_a_field_sent_twice_is_refused() -> None:
    form = MultiDict([("name", "Satu"), ("name", "Dua"), ("category_id", "3"), ("kind", "ready")])
    assert codes(SaveProduct.read_form(form), SaveProduct) == {"name": "field.text_required"}
    form = MultiDict([*product().items(), ("variants.0.sku", "A-1"), ("variants.0.sku", "A-2")])
    assert codes(SaveProduct.read_form(form), SaveProduct) == {
        "variants.0.sku": "field.text_required"
    }


def test_pictures_need_words() -> None:
    assert codes({"alt": " "}, ImageWords) == {"alt": "field.too_short"}
    assert codes({}, ImageWords) == {"alt": "field.required"}
    assert codes({"image_ids": (1,), "alts": {1: ""}}, SaveImages) == {"alts.1": "field.too_short"}
    assert codes({"image_ids": tuple(range(11)), "alts": {}}, SaveImages) == {
        "image_ids": "field.too_many"
    }


def test_categories_have_an_address_and_a_name() -> None:
    assert codes({"slug": "A b", "name": ""}, SaveCategory) == {
        "slug": "field.pattern",
        "name": "field.too_short",
    }
