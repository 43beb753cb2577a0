"""Till and web reach for one piece: with the guards off both get it, with the guards on one does."""

from __future__ import annotations

import threading
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.domain.stock import flows as stock_flows
from app.domain.stock import queries as stock_queries
from app.domain.stock import services as stock_services
from app.domain.stock.services import posting as door
from app.domain.stock.types import Account, Demand, EntrySource
from app.domain.till import queries, services
from app.domain.till.models import TillSale
from app.infra import db
from tests.factories import people
from tests.factories import till as tills
from tests.factories.till import AT, Counter

pytestmark = pytest.mark.concurrency

SIDES = 5


@pytest.fixture
def counters(pg_app: Flask) -> list[Counter]:
    """Give several clerks of one UPT, each with the one piece on the counter."""
    with pg_app.app_context():
        made = tills.make_counter(kind="unique", prices=(185_000,))
        tills.stock(made, 1, place=Account.AVAILABLE)
        counters = [_mate(made, number) for number in range(SIDES)]
        for counter in counters:
            tills.scan(counter)
        db.db.session.remove()
    return counters


def _mate(counter: Counter, number: int) -> Counter:
    user = people.make_user(f"kasir{number}@contoh.example", f"Petugas {number}")
    clerk = people.actor("upt_clerk", counter.upt_id, user_id=user.user_id)
    return Counter(counter.upt_id, counter.variant_ids, clerk)


def at_till(counter: Counter, key: str, **changes: Any) -> Callable[[], Any]:
    command = tills.payment(185_000, entry_key=key.ljust(16, "-"), **changes)
    secret = tills.token()
    return lambda: services.sell(
        actor=counter.clerk, upt_id=counter.upt_id, command=command, token=secret, at=AT
    )


def on_web(counter: Counter, key: str) -> Callable[[], Any]:
    return lambda: stock_services.reserve(
        actor=people.SYSTEM,
        demands=[Demand(counter.upt_id, counter.variant_id, 1)],
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


def without_lock(monkeypatch: pytest.MonkeyPatch, sides: int) -> None:
    """Let till and web look at the stock before either writes, as two shops without locks do."""
    looked = threading.Barrier(sides)
    seen = threading.local()
    real_heads, real_append = stock_queries.lock_heads, door.append

    def heads(**values: Any) -> Any:
        found = stock_queries.list_heads()
        return real_heads(**values) if hasattr(seen, "lots") else found

    def looking(real: Callable[..., Any]) -> Callable[..., Any]:
        def look(**values: Any) -> Any:
            found = real(**values)
            seen.lots = found
            looked.wait(20)
            return found

        return look

    def append(*, lines: Any, **values: Any) -> Any:
        locked = stock_queries.lock_heads(upt_ids={line.upt_id for line in lines})
        return real_append(**{**values, "heads": locked}, lines=lines)

    monkeypatch.setattr(door, "promise_in_one_trip", lambda **_: None)
    monkeypatch.setattr(stock_queries, "lock_heads", heads)
    monkeypatch.setattr(stock_queries, "read_lots", looking(stock_queries.read_lots))
    monkeypatch.setattr(stock_queries, "free_lots", looking(stock_queries.free_lots))
    monkeypatch.setattr(door, "append", append)


def ensure_whole(app: Flask, counter: Counter) -> None:
    with app.app_context():
        assert queries.find_faults(upt_id=counter.upt_id) == ()
        assert stock_flows.verify().faults == ()
        db.db.session.remove()


def numbers(app: Flask) -> list[int]:
    with app.app_context():
        found = list(db.read_session().scalars(select(TillSale.sequence).order_by(TillSale.id)))
        db.db.session.remove()
    return found


def test_without_lock_and_check_till_and_web_both_sell_the_one_piece(
    pg_app: Flask, counters: list[Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pg_app.app_context(), db.unit_of_work():
        db.session().execute(
            text("ALTER TABLE stock_balance DROP CONSTRAINT ck_stock_balance_guarded")
        )
    without_lock(monkeypatch, 2)
    ends = race(pg_app, [at_till(counters[0], "till"), on_web(counters[0], "web")])
    assert ends == ["done", "done"]


def test_without_the_lock_the_database_lets_one_of_them_have_it(
    pg_app: Flask, counters: list[Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    without_lock(monkeypatch, 2)
    ends = race(pg_app, [at_till(counters[0], "till"), on_web(counters[0], "web")])
    assert Tally(ends) == {"done": 1, "InsufficientStock": 1}


def test_several_tills_and_the_web_sell_the_one_piece_once(
    pg_app: Flask, counters: list[Counter]
) -> None:
    works = [at_till(counter, f"till-{n}") for n, counter in enumerate(counters)]
    works += [on_web(counters[0], f"web-{n}") for n in range(SIDES)]
    ends = race(pg_app, works)
    assert ends.count("done") == 1
    assert set(ends) <= {"done", "DraftShort", "InsufficientStock"}
    assert numbers(pg_app) == ([1] if "done" in ends[:SIDES] else [])
    ensure_whole(pg_app, counters[0])


def test_numbers_have_no_gap_when_tills_sell_fail_and_repeat_at_once(
    pg_app: Flask, counters: list[Counter]
) -> None:
    with pg_app.app_context():
        with db.unit_of_work():
            db.session().execute(text("UPDATE product SET kind = 'ready'"))
        tills.stock(counters[0], SIDES, place=Account.AVAILABLE, lot="L2")
        db.db.session.remove()
    works = [at_till(counter, f"till-{n}") for n, counter in enumerate(counters) for _ in range(2)]
    works += [at_till(counter, "short", given_idr=1) for counter in counters[:2]]
    ends = race(pg_app, works)
    assert ends[: 2 * SIDES] == ["done"] * (2 * SIDES)
    assert set(ends[2 * SIDES :]) <= {"CashTooLittle", "DraftEmpty"}
    assert numbers(pg_app) == list(range(1, SIDES + 1))
    ensure_whole(pg_app, counters[0])
