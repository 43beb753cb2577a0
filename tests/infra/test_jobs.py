"""Jobs: promised with the fact, done once, never lost, and never in each other's way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
import sqlalchemy as sa
from flask import Flask

from app.infra import db, jobs
from app.infra.jobs import JobDelivery, JobEvent, JobPeriodic


@dataclass(frozen=True, slots=True)
class Made(jobs.Event):
    name: ClassVar[str] = "test.made.v1"
    piece_id: int


@pytest.fixture
def seen() -> list[tuple[str, int]]:
    return []


@pytest.fixture
def subscribe(app: Flask) -> Callable[..., None]:
    def attach(*handlers: jobs.Handler, periodics: tuple[jobs.Periodic, ...] = ()) -> None:
        jobs.init_app(app, handlers=handlers, periodics=periodics)

    return attach


def noting(seen: list[tuple[str, int]], name: str) -> jobs.Run:
    def run(event: Made, /, *, at: datetime) -> None:
        seen.append((name, event.piece_id))

    return run


def failing(event: Made, /, *, at: datetime) -> None:
    db.add(JobPeriodic(name="half", next_run_at=at))
    raise RuntimeError("broken")


def publish(at: datetime, piece_id: int = 1) -> None:
    with db.unit_of_work():
        jobs.publish(Made(piece_id), at=at)


def states() -> dict[str, str]:
    db.db.session.rollback()
    rows = db.read_session().execute(sa.select(JobDelivery.handler, JobDelivery.state))
    return {row.handler: row.state for row in rows}


def test_two_jobs_of_one_name_are_refused() -> None:
    handler = jobs.Handler("a", Made, failing)
    with pytest.raises(ValueError, match="share a name"):
        jobs.Registry([handler, handler], [])


def test_every_subscriber_gets_its_own_delivery(
    subscribe: Callable[..., None], seen: list[tuple[str, int]], at: datetime
) -> None:
    subscribe(*(jobs.Handler(name, Made, noting(seen, name)) for name in ("a", "b")))
    publish(at, 7)
    assert jobs.drain(at=at) == 2
    assert seen == [("a", 7), ("b", 7)]
    assert states() == {"a": jobs.DONE, "b": jobs.DONE}
    assert jobs.drain(at=at) == 0


def test_a_rolled_back_fact_never_happened(subscribe: Callable[..., None], at: datetime) -> None:
    subscribe(jobs.Handler("a", Made, failing))
    with pytest.raises(RuntimeError), db.unit_of_work():
        jobs.publish(Made(1), at=at)
        raise RuntimeError
    assert states() == {}


def test_nothing_is_stored_for_a_fact_without_subscribers(
    subscribe: Callable[..., None], at: datetime
) -> None:
    subscribe()
    publish(at)
    assert db.read_session().scalars(sa.select(JobEvent.id)).all() == []


def test_a_broken_handler_holds_back_nobody_and_leaves_nothing_half_done(
    subscribe: Callable[..., None], seen: list[tuple[str, int]], at: datetime
) -> None:
    subscribe(jobs.Handler("bad", Made, failing), jobs.Handler("good", Made, noting(seen, "good")))
    publish(at)
    jobs.drain(at=at)
    assert states() == {"bad": jobs.NEW, "good": jobs.DONE}
    assert db.read_session().scalars(sa.select(JobPeriodic)).all() == []
    delivery = db.read_session().scalars(sa.select(JobDelivery).filter_by(handler="bad")).one()
    assert delivery.attempts == 1
    assert delivery.last_error == "RuntimeError: broken"
    assert delivery.run_at == at + jobs.RETRY_FIRST


def test_a_hopeless_job_is_parked_and_can_be_revived(
    subscribe: Callable[..., None], seen: list[tuple[str, int]], at: datetime
) -> None:
    subscribe(jobs.Handler("bad", Made, failing))
    publish(at)
    for number in range(jobs.ATTEMPTS_MAX):
        assert jobs.run_one(at=at + timedelta(hours=2 * number))
    assert states() == {"bad": jobs.DEAD}
    assert not jobs.run_one(at=at + timedelta(days=30))
    (dead,) = jobs.list_dead()
    assert (dead.handler, dead.attempts, dead.last_error) == ("bad", 10, "RuntimeError: broken")

    subscribe(jobs.Handler("bad", Made, noting(seen, "mended")))
    db.db.session.rollback()
    with db.unit_of_work():
        assert jobs.revive(delivery_id=dead.delivery_id, at=at)
        assert not jobs.revive(delivery_id=dead.delivery_id, at=at)
    jobs.drain(at=at)
    assert seen == [("mended", 1)]


def test_the_pause_doubles_up_to_an_hour() -> None:
    assert jobs.retry_delay(1) == timedelta(seconds=5)
    assert jobs.retry_delay(4) == timedelta(seconds=40)
    assert jobs.retry_delay(20) == timedelta(hours=1)


def test_a_killed_workers_job_is_taken_again_after_its_lease(
    subscribe: Callable[..., None], seen: list[tuple[str, int]], at: datetime
) -> None:
    subscribe(jobs.Handler("a", Made, noting(seen, "a"), effect=True))
    publish(at)
    assert jobs.claim(at=at) is not None
    assert jobs.claim(at=at + timedelta(seconds=30)) is None
    assert jobs.drain(at=at + jobs.LEASE + timedelta(seconds=1)) == 1
    assert seen == [("a", 1)]


def test_an_effect_runs_outside_and_is_marked_after(
    subscribe: Callable[..., None], at: datetime
) -> None:
    def effect(event: Made, /, *, at: datetime) -> None:
        assert "unit_of_work" not in db.read_session().info

    subscribe(jobs.Handler("mail", Made, effect, effect=True))
    publish(at)
    jobs.drain(at=at)
    assert states() == {"mail": jobs.DONE}


def test_periodic_work_comes_round_by_its_pause(
    subscribe: Callable[..., None], at: datetime
) -> None:
    ran: list[datetime] = []
    subscribe(periodics=(jobs.Periodic("sweep", timedelta(minutes=1), ran.append),))
    assert jobs.run_due_periodics(at=at) == 1
    assert jobs.run_due_periodics(at=at + timedelta(seconds=59)) == 0
    assert jobs.run_due_periodics(at=at + timedelta(seconds=60)) == 1
    assert ran == [at, at + timedelta(seconds=60)]


def test_broken_periodic_work_does_not_stop_the_others(
    subscribe: Callable[..., None], at: datetime
) -> None:
    ran: list[datetime] = []

    def broken(_at: datetime) -> None:
        raise RuntimeError

    subscribe(
        periodics=(
            jobs.Periodic("bad", timedelta(minutes=1), broken),
            jobs.Periodic("good", timedelta(minutes=1), ran.append),
        )
    )
    assert jobs.run_due_periodics(at=at) == 2
    assert ran == [at]
