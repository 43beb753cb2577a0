"""Races of authority and sign-in, with real connections and real commits."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from pydantic import SecretStr

from app.domain.identity import flows, queries, services
from app.domain.identity.commands import RegisterBuyer, SignIn
from app.domain.identity.errors import (
    EmailTaken,
    LastNationalAdmin,
    TooManyAttempts,
    WrongCredentials,
)
from app.domain.identity.models import User
from app.infra import db
from tests.factories import people
from tests.factories.people import AT, SYSTEM

pytestmark = pytest.mark.concurrency


def race(app: Flask, works: list[Callable[[], object]]) -> list[str]:
    """Run the works at one moment, each on its own connection; return how each ended."""
    barrier = threading.Barrier(len(works))
    ends: list[str] = []

    def run(work: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                work()
                ends.append("done")
            except Exception as error:
                ends.append(type(error).__name__)
            finally:
                db.db.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(ends)


def two_admins(app: Flask) -> list[tuple[int, int]]:
    with app.app_context():
        found = []
        for name in ("a", "b"):
            user = people.make_user(f"{name}@contoh.example")
            found.append((user.user_id, people.grant(user.user_id, "national_admin")))
        db.db.session.remove()
        return found


def admins_left(app: Flask) -> int:
    with app.app_context():
        with db.unit_of_work():
            left = len(queries.lock_lasting_admins(at=AT))
        db.db.session.remove()
        return left


def test_without_the_lock_two_administrators_can_remove_each_other(
    pg_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    admins = two_admins(pg_app)
    looked = threading.Barrier(2)

    def unlocked(*, at: object) -> frozenset[int]:
        looked.wait(10)
        return frozenset(user_id for user_id, _ in admins)

    monkeypatch.setattr(queries, "lock_lasting_admins", unlocked)
    works = [
        lambda g=grant_id: db.transact(
            lambda: services.revoke_grant(actor=SYSTEM, grant_id=g, at=AT)
        )
        for _, grant_id in admins
    ]
    assert race(pg_app, works) == ["done", "done"]
    monkeypatch.undo()
    assert admins_left(pg_app) == 0


@pytest.mark.parametrize("how", ["revoke", "close"])
def test_two_administrators_cannot_remove_each_other(pg_app: Flask, how: str) -> None:
    admins = two_admins(pg_app)

    def remove(user_id: int, grant_id: int) -> None:
        if how == "revoke":
            services.revoke_grant(actor=SYSTEM, grant_id=grant_id, at=AT)
        else:
            services.set_active(actor=SYSTEM, user_id=user_id, is_active=False, at=AT)

    works = [
        lambda u=user_id, g=grant_id: db.transact(lambda: remove(u, g))
        for user_id, grant_id in admins
    ]
    assert race(pg_app, works) == ["LastNationalAdmin", "done"]
    assert LastNationalAdmin.code == "identity.last_national_admin"
    assert admins_left(pg_app) == 1


def test_guesses_side_by_side_all_count(pg_app: Flask) -> None:
    with pg_app.app_context():
        people.make_user()
        db.db.session.remove()

    def guess(number: int) -> None:
        flows.sign_in(
            command=SignIn(email="pembeli@contoh.example", password=SecretStr("salah-sekali-1")),
            client_key=f"client-{number}",
            at=AT,
            token=f"t{number}",
            user_agent="",
        )

    ends = race(pg_app, [lambda n=number: guess(n) for number in range(16)])
    assert ends == [TooManyAttempts.__name__] * 6 + [WrongCredentials.__name__] * 10


def test_one_address_registers_once(pg_app: Flask) -> None:
    command = RegisterBuyer(name="A", email="a@contoh.example", password=SecretStr(people.PASSWORD))

    def register(number: int) -> None:
        flows.register_buyer(command=command, client_key=f"c{number}", at=AT)

    ends = race(pg_app, [lambda n=number: register(n) for number in range(6)])
    assert ends == [EmailTaken.__name__] * 5 + ["done"]
    with pg_app.app_context():
        assert db.read_session().scalar(sa.select(sa.func.count()).select_from(User)) == 1
        db.db.session.remove()
