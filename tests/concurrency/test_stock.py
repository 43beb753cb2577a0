"""Races on the stock ledger: with the guards off they do oversell, with the guards on never."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.domain.stock import flows, queries, services
from app.domain.stock.errors import HoldClosed, InsufficientStock
from app.domain.stock.models import StockBalance
from app.domain.stock.services import posting as door
from app.domain.stock.types import AdjustReason, Demand, EntrySource, LotChoice
from app.infra import db
from tests.factories import ledger
from tests.factories.ledger import SYSTEM, Shelf

pytestmark = pytest.mark.concurrency

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
BUYERS = 12
PIECES = 5


@pytest.fixture
def shelf(pg_app: Flask) -> Shelf:
    with pg_app.app_context():
        made = ledger.make_shelf(variants=2)
        for variant_id in made.variant_ids:
            ledger.receive(made.upt_id, variant_id, PIECES)
        db.db.session.remove()
    return made


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


def buying(shelf: Shelf, key: str, *variant_ids: int, at: datetime = AT) -> Callable[[], Any]:
    demands = [Demand(shelf.upt_id, each, 1) for each in variant_ids or shelf.variant_ids[:1]]
    return lambda: services.reserve(
        actor=SYSTEM,
        demands=demands,
        source=EntrySource("form", key),
        expires_at=at + timedelta(minutes=30),
        at=at,
    )


def held(app: Flask, shelf: Shelf) -> int:
    with app.app_context():
        return (
            db.read_session().scalar(
                select(StockBalance.out_pending).where(
                    StockBalance.variant_id == shelf.variant_id,
                    StockBalance.account == "available",
                )
            )
            or 0
        )


def ensure_whole(app: Flask) -> None:
    with app.app_context():
        assert flows.verify().faults == ()
        db.db.session.remove()


def without_lock(monkeypatch: pytest.MonkeyPatch, buyers: int) -> None:
    """Let every buyer look at the stock before the first one writes, as a shop without locks does."""
    looked = threading.Barrier(buyers)
    writing = threading.Lock()
    real_lots, real_heads = queries.read_lots, queries.lock_heads
    seen = threading.local()

    def heads(**values: Any) -> Any:
        if not hasattr(seen, "lots"):
            return dict.fromkeys(values["upt_ids"])
        writing.acquire()
        return real_heads(**values)

    def lots(**values: Any) -> Any:
        seen.lots = real_lots(**values)
        looked.wait(20)
        return seen.lots

    real_append = door.append

    def append(*, lines: Any, **values: Any) -> Any:
        locked = queries.lock_heads(upt_ids={line.upt_id for line in lines})
        return real_append(**{**values, "heads": locked}, lines=lines)

    monkeypatch.setattr(queries, "read_lots", lots)
    monkeypatch.setattr(queries, "lock_heads", heads)
    monkeypatch.setattr(door, "append", append)
    monkeypatch.setattr(door, "promise_in_one_trip", lambda **_: None)
    real_transact = db.transact

    def transact(work: Any) -> Any:
        try:
            return real_transact(work)
        finally:
            if writing.locked() and hasattr(seen, "lots"):
                writing.release()

    monkeypatch.setattr(db, "transact", transact)


def drop_check(app: Flask) -> None:
    with app.app_context(), db.unit_of_work():
        db.session().execute(
            text("ALTER TABLE stock_balance DROP CONSTRAINT ck_stock_balance_guarded")
        )


def test_without_lock_and_check_the_last_pieces_are_sold_many_times(
    pg_app: Flask, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_check(pg_app)
    without_lock(monkeypatch, BUYERS)
    ends = race(pg_app, [buying(shelf, str(n)) for n in range(BUYERS)])
    assert ends == ["done"] * BUYERS
    assert held(pg_app, shelf) == BUYERS > PIECES


def test_without_the_lock_the_database_still_refuses(
    pg_app: Flask, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_lock(monkeypatch, BUYERS)
    ends = race(pg_app, [buying(shelf, str(n)) for n in range(BUYERS)])
    assert Counter(ends) == {"done": PIECES, "InsufficientStock": BUYERS - PIECES}
    assert held(pg_app, shelf) == PIECES


def test_exactly_what_is_there_is_sold(pg_app: Flask, shelf: Shelf) -> None:
    ends = race(pg_app, [buying(shelf, str(n)) for n in range(BUYERS)])
    assert Counter(ends) == {"done": PIECES, "InsufficientStock": BUYERS - PIECES}
    assert held(pg_app, shelf) == PIECES
    ensure_whole(pg_app)


def test_the_same_request_many_times_at_once_is_one_promise(pg_app: Flask, shelf: Shelf) -> None:
    ends = race(pg_app, [buying(shelf, "one key") for _ in range(BUYERS)])
    assert ends == ["done"] * BUYERS
    assert held(pg_app, shelf) == 1


def test_the_first_postings_of_a_upt_at_once_make_one_chain(pg_app: Flask, shelf: Shelf) -> None:
    with pg_app.app_context():
        fresh = ledger.make_shelf("lapas-pamekasan")
        db.db.session.remove()

    def receiving(key: str) -> Callable[[], Any]:
        return lambda: services.receive_output(
            actor=SYSTEM, upt_id=fresh.upt_id, variant_id=fresh.variant_id, quantity=1,
            lot=LotChoice("A"), source=EntrySource("form", key), happened_at=AT, at=AT,
        )  # fmt: skip

    ends = race(pg_app, [receiving(str(n % 6)) for n in range(BUYERS)])
    assert ends == ["done"] * BUYERS
    with pg_app.app_context():
        assert queries.list_heads()[fresh.upt_id].sequence == 6
        db.db.session.remove()
    ensure_whole(pg_app)


def test_lapsed_promises_are_freed_once_for_many_buyers(pg_app: Flask, shelf: Shelf) -> None:
    with pg_app.app_context():
        ledger.reserve(shelf.upt_id, shelf.variant_id, PIECES)
        db.db.session.remove()
    later = AT + timedelta(hours=1)
    works = [buying(shelf, str(n), at=later) for n in range(BUYERS)]
    works += [lambda: services.expire_lapsed(at=later)] * 2
    ends = race(pg_app, works)
    assert Counter(ends[:BUYERS]) == {"done": PIECES, "InsufficientStock": BUYERS - PIECES}
    assert ends[BUYERS:] == ["done", "done"]
    ensure_whole(pg_app)


@pytest.mark.parametrize("rounds", range(3))
def test_a_promise_ends_once_when_three_want_to_end_it(
    pg_app: Flask, shelf: Shelf, rounds: int
) -> None:
    with pg_app.app_context():
        (hold,) = ledger.reserve(shelf.upt_id, shelf.variant_id, 2)
        db.db.session.remove()
    later = AT + timedelta(hours=1)
    common = {"actor": SYSTEM, "upt_id": shelf.upt_id, "hold_ids": [hold.hold_id], "at": later}
    works: list[Callable[[], Any]] = [
        lambda: services.ship(source=EntrySource("form", "ship"), **common),
        lambda: services.release(source=EntrySource("form", "free"), reason="x", **common),
        lambda: services.expire_lapsed(at=later),
    ]
    ends = race(pg_app, works[rounds:] + works[:rounds])
    assert set(ends) <= {"done", HoldClosed.__name__}
    with pg_app.app_context():
        resolved = db.read_session().scalar(
            text("SELECT count(*) FROM stock_entry WHERE phase IN ('post', 'void')")
        )
        db.db.session.remove()
    assert resolved == 1
    ensure_whole(pg_app)


def test_buying_and_taking_out_share_the_same_pieces(pg_app: Flask, shelf: Shelf) -> None:
    def taking(key: str) -> Callable[[], Any]:
        return lambda: services.adjust(
            actor=SYSTEM, upt_id=shelf.upt_id, variant_id=shelf.variant_id, lot_id=None,
            quantity_delta=-1, reason=AdjustReason.DAMAGED, note="", happened_at=AT, at=AT,
            source=EntrySource("form", key),
        )  # fmt: skip

    works = [buying(shelf, str(n)) if n % 2 else taking(str(n)) for n in range(BUYERS)]
    ends = race(pg_app, works)
    assert Counter(ends) == {"done": PIECES, "InsufficientStock": BUYERS - PIECES}
    ensure_whole(pg_app)


def test_baskets_in_opposite_order_never_deadlock(pg_app: Flask, shelf: Shelf) -> None:
    with pg_app.app_context():
        other = ledger.make_shelf("lapas-pamekasan", variants=2)
        for each in other.variant_ids:
            ledger.receive(other.upt_id, each, 100)
        for each in shelf.variant_ids:
            ledger.receive(shelf.upt_id, each, 100)
        db.db.session.remove()
    basket = [Demand(s.upt_id, each, 1) for s in (shelf, other) for each in s.variant_ids]

    def placing(number: int) -> Callable[[], Any]:
        demands = basket if number % 2 else basket[::-1]
        return lambda: services.reserve(
            actor=SYSTEM, demands=demands, source=EntrySource("form", str(number)),
            expires_at=None, at=AT,
        )  # fmt: skip

    for start in range(0, 40, 8):
        assert race(pg_app, [placing(start + n) for n in range(8)]) == ["done"] * 8
    with pg_app.app_context():
        deadlocks = db.read_session().scalar(
            text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        )
        db.db.session.remove()
    assert deadlocks == 0
    ensure_whole(pg_app)


BUYER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from app.bootstrap import create_app
from app.domain.stock import services
from app.domain.stock.errors import InsufficientStock
from app.domain.stock.types import Demand, EntrySource
from app.infra import db
from tests.databases import settings
from tests.factories.ledger import SYSTEM

url, folder, name, upt_id, variant_id, tries = sys.argv[1:]
app = create_app(settings(url=url, instance_dir=Path(folder)), TESTING=True)
at = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
sold = 0
with app.app_context():
    for number in range(int(tries)):
        try:
            db.transact(lambda: services.reserve(
                actor=SYSTEM, demands=[Demand(int(upt_id), int(variant_id), 1)],
                source=EntrySource("form", f"{name}-{number}"), expires_at=None, at=at))
            sold += 1
        except InsufficientStock:
            pass
print(sold)
"""


def test_several_processes_sell_exactly_what_is_there(
    pg_app: Flask, shelf: Shelf, database_url: str, tmp_path: Path
) -> None:
    with pg_app.app_context():
        ledger.receive(shelf.upt_id, shelf.variant_id, 200 - PIECES)
        db.db.session.remove()
    running = [
        subprocess.Popen(
            [sys.executable, "-c", BUYER, database_url, str(tmp_path), name,
             str(shelf.upt_id), str(shelf.variant_id), "80"],
            cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONPATH": "."},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for name in "abc"
    ]  # fmt: skip
    outputs = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], outputs
    assert sum(int(out.splitlines()[-1]) for out, _ in outputs) == 200
    assert held(pg_app, shelf) == 200
    ensure_whole(pg_app)


def test_refusals_name_what_was_left(pg_app: Flask, shelf: Shelf) -> None:
    with pg_app.app_context():
        with pytest.raises(InsufficientStock) as refusal:
            ledger.reserve(shelf.upt_id, shelf.variant_id, PIECES + 1)
        db.db.session.remove()
    assert refusal.value.shortages[0].available == PIECES
