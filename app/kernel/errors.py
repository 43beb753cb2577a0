"""The families of refusal that every surface knows how to answer.

A domain error is data: a permanent public ``code`` and typed fields, never prose and never
HTTP. One table maps a family to a status, one catalogue maps a code to words.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal that the caller can understand and act on."""

    code: ClassVar[str]

    def details(self) -> dict[str, Any]:
        """Return the typed fields of the refusal, for messages and JSON."""
        try:
            return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]  # subclasses may be dataclasses
        except TypeError:
            return {}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field.

    Attributes:
        field: Name of the form field; an empty string means the whole form.
        code: Message code, for example ``field.required``.
        params: Values for the placeholders of the message.
    """

    field: str
    code: str
    params: tuple[tuple[str, object], ...] = ()


class Invalid(DomainError):
    """The input does not fit; carries every error at once."""

    code = "input.invalid"

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(self.code)
        self.errors = errors

    def details(self) -> dict[str, Any]:
        """Return the errors by field."""
        return {"errors": self.errors}


class NotFound(DomainError):
    """No such thing, or not visible to this actor: one answer for both."""

    code = "resource.not_found"


class NotAllowed(DomainError):
    """Visible, but the actor does not hold the permission."""

    code = "actor.not_allowed"

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission

    def details(self) -> dict[str, Any]:
        """Return the permission that is missing."""
        return {"permission": self.permission}


class Conflict(DomainError):
    """The present state forbids it: stock, state, or a repeat with other content."""

    code = "state.conflict"


class Expired(DomainError):
    """It was possible, and no longer is."""

    code = "state.expired"


class Unavailable(DomainError):
    """A lock or a vendor did not answer in time; trying again later may help."""

    code = "service.busy"


class IdempotencyMismatch(Conflict):
    """The same key came back with other content."""

    code = "idempotency.mismatch"
