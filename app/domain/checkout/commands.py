"""Placing an order: one flat form, every error at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints

from app.kernel.commands import Command, Text, Whole
from app.kernel.errors import FieldError, Invalid
from app.kernel.money import AMOUNT_IDR_MAX

DELIVERY_PREFIX: Final = "delivery_"
SLOT_PREFIX: Final = "slot_"

_EMAIL: Final = re.compile(r"[^@\s,;<>()\"']+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}")
_PHONE_MARKS: Final = re.compile(r"[\s().-]")
_DELIVERY_FIELD: Final = re.compile(r"delivery_([1-9][0-9]{0,17})")
_SLOT_FIELD: Final = re.compile(r"slot_([1-9][0-9]{0,17})")


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError("checkout.email")
    return text


def _phone(text: str) -> str:
    """Return the number with its country code, ``+62`` where none was typed."""
    digits = _PHONE_MARKS.sub("", text)
    if digits.startswith("0"):
        digits = "+62" + digits[1:]
    elif digits.startswith("62"):
        digits = "+" + digits
    if not re.fullmatch(r"\+[1-9][0-9]{7,14}", digits, re.ASCII):
        raise ValueError("checkout.phone")
    return digits


def _phone_or_empty(text: str) -> str:
    return _phone(text) if text else ""


def _postcode(text: str) -> str:
    if text and not re.fullmatch(r"[1-9][0-9]{4}", text, re.ASCII):
        raise ValueError("checkout.postcode")
    return text


DeliveryChoice = Annotated[
    Text, StringConstraints(max_length=60, pattern=r"^(pickup|courier:[a-z0-9-]+)$")
]


SlotKey = Annotated[Text, StringConstraints(pattern=r"^([0-9]{8}T[0-9]{4}Z)?$")]


class PlaceOrder(Command):
    """Everything that the checkout page asks.

    Delivery comes as one field per UPT, ``delivery_<upt_id>``, with ``pickup`` or
    ``courier:<service>``; ``parse`` gathers them into ``deliveries``, and the times of
    pick-up, ``slot_<upt_id>``, into ``slots``. The address may stay empty when everything is fetched.
    """

    placement_key: Annotated[Text, StringConstraints(min_length=16, max_length=80)]
    contact_name: Annotated[Text, StringConstraints(min_length=2, max_length=120)]
    contact_email: Annotated[Text, StringConstraints(max_length=254), AfterValidator(_email)]
    contact_phone: Annotated[Text, StringConstraints(max_length=30), AfterValidator(_phone)]
    recipient: Annotated[Text, StringConstraints(max_length=120)] = ""
    recipient_phone: Annotated[
        Text, StringConstraints(max_length=30), AfterValidator(_phone_or_empty)
    ] = ""
    street: Annotated[Text, StringConstraints(max_length=300)] = ""
    village_code: Annotated[Text, StringConstraints(max_length=13, pattern=r"^[0-9.]*$")] = ""
    postcode: Annotated[Text, StringConstraints(max_length=12), AfterValidator(_postcode)] = ""
    note: Annotated[Text, StringConstraints(max_length=500)] = ""
    deliveries: dict[int, DeliveryChoice] = Field(default_factory=dict)
    slots: dict[int, SlotKey] = Field(default_factory=dict)
    payment_method: Literal["bank_transfer", "card"]
    confirmed_total_idr: Annotated[Whole, Field(ge=0, le=AMOUNT_IDR_MAX)]

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """Return the command from a flat form or from JSON, or raise every error at once.

        Raises:
            Invalid: With one entry per wrong field, under the name of the form's field.
        """
        fields, deliveries, slots = _split(values)
        missing = _missing_address(fields, deliveries)
        try:
            command = super().parse({**fields, "deliveries": deliveries, "slots": slots})
        except Invalid as error:
            errors = tuple(_form_error(item) for item in error.errors)
            named = {item.field for item in errors}
            more = tuple(item for item in missing if item.field not in named)
            raise Invalid(*errors, *more) from None
        if missing:
            raise Invalid(*missing)
        return command

    @classmethod
    def read_form(cls, form: Any) -> dict[str, Any]:
        """Return the filled fields of a form that belong here; one sent twice stays a list."""
        values: dict[str, Any] = {}
        for name in form:
            given = [value for value in form.getlist(name) if value.strip()]
            is_dynamic = _DELIVERY_FIELD.fullmatch(name) or _SLOT_FIELD.fullmatch(name)
            if given and (name in cls.model_fields or is_dynamic):
                values[name] = given[0] if len(given) == 1 else given
        return values

    @property
    def needs_address(self) -> bool:
        """Say whether any part comes by courier."""
        return any(choice != "pickup" for choice in self.deliveries.values())


def delivery_choices(values: Mapping[str, Any]) -> dict[int, str]:
    """Return the well-formed delivery fields of a form by UPT; used while the page is filled in."""
    _, deliveries, _ = _split(values)
    return {
        upt_id: choice
        for upt_id, choice in deliveries.items()
        if isinstance(upt_id, int) and isinstance(choice, str)
    }


def _split(
    values: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[Any, Any], dict[Any, Any]]:
    fields: dict[str, Any] = {}
    deliveries: dict[Any, Any] = {}
    slots: dict[Any, Any] = {}
    for name in values:
        if match := _DELIVERY_FIELD.fullmatch(name):
            deliveries[int(match[1])] = values[name]
        elif match := _SLOT_FIELD.fullmatch(name):
            slots[int(match[1])] = values[name]
        elif name == "deliveries" and isinstance(values[name], Mapping):
            deliveries.update(values[name])
        elif name == "slots" and isinstance(values[name], Mapping):
            slots.update(values[name])
        else:
            fields[name] = values[name]
    return fields, deliveries, slots


def _missing_address(
    fields: Mapping[str, Any], deliveries: Mapping[Any, Any]
) -> tuple[FieldError, ...]:
    if all(choice == "pickup" for choice in deliveries.values()):
        return ()
    return tuple(
        FieldError(name, "field.required")
        for name in ("street", "village_code", "postcode")
        if not str(fields.get(name, "")).strip()
    )


def _form_error(error: FieldError) -> FieldError:
    head, _, rest = error.field.partition(".")
    prefix = {"deliveries": DELIVERY_PREFIX, "slots": SLOT_PREFIX}.get(head)
    if prefix is None:
        return error
    return FieldError(f"{prefix}{rest.partition('.')[0]}", "field.choice")
