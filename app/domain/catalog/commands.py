"""What people may write about a product; everything is checked here, once, for every door."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Protocol

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from app.domain.catalog.types import (
    DAYS_MAX,
    IMAGES_MAX,
    PRICE_IDR_MAX,
    VARIANTS_MAX,
    ProductImage,
    ProductKind,
)
from app.kernel.commands import Command, Text
from app.kernel.quantity import LENGTH_MM_MAX, WEIGHT_G_MAX

_RUPIAH: Final = re.compile(
    r"(?:Rp\.?\s*)?(\d{1,3}(?:\.\d{3})+|\d+)(?:,-|,00)?", re.ASCII | re.IGNORECASE
)
_SKU: Final = re.compile(r"[A-Z0-9][A-Z0-9._/-]*", re.ASCII)
_VARIANT_FIELD: Final = re.compile(r"variants\.(\d{1,3})\.([a-z_]+)", re.ASCII)
_VARIANT_WORDS: Final = (
    "sku",
    "name",
    "price_idr",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
)


def _whole(value: Any) -> Any:
    """Take blank as missing and refuse everything that is not a plain whole number."""
    if isinstance(value, str):
        value = value.strip()
        if not value:
            return None
        if not re.fullmatch(r"-?\d{1,15}", value, re.ASCII):
            raise ValueError("field.whole_number")
        return int(value)
    if isinstance(value, bool | float | list | dict):
        raise ValueError("field.whole_number")
    return value


def _rupiah(value: Any) -> Any:
    """Take ``185000``, ``185.000`` and ``Rp185.000``, as people write prices."""
    if isinstance(value, str) and (match := _RUPIAH.fullmatch(value.strip())):
        return int(match[1].replace(".", ""))
    return _whole(value)


def _sku(text: str) -> str:
    if not _SKU.fullmatch(text):
        raise ValueError("catalog.sku_shape")
    return text


Price = Annotated[Annotated[int, Field(ge=1, le=PRICE_IDR_MAX)] | None, BeforeValidator(_rupiah)]
Weight = Annotated[Annotated[int, Field(ge=1, le=WEIGHT_G_MAX)] | None, BeforeValidator(_whole)]
Length = Annotated[Annotated[int, Field(ge=1, le=LENGTH_MM_MAX)] | None, BeforeValidator(_whole)]
Days = Annotated[Annotated[int, Field(ge=0, le=DAYS_MAX)] | None, BeforeValidator(_whole)]
RowId = Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(_whole)]
Sku = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_upper=True, min_length=2, max_length=40),
    AfterValidator(_sku),
]


class Fields(Protocol):
    """A submitted form: names, and every value of a name."""

    def keys(self) -> Iterable[str]:
        """Return the names."""
        ...

    def getlist(self, key: str, /) -> list[str]:
        """Return the values of a name."""
        ...


class SaveVariant(Command):
    """One SKU of a product; numbers may be missing until the product is published."""

    variant_id: RowId = None
    sku: Sku
    name: Annotated[Text, Field(max_length=80)] = ""
    price_idr: Price = None
    weight_g: Weight = None
    length_mm: Length = None
    width_mm: Length = None
    height_mm: Length = None
    is_active: bool = True


class SaveProduct(Command):
    """A whole product as its form shows it.

    Attributes:
        slug: Address wished for; empty takes one from the name. Fixed once the product exists.
    """

    name: Annotated[Text, Field(min_length=3, max_length=120)]
    name_en: Annotated[Text, Field(max_length=120)] = ""
    slug: Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9-]*$")] = ""
    category_id: Annotated[int, BeforeValidator(_whole), Field(ge=1)]
    kind: ProductKind
    summary: Annotated[Text, Field(max_length=300)] = ""
    description: Annotated[Text, Field(max_length=6_000)] = ""
    materials: Annotated[Text, Field(max_length=500)] = ""
    story: Annotated[Text, Field(max_length=4_000)] = ""
    maker_credit: Annotated[Text, Field(max_length=120)] = ""
    lead_time_days: Days = None
    shelf_life_days: Days = None
    variants: Annotated[tuple[SaveVariant, ...], Field(max_length=VARIANTS_MAX)] = ()

    @classmethod
    def read_form(cls, form: Fields) -> dict[str, Any]:
        """Turn form fields into values; rows of variants are named ``variants.<row>.<field>``.

        Rows in which nothing was typed are passed over; the page numbers the others without gaps,
        so that an error finds its row again.
        """
        values: dict[str, Any] = {}
        for name in cls.model_fields:
            given = [value for value in form.getlist(name) if value.strip()]
            if name not in {"variants", "slug"} and given:
                values[name] = given[0] if len(given) == 1 else given
        values["variants"] = [row for row in _read_rows(form) if _is_typed(row)]
        return values


def _read_rows(form: Fields) -> list[dict[str, Any]]:
    rows: dict[int, dict[str, Any]] = {}
    for name in form.keys():  # noqa: SIM118  # a form is not a dict: keys() gives each name once
        if not (match := _VARIANT_FIELD.fullmatch(name)):
            continue
        field = match[2]
        given = [value for value in form.getlist(name) if value.strip()]
        if field in SaveVariant.model_fields and given:
            rows.setdefault(int(match[1]), {})[field] = given[0] if len(given) == 1 else given
    return [
        {"is_active": False, **row} if "variant_id" in row else row
        for _, row in sorted(rows.items())
    ]


def _is_typed(row: dict[str, Any]) -> bool:
    return "variant_id" in row or any(word in row for word in _VARIANT_WORDS)


class SaveImages(Command):
    """The words and the order of a product's pictures.

    Attributes:
        image_ids: The pictures in their new order; those left out keep their place at the end.
        alts: Words by picture id.
    """

    image_ids: Annotated[tuple[int, ...], Field(max_length=IMAGES_MAX)]
    alts: dict[int, Annotated[Text, Field(min_length=3, max_length=200)]]


class ImageWords(Command):
    """The words that go with a new picture."""

    alt: Annotated[Text, Field(min_length=3, max_length=200)]


class SaveCategory(Command):
    """A category; ``parent_slug`` is empty for a top one."""

    slug: Annotated[str, Field(min_length=2, max_length=80, pattern=r"^[a-z0-9-]+$")]
    name: Annotated[Text, Field(min_length=2, max_length=80)]
    name_en: Annotated[Text, Field(max_length=80)] = ""
    parent_slug: Annotated[str, Field(max_length=80)] = ""
    position: Annotated[int, BeforeValidator(_whole), Field(ge=0, le=10_000)] = 0
    icon: Annotated[str, Field(max_length=40)] = ""


@dataclass(frozen=True, slots=True)
class ImportedProduct:
    """A complete product with its address and pictures, for import.

    Attributes:
        slug: An address that nobody uses yet.
        images: Pictures of the same UPT, or of the whole nation.
    """

    upt_id: int
    slug: str
    command: SaveProduct
    images: tuple[ProductImage, ...]
    published_at: datetime
