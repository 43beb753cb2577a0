"""Accounts, sessions and grants on a real database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from pydantic import SecretStr

from app.domain.audit.models import AuditEntry
from app.domain.identity import flows, handlers, queries, services
from app.domain.identity.adapters import passwords
from app.domain.identity.commands import (
    ChangePassword,
    CreateUser,
    GrantRole,
    RegisterBuyer,
    SignIn,
    UpdateProfile,
)
from app.domain.identity.errors import (
    BeyondOwnPowers,
    EmailTaken,
    GrantEnded,
    GrantExists,
    LastNationalAdmin,
    OwnGrant,
    TooManyAttempts,
    WrongCredentials,
    WrongPassword,
)
from app.domain.identity.models import RoleGrant, SignInAttempt, User, UserSession
from app.domain.identity.types import Role, SignedIn, SignedInSession
from app.infra import db
from app.kernel.actor import ActorKind, Reach
from app.kernel.errors import Invalid, NotAllowed, NotFound
from tests.factories import people
from tests.factories.people import AT, SYSTEM

pytestmark = pytest.mark.usefixtures("app")

NEW_PASSWORD = "angin-timur-membawa-hujan"


def minutes(number: int) -> datetime:
    return AT + timedelta(minutes=number)


def enter(
    email: str = "pembeli@contoh.example",
    password: str = people.PASSWORD,
    token: str = "t1",
    client: str = "192.0.2.1",
    at: datetime = AT,
) -> SignedInSession:
    command = SignIn(email=email, password=SecretStr(password))
    return flows.sign_in(
        command=command, client_key=client, at=at, token=token, user_agent="x" * 500
    )


def here(token: str = "t1", at: datetime = AT) -> SignedIn | None:
    return queries.find_signed_in(token=token, at=at)


def count(model: Any) -> int:
    return db.read_session().scalar(sa.select(sa.func.count()).select_from(model)) or 0


def actions() -> list[str]:
    return list(db.read_session().scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


def grant(user_id: int, role: Role, **values: Any) -> int:
    command = GrantRole(user_id=user_id, role=role, **values)
    with db.unit_of_work():
        return services.grant_role(actor=SYSTEM, command=command, at=AT)


def admin(email: str = "admin@contoh.example") -> int:
    user = people.make_user(email)
    people.grant(user.user_id, "national_admin")
    return user.user_id


# --- signing in


def test_sign_in_begins_a_session_whose_secret_is_not_stored() -> None:
    user = people.make_user()
    assert enter(token="geheim") == SignedInSession(user.user_id, "geheim", 1)
    row = db.read_session().scalars(sa.select(UserSession)).one()
    assert "geheim" not in (row.token_hash, row.user_agent)
    assert (len(row.token_hash), len(row.user_agent)) == (64, 200)
    found = here("geheim")
    assert found is not None
    assert (found.user, found.session_id, found.needs_touch) == (user, row.id, False)
    assert (found.actor.kind, found.actor.user_id) == (ActorKind.USER, user.user_id)
    assert dict(found.actor.powers) == {}
    assert actions() == ["session.begun"]


def test_an_unknown_token_is_nobody() -> None:
    people.make_user()
    enter()
    assert here("t2") is None
    assert here("") is None


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("pembeli@contoh.example", "salah-sekali-1"),
        ("tidak.ada@contoh.example", people.PASSWORD),
        ("tutup@contoh.example", people.PASSWORD),
    ],
)
def test_wrong_unknown_and_closed_are_one_refusal(email: str, password: str) -> None:
    people.make_user()
    people.make_user("tutup@contoh.example", is_active=False)
    with pytest.raises(WrongCredentials) as refused:
        enter(email, password)
    assert [error.code for error in refused.value.errors] == ["identity.wrong_credentials"]
    assert (count(UserSession), count(SignInAttempt)) == (0, 2)


def test_the_eleventh_attempt_is_refused_even_with_the_right_password() -> None:
    people.make_user()
    for second in range(10):
        with pytest.raises(WrongCredentials):
            enter(password="salah-sekali-1", at=AT + timedelta(seconds=second), client=f"c{second}")
    with pytest.raises(TooManyAttempts):
        enter(at=minutes(1), client="other")
    assert count(UserSession) == 0
    assert count(SignInAttempt) == 20
    assert enter(at=minutes(6), client="other").token == "t1"


def test_successes_are_not_counted() -> None:
    people.make_user()
    for number in range(12):
        enter(token=f"t{number}", at=AT + timedelta(seconds=number))
    assert count(UserSession) == 12


def test_a_success_does_not_wipe_earlier_failures() -> None:
    people.make_user()
    for second in range(9):
        with pytest.raises(WrongCredentials):
            enter(password="salah-sekali-1", at=AT + timedelta(seconds=second))
    enter(at=minutes(1))
    with pytest.raises(WrongCredentials):
        enter(password="salah-sekali-1", at=minutes(2))
    with pytest.raises(TooManyAttempts):
        enter(at=minutes(3), token="t2")


def test_an_outdated_hash_is_renewed_at_sign_in() -> None:
    from argon2 import PasswordHasher

    user = people.make_user()
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(people.PASSWORD)
    with db.unit_of_work():
        db.session().get_one(User, user.user_id).password_hash = old
    enter()
    row = db.read_session().get_one(User, user.user_id)
    db.read_session().refresh(row)
    assert row.password_hash is not None
    assert row.password_hash != old
    assert not passwords.is_outdated(row.password_hash)
    assert enter(token="t2").token == "t2"


def test_a_password_changed_in_between_lets_nobody_in() -> None:
    user = people.make_user()
    with db.unit_of_work(), pytest.raises(WrongCredentials):
        services.begin_session(
            user_id=user.user_id,
            verified_hash="another",
            new_hash=None,
            account_key="a",
            client_key="b",
            token="t",
            user_agent="",
            at=AT,
        )
    assert count(UserSession) == 0


def test_a_damaged_hash_is_a_wrong_password() -> None:
    assert passwords.is_right(password_hash="$argon2id$broken", password="x") is False
    assert passwords.is_right(password_hash="", password="x") is False


def test_unicode_forms_of_one_password_are_the_same() -> None:
    stored = passwords.hash_password("caf\u00e9 di pinggir sawah")
    assert passwords.is_right(password_hash=stored, password="cafe\u0301 di pinggir sawah")


# --- sessions


def test_sign_out_ends_the_session_once() -> None:
    people.make_user()
    enter()
    for _ in range(2):
        with db.unit_of_work():
            services.sign_out(token="t1", at=AT)
    assert here() is None
    assert actions() == ["session.begun", "session.ended"]


def test_finding_the_session_is_one_statement(app: Flask) -> None:
    upt = people.make_upt("lapas-indramayu")
    user = people.make_user()
    people.grant(user.user_id, "kanwil_staff", kanwil_id=upt.kanwil_id)
    people.grant(user.user_id, "upt_clerk", upt_id=upt.upt_id)
    enter()
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    db.read_session().rollback()
    sa.event.listen(db.db.engine, "before_cursor_execute", note)
    try:
        assert here() is not None
    finally:
        sa.event.remove(db.db.engine, "before_cursor_execute", note)
    assert len(statements) == 1


def test_powers_follow_grants_and_offices_expand_to_their_units() -> None:
    first = people.make_upt("lapas-indramayu")
    second = people.make_upt("lapas-contoh")
    elsewhere = people.make_upt("lapas-pamekasan")
    user = people.make_user()
    people.grant(user.user_id, "kanwil_staff", kanwil_id=first.kanwil_id)
    people.grant(user.user_id, "upt_clerk", upt_id=elsewhere.upt_id)
    enter()
    found = here()
    assert found is not None
    everywhere = frozenset({first.upt_id, second.upt_id, elsewhere.upt_id})
    assert found.actor.reach("stock.view") == Reach(upt_ids=everywhere)
    assert found.actor.reach("stock.receive") == Reach(upt_ids=frozenset({elsewhere.upt_id}))
    later = people.make_upt("lapas-baru")
    again = here()
    assert again is not None
    assert again.actor.may("order.view", upt_id=later.upt_id)


def test_a_dated_grant_begins_and_ends_by_itself() -> None:
    user = people.make_user()
    grant(user.user_id, Role.AUDITOR, valid_from=date(2026, 11, 24), valid_until=date(2026, 11, 24))
    enter()
    begin = datetime(2026, 11, 23, 17, tzinfo=AT.tzinfo)
    live = {
        at: (found := here(at=at)) is not None and found.actor.holds("audit.view")
        for at in (AT, begin - timedelta(seconds=1))
    }
    assert set(live.values()) == {False}
    enter(token="t2", at=begin)
    found = here("t2", at=begin)
    assert found is not None
    assert found.actor.holds("audit.view")
    end = begin + timedelta(hours=24)
    enter(token="t3", at=end - timedelta(minutes=1))
    before, after = here("t3", at=end - timedelta(seconds=1)), here("t3", at=end)
    assert before is not None
    assert after is not None
    assert (before.actor.holds("audit.view"), after.actor.holds("audit.view")) == (True, False)


def test_a_staff_session_needs_use_and_a_buyers_does_not() -> None:
    people.make_user()
    auditor = people.make_user("auditor@contoh.example")
    people.grant(auditor.user_id, "auditor")
    enter(token="b")
    staff = enter("auditor@contoh.example", token="s")
    assert here("b", at=minutes(31)) is not None
    assert here("s", at=minutes(31)) is None
    found = here("s", at=minutes(29))
    assert found is not None
    assert found.needs_touch
    with db.unit_of_work():
        services.touch_session(session_id=staff.session_id, at=minutes(29))
    assert here("s", at=minutes(50)) is not None
    assert here("s", at=minutes(12 * 60)) is None


def test_an_administrator_ends_all_sessions_of_a_person() -> None:
    user = people.make_user()
    enter(token="a")
    enter(token="b")
    assert [row.session_id for row in queries.list_sessions(user_id=user.user_id, at=AT)] == [1, 2]
    with db.unit_of_work():
        services.end_sessions(actor=SYSTEM, user_id=user.user_id, at=AT)
    assert (here("a"), here("b")) == (None, None)
    assert queries.list_sessions(user_id=user.user_id, at=AT) == ()


def test_ending_other_sessions_keeps_the_one_that_asks() -> None:
    user = people.make_user()
    kept = enter(token="a")
    enter(token="b")
    with db.unit_of_work():
        services.end_other_sessions(user_id=user.user_id, session_id=kept.session_id, at=AT)
    assert here("a") is not None
    assert here("b") is None


# --- accounts


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


# --- grants


def test_a_grant_is_written_with_its_giver_and_audited() -> None:
    giver = admin()
    upt = people.make_upt("lapas-indramayu")
    user = people.make_user()
    command = GrantRole(user_id=user.user_id, role=Role.UPT_CLERK, upt_id=upt.upt_id)
    actor = people.actor("national_admin", user_id=giver)
    with db.unit_of_work():
        grant_id = services.grant_role(actor=actor, command=command, at=AT)
    found = queries.list_grants(actor=actor, user_id=user.user_id)
    assert [(g.grant_id, g.role, g.upt_id, g.valid_from, g.granted_by) for g in found] == [
        (grant_id, Role.UPT_CLERK, upt.upt_id, AT, giver)
    ]
    entry = (
        db.read_session()
        .scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
        .one()
    )
    assert (entry.action, entry.upt_id, entry.actor_user_id) == ("role.granted", upt.upt_id, giver)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.NATIONAL_ADMIN])
def test_no_other_role_can_grant_or_revoke(role: Role) -> None:
    upt = people.make_upt("lapas-indramayu")
    user = people.make_user()
    held = grant(user.user_id, Role.UPT_HEAD, upt_id=upt.upt_id)
    before = count(AuditEntry)
    actor = people.actor(role, upt_id=upt.upt_id)
    command = GrantRole(user_id=user.user_id, role=Role.UPT_CLERK, upt_id=upt.upt_id)
    with db.unit_of_work(), pytest.raises(BeyondOwnPowers):
        services.grant_role(actor=actor, command=command, at=AT)
    with db.unit_of_work(), pytest.raises(BeyondOwnPowers):
        services.revoke_grant(actor=actor, grant_id=held, at=AT)
    assert (count(RoleGrant), count(AuditEntry)) == (1, before)


def test_nobody_grants_or_revokes_their_own() -> None:
    user_id = admin()
    admin("kedua@contoh.example")
    actor = people.actor("national_admin", user_id=user_id)
    command = GrantRole(user_id=user_id, role=Role.TREASURER)
    with db.unit_of_work(), pytest.raises(OwnGrant):
        services.grant_role(actor=actor, command=command, at=AT)
    own = queries.list_grants(actor=actor, user_id=user_id)[0].grant_id
    with db.unit_of_work(), pytest.raises(OwnGrant):
        services.revoke_grant(actor=actor, grant_id=own, at=AT)


def test_wrong_scopes_days_and_people_are_refused() -> None:
    user = people.make_user()
    refusals: list[tuple[GrantRole, type[Exception]]] = [
        (GrantRole(user_id=user.user_id, role=Role.UPT_CLERK), Invalid),
        (GrantRole(user_id=user.user_id, role=Role.TREASURER, upt_id=1), Invalid),
        (
            GrantRole(user_id=user.user_id, role=Role.TREASURER, valid_from=date(2020, 1, 1)),
            Invalid,
        ),
        (GrantRole(user_id=99_999, role=Role.TREASURER), NotFound),
    ]
    for command, error in refusals:
        with db.unit_of_work(), pytest.raises(error):
            services.grant_role(actor=SYSTEM, command=command, at=AT)
    assert count(RoleGrant) == 0


def test_overlapping_grants_are_refused_and_following_ones_are_not() -> None:
    user = people.make_user()
    grant(user.user_id, Role.CURATOR, valid_until=date(2026, 11, 30))
    for days in ({}, {"valid_from": date(2026, 11, 30)}):
        with pytest.raises(GrantExists):
            grant(user.user_id, Role.CURATOR, **days)
    grant(user.user_id, Role.CURATOR, valid_from=date(2026, 12, 1))
    grant(user.user_id, Role.AUDITOR)
    assert count(RoleGrant) == 3


def test_a_revoked_grant_may_be_given_again_but_not_revoked_twice() -> None:
    user = people.make_user()
    grant_id = grant(user.user_id, Role.CURATOR)
    with db.unit_of_work():
        services.revoke_grant(actor=SYSTEM, grant_id=grant_id, at=minutes(1))
    with db.unit_of_work(), pytest.raises(GrantEnded):
        services.revoke_grant(actor=SYSTEM, grant_id=grant_id, at=minutes(2))
    grant(user.user_id, Role.CURATOR)
    with db.unit_of_work(), pytest.raises(NotFound):
        services.revoke_grant(actor=SYSTEM, grant_id=99_999, at=minutes(2))


def test_the_last_national_admin_stays() -> None:
    only = admin()
    passing = people.make_user("sementara@contoh.example")
    grant(passing.user_id, Role.NATIONAL_ADMIN, valid_until=date(2026, 12, 31))
    closed = people.make_user("tutup@contoh.example", is_active=False)
    people.grant(closed.user_id, "national_admin")
    own = queries.list_grants(actor=SYSTEM, user_id=only)[0].grant_id
    actor = people.actor("national_admin", user_id=passing.user_id)
    for who in (actor, SYSTEM):
        with db.unit_of_work(), pytest.raises(LastNationalAdmin):
            services.revoke_grant(actor=who, grant_id=own, at=AT)
        with db.unit_of_work(), pytest.raises(LastNationalAdmin):
            services.set_active(actor=who, user_id=only, is_active=False, at=AT)
    second = admin("kedua@contoh.example")
    with db.unit_of_work():
        services.revoke_grant(actor=actor, grant_id=own, at=AT)
    with db.unit_of_work(), pytest.raises(LastNationalAdmin):
        services.set_active(actor=SYSTEM, user_id=second, is_active=False, at=minutes(1))


# --- lists


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
