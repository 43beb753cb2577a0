"""What identity takes from forms, and what it says about the rest."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.identity.commands import (
    ChangePassword,
    CreateUser,
    GrantRole,
    RegisterBuyer,
    SignIn,
    UpdateProfile,
)
from app.domain.identity.types import Role, ScopeKind
from app.kernel.commands import Command
from app.kernel.errors import Invalid

GOOD = {"name": "Ibu Contoh", "email": "ibu@contoh.example", "password": "perahu-biru-27"}


def wrong(command: type[Command], **values: Any) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        command.parse(values)
    return {(error.field, error.code) for error in refused.value.errors}


def test_registration_folds_the_address_and_cleans_the_telephone() -> None:
    found = RegisterBuyer.parse(
        {**GOOD, "email": " IBU@Contoh.Example", "phone": "+62 (812) 34-567.89"}
    )
    assert (found.email, found.phone) == ("ibu@contoh.example", "+628123456789")


@pytest.mark.parametrize(
    "email",
    ["a", "a@", "@b.id", "a@b", "a b@c.id", "a@b..id", "a@-b.id", "a@b.i", "a" * 65 + "@b.id",
     "a@" + "b" * 250 + ".id", "a@b.id,c@d.id", "..@b.id", "a@b_c.id", "<a@b.id>"],
)  # fmt: skip
def test_addresses_that_cannot_be_are_refused(email: str) -> None:
    assert wrong(RegisterBuyer, **{**GOOD, "email": email}) == {("email", "identity.email_shape")}


@pytest.mark.parametrize("email", ["a@b.id", "a.b+c@d-e.co.id", "o'neil@contoh.example"])
def test_usual_addresses_pass(email: str) -> None:
    assert RegisterBuyer.parse({**GOOD, "email": email}).email == email


@pytest.mark.parametrize("phone", ["123", "abc", "08123456789012345", "+", "0812x3456789"])
def test_telephones_that_cannot_be_are_refused(phone: str) -> None:
    assert wrong(RegisterBuyer, **{**GOOD, "phone": phone}) == {("phone", "identity.phone_shape")}


def test_all_errors_come_at_once() -> None:
    assert wrong(RegisterBuyer, name="", email="x", phone="y", password="kurang") == {
        ("name", "field.required"),
        ("email", "identity.email_shape"),
        ("phone", "identity.phone_shape"),
        ("password", "identity.password_too_short"),
    }


def test_missing_and_unknown_fields_are_named() -> None:
    assert wrong(RegisterBuyer, role="national_admin") == {
        ("name", "field.required"),
        ("email", "field.required"),
        ("password", "field.required"),
        ("role", "field.unknown"),
    }


def test_control_signs_and_overlong_names_are_refused() -> None:
    assert wrong(RegisterBuyer, **{**GOOD, "name": "a\x00b"}) == {("name", "field.control_signs")}
    assert wrong(RegisterBuyer, **{**GOOD, "name": "a" * 121}) == {("name", "field.too_long")}


def test_passwords_have_two_limits() -> None:
    assert wrong(RegisterBuyer, **{**GOOD, "password": "a" * 129}) == {
        ("password", "identity.password_too_long")
    }
    assert wrong(SignIn, email="a", password="a" * 129) == {
        ("password", "identity.password_too_long")
    }
    assert wrong(SignIn, email="a", password="") == {("password", "field.required")}
    assert wrong(ChangePassword, current_password="", new_password="") == {
        ("current_password", "field.required"),
        ("new_password", "identity.password_too_short"),
    }


def test_passwords_never_show_in_text() -> None:
    assert "perahu" not in repr(RegisterBuyer.parse(GOOD))
    assert "perahu" not in repr(SignIn.parse({"email": "a", "password": "perahu-biru-27"}))


def test_an_account_may_be_made_without_a_password() -> None:
    assert CreateUser.parse({**GOOD, "password": ""}).password is None
    assert CreateUser.parse({"name": "A", "email": "a@b.id"}).password is None


def test_a_profile_may_drop_its_telephone() -> None:
    assert UpdateProfile.parse({"name": "A", "phone": ""}).phone == ""


def test_blank_scopes_and_days_are_absent() -> None:
    values = {
        "user_id": 1,
        "role": "treasurer",
        "upt_id": "",
        "kanwil_id": "",
        "valid_from": "",
        "valid_until": "",
    }
    found = GrantRole.parse(values)
    assert (found.upt_id, found.kanwil_id, found.valid_from, found.valid_until) == (None,) * 4
    assert (found.role, found.scope_kind) == (Role.TREASURER, ScopeKind.NATIONAL)


def test_wrong_grants_are_named() -> None:
    assert wrong(GrantRole, user_id=1, role="raja", upt_id="x", valid_from="31-31-2026") == {
        ("role", "field.choice"),
        ("upt_id", "field.whole_number"),
        ("valid_from", "field.date"),
    }


def test_a_command_validates_to_itself() -> None:
    found = GrantRole(user_id=1, role=Role.CURATOR)
    assert GrantRole.model_validate(found) == found
    account = CreateUser.parse({"name": "A", "email": "a@b.id"})
    assert CreateUser.model_validate(account) == account
