"""What the identity services take: registration, sign-in, accounts and grants."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, SecretStr, StringConstraints, model_validator

from app.domain.identity.types import (
    EMAIL_LENGTH_MAX,
    NAME_LENGTH_MAX,
    PASSWORD_LENGTH_MAX,
    PASSWORD_LENGTH_MIN,
    ROLE_SCOPE,
    Role,
    ScopeKind,
)
from app.kernel.commands import Command, Text

_EMAIL: Final = re.compile(
    r"[a-z0-9._%+'-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
)
_PHONE: Final = re.compile(r"\+?[0-9]{8,15}")
_PHONE_NOISE: Final = re.compile(r"[\s().-]+")


def _email(text: str) -> str:
    folded = text.casefold()
    if len(folded) > EMAIL_LENGTH_MAX or not _EMAIL.fullmatch(folded) or ".." in folded:
        raise ValueError("identity.email_shape")
    return folded


def _phone(text: str) -> str:
    if not text:
        return ""
    plain = _PHONE_NOISE.sub("", text)
    if not _PHONE.fullmatch(plain):
        raise ValueError("identity.phone_shape")
    return plain


def _new_password(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if len(text) < PASSWORD_LENGTH_MIN:
        raise ValueError("identity.password_too_short")
    if len(text) > PASSWORD_LENGTH_MAX:
        raise ValueError("identity.password_too_long")
    return secret


def _typed_password(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not text:
        raise ValueError("field.required")
    if len(text) > PASSWORD_LENGTH_MAX:
        raise ValueError("identity.password_too_long")
    return secret


Email = Annotated[Text, StringConstraints(min_length=1), AfterValidator(_email)]
Phone = Annotated[Text, AfterValidator(_phone)]
PersonName = Annotated[Text, StringConstraints(min_length=1, max_length=NAME_LENGTH_MAX)]
NewPassword = Annotated[SecretStr, AfterValidator(_new_password)]
TypedPassword = Annotated[SecretStr, AfterValidator(_typed_password)]


class SignIn(Command):
    """What the sign-in form takes; the shape of the address is not judged, only looked up."""

    email: Annotated[Text, StringConstraints(min_length=1, max_length=EMAIL_LENGTH_MAX)]
    password: TypedPassword


class RegisterBuyer(Command):
    """What a buyer gives for an account."""

    name: PersonName
    email: Email
    phone: Phone = ""
    password: NewPassword


class CreateUser(Command):
    """What an administrator gives for an account; without a password nobody can sign in to it."""

    name: PersonName
    email: Email
    phone: Phone = ""
    password: NewPassword | None = None

    @model_validator(mode="before")
    @classmethod
    def _blank_password_is_none(cls, values: object) -> object:
        if isinstance(values, dict) and values.get("password") == "":
            return {**values, "password": None}
        return values


class ChangePassword(Command):
    """What a person gives to change their own password."""

    current_password: TypedPassword
    new_password: NewPassword


class UpdateProfile(Command):
    """What a person may change about themselves."""

    name: PersonName
    phone: Phone = ""


class GrantRole(Command):
    """A role for a person, a scope and a time.

    Attributes:
        valid_from: First day, in the nation's capital (WIB); empty means from this instant on.
        valid_until: Last day on which it still holds; empty means without end.
    """

    user_id: int
    role: Role
    kanwil_id: int | None = None
    upt_id: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    @property
    def scope_kind(self) -> ScopeKind:
        """Return the kind of scope that the role is made for."""
        return ROLE_SCOPE[self.role]

    @model_validator(mode="before")
    @classmethod
    def _blanks_are_absent(cls, values: dict[str, object]) -> dict[str, object]:
        names = ("kanwil_id", "upt_id", "valid_from", "valid_until")
        return {k: (None if k in names and v == "" else v) for k, v in values.items()}
