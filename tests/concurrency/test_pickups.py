"""Buyers of the last places of a time of pick-up: never more than it takes; without the lock, more."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.shipping import queries, services
from app.domain.shipping.commands import SavePlan
from app.domain.shipping.models import PickupPlanRow
from app.domain.shipping.services import pickups
from app.infra import db
from tests.factories import people

pytestmark = pytest.mark.concurrency

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
KEY = "20261124T0200Z"
BUYERS = 10
PLACES = 3


@pytest.fixture
def upt_id(pg_app: Flask) -> int:
    """Give a gallery that takes three orders each hour."""
    with pg_app.app_context():
        upt_id = people.make_upt("lapas-pamekasan").upt_id
        command = SavePlan.parse({
            "weekdays": (1, 2, 3, 4, 5), "opens": "09:00", "closes": "10:00", "slot_minutes": 60,
            "capacity": PLACES, "lead_hours": 24, "days_ahead": 7, "version": 0,
        })  # fmt: skip
        head = people.actor("upt_head", upt_id)
        db.transact(lambda: services.save_plan(actor=head, upt_id=upt_id, command=command, at=AT))
        db.db.session.remove()
    return upt_id


def race(app: Flask, works: list[Callable[[], Any]]) -> Counter[str]:
    barrier = threading.Barrier(len(works))
    ends: Counter[str] = Counter()

    def run(work: Callable[[], Any]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                db.transact(work)
                ends["done"] += 1
            except Exception as error:
                ends[type(error).__name__] += 1
            finally:
                db.db.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ends


def booking(upt_id: int, number: str) -> Callable[[], Any]:
    return lambda: services.book_slot(upt_id=upt_id, number=number, key=KEY, at=AT)


def left(app: Flask, upt_id: int) -> int:
    with app.app_context():
        found = queries.list_slots(upt_ids=(upt_id,), at=AT)[upt_id]
        return next((slot.left for slot in found if slot.key == KEY), 0)


def test_ten_buyers_of_three_places(pg_app: Flask, upt_id: int) -> None:
    ends = race(pg_app, [booking(upt_id, f"KB-{n}-1") for n in range(BUYERS)])
    assert ends == {"done": PLACES, "SlotUnavailable": BUYERS - PLACES}
    assert left(pg_app, upt_id) == 0
    with pg_app.app_context():
        taken = queries.bookings(numbers=[f"KB-{n}-1" for n in range(BUYERS)])
        assert len(taken) == PLACES
        db.transact(lambda: services.release_slot(number=min(taken), at=AT))
    assert left(pg_app, upt_id) == 1


def test_without_the_lock_more_are_booked_than_there_are_places(
    pg_app: Flask, upt_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(BUYERS)
    find = pickups._find

    def look(one: int) -> PickupPlanRow | None:
        return db.session().scalar(select(PickupPlanRow).where(PickupPlanRow.upt_id == one))

    def look_all_at_once(*args: Any) -> Any:
        found = find(*args)
        together.wait(30)
        return found

    monkeypatch.setattr(pickups, "_lock", look)
    monkeypatch.setattr(pickups, "_find", look_all_at_once)
    ends = race(pg_app, [booking(upt_id, f"KB-{n}-1") for n in range(BUYERS)])
    assert ends["done"] > PLACES
