"""Signing in and sessions on a real database."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.domain.identity import queries, services
from app.domain.identity.adapters import passwords
from app.domain.identity.errors import (
    TooManyAttempts,
    WrongCredentials,
)
from app.domain.identity.models import SignInAttempt, User, UserSession
from app.domain.identity.types import Role, SignedInSession
from app.infra import db
from app.kernel.actor import ActorKind, Reach
from tests.factories import people
from tests.factories.identity import (
    actions,
    count,
    enter,
    grant,
    here,
    minutes,
)
from tests.factories.people import AT, SYSTEM

pytestmark = pytest.mark.usefixtures("app")


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


@pytest.mark.unhurried
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
