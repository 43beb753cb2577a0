"""Jobs: facts written in the caller's transaction, worked off later by the worker.

``publish`` stores one event row and one delivery row for each subscribed handler. Rolled back
means never happened. The worker claims a delivery under a lease; a normal handler runs inside the
transaction that marks the delivery done (its effect on the database happens exactly once), a handler
with ``effect=True`` runs outside and is marked afterwards (at least once, so it must be repeatable).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Protocol

import structlog
from flask import Flask, current_app
from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, and_, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.infra import db
from app.infra.db import Base, BigId, UtcDateTime

log = structlog.get_logger("jobs")

LEASE: Final = timedelta(minutes=2)
ATTEMPTS_MAX: Final = 10
RETRY_FIRST: Final = timedelta(seconds=5)
RETRY_LONGEST: Final = timedelta(hours=1)

NEW: Final = "new"
RUNNING: Final = "running"
DONE: Final = "done"
DEAD: Final = "dead"


class Event:
    """Base of every event: a frozen dataclass of JSON values and a versioned name."""

    name: ClassVar[str]

    def payload(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self)  # type: ignore[call-overload, no-any-return]  # every subclass is a dataclass


class Run(Protocol):
    """What a handler is called with: the event and the worker's instant."""

    def __call__(self, event: Any, /, *, at: datetime) -> None:
        """React to the event."""


@dataclass(frozen=True, slots=True)
class Handler:
    """A named reaction to one kind of event.

    Attributes:
        name: Unique and permanent, for example ``search.index_product``.
        event: Class of the event; its fields may only grow.
        run: Called with the event and the instant.
        effect: True when the work is outside the database and so must be repeatable.
    """

    name: str
    event: type[Event]
    run: Run
    effect: bool = False


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work that comes round by the clock, run by one worker at a time, outside any transaction.

    Attributes:
        name: Unique and permanent, for example ``checkout.expire_unpaid``.
        every: Pause between two runs.
        run: Called with the instant; opens its own units of work.
    """

    name: str
    every: timedelta
    run: Callable[[datetime], None]


class JobEvent(Base):
    """A fact that was committed."""

    __tablename__ = "job_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    payload: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)


class JobDelivery(Base):
    """One handler's share of an event."""

    __tablename__ = "job_delivery"
    __table_args__ = (
        UniqueConstraint("event_id", "handler"),
        Index("ix_job_delivery_due", "state", "run_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(BigId, ForeignKey("job_event.id"))
    handler: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(12))
    attempts: Mapped[int]
    run_at: Mapped[datetime] = mapped_column(UtcDateTime)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)


class JobPeriodic(Base):
    """When a periodic job is next due."""

    __tablename__ = "job_periodic"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    next_run_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Registry:
    """Every handler and periodic job of the application, by name."""

    def __init__(self, handlers: Sequence[Handler], periodics: Sequence[Periodic]) -> None:
        """Collect the jobs.

        Raises:
            ValueError: Two jobs share a name.
        """
        self.handlers = {handler.name: handler for handler in handlers}
        self.periodics = {periodic.name: periodic for periodic in periodics}
        if len(self.handlers) != len(handlers) or len(self.periodics) != len(periodics):
            raise ValueError("two jobs share a name")

    def subscribers(self, event_name: str) -> list[Handler]:
        """Return the handlers of an event in the order of registration."""
        return [handler for handler in self.handlers.values() if handler.event.name == event_name]


def init_app(app: Flask, *, handlers: Sequence[Handler], periodics: Sequence[Periodic]) -> None:
    """Attach the registry to the application."""
    app.extensions["karyabina.jobs"] = Registry(handlers, periodics)


def registry() -> Registry:
    """Return the registry of the present application."""
    found = current_app.extensions["karyabina.jobs"]
    assert isinstance(found, Registry)
    return found


def publish(event: Event, *, at: datetime) -> None:
    """Store the event and one delivery for each subscriber, in the caller's unit of work."""
    publish_all([event], at=at)


