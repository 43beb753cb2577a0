"""Two ways through the posting door write the same bytes: decided by PostgreSQL, decided in Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from app.domain.stock import flows, rules, services
from app.domain.stock.errors import InsufficientStock
from app.domain.stock.models import StockBalance, StockEntry, StockHead, StockHold
from app.domain.stock.services import posting as door
from app.domain.stock.types import Account, Demand, EntryKind, EntrySource
from app.infra import db
from app.kernel.actor import Actor, ActorKind
from app.kernel.errors import IdempotencyMismatch
from tests.factories import ledger
from tests.factories.ledger import BUYER, SYSTEM, Shelf
from tests.factories.stock_steps import AT

pytestmark = pytest.mark.usefixtures("app")

PRODUCED = rules.AdjustRule(Account.PRODUCTION, Account.AVAILABLE, EntryKind.PRODUCED)
CLERK = Actor(kind=ActorKind.USER, user_id=17, label="Petugas Contoh")


class Undo(Exception):
    """Ends a unit of work whose writes were only looked at."""


@pytest.fixture
def shelves() -> tuple[Shelf, Shelf]:
    """Two UPT: dated and undated lots in the first, one lot in the second."""
    first, second = ledger.make_shelf(variants=3), ledger.make_shelf("lapas-pamekasan", variants=2)
    ledger.receive(first.upt_id, first.variant_ids[0], 5, lot_code="TANPA-TANGGAL")
    ledger.receive(
        first.upt_id, first.variant_ids[0], 4, lot_code="NANTI", expires_on=date(2027, 5, 1)
    )
    ledger.receive(
        first.upt_id, first.variant_ids[0], 3, lot_code="SEGERA", expires_on=date(2026, 12, 1)
    )
    ledger.receive(first.upt_id, first.variant_ids[1], 10)
    ledger.receive(second.upt_id, second.variant_ids[0], 10)
    with db.unit_of_work():
        services.move_stock(
            actor=SYSTEM, upt_id=first.upt_id, variant_id=first.variant_ids[1], lot_id=None,
            from_place=Account.AVAILABLE, to_place=Account.GALLERY, quantity=4, note="",
            source=ledger.source(), happened_at=AT, at=AT,
        )  # fmt: skip
    return first, second


def everything() -> list[Any]:
    """Return all rows of the ledger and of the audit trail, without the trail's own numbers."""
    tables = [
        db.session()
        .execute(select(*table.__table__.columns).order_by(*table.__table__.primary_key))
        .all()
        for table in (StockEntry, StockBalance, StockHold, StockHead)
    ]
    trail = db.session().execute(
        text(
            "SELECT at, actor_kind, actor_user_id, actor_label, action, subject, upt_id, detail"
            " FROM audit_entry ORDER BY id"
        )
    )
    return [*tables, trail.all()]


def tried(work: Callable[[], Any]) -> tuple[Any, list[Any]]:
    """Return what the work answered and all rows after it, and undo it."""
    seen: list[Any] = []
    with pytest.raises(Undo), db.unit_of_work():
        try:
            answer = work()
        except (InsufficientStock, IdempotencyMismatch) as refusal:
            answer = (type(refusal), refusal.args)
        seen += [answer, everything()]
        raise Undo
    return seen[0], seen[1]


def both_ways(
    monkeypatch: pytest.MonkeyPatch, work: Callable[[], Any]
) -> tuple[list[bool], list[Any]]:
    """Do the work both ways; return whether PostgreSQL decided, and the rows, which must agree."""
    decided: list[bool] = []
    real = door.promise_in_one_trip

    def watched(**values: Any) -> Any:
        found = real(**values)
        decided.append(found is not None)
        return found

    monkeypatch.setattr(door, "promise_in_one_trip", watched)
    quick = tried(work)
    monkeypatch.setattr(door, "promise_in_one_trip", lambda **_: None)
    slow = tried(work)
    assert quick == slow
    return decided, quick[1]


def reserving(
    demands: Sequence[tuple[Shelf, int, int]],
    *,
    actor: Actor = SYSTEM,
    key: str = "K-1",
    expires_at: datetime | None = None,
    at: datetime = AT,
) -> Callable[[], Any]:
    wanted = [Demand(shelf.upt_id, shelf.variant_ids[number], n) for shelf, number, n in demands]
    return lambda: services.reserve(
        actor=actor, demands=wanted, source=EntrySource("order", key), expires_at=expires_at, at=at
    )


def ensure_chained(rows: Sequence[Any]) -> None:
    """Check every stored hash against the published format, row by row."""
    for row in rows:
        line = rules.canonical_line(row._mapping)
        assert row.hash == rules.entry_hash(previous_hash=row.previous_hash, line=line)


def test_plain_promises_are_the_same_bytes_both_ways(
    shelves: tuple[Shelf, Shelf], monkeypatch: pytest.MonkeyPatch, database_kind: str
) -> None:
    first, second = shelves
    odd = AT + timedelta(days=1, seconds=1, microseconds=1)
    for work, entries in (
        (reserving([(first, 0, 3)]), 1),
        (reserving([(first, 0, 1)], actor=BUYER, expires_at=odd, at=odd - timedelta(hours=1)), 1),
        (reserving([(first, 1, 6)], actor=CLERK, key="é" * 80, expires_at=AT), 1),
        (reserving([(second, 0, 10), (first, 1, 2), (first, 0, 2), (first, 1, 1)]), 3),
        (reserving([(second, 0, 1)], at=AT - timedelta(days=3)), 1),
    ):
        decided, rows = both_ways(monkeypatch, work)
        assert decided == [database_kind == "postgres"]
        assert len(rows[0]) == 6 + entries
        ensure_chained(rows[0])
        monkeypatch.undo()


def test_what_is_not_plain_is_left_to_the_portable_way_with_the_same_end(
    shelves: tuple[Shelf, Shelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = shelves
    with db.unit_of_work():
        reserving([(first, 1, 1)], key="K-0")()
        reserving([(second, 0, 6)], key="K-00", expires_at=AT + timedelta(hours=1))()
    late = AT + timedelta(hours=2)
    for work in (
        reserving([(first, 0, 8)]),
        reserving([(first, 0, 13)]),
        reserving([(first, 1, 1), (second, 0, 11)]),
        reserving([(first, 2, 1)]),
        reserving([(second, 0, 8)], at=late),
        reserving([(first, 1, 1)], key="K-0"),
        reserving([(first, 1, 2)], key="K-0"),
        reserving([(first, 1, 1)], key="tab\there\\and\nthere"),
    ):
        decided, rows = both_ways(monkeypatch, work)
        assert decided == [False]
        ensure_chained(rows[0])
        monkeypatch.undo()
    assert flows.verify().faults == ()


def test_few_and_many_entries_in_one_statement_fold_to_the_same(
    shelves: tuple[Shelf, Shelf],
) -> None:
    first, _ = shelves
    lot_id = db.read_session().scalars(select(StockBalance.lot_id)).first() or 0
    for count in (1, 20, 21, 60):
        posting = rules.posting(
            actor=SYSTEM, source=EntrySource("bulk", str(count)), content=(count,), at=AT
        )
        with db.unit_of_work():
            heads = door.lock_heads(upt_ids={first.upt_id})
            lines = [
                rules.move(PRODUCED, first.upt_id, first.variant_ids[0], lot_id, number + 1)
                for number in range(count)
            ]
            door.append(
                actor=SYSTEM, action="stock.received", heads=heads, lines=lines, posting=posting
            )
    assert flows.verify().faults == ()
