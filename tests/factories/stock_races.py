"""Two commands on one piece, made to meet: who holds the head, who waits, and what is left.

Nothing sleeps and hopes. The first command is stopped when it has the lock on the head, the second
is let go until PostgreSQL itself says that it waits for a lock; only then the first goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from flask import Flask
from sqlalchemy import Connection, NullPool, create_engine, event, select, text

from app.domain.stock import services
from app.domain.stock.models import StockBalance, StockEntry, StockHold
from app.domain.stock.types import (
    STOCK_ADJUST,
    Account,
    AdjustReason,
    Demand,
    EntryKind,
    EntrySource,
    LotChoice,
    Move,
)
from app.infra import db
from tests.factories import ledger
from tests.factories.ledger import SYSTEM, source

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)

MORE_VARIANTS = text(
    "INSERT INTO variant (product_id, upt_id, sku, name, price_idr, weight_g, length_mm, width_mm,"
    " height_mm, position, is_active) SELECT product_id, upt_id, 'PAIR-' || n, 'Ukuran ' || n,"
    " price_idr, weight_g, length_mm, width_mm, height_mm, n, is_active"
    " FROM variant, generate_series(1, :count) n WHERE id = :like RETURNING id"
)


@dataclass(frozen=True)
class Piece:
    """The only piece of a variant: where it lies, the entry that brought it, a promise on it."""

    upt_id: int
    variant_id: int
    entry_id: int
    hold_id: int
    place: Account
    at: datetime

    def move(self, kind: EntryKind, end: Account) -> Move:
        """Return a move of the piece."""
        return Move(self.upt_id, self.variant_id, kind, self.place, end, 1)


def locks_heads(statement: str) -> bool:
    """Say whether a statement locks heads: the select for it, or a posting made in one trip."""
    return "FOR UPDATE" in statement or "stock_post(" in statement


Work = Callable[[Piece, EntrySource], Any]


def _posting(kind: EntryKind, end: Account) -> Work:
    return lambda piece, name: services.post_moves(
        actor=SYSTEM, permission=STOCK_ADJUST, acting_upt_id=piece.upt_id, action="test.posted",
        moves=[piece.move(kind, end)], source=name, happened_at=AT, at=piece.at,
    )  # fmt: skip


def _on_hold(service: Callable[..., None], **values: Any) -> Work:
    return lambda piece, name: service(
        actor=SYSTEM, upt_id=piece.upt_id, hold_ids=[piece.hold_id], source=name, at=piece.at,
        **values,
    )  # fmt: skip


TAKERS: dict[str, Work] = {
    "reserve": lambda piece, name: services.reserve(
        actor=SYSTEM, demands=[Demand(piece.upt_id, piece.variant_id, 1)], source=name,
        expires_at=None, at=piece.at,
    ),
    "sold": _posting(EntryKind.SOLD, Account.CUSTOMER),
    "lost": lambda piece, name: services.adjust(
        actor=SYSTEM, upt_id=piece.upt_id, variant_id=piece.variant_id, lot_id=None,
        quantity_delta=-1, reason=AdjustReason.LOST, note="", source=name, happened_at=AT,
        at=piece.at, place=piece.place,
    ),
    "counted_less": _posting(EntryKind.COUNTED_LESS, Account.LOSS),
    "moved": _posting(EntryKind.MOVED, Account.QUARANTINE),
    "fair_sent": _posting(EntryKind.FAIR_SENT, Account.FAIR),
    "transfer_sent": _posting(EntryKind.TRANSFER_SENT, Account.TRANSIT_UPT),
    "reverse": lambda piece, name: services.reverse_entry(
        actor=SYSTEM, upt_id=piece.upt_id, entry_id=piece.entry_id, reason="salah", source=name,
        at=piece.at,
    ),
}  # fmt: skip
"""What takes the free piece."""

ENDERS: dict[str, Work] = {
    "release": _on_hold(services.release, reason="cancelled"),
    "ship": _on_hold(services.ship),
    "expire": lambda piece, name: services.expire_lapsed(at=piece.at),
}
"""What ends the promise on it."""

COMMANDS = TAKERS | ENDERS


class Pieces:
    """A stock of single pieces, each of its own variant, ready before the races begin."""

    def __init__(self, count: int, *, place: Account = Account.AVAILABLE) -> None:
        self.shelf = ledger.make_shelf()
        self.place = place
        first = self.shelf.variant_id
        with db.unit_of_work():
            self.left = list(
                db.session().scalars(MORE_VARIANTS, {"count": count, "like": first})
            )  # fmt: skip
            upt_id = self.shelf.upt_id
            posted = services.post_moves(
                actor=SYSTEM, permission=STOCK_ADJUST, acting_upt_id=upt_id, action="test.posted",
                moves=[
                    Move(upt_id, each, EntryKind.PRODUCED, Account.PRODUCTION, place, 1,
                         lot=LotChoice("A"))
                    for each in self.left
                ],
                source=source(), happened_at=AT, at=AT,
            )  # fmt: skip
        self.entries = {entry.variant_id: entry.entry_id for entry in posted}

    def take(self, names: Sequence[str]) -> Piece:
        """Return a fresh piece for these commands, promised when one of them ends a promise."""
        variant_id = self.left.pop()
        at = LATER if "expire" in names else AT
        hold_id = 0
        if any(name in ENDERS for name in names):
            (hold,) = ledger.reserve(self.shelf.upt_id, variant_id, 1)
            hold_id = hold.hold_id
        entry_id = self.entries[variant_id]
        return Piece(self.shelf.upt_id, variant_id, entry_id, hold_id, self.place, at)


@dataclass(frozen=True)
class Outcome:
    """How both commands ended, and what is left of the piece."""

    ends: tuple[str, str]
    places: dict[str, tuple[int, int]]
    holds: tuple[str, ...]

    @property
    def is_oversold(self) -> bool:
        """Say whether more left than was there, or a promise ended more than once."""
        return any(pieces < 0 or pending < 0 for pieces, pending in self.places.values())


def left_of(piece: Piece, ends: tuple[str, str]) -> Outcome:
    """Read what is left: free pieces and pieces promised by account, and the states of holds."""
    db.read_session().rollback()
    rows = db.read_session().execute(
        select(
            StockBalance.account,
            StockBalance.in_posted - StockBalance.out_posted - StockBalance.out_pending,
            StockBalance.out_pending,
        ).where(
            StockBalance.variant_id == piece.variant_id,
            StockBalance.account.not_in(["production", "customer", "loss"]),
        )
    )  # fmt: skip
    holds = db.read_session().scalars(
        select(StockHold.state)
        .where(StockHold.variant_id == piece.variant_id)
        .order_by(StockHold.entry_id)
    )
    return Outcome(ends, {row[0]: (row[1], row[2]) for row in rows}, tuple(holds))


def times_ended(piece: Piece) -> int:
    """Return how many entries end the promise on a piece."""
    rows = db.read_session().scalars(
        select(StockEntry.id).where(
            StockEntry.hold_id == piece.hold_id, StockEntry.phase.in_(["post", "void"])
        )
    )
    return len(rows.all())


class Ring:
    """Two threads with connections of their own, and an onlooker who asks PostgreSQL who waits."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.pool = ThreadPoolExecutor(2)
        self.mine = threading.local()
        with app.app_context():
            self.engine = db.db.engine
        watch = create_engine(self.engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self.onlooker = watch.connect()

    def __enter__(self) -> Self:
        """Listen to the statements that lock heads."""
        event.listen(self.engine, "before_cursor_execute", self._before)
        event.listen(self.engine, "after_cursor_execute", self._after)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        event.remove(self.engine, "before_cursor_execute", self._before)
        event.remove(self.engine, "after_cursor_execute", self._after)
        self.pool.shutdown()
        self.onlooker.close()

    def _before(self, connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        knock: Future[int] | None = getattr(self.mine, "knock", None)
        if knock is not None and not knock.done() and locks_heads(statement):
            backend: Any = connection.connection.dbapi_connection
            knock.set_result(backend.info.backend_pid)

    def _after(self, _connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        stop: tuple[threading.Event, threading.Event] | None = getattr(self.mine, "stop", None)
        if stop is not None and locks_heads(statement):
            self.mine.stop = None
            has_lock, may_go = stop
            has_lock.set()
            assert may_go.wait(20)

    def run(self, work: Callable[[], Any]) -> str:
        """Run one command in this thread; return how it ended."""
        with self.app.app_context():
            try:
                db.transact(work)
                return "done"
            except Exception as error:
                return type(error).__name__
            finally:
                db.db.session.remove()

    def meet(self, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[str, str]:
        """Let the second wait for the lock that the first holds; return how both ended."""
        has_lock, may_go = threading.Event(), threading.Event()
        knock: Future[int] = Future()

        def holding() -> str:
            self.mine.stop = (has_lock, may_go)
            try:
                return self.run(first)
            finally:
                self.mine.stop = None
                has_lock.set()

        def waiting() -> str:
            self.mine.knock = knock
            try:
                return self.run(second)
            finally:
                self.mine.knock = None
                if not knock.done():
                    knock.set_result(0)

        ahead = self.pool.submit(holding)
        assert has_lock.wait(20)
        behind = self.pool.submit(waiting)
        pid = knock.result(20)
        while not (ahead.done() or behind.done() or self._waits(pid)):
            time.sleep(0.0005)
        may_go.set()
        return ahead.result(20), behind.result(20)

    def _waits(self, pid: int) -> bool:
        asked = text("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = :pid")
        return bool(self.onlooker.execute(asked, {"pid": pid}).scalar())
