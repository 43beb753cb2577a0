"""What the upt services take: a unit, what it says about itself, a regional office."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, StringConstraints

from app.domain.upt.types import ALIASES_MAX, TIMEZONES, UptKind, UptSubkind
from app.kernel.commands import Command, Text
from app.kernel.text import fold

SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def _slug(text: str) -> str:
    if not SLUG.fullmatch(text):
        raise ValueError("upt.slug_shape")
    return text


def _optional_slug(text: str) -> str:
    return _slug(text) if text else ""


def _postcode(text: str) -> str:
    if text and not re.fullmatch(r"[0-9]{5}", text):
        raise ValueError("upt.postcode_shape")
    return text


def _timezone(text: str) -> str:
    if text not in TIMEZONES:
        raise ValueError("field.choice")
    return text


def _lines(value: object) -> object:
    """Turn a textarea into its lines; a list stays a list."""
    if isinstance(value, str):
        value = value.splitlines()
    if not isinstance(value, list | tuple):
        return value
    kept: dict[str, str] = {}
    for line in value:
        text = " ".join(str(line).split())
        if text:
            kept.setdefault(fold(text), text)
    return tuple(kept.values())


def _few(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(values) > ALIASES_MAX:
        raise ValueError("upt.too_many_aliases")
    if any(len(value) > 200 for value in values):
        raise ValueError("upt.alias_too_long")
    return values


def _codes(value: object) -> object:
    return value.split() if isinstance(value, str) else value


Slug = Annotated[Text, StringConstraints(min_length=1, max_length=80), AfterValidator(_slug)]
OptionalSlug = Annotated[Text, StringConstraints(max_length=80), AfterValidator(_optional_slug)]
Aliases = Annotated[tuple[Text, ...], BeforeValidator(_lines), AfterValidator(_few)]
Postcode = Annotated[Text, AfterValidator(_postcode)]
Timezone = Annotated[Text, AfterValidator(_timezone)]


class DescribeUpt(Command):
    """What a unit says about itself on its gallery page."""

    address_line: Annotated[Text, StringConstraints(max_length=200)] = ""
    village_code: Annotated[Text, StringConstraints(max_length=13)] = ""
    postcode: Postcode = ""
    phone: Annotated[Text, StringConstraints(max_length=30)] = ""
    opening_hours: Annotated[Text, StringConstraints(max_length=300)] = ""
    about: Annotated[Text, StringConstraints(max_length=2_000)] = ""
    story_title: Annotated[Text, StringConstraints(max_length=120)] = ""
    story: Annotated[Text, StringConstraints(max_length=6_000)] = ""


class SaveUpt(DescribeUpt):
    """A unit as national staff enter it.

    Attributes:
        slug: Part of its address; empty makes it from kind and place, without the class, so that
            a promotion breaks no link.
        valid_from: First day on which full name and class are valid; a later day than the present
            name's adds a name, the same day corrects it.
    """

    slug: OptionalSlug = ""
    kind: UptKind
    subkind: UptSubkind = UptSubkind.UMUM
    upt_class: Literal["I", "IIA", "IIB", "II", "III", ""] = ""
    place: Annotated[Text, StringConstraints(min_length=1, max_length=80)]
    full_name: Annotated[Text, StringConstraints(min_length=1, max_length=200)]
    valid_from: date
    kanwil_id: int
    regency_code: Annotated[Text, StringConstraints(min_length=1, max_length=5)]
    timezone: Timezone = "Asia/Jakarta"
    aliases: Aliases = ()
    is_active: bool = False
    source: Annotated[Text, StringConstraints(max_length=300)] = ""


class SaveKanwil(Command):
    """A regional office and the provinces that it covers."""

    code: Slug
    name: Annotated[Text, StringConstraints(min_length=1, max_length=120)]
    province_codes: Annotated[tuple[Text, ...], BeforeValidator(_codes)] = ()
