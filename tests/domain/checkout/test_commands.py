"""What a checkout form sends."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from app.domain.checkout.commands import PlaceOrder, delivery_choices
from app.kernel.errors import Invalid

VALUES: dict[str, Any] = {
    "placement_key": "k" * 43,
    "contact_name": "Pembeli Contoh",
    "contact_email": "pembeli@contoh.example",
    "contact_phone": "0812-3456-7890",
    "street": "Jalan Contoh 1",
    "village_code": "32.12.15.1006",
    "postcode": "45212",
    "payment_method": "bank_transfer",
    "confirmed_total_idr": "229000",
    "delivery_3": "courier:reguler",
    "delivery_12": "pickup",
}


def errors_of(**changes: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        PlaceOrder.parse({**VALUES, **changes})
    return {error.field: error.code for error in caught.value.errors}


def test_a_flat_form_becomes_a_command() -> None:
    command = PlaceOrder.parse(VALUES)
    assert command.deliveries == {3: "courier:reguler", 12: "pickup"}
    assert command.contact_phone == "+6281234567890"
    assert command.needs_address is True
    assert command.recipient == ""


def test_json_may_send_deliveries_as_an_object() -> None:
    values = {name: value for name, value in VALUES.items() if not name.startswith("delivery_")}
    command = PlaceOrder.parse({**values, "deliveries": {"3": "pickup"}})
    assert command.deliveries == {3: "pickup"}
    assert command.needs_address is False


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("081234567890", "+6281234567890"),
        ("+62 812 3456 7890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("(021) 345-6789", "+62213456789"),
        ("+65 6123 4567", "+6561234567"),
    ],
)
def test_a_telephone_number_is_kept_with_its_country_code(typed: str, stored: str) -> None:
    assert PlaceOrder.parse({**VALUES, "contact_phone": typed}).contact_phone == stored


@pytest.mark.parametrize("typed", ["", "abc", "12", "0812", "+62" + "1" * 20, "٠٨١٢٣٤٥٦٧٨٩"])
def test_a_wrong_telephone_number_is_refused(typed: str) -> None:
    assert errors_of(contact_phone=typed) == {"contact_phone": "checkout.phone"}


@pytest.mark.parametrize(
    "typed", ["", "sari", "sari@", "@contoh.id", "sari@contoh", "a b@contoh.id", "a@b@contoh.id"]
)
def test_a_wrong_email_is_refused(typed: str) -> None:
    assert errors_of(contact_email=typed) == {"contact_email": "checkout.email"}


@pytest.mark.parametrize("typed", ["1", "0123", "01234", "123456", "abcde"])
def test_a_wrong_postcode_is_refused(typed: str) -> None:
    assert errors_of(postcode=typed) == {"postcode": "checkout.postcode"}


def test_a_courier_needs_an_address_and_says_so_with_everything_else() -> None:
    assert errors_of(street="", village_code=" ", postcode="", contact_name="") == {
        "contact_name": "field.too_short",
        "street": "field.required",
        "village_code": "field.required",
        "postcode": "field.required",
    }


def test_a_missing_address_alone_is_refused_too() -> None:
    assert errors_of(street="") == {"street": "field.required"}


def test_fetching_everything_needs_no_address() -> None:
    command = PlaceOrder.parse(
        {**VALUES, "delivery_3": "pickup", "street": "", "village_code": "", "postcode": ""}
    )
    assert command.needs_address is False


@pytest.mark.parametrize("typed", ["", "drone", "courier:", "courier:A B", "pickup;", ["pickup"]])
def test_a_wrong_delivery_is_named_by_its_field(typed: object) -> None:
    assert errors_of(delivery_3=typed)["delivery_3"] == "field.choice"


@pytest.mark.parametrize("typed", ["-1", "0.5", "NaN", "", [], "1000000000001"])
def test_a_wrong_total_is_refused(typed: object) -> None:
    assert list(errors_of(confirmed_total_idr=typed)) == ["confirmed_total_idr"]


def test_control_signs_are_refused() -> None:
    assert errors_of(note="halo\x00") == {"note": "field.control_signs"}


def test_an_unknown_way_of_paying_is_refused() -> None:
    assert errors_of(payment_method="cash") == {"payment_method": "field.choice"}


def test_a_form_is_read_without_foreign_fields_and_with_doubles_as_lists() -> None:
    form = MultiDict(
        [
            ("contact_name", "A"),
            ("contact_name", "B"),
            ("delivery_3", "pickup"),
            ("note", " "),
            ("csrf_token", "x"),
        ]
    )
    assert PlaceOrder.read_form(form) == {"contact_name": ["A", "B"], "delivery_3": "pickup"}


def test_choices_of_an_unfinished_form_are_read_as_far_as_they_are_well_formed() -> None:
    form = {
        "delivery_3": "pickup",
        "delivery_0": "pickup",
        "delivery_x": "pickup",
        "delivery_4": [],
    }
    assert delivery_choices(form) == {3: "pickup"}
    assert delivery_choices({"deliveries": {"a": "pickup"}}) == {}
