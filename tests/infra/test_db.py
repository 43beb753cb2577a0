"""The unit of work: all or nothing, one writer's road, refusals by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.infra import db, pool
from app.infra.jobs import JobEvent, JobPeriodic
from app.kernel.errors import Conflict, Unavailable

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


class Taken(Conflict):
    code = "test.taken"


def count() -> int:
    db.db.session.rollback()
    return db.read_session().scalar(sa.select(sa.func.count()).select_from(JobPeriodic)) or 0


def test_commits_what_the_block_did(app: Flask) -> None:
    with db.unit_of_work():
        db.add(JobPeriodic(name="a", next_run_at=NOON))
    assert count() == 1


def test_leaves_nothing_when_the_block_fails(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="half-way"), db.unit_of_work():
        db.add(JobPeriodic(name="a", next_run_at=NOON))
        raise RuntimeError("half-way")
    assert count() == 0


def test_ends_the_read_that_came_before(app: Flask) -> None:
    assert db.read_session().in_transaction() is False
    count()
    with db.unit_of_work():
        db.add(JobPeriodic(name="a", next_run_at=NOON))
    assert count() == 1


def test_is_not_nestable(app: Flask) -> None:
    with db.unit_of_work(), pytest.raises(RuntimeError, match="already open"), db.unit_of_work():
        pass


def test_writes_and_locks_outside_are_refused(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="outside a unit of work"):
        db.add(JobPeriodic(name="a", next_run_at=NOON))
    with pytest.raises(RuntimeError, match="outside a unit of work"):
        db.for_update(sa.select(JobPeriodic))
    assert count() == 0


def test_a_violated_constraint_becomes_the_named_refusal(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(db._translations, "pk_job_periodic", Taken)
    with db.unit_of_work():
        db.add(JobPeriodic(name="a", next_run_at=NOON))
    with pytest.raises(Taken), db.unit_of_work():
        db.session().execute(sa.insert(JobPeriodic).values(name="a", next_run_at=NOON))
    assert count() == 1


def test_an_unnamed_constraint_stays_a_bug(app: Flask) -> None:
    with pytest.raises(IntegrityError), db.unit_of_work():
        db.session().execute(sa.insert(JobEvent).values(id=1, name="a", payload="{}"))


class _Asked(Exception):
    sqlstate = "40001"


def test_repeats_when_the_database_asks_for_it(app: Flask) -> None:
    tries = []

    def work() -> str:
        tries.append(1)
        db.add(JobPeriodic(name=f"try {len(tries)}", next_run_at=NOON))
        if len(tries) < 3:
            raise DBAPIError("update", {}, _Asked())
        return "done"

    assert db.transact(work) == "done"
    assert len(tries) == 3
    assert count() == 1


def test_gives_up_after_five_tries(app: Flask) -> None:
    tries = []

    def work() -> None:
        tries.append(1)
        raise DBAPIError("update", {}, _Asked())

    with pytest.raises(Unavailable):
        db.transact(work)
    assert len(tries) == db.ATTEMPTS_MAX


def test_other_failures_are_not_repeated(app: Flask) -> None:
    tries = []

    def work() -> None:
        tries.append(1)
        raise DBAPIError("update", {}, ValueError("broken"))

    with pytest.raises(DBAPIError):
        db.transact(work)
    assert len(tries) == 1


def test_instants_keep_their_microseconds_and_their_zone(app: Flask) -> None:
    here = datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=timezone(timedelta(hours=7)))
    with db.unit_of_work():
        db.add(JobEvent(name="a", payload="{}", published_at=here))
    db.db.session.expire_all()
    stored = db.read_session().scalars(sa.select(JobEvent.published_at)).one()
    assert stored == datetime(2026, 11, 22, 3, 0, 0, 123456, tzinfo=UTC)
    assert stored.tzinfo is UTC


def test_an_instant_without_a_zone_is_refused(app: Flask) -> None:
    with pytest.raises(sa.exc.StatementError, match="time zone"), db.unit_of_work():
        db.add(JobEvent(name="a", payload="{}", published_at=datetime(2026, 1, 1)))


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 54, 0), True),
    ],
)
def test_wal_is_used_only_where_sqlite_is_free_of_the_fault(
    version: tuple[int, int, int], is_safe: bool
) -> None:
    assert pool.sqlite_has_safe_wal(version) is is_safe


@pytest.mark.unhurried
def test_the_database_is_durable_and_strict(app: Flask, database_kind: str) -> None:
    with db.db.engine.connect() as connection:
        if database_kind == "postgres":
            assert connection.scalar(sa.text("SHOW lock_timeout")) == "3s"
            return
        assert connection.scalar(sa.text("PRAGMA synchronous")) == 2
        assert connection.scalar(sa.text("PRAGMA foreign_keys")) == 1
        assert connection.scalar(sa.text("PRAGMA busy_timeout")) == db.BUSY_TIMEOUT_MS
