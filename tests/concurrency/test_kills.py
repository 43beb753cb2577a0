"""Power cuts in the middle of postings: nothing acknowledged is lost, nothing is there by half.

Every victim is a real process that ends by SIGKILL: first before each statement of each kind of
posting in turn, then at random points of random series. On PostgreSQL the server's side of the
connection is cut the same way.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, NullPool, create_engine, func, select, text
from sqlalchemy.exc import DBAPIError

from app.domain.audit.models import AuditEntry
from app.domain.stock import flows, queries
from app.domain.stock.models import StockEntry
from app.domain.stock.types import Account, EntryKind
from app.infra import db
from tests.factories import ledger
from tests.factories.ledger import Shelf
from tests.factories.stock_crashes import AT, SOURCE, Act, Nursery, Points

KILLED_PROCESSES = {"postgres": 60, "sqlite": 20}
CUT_CONNECTIONS = 140
"""Together two hundred on PostgreSQL."""

PIECES = 10_000
SHIPPED = "shipped"


class Workshop:
    """Two UPT with goods everywhere, acts on them, and what the acts must add up to."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.shelves = [ledger.make_shelf(slug) for slug in ("lapas-contoh", "lapas-pamekasan")]
        for shelf in self.shelves:
            ledger.receive(shelf.upt_id, shelf.variant_id, PIECES, lot_code="A")
        self.lots = [self._lot(shelf) for shelf in self.shelves]
        self.number = 0
        self.open_holds: list[int] = []
        self.shipped_holds: list[int] = []
        self.entries: list[int] = []
        self.expected = {shelf.upt_id: PIECES for shelf in self.shelves}
        sent = self.act("post", 1, **self._post("transfer_sent", "available", "transit_upt", 500))
        self.settle(sent, acknowledged=False)

    def _lot(self, shelf: Shelf) -> int:
        found = queries.find_lot(upt_id=shelf.upt_id, variant_id=shelf.variant_id, code="A")
        assert found is not None
        return found.lot_id

    def _post(self, kind: str, start: str, end: str, pieces: int) -> dict[str, Any]:
        here = self.shelves[0]
        move = (here.upt_id, here.variant_id, kind, start, end, pieces, self.lots[0])
        return {"upt_id": here.upt_id, "moves": [move]}

    def act(self, name: str, entries: int, **values: Any) -> Act:
        """Return an act under a key of its own."""
        self.number += 1
        return Act(name, f"act-{self.number:06d}", entries, values)

    def make(self, kind: str) -> Act:
        """Return an act of a kind that will succeed, whatever happens to the others."""
        here, there = self.shelves
        place = {"upt_id": here.upt_id, "variant_id": here.variant_id}
        if kind == "receive":
            return self.act("receive", 1, **place, quantity=self.random.randint(1, 9))
        if kind == "lose":
            return self.act("lose", 1, **place, quantity_delta=-1)
        if kind == "sell":
            return self.act("post", 1, **self._post("sold", "available", "customer", 1))
        if kind == "transfer":
            done = self._post("transfer_done", "transit_upt", "other_upt", 1)
            received = (there.upt_id, there.variant_id, EntryKind.TRANSFER_RECEIVED,
                        Account.OTHER_UPT, Account.AVAILABLE, 1, self.lots[1])  # fmt: skip
            return self.act("post", 2, **{**done, "moves": [*done["moves"], received]})
        if kind == "reserve":
            demands = [(shelf.upt_id, shelf.variant_id, 2) for shelf in self.shelves]
            return self.act("reserve", 2, demands=demands)
        if kind == "reverse":
            entry_id = self._spare(self.entries, "receive")
            return self.act("reverse", 1, upt_id=here.upt_id, entry_id=entry_id)
        if kind == "deliver":
            hold_id = self._spare(self.shipped_holds, "ship")
        else:
            hold_id = self._spare(self.open_holds, "reserve")
        return self.act(kind, 1, upt_id=here.upt_id, hold_ids=[hold_id])

    def _spare(self, pool: list[int], kind: str) -> int:
        """Return something an act can work on, making it first when there is none."""
        if not pool:
            self.settle(self.make(kind), acknowledged=False)
        return pool.pop(0)

    def found(self, act: Act) -> tuple[int, int]:
        """Return how many entries and audit entries an act has left."""
        db.read_session().rollback()
        entries = select(func.count()).where(
            StockEntry.source_kind == SOURCE, StockEntry.source_key == act.key
        )
        audits = select(func.count()).where(AuditEntry.subject == f"{SOURCE}:{act.key}")
        row = db.read_session().execute(
            select(entries.scalar_subquery(), audits.scalar_subquery())
        ).one()  # fmt: skip
        return row[0], row[1]

    def settle(self, act: Act, *, acknowledged: bool) -> None:
        """Check that an act is there whole or not at all, then ask again: it is there once."""
        whole = (act.entries, 1)
        assert self.found(act) in ((whole,) if acknowledged else (whole, (0, 0))), act
        answer = db.transact(act.perform)
        assert self.found(act) == whole, act
        self._note(act, answer)

    def _note(self, act: Act, answer: Any) -> None:
        here, there = (shelf.upt_id for shelf in self.shelves)
        values = act.values
        if act.name == "receive":
            self.expected[here] += values["quantity"]
            self.entries.append(self._entry_id(act))
        elif act.name == "lose":
            self.expected[here] -= 1
        elif act.name == "post":
            for upt_id, _, _, start, end, pieces, _ in values["moves"]:
                signed = (end == "available") - (start == "available")
                self.expected[upt_id] += signed * pieces
        elif act.name == "reserve":
            self.open_holds += [hold.hold_id for hold in answer if hold.upt_id == here]
        elif act.name == "ship":
            self.expected[here] -= 2
            self.shipped_holds += values["hold_ids"]
        elif act.name == "keep":
            self.open_holds += values["hold_ids"]
        elif act.name == "reverse":
            db.read_session().rollback()
            self.expected[here] -= db.read_session().scalar(
                select(StockEntry.quantity).where(StockEntry.id == values["entry_id"])
            ) or 0  # fmt: skip

    def _entry_id(self, act: Act) -> int:
        return db.read_session().scalars(
            select(StockEntry.id).where(StockEntry.source_key == act.key)
        ).one()  # fmt: skip

    def ensure_whole(self) -> None:
        """Compare the books with themselves and with what the acts add up to."""
        db.read_session().rollback()
        assert flows.verify().faults == ()
        for shelf in self.shelves:
            found = queries.get_position(upt_id=shelf.upt_id, variant_id=shelf.variant_id, at=AT)
            assert found.on_hand == self.expected[shelf.upt_id]


