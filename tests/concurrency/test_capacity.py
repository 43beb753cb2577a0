"""Races for weeks of work: never promised twice; with the guards off they are."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.domain.stock import flows, queries, services
from app.domain.stock.queries import capacity as capacity_queries
from app.domain.stock.services import posting as door
from app.domain.stock.types import Demand, EntrySource
from app.infra import db
from tests.factories import goods, people
from tests.factories.ledger import SYSTEM, Shelf

pytestmark = pytest.mark.concurrency

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
BUYERS = 12
WEEKS = 8


@pytest.fixture
def shelf(pg_app: Flask) -> Shelf:
    """Give goods made to order: one unit a week, eight weeks open."""
    with pg_app.app_context():
        upt_id = people.make_upt("lapas-pamekasan").upt_id
        product_id = goods.make_product(
            upt_id, published=False, with_picture=False, kind="made_to_order", lead_time_days=14
        )
        made = Shelf(upt_id, goods.variant_ids(product_id))
        db.transact(planning(made, {made.variant_id: 1}, version=0))
        db.db.session.remove()
    return made


def planning(shelf: Shelf, units: dict[int, int], version: int) -> Callable[[], Any]:
    head = people.actor("upt_head", shelf.upt_id)
    return lambda: services.save_workshop(
        actor=head,
        upt_id=shelf.upt_id,
        workshop_id=1 if version else None,
        name="Bengkel",
        units_per_week=sum(units.values()),
        units=units,
        expected_version=version,
        entry_key=f"rencana-{version}-{sum(units.values())}",
        at=AT,
    )


def buying(shelf: Shelf, key: str, quantity: int = 1) -> Callable[[], Any]:
    return lambda: services.reserve(
        actor=SYSTEM,
        demands=[Demand(shelf.upt_id, shelf.variant_id, quantity)],
        source=EntrySource("race", key),
        expires_at=AT + timedelta(minutes=30),
        at=AT,
    )


def race(app: Flask, works: Sequence[Callable[[], Any]]) -> list[str]:
    """Run the works at once, each on its own connection; return what each ended with."""
    barrier = threading.Barrier(len(works))
    ends = ["never ended"] * len(works)

    def run(number: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                db.transact(works[number])
                ends[number] = "done"
            except Exception as error:
                ends[number] = type(error).__name__
            finally:
                db.db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ends


def promised(app: Flask, shelf: Shelf) -> list[tuple[int, int]]:
    """Return units opened and promised of each week, after proving the ledger."""
    with app.app_context():
        assert flows.verify().faults == ()
        found = capacity_queries.list_weeks(upt_id=shelf.upt_id, since=date(2026, 1, 1))
        db.db.session.remove()
    return [(week.opened, week.promised) for week in found if week.opened]


def test_no_week_of_work_is_promised_to_two_orders(pg_app: Flask, shelf: Shelf) -> None:
    ends = race(pg_app, [buying(shelf, str(n)) for n in range(BUYERS)])
    assert Counter(ends) == {"done": WEEKS, "InsufficientStock": BUYERS - WEEKS}
    assert promised(pg_app, shelf) == [(1, 1)] * WEEKS


def test_a_plan_cut_while_people_buy_takes_no_promise_back(pg_app: Flask, shelf: Shelf) -> None:
    works = [buying(shelf, str(n)) for n in range(4)]
    ends = race(pg_app, [*works[:2], planning(shelf, {}, version=1), *works[2:]])
    assert ends[2] == "done"
    assert set(ends) <= {"done", "InsufficientStock"}
    sold = ends.count("done") - 1
    assert promised(pg_app, shelf) == [(1, 1)] * sold


def test_two_heads_cannot_both_change_a_plan(pg_app: Flask, shelf: Shelf) -> None:
    plans = [planning(shelf, {shelf.variant_id: each}, version=1) for each in (3, 5)]
    ends = race(pg_app, plans)
    assert sorted(ends) == ["WorkshopChanged", "done"]
    assert promised(pg_app, shelf) in ([(3, 0)] * WEEKS, [(5, 0)] * WEEKS)


def test_the_clock_and_a_head_together_open_each_week_once(pg_app: Flask, shelf: Shelf) -> None:
    def keeping() -> Any:
        return services.keep_weeks(upt_id=shelf.upt_id, at=AT + timedelta(days=9))

    ends = race(pg_app, [keeping, planning(shelf, {shelf.variant_id: 2}, version=1), keeping])
    assert ends == ["done"] * 3
    assert set(promised(pg_app, shelf)) == {(2, 0)}


def test_without_lock_and_check_one_week_is_promised_many_times(
    pg_app: Flask, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every buyer looks before the first one writes, as in a shop without locks."""
    with pg_app.app_context(), db.unit_of_work():
        db.session().execute(
            text("ALTER TABLE stock_balance DROP CONSTRAINT ck_stock_balance_guarded")
        )
    looked, writing, seen = threading.Barrier(BUYERS), threading.Lock(), threading.local()
    real_lots, real_heads = queries.read_lots, queries.lock_heads
    real_append, real_transact = door.append, db.transact

    def lots(**values: Any) -> Any:
        seen.lots = real_lots(**values)
        looked.wait(20)
        return seen.lots

    def heads(**values: Any) -> Any:
        if not hasattr(seen, "lots"):
            return dict.fromkeys(values["upt_ids"])
        writing.acquire()
        return real_heads(**values)

    def append(*, lines: Any, **values: Any) -> Any:
        locked = queries.lock_heads(upt_ids={line.upt_id for line in lines})
        return real_append(**{**values, "heads": locked}, lines=lines)

    def transact(work: Any) -> Any:
        try:
            return real_transact(work)
        finally:
            if writing.locked() and hasattr(seen, "lots"):
                writing.release()

    monkeypatch.setattr(queries, "read_lots", lots)
    monkeypatch.setattr(queries, "lock_heads", heads)
    monkeypatch.setattr(door, "append", append)
    monkeypatch.setattr(door, "promise_in_one_trip", lambda **_: None)
    monkeypatch.setattr(db, "transact", transact)
    assert race(pg_app, [buying(shelf, str(n)) for n in range(BUYERS)]) == ["done"] * BUYERS
    monkeypatch.undo()
    with pg_app.app_context():
        weeks = capacity_queries.list_weeks(upt_id=shelf.upt_id, since=date(2026, 1, 1))
        assert max(week.promised for week in weeks) == BUYERS
        db.db.session.remove()
