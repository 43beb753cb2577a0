"""Commands: one validation behind every door."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import pytest
from pydantic import Field, field_validator

from app.kernel.commands import Command, Text, Whole
from app.kernel.errors import FieldError, Invalid


class Receive(Command):
    quantity: Annotated[Whole, Field(ge=1, le=1000)]
    note: Annotated[Text, Field(max_length=5)] = ""
    made_on: date | None = None

    @field_validator("note")
    @classmethod
    def no_shouting(cls, note: str) -> str:
        if note.isupper():
            raise ValueError("field.pattern")
        return note


def codes(values: dict[str, object]) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        Receive.parse(values)
    return {(error.field, error.code) for error in refused.value.errors}


def test_a_command_is_trimmed_and_frozen() -> None:
    command = Receive.parse({"quantity": "3", "note": "  ab "})
    assert command == Receive(quantity=3, note="ab")
    with pytest.raises(ValueError, match="frozen"):
        command.quantity = 4  # type: ignore[misc]


@pytest.mark.parametrize(
    "quantity",
    ["0.5", "1e9", "NaN", "inf", "tiga", [], ["1"], {}, 1.5, True, "1_000", "５", "9" * 16],
)
def test_only_whole_numbers_are_quantities(quantity: object) -> None:
    assert codes({"quantity": quantity}) == {("quantity", "field.whole_number")}


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        ("", "field.required"),
        ("  ", "field.required"),
        ("0", "field.too_small"),
        ("-1", "field.too_small"),
        ("1001", "field.too_large"),
    ],
)
def test_quantities_have_limits(quantity: str, code: str) -> None:
    assert codes({"quantity": quantity}) == {("quantity", code)}


def test_every_error_comes_at_once() -> None:
    found = codes({"note": "terlalu panjang", "made_on": "kemarin", "price_idr": "1"})
    assert found == {
        ("quantity", "field.required"),
        ("note", "field.too_long"),
        ("made_on", "field.date"),
        ("price_idr", "field.unknown"),
    }


def test_a_limit_is_named_in_the_error() -> None:
    with pytest.raises(Invalid) as refused:
        Receive.parse({"quantity": "1", "note": "panjang sekali"})
    assert refused.value.errors == (FieldError("note", "field.too_long", (("max_length", 5),)),)


def test_control_signs_are_refused() -> None:
    assert codes({"quantity": "1", "note": "a\x00"}) == {("note", "field.control_signs")}


def test_a_rule_of_the_command_speaks_by_its_code() -> None:
    assert codes({"quantity": "1", "note": "ABC"}) == {("note", "field.pattern")}
