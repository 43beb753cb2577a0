"""Commands: frozen, validated inputs that an HTML form and a JSON body both feed.

A command is parsed once at the edge; it either stands complete or raises ``Invalid`` with every
error at once, by field, as message codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails

from app.kernel.errors import FieldError, Invalid
from app.kernel.text import has_control_signs

_CODES: Final[Mapping[str, str]] = {
    "missing": "field.required",
    "string_too_short": "field.too_short",
    "string_too_long": "field.too_long",
    "string_pattern_mismatch": "field.pattern",
    "string_type": "field.text_required",
    "int_parsing": "field.whole_number",
    "int_type": "field.whole_number",
    "int_from_float": "field.whole_number",
    "int_parsing_size": "field.whole_number",
    "finite_number": "field.whole_number",
    "greater_than": "field.too_small",
    "greater_than_equal": "field.too_small",
    "less_than": "field.too_large",
    "less_than_equal": "field.too_large",
    "bool_parsing": "field.choice",
    "bool_type": "field.choice",
    "enum": "field.choice",
    "literal_error": "field.choice",
    "date_from_datetime_parsing": "field.date",
    "date_parsing": "field.date",
    "date_type": "field.date",
    "datetime_parsing": "field.date",
    "datetime_from_date_parsing": "field.date",
    "too_long": "field.too_many",
    "too_short": "field.required",
    "extra_forbidden": "field.unknown",
}


_GROUPED: Final = re.compile(r"-?[1-9]\d{0,2}(\.\d{3})+", re.ASCII)
"""Thousands as people here write them, ``1.500``; the same in lists that are imported."""


def _clean(text: str) -> str:
    if has_control_signs(text):
        raise ValueError("field.control_signs")
    return text


Text = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_clean)]
"""Text without control signs, trimmed at both ends; add length limits where used."""


def _whole(value: object) -> object:
    if isinstance(value, str):
        value = value.strip()
        if not value:
            raise ValueError("field.required")
        if _GROUPED.fullmatch(value):
            value = value.replace(".", "")
        if len(value) > 15 or not value.removeprefix("-").isdecimal() or not value.isascii():
            raise ValueError("field.whole_number")
        return int(value)
    if type(value) is not int:
        raise ValueError("field.whole_number")
    return value


Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number, from digits in a form (also ``1.500``) or a number in JSON; add limits where used."""


class Command(BaseModel):
    """Base of every command: frozen, no unknown fields, no silent conversions from floats."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """Return the command, or raise every error at once.

        Raises:
            Invalid: With one entry per wrong field.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise Invalid(*(_field_error(detail) for detail in error.errors())) from None


def _field_error(detail: ErrorDetails) -> FieldError:
    field = ".".join(str(part) for part in detail["loc"])
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "value_error":
        code = str(context.get("error", "field.invalid"))
        return FieldError(field, code if "." in code and " " not in code else "field.invalid")
    if kind in {"too_long", "too_short"} and isinstance(detail["input"], str):
        kind = f"string_{kind}"
    if kind == "string_too_short" and context.get("min_length") == 1:
        return FieldError(field, "field.required")
    params = tuple(
        (name, value)
        for name, value in sorted(context.items())
        if isinstance(value, int | str)
        and name.endswith("_length")
        and not name.startswith("actual")
    )
    return FieldError(field, _CODES.get(kind, "field.invalid"), params)