def publish_all(events: Sequence[Event], *, at: datetime) -> None:
    """Store many events and their deliveries, in two statements whatever their number."""
    awaited = [(event, registry().subscribers(event.name)) for event in events]
    awaited = [(event, handlers) for event, handlers in awaited if handlers]
    rows = [
        JobEvent(
            name=event.name,
            payload=json.dumps(event.payload(), separators=(",", ":"), sort_keys=True),
            published_at=at,
        )
        for event, _ in awaited
    ]
    if not rows:
        return
    db.add_all([*rows])
    db.add_all(
        [
            JobDelivery(event_id=row.id, handler=handler.name, state=NEW, attempts=0, run_at=at)
            for row, (_, handlers) in zip(rows, awaited, strict=True)
            for handler in handlers
        ]
    )


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery held under a lease."""

    delivery_id: int
    handler: str
    payload: str
    attempts: int


def claim(*, at: datetime) -> Claimed | None:
    """Take the oldest due delivery under a lease, or return None when nothing is due."""
    with db.unit_of_work():
        due = (
            select(JobDelivery.id)
            .where(
                or_(
                    JobDelivery.state == NEW,
                    and_(JobDelivery.state == RUNNING, JobDelivery.locked_until < at),
                ),
                JobDelivery.run_at <= at,
            )
            .order_by(JobDelivery.run_at, JobDelivery.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        session = db.session()
        delivery_id = session.scalar(due)
        if delivery_id is None:
            return None
        delivery = session.get_one(JobDelivery, delivery_id)
        delivery.state = RUNNING
        delivery.attempts += 1
        delivery.locked_until = at + LEASE
        event = session.get_one(JobEvent, delivery.event_id)
        return Claimed(delivery.id, delivery.handler, event.payload, delivery.attempts)


def run_one(*, at: datetime) -> bool:
    """Work off one due delivery; return whether there was one."""
    claimed = claim(at=at)
    if claimed is None:
        return False
    try:
        handler = registry().handlers[claimed.handler]
        event = handler.event(**json.loads(claimed.payload))
        if handler.effect:
            handler.run(event, at=at)
            with db.unit_of_work():
                _mark_done(claimed, at=at)
        else:

            def work() -> None:
                _mark_done(claimed, at=at)
                handler.run(event, at=at)

            db.transact(work)
    except Exception as error:
        log.warning(
            "job_failed",
            handler=claimed.handler,
            delivery_id=claimed.delivery_id,
            error=repr(error),
        )
        with db.unit_of_work():
            _mark_failed(claimed, error=error, at=at)
    finally:
        db.db.session.remove()
    return True


def _mark_done(claimed: Claimed, *, at: datetime) -> None:
    db.session().execute(
        update(JobDelivery)
        .where(JobDelivery.id == claimed.delivery_id)
        .values(state=DONE, done_at=at, locked_until=None, last_error=None)
    )


def _mark_failed(claimed: Claimed, *, error: Exception, at: datetime) -> None:
    is_dead = claimed.attempts >= ATTEMPTS_MAX
    db.session().execute(
        update(JobDelivery)
        .where(JobDelivery.id == claimed.delivery_id)
        .values(
            state=DEAD if is_dead else NEW,
            run_at=at + retry_delay(claimed.attempts),
            locked_until=None,
            last_error=f"{type(error).__name__}: {error}"[:2000],
        )
    )


def retry_delay(attempts: int) -> timedelta:
    """Return the pause after the given number of failed attempts: doubling, at most an hour."""
    pause: timedelta = RETRY_FIRST * 2 ** min(attempts - 1, 30)
    return min(pause, RETRY_LONGEST)


def run_due_periodics(*, at: datetime) -> int:
    """Run every periodic job that is due; return how many ran."""
    ran = 0
    for periodic in registry().periodics.values():
        if not _take_turn(periodic, at=at):
            continue
        ran += 1
        try:
            periodic.run(at)
        except Exception as error:
            log.warning("periodic_failed", name=periodic.name, error=repr(error))
        finally:
            db.db.session.remove()
    return ran


def _take_turn(periodic: Periodic, *, at: datetime) -> bool:
    with db.unit_of_work():
        session = db.session()
        row = session.scalar(
            select(JobPeriodic).where(JobPeriodic.name == periodic.name).with_for_update()
        )
        if row is None:
            session.add(JobPeriodic(name=periodic.name, next_run_at=at + periodic.every))
            return True
        if row.next_run_at > at:
            return False
        row.next_run_at = at + periodic.every
        return True


def drain(*, at: datetime, limit: int = 10_000) -> int:
    """Work off everything that is due now; return how many deliveries ran."""
    count = 0
    while count < limit and run_one(at=at):
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class DeadDelivery:
    """A delivery that failed for good, for the list in the desk."""

    delivery_id: int
    handler: str
    attempts: int
    last_error: str
    published_at: datetime


def list_dead() -> tuple[DeadDelivery, ...]:
    """Return the hundred newest dead deliveries."""
    rows = db.read_session().execute(
        select(JobDelivery, JobEvent.published_at)
        .join(JobEvent, JobEvent.id == JobDelivery.event_id)
        .where(JobDelivery.state == DEAD)
        .order_by(JobDelivery.id.desc())
        .limit(100)
    )
    return tuple(
        DeadDelivery(row.id, row.handler, row.attempts, row.last_error or "", published_at)
        for row, published_at in rows
    )


def revive(*, delivery_id: int, at: datetime) -> bool:
    """Give a dead delivery a fresh start; return whether there was one."""
    result = db.session().execute(
        update(JobDelivery)
        .where(JobDelivery.id == delivery_id, JobDelivery.state == DEAD)
        .values(state=NEW, attempts=0, run_at=at)
        .returning(JobDelivery.id)
    )
    return result.scalar() is not None


def list_waiting(
    *, handlers: Collection[str], at: datetime, limit: int
) -> tuple[Mapping[str, Any], ...]:
    """Return the payloads that are due for some handlers, oldest first; nothing is claimed."""
    rows = db.read_session().scalars(
        select(JobEvent.payload)
        .join(JobDelivery, JobDelivery.event_id == JobEvent.id)
        .where(
            JobDelivery.state == NEW,
            JobDelivery.run_at <= at,
            JobDelivery.handler.in_(handlers),
        )
        .order_by(JobDelivery.run_at, JobDelivery.id)
        .limit(limit)
    )
    return tuple(json.loads(payload) for payload in rows)


def count_waiting() -> int:
    """Return how many deliveries wait or run."""
    rows = db.read_session().scalars(
        select(JobDelivery.id).where(JobDelivery.state.in_((NEW, RUNNING))).limit(1000)
    )
    return len(rows.all())
