"""Every pair of commands that touch one balance, met on purpose, and the same without the guards.

A pair that meets must end as if one had come after the other. Without lock and checks the same pairs
do sell one piece twice; without the lock alone the database refuses.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import combinations_with_replacement, product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.domain.stock import flows, queries, rules, services
from app.domain.stock.services import posting
from app.domain.stock.types import (
    STOCK_ADJUST,
    Account,
    Demand,
    EntryKind,
    EntrySource,
    LotChoice,
    Move,
)
from app.infra import db
from tests.factories import goods, ledger
from tests.factories.ledger import SYSTEM, Shelf, source
from tests.factories.stock_races import (
    AT,
    COMMANDS,
    ENDERS,
    TAKERS,
    Outcome,
    Piece,
    Pieces,
    Ring,
    Work,
    left_of,
    times_ended,
)

pytestmark = pytest.mark.concurrency

ORDERS = list(product(COMMANDS, repeat=2))
PAIRS = list(combinations_with_replacement(COMMANDS, 2))


@pytest.fixture
def ring(pg_app: Flask) -> Iterator[Ring]:
    with pg_app.app_context(), Ring(pg_app) as made:
        yield made
        db.db.session.remove()


def works(piece: Piece, names: tuple[str, str]) -> list[Callable[[], Any]]:
    keys = [source(), source()]
    return [
        lambda name=name, key=key: COMMANDS[name](piece, key)  # type: ignore[misc]
        for name, key in zip(names, keys, strict=True)
    ]


def in_turn(names: tuple[str, str]) -> tuple[tuple[str, str], tuple[int, int]]:
    """Say how two commands end that come one after the other, and the free and held pieces left."""
    promised, again, ends = int(any(name in ENDERS for name in names)), 0, []
    free = 1 - promised
    for place, name in enumerate(names):
        end = "done"
        if name == "expire":
            free, promised = free + promised, 0
        elif name in ENDERS and promised:
            free, promised = int(name == "release"), 0
        elif name in ENDERS and not (name == "release" and "expire" in names[:place]):
            end = "HoldClosed"
        elif name == "reserve" and (free or (promised and "expire" in names)):
            free, promised, again = 0, 0, 1
        elif name in TAKERS and free:
            free = 0
        elif name in TAKERS:
            end = "NotReversible" if names == ("reverse", "reverse") else "InsufficientStock"
        ends.append(end)
    return (ends[0], ends[1]), (free, promised + again)


def test_every_pair_that_meets_ends_as_if_one_had_come_after_the_other(ring: Ring) -> None:
    pieces = Pieces(len(ORDERS))
    for names in ORDERS:
        piece = pieces.take(names)
        db.db.session.remove()
        found = left_of(piece, ring.meet(*works(piece, names)))
        assert (found.ends, found.places["available"]) == in_turn(names), names
        assert not found.is_oversold
        assert sum(free + held for free, held in found.places.values()) <= 1
        assert times_ended(piece) <= 1
    assert flows.verify().faults == ()


def test_the_same_request_twice_at_once_is_one_effect_for_every_command(ring: Ring) -> None:
    pieces = Pieces(len(COMMANDS))
    for name, command in COMMANDS.items():
        piece, key = pieces.take((name,)), source()
        db.db.session.remove()

        def work(piece: Piece = piece, key: EntrySource = key, command: Work = command) -> Any:
            return command(piece, key)

        found = left_of(piece, ring.meet(work, work))
        free = int(name in ("release", "expire"))
        assert found.ends == ("done", "done"), name
        assert found.places["available"] == (free, int(name == "reserve")), name
    assert flows.verify().faults == ()


class Careless:
    """Commands that look and decide before anybody writes, as in a shop that takes no locks.

    Both read the head and the stock without a lock and meet once they have decided; then one after
    the other takes the real lock, only to continue the chain, and writes what it had decided.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.meeting = threading.Barrier(2)
        self.monkeypatch = monkeypatch
        self.real_lock, self.real_link = queries.lock_heads, rules.link_all

    def _look(self, *, upt_ids: Any) -> Any:
        heads = queries.list_heads()
        return {upt_id: heads[upt_id] for upt_id in upt_ids if upt_id in heads}

    def _decide(self, *, lines: Any, **values: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            self.meeting.wait(5)
        locked = self.real_lock(upt_ids={line.upt_id for line in lines})
        return self.real_link(**{**values, "heads": locked, "lines": lines})

    def both(self, ring: Ring, piece: Piece, names: tuple[str, str]) -> Outcome:
        """Run a pair; one that refuses before the meeting lets the other go on."""
        self.meeting = threading.Barrier(2)
        db.db.session.remove()

        def run(work: Callable[[], Any]) -> str:
            end = ring.run(work)
            self.meeting.abort()
            return end

        with self.monkeypatch.context() as patch:
            patch.setattr(queries, "lock_heads", self._look)
            patch.setattr(rules, "link_all", self._decide)
            patch.setattr(posting, "promise_in_one_trip", lambda **_: None)
            ends = [ring.pool.submit(run, work) for work in works(piece, names)]
            return left_of(piece, (ends[0].result(20), ends[1].result(20)))


CHECKS_OFF = (
    "ALTER TABLE stock_balance DROP CONSTRAINT ck_stock_balance_guarded",
    "ALTER TABLE stock_balance DROP CONSTRAINT ck_stock_balance_counters",
    "DROP INDEX uq_stock_entry_hold_resolved",
    "DROP INDEX uq_stock_entry_reverses_id",
    """CREATE OR REPLACE FUNCTION stock_refuse(rule text, entry bigint) RETURNS void
    LANGUAGE plpgsql AS $$ BEGIN END $$""",
)


def test_without_lock_and_checks_every_pair_that_had_a_loser_sells_the_piece_twice(
    ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    contests = [
        names
        for names in PAIRS
        if in_turn(names)[0].count("done") == 1 and len({name in TAKERS for name in names}) == 1
    ]
    assert len(contests) > len(TAKERS) * len(TAKERS) // 2
    pieces = Pieces(len(contests))
    with db.unit_of_work():
        for statement in CHECKS_OFF:
            db.session().execute(text(statement))
    careless = Careless(monkeypatch)
    for names in contests:
        piece = pieces.take(names)
        found = careless.both(ring, piece, names)
        assert found.ends == ("done", "done"), "what refuses is the guard, not luck"
        assert found.is_oversold or times_ended(piece) == 2


def test_without_the_lock_the_database_alone_refuses_every_pair(
    ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = Pieces(len(PAIRS))
    careless = Careless(monkeypatch)
    refusals: Counter[str] = Counter()
    for names in PAIRS:
        piece = pieces.take(names)
        found = careless.both(ring, piece, names)
        assert not found.is_oversold
        assert times_ended(piece) <= 1
        refusals.update(found.ends)
    assert refusals["LedgerChanged"] == 1, "two sweeps of the same promises"
    assert set(refusals) <= {
        "done", "InsufficientStock", "HoldClosed", "NotReversible", "LedgerChanged",
    }  # fmt: skip
    assert flows.verify().faults == ()


def test_one_of_a_kind_goes_to_shop_or_till_never_to_both(ring: Ring) -> None:
    upt_id = ledger.make_shelf().upt_id
    product_id = goods.make_product(
        upt_id, published=False, with_picture=False, kind="unique",
        variants=[{"name": f"Lukisan {n}"} for n in range(8)],
    )  # fmt: skip
    wins: Counter[tuple[str, str]] = Counter()
    for number, variant_id in enumerate(goods.variant_ids(product_id)):
        with db.unit_of_work():
            services.post_moves(
                actor=SYSTEM, permission=STOCK_ADJUST, acting_upt_id=upt_id, action="test.posted",
                moves=[Move(upt_id, variant_id, EntryKind.PRODUCED, Account.PRODUCTION,
                            Account.GALLERY, 1, lot=LotChoice("A"))],
                source=source(), happened_at=AT, at=AT,
            )  # fmt: skip
        piece = Piece(upt_id, variant_id, 0, 0, Account.GALLERY, AT)
        names = ("reserve", "sold") if number % 2 else ("sold", "reserve")
        db.db.session.remove()
        found = left_of(piece, ring.meet(*works(piece, names)))
        assert found.ends == ("done", "InsufficientStock")
        wins[names] += 1
        assert queries.availability(variant_ids=[variant_id], at=AT) == {variant_id: 0}
    assert len(wins) == 2
    assert flows.verify().faults == ()


def crossing(shelves: list[Shelf], number: int) -> Callable[[], Any]:
    """Return a basket over several UPT in its own order, or pieces sent from one to another."""
    order = random.Random(number).sample(shelves, k=4)
    key = EntrySource("form", str(number))
    if number % 2:
        demands = [Demand(shelf.upt_id, shelf.variant_id, 1) for shelf in order]
        return lambda: services.reserve(
            actor=SYSTEM, demands=demands, source=key, expires_at=None, at=AT
        )
    here, there = order[:2]
    moves = [
        Move(here.upt_id, here.variant_id, EntryKind.TRANSFER_DONE, Account.TRANSIT_UPT,
             Account.OTHER_UPT, 1),
        Move(there.upt_id, there.variant_id, EntryKind.TRANSFER_RECEIVED, Account.OTHER_UPT,
             Account.AVAILABLE, 1),
    ]  # fmt: skip
    return lambda: services.post_moves(
        actor=SYSTEM, permission=STOCK_ADJUST, acting_upt_id=there.upt_id, action="test.posted",
        moves=moves, source=key, happened_at=AT, at=AT,
    )  # fmt: skip


def test_baskets_and_transfers_over_five_upt_in_any_order_never_deadlock(pg_app: Flask) -> None:
    with pg_app.app_context():
        shelves = [ledger.make_shelf(f"lapas-silang-{n}") for n in range(5)]
        for shelf in shelves:
            ledger.receive(shelf.upt_id, shelf.variant_id, 500, lot_code="A")
        with db.unit_of_work():
            services.post_moves(
                actor=SYSTEM, permission=STOCK_ADJUST, acting_upt_id=shelves[0].upt_id,
                action="test.posted", source=source(), happened_at=AT, at=AT,
                moves=[Move(s.upt_id, s.variant_id, EntryKind.TRANSFER_SENT, Account.AVAILABLE,
                            Account.TRANSIT_UPT, 200) for s in shelves],
            )  # fmt: skip
        db.db.session.remove()
    works_left = [crossing(shelves, number) for number in range(72)]
    gate = threading.Barrier(6)
    ends: list[str] = []

    def clerk(mine: list[Callable[[], Any]]) -> None:
        with pg_app.app_context():
            gate.wait(20)
            for work in mine:
                try:
                    db.transact(work)
                    ends.append("done")
                except Exception as error:
                    ends.append(type(error).__name__)
            db.db.session.remove()

    threads = [threading.Thread(target=clerk, args=(works_left[n::6],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert ends == ["done"] * 72
    with pg_app.app_context():
        asked = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert db.read_session().scalar(asked) == 0
        assert flows.verify().faults == ()
        there = sum(
            queries.get_position(upt_id=s.upt_id, variant_id=s.variant_id, at=AT).on_hand
            for s in shelves
        )
        assert there == 5 * 300 + 36, "each transfer brought one piece back from the way"
        db.db.session.remove()
