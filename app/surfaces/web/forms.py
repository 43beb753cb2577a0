"""Forms: a command's fields as typed, with every error beside its field.

``bind`` parses a submitted form into a command, or returns the form to be shown again. Blank
fields count as missing; a field sent twice that takes one value is an error; fields that the
command does not know (CSRF token, button names) are passed over.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from werkzeug.datastructures import MultiDict

from app.kernel.commands import Command
from app.kernel.errors import FieldError, Invalid
from app.surfaces.web import messages

AnyCommand = TypeVar("AnyCommand", bound=Command)

Raw = Mapping[str, tuple[str, ...]]
Words = Mapping[tuple[str, str], str]

NO_WORDS: Final[Words] = types.MappingProxyType({})


class Form:
    """What a page shows: values as typed and sentences for what is wrong."""

    def __init__(self, raw: Raw, errors: Iterable[FieldError] = ()) -> None:
        self._raw = raw
        self._errors: dict[str, list[str]] = {}
        for error in errors:
            self._errors.setdefault(error.field, []).append(messages.for_field(error))

    def value(self, name: str) -> str:
        """Return the first value of a field as typed, or an empty text."""
        return next(iter(self._raw.get(name, ())), "")

    def values(self, name: str) -> tuple[str, ...]:
        """Return all values of a field as typed."""
        return self._raw.get(name, ())

    def errors(self, name: str) -> tuple[str, ...]:
        """Return the sentences for one field."""
        return tuple(self._errors.get(name, ()))

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the fields that have a value."""
        return tuple(self._raw)

    @property
    def has_errors(self) -> bool:
        """Say whether anything is wrong."""
        return bool(self._errors)

    @property
    def all_errors(self) -> tuple[tuple[str, str], ...]:
        """Return (field, sentence) pairs in the order of the fields."""
        return tuple((name, text) for name, texts in self._errors.items() for text in texts)

    def with_errors(self, error: Invalid) -> Form:
        """Return the same values with the errors of a refusal."""
        return Form(self._raw, error.errors)

    def plus_errors(self, errors: Iterable[FieldError]) -> Form:
        """Return the same values with more errors beside those already there."""
        form = Form(self._raw)
        form._errors = {name: list(texts) for name, texts in self._errors.items()}
        for error in errors:
            form._errors.setdefault(error.field, []).append(messages.for_field(error))
        return form

    def with_error(self, field: str, code: str, **params: object) -> Form:
        """Return the same values with one error; an empty field name means the whole form."""
        return Form(self._raw, [FieldError(field, code, tuple(params.items()))])

    def and_error(self, field: str, code: str, **params: object) -> Form:
        """Return the same form with one error more."""
        more = Form(self._raw)
        more._errors = {name: [*texts] for name, texts in self._errors.items()}
        more._errors.setdefault(field, []).append(messages.text(code, **params))
        return more

    def with_value(self, name: str, value: str) -> Form:
        """Return the same form, errors and all, with one value shown differently."""
        changed = Form({**self._raw, name: (value,)})
        changed._errors = self._errors
        return changed


def blank(**initial: object) -> Form:
    """Return a form with initial values; None becomes an empty field, sequences many values."""
    return Form({name: _texts(value) for name, value in initial.items()})


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(str(part) for part in value)
    return (str(value),)


def typed(form: MultiDict[str, str]) -> Form:
    """Return a submitted form as typed, without parsing it."""
    return Form({name: tuple(values) for name, values in form.lists()})


def bind(
    command: type[AnyCommand],
    form: MultiDict[str, str],
    *,
    words: Words = NO_WORDS,
    **fixed: object,
) -> tuple[AnyCommand | None, Form]:
    """Parse a submitted form.

    Args:
        command: The command to make; its optional class method ``read_form`` may turn the form
            into values where fields are dynamic.
        form: What was submitted.
        words: Message codes that say more than the general one, by field and general code.
        fixed: Values that the surface supplies itself.

    Returns:
        The command (or None) and the form as typed, with errors.
    """
    shown = typed(form)
    reader = getattr(command, "read_form", None)
    values, errors = (reader(form), []) if reader else _plain_values(command, form)
    try:
        parsed = command.parse({**values, **fixed})
    except Invalid as error:
        return None, Form(shown._raw, _worded(_plain(_once([*errors, *error.errors])), words))
    if errors:
        return None, Form(shown._raw, _worded(errors, words))
    return parsed, shown


def _worded(errors: list[FieldError], words: Words) -> list[FieldError]:
    return [
        FieldError(error.field, words.get((error.field, error.code), error.code), error.params)
        for error in errors
    ]


def _plain(errors: list[FieldError]) -> list[FieldError]:
    """Return the errors without those of a list whose rows have errors of their own."""
    return [
        error
        for error in errors
        if not any(other.field.startswith(f"{error.field}.") for other in errors)
    ]


def _once(errors: list[FieldError]) -> list[FieldError]:
    seen: set[str] = set()
    kept = []
    for error in errors:
        if error.field not in seen:
            seen.add(error.field)
            kept.append(error)
    return kept


def _plain_values(
    command: type[Command], form: MultiDict[str, str]
) -> tuple[dict[str, Any], list[FieldError]]:
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, field in command.model_fields.items():
        given = [value for value in form.getlist(name) if value.strip()]
        if _takes_many(field.annotation):
            values[name] = given
        elif len(given) > 1:
            errors.append(FieldError(name, "field.too_many"))
        elif given:
            values[name] = given[0]
    return values, errors


def _takes_many(annotation: Any) -> bool:
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        return any(_takes_many(part) for part in typing.get_args(annotation))
    return origin in (list, tuple, set, frozenset)