KINDS = ("receive", "lose", "sell", "transfer", "reserve", "ship", "deliver", "keep", "release",
         "reverse")  # fmt: skip


@pytest.fixture
def workshop(app: Flask) -> Workshop:
    return Workshop(seed=27)


@pytest.fixture
def nursery(workshop: Workshop, database_url: str, tmp_path: Path) -> Iterator[Nursery]:
    with Nursery(url=database_url, folder=tmp_path / "victims") as made:
        acts = [workshop.make(kind) for kind in KINDS]
        made.warm_up(acts)
        yield made


def kill(nursery: Nursery, workshop: Workshop, acts: list[Act], *, at_point: int) -> bool:
    """Kill a victim among these acts, then settle each; say whether it was killed before the end."""
    db.db.session.remove()
    death = nursery.kill(acts, at_point=at_point)
    for act in acts:
        workshop.settle(act, acknowledged=act.key in death.acknowledged)
    return death.died_early


@pytest.mark.slow
def test_postings_killed_at_any_point_are_whole_or_absent_and_a_retry_settles_them(
    nursery: Nursery, workshop: Workshop, database_kind: str
) -> None:
    kills = 0
    for kind in ("transfer", "ship") if database_kind == "postgres" else ("transfer",):
        point = 1
        while kill(nursery, workshop, [workshop.make(kind)], at_point=point):
            point += 1
            kills += 1
        assert point > 4, "before a statement and the commit, after it, and after the answer"
    while kills < KILLED_PROCESSES[database_kind]:
        acts = [workshop.make(kind) for kind in workshop.random.choices(KINDS, k=2)]
        kills += kill(nursery, workshop, acts, at_point=workshop.random.randint(1, 20))
    workshop.ensure_whole()


@pytest.mark.concurrency
def test_a_server_that_drops_the_connection_at_any_point_leaves_no_half_posting(
    app: Flask, workshop: Workshop
) -> None:
    admin = create_engine(db.db.engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as server:

        def cut(connection: Connection) -> None:
            backend = connection.connection.dbapi_connection
            assert backend is not None
            server.execute(
                text("SELECT pg_terminate_backend(:pid)"), {"pid": backend.info.backend_pid}
            )

        def is_cut(kind: str, point: int) -> bool:
            act = workshop.make(kind)
            db.db.session.remove()
            with Points(point, cut) as points, suppress(DBAPIError):
                db.transact(act.perform)
            workshop.settle(act, acknowledged=points.passed < point)
            return points.passed >= point

        cuts = 0
        for kind in KINDS:
            point = 1
            while is_cut(kind, point):
                point += 1
            cuts += point - 1
            assert point > 2, "at least a statement and the commit"
        while cuts < CUT_CONNECTIONS:
            cuts += is_cut(workshop.random.choice(KINDS), workshop.random.randint(1, 12))
    workshop.ensure_whole()
