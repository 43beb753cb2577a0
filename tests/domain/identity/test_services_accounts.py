"""Accounts, and the lists of people, on a real database."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from app.domain.audit.models import AuditEntry
from app.domain.identity import flows, handlers, queries, services
from app.domain.identity.commands import (
    ChangePassword,
    CreateUser,
    RegisterBuyer,
    UpdateProfile,
)
from app.domain.identity.errors import (
    EmailTaken,
    OwnGrant,
    WrongCredentials,
    WrongPassword,
)
from app.domain.identity.models import RoleGrant, SignInAttempt, User
from app.domain.identity.types import Role
from app.infra import db
from app.kernel.errors import Invalid, NotAllowed, NotFound
from tests.factories import people
from tests.factories.identity import (
    NEW_PASSWORD,
    actions,
    admin,
    count,
    enter,
    here,
    minutes,
)
from tests.factories.people import AT, SYSTEM

pytestmark = pytest.mark.usefixtures("app")


def test_registration_makes_an_account_without_roles() -> None:
    command = RegisterBuyer(name="A", email="a@b.id", password=SecretStr(people.PASSWORD))
    with db.unit_of_work():
        user_id = services.register_buyer(command=command, at=AT)
    assert enter("a@b.id").user_id == user_id
    assert count(RoleGrant) == 0
    assert actions() == ["user.registered", "session.begun"]


def test_an_easy_password_makes_no_account() -> None:
    command = RegisterBuyer(name="A", email="a@b.id", password=SecretStr("password123"))
    with db.unit_of_work(), pytest.raises(Invalid):
        services.register_buyer(command=command, at=AT)
    with pytest.raises(Invalid):
        flows.register_buyer(command=command, client_key="c", at=AT)
    assert (count(User), count(AuditEntry)) == (0, 0)


def test_a_taken_address_is_refused_by_check_and_by_constraint() -> None:
    user = people.make_user()
    command = RegisterBuyer(name="A", email=user.email, password=SecretStr(people.PASSWORD))
    with db.unit_of_work(), pytest.raises(EmailTaken):
        services.register_buyer(command=command, at=AT)
    twin = User(
        email=user.email, name="B", phone=None, password_hash=None, is_active=True, created_at=AT
    )
    with pytest.raises(EmailTaken), db.unit_of_work():
        db.add(twin)
    assert count(User) == 1


def test_creating_an_account_needs_identity_manage() -> None:
    command = CreateUser(name="A", email="a@b.id")
    for role in Role:
        if role is Role.NATIONAL_ADMIN:
            continue
        with db.unit_of_work(), pytest.raises(NotAllowed):
            services.create_user(actor=people.actor(role, upt_id=1), command=command, at=AT)
    assert count(User) == 0
    with db.unit_of_work():
        services.create_user(actor=people.actor("national_admin"), command=command, at=AT)
    assert count(User) == 1


def test_changing_the_password_ends_the_other_sessions() -> None:
    user = people.make_user()
    kept = enter(token="a")
    enter(token="b")
    command = ChangePassword(
        current_password=SecretStr(people.PASSWORD), new_password=SecretStr(NEW_PASSWORD)
    )
    with db.unit_of_work():
        services.change_password(
            user_id=user.user_id, session_id=kept.session_id, command=command, at=AT
        )
    assert here("a") is not None
    assert here("b") is None
    with pytest.raises(WrongCredentials):
        enter(token="c")
    assert enter(password=NEW_PASSWORD, token="d").token == "d"


def test_changing_the_password_needs_the_present_one_and_a_hard_new_one() -> None:
    user = people.make_user()
    kept = enter()
    bad = ChangePassword(
        current_password=SecretStr("salah-sekali"), new_password=SecretStr(NEW_PASSWORD)
    )
    easy = ChangePassword(
        current_password=SecretStr(people.PASSWORD), new_password=SecretStr("password123")
    )
    for command, error in ((bad, WrongPassword), (easy, Invalid)):
        with pytest.raises(error), db.unit_of_work():
            services.change_password(
                user_id=user.user_id, session_id=kept.session_id, command=command, at=AT
            )
    assert enter(token="t2").token == "t2"


def test_a_password_set_from_the_shell_ends_every_session() -> None:
    user = people.make_user()
    enter()
    with db.unit_of_work():
        services.set_password(actor=SYSTEM, user_id=user.user_id, password=NEW_PASSWORD, at=AT)
    assert here() is None
    assert enter(password=NEW_PASSWORD, token="t2").token == "t2"


def test_a_profile_is_changed_and_read_back() -> None:
    user = people.make_user()
    with db.unit_of_work():
        services.update_profile(
            user_id=user.user_id, command=UpdateProfile(name="Baru", phone="081234567890"), at=AT
        )
    found = queries.find_profile(user_id=user.user_id)
    assert found is not None
    assert (found.user.name, found.phone) == ("Baru", "081234567890")
    assert queries.find_profile(user_id=99_999) is None


def test_closing_and_opening_an_account() -> None:
    user = people.make_user()
    enter()
    for is_active in (False, False, True):
        with db.unit_of_work():
            services.set_active(actor=SYSTEM, user_id=user.user_id, is_active=is_active, at=AT)
    assert here() is None
    assert actions() == ["session.begun", "user.closed", "user.opened"]
    assert enter(token="t2").token == "t2"


def test_nobody_closes_themselves_or_a_stranger_unseen() -> None:
    user_id = admin()
    actor = people.actor("national_admin", user_id=user_id)
    with db.unit_of_work(), pytest.raises(OwnGrant):
        services.set_active(actor=actor, user_id=user_id, is_active=False, at=AT)
    with db.unit_of_work(), pytest.raises(NotFound):
        services.set_active(actor=actor, user_id=99_999, is_active=False, at=AT)
    with db.unit_of_work(), pytest.raises(NotAllowed):
        services.set_active(actor=people.actor("auditor"), user_id=1, is_active=False, at=AT)


def test_people_are_listed_by_name_in_pages_with_their_roles() -> None:
    with db.unit_of_work():
        for number in range(60):
            people.make_user(f"u{number:02}@contoh.example", name=f"Orang {number:02}")
    first_user = queries.find_user_by_email(email="U00@contoh.example ")
    assert first_user is not None
    people.grant(first_user.user_id, "curator")
    people.grant(first_user.user_id, "auditor")
    actor = people.actor("national_admin")
    page = queries.list_users(actor=actor, at=AT)
    assert [row.user.name for row in page.items] == [f"Orang {n:02}" for n in range(50)]
    assert page.items[0].roles == (Role.AUDITOR, Role.CURATOR)
    rest = queries.list_users(actor=actor, at=AT, after=page.after)
    assert [row.user.name for row in rest.items] == [f"Orang {n}" for n in range(50, 60)]
    assert rest.after is None
    assert queries.list_users(actor=actor, at=AT, after="rusak").items == page.items


@pytest.mark.parametrize(
    ("text", "expected"),
    [("SITI", 1), ("contoh.example", 2), ("%", 0), ("_", 0), ("budi s", 1), ("", 2)],
)
def test_people_are_found_by_part_of_name_or_address(text: str, expected: int) -> None:
    people.make_user("a@contoh.example", name="Siti Aminah")
    people.make_user("b@contoh.example", name="Budi Santoso")
    page = queries.list_users(actor=people.actor("national_admin"), at=AT, text=text)
    assert len(page.items) == expected


def test_lists_and_records_need_identity_manage() -> None:
    user = people.make_user()
    actor = people.actor("auditor")
    for read in (
        lambda: queries.list_users(actor=actor, at=AT),
        lambda: queries.get_user(actor=actor, user_id=user.user_id),
        lambda: queries.list_grants(actor=actor, user_id=user.user_id),
    ):
        with pytest.raises(NotAllowed):
            read()
    with pytest.raises(NotFound):
        queries.get_user(actor=people.actor("national_admin"), user_id=99_999)


def test_old_attempts_are_forgotten() -> None:
    people.make_user()
    enter()
    handlers.PERIODICS[0].run(minutes(30))
    assert count(SignInAttempt) == 2
    handlers.PERIODICS[0].run(minutes(61))
    assert count(SignInAttempt) == 0
