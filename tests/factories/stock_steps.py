"""Steps of stock tests: one posting each in its own transaction, and what is there afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

from sqlalchemy import event, select, text

from app.domain.stock import flows, queries, services
from app.domain.stock.models import StockEntry, StockHold
from app.domain.stock.types import (
    STOCK_ADJUST,
    AdjustReason,
    EntrySource,
    HoldRecord,
    LotChoice,
    Move,
    PostedMove,
    StockPosition,
)
from app.infra import db
from tests.factories.ledger import SYSTEM, Shelf, source

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=2)


def receive(shelf: Shelf, quantity: int = 10, **changes: Any) -> StockPosition:
    values: dict[str, Any] = {
        "actor": SYSTEM, "upt_id": shelf.upt_id, "variant_id": shelf.variant_id,
        "quantity": quantity, "lot": LotChoice(), "source": source(), "happened_at": AT, "at": AT,
    }  # fmt: skip
    with db.unit_of_work():
        return services.receive_output(**{**values, **changes})


def adjust(shelf: Shelf, delta: int, reason: AdjustReason, **changes: Any) -> StockPosition:
    values: dict[str, Any] = {
        "actor": SYSTEM, "upt_id": shelf.upt_id, "variant_id": shelf.variant_id, "lot_id": None,
        "quantity_delta": delta, "reason": reason, "note": "", "source": source(),
        "happened_at": AT, "at": AT,
    }  # fmt: skip
    with db.unit_of_work():
        return services.adjust(**{**values, **changes})


def post(*moves: Move, **changes: Any) -> tuple[PostedMove, ...]:
    values: dict[str, Any] = {
        "actor": SYSTEM, "permission": STOCK_ADJUST, "acting_upt_id": moves[0].upt_id,
        "action": "test.posted", "moves": moves, "source": source(), "happened_at": AT, "at": AT,
    }  # fmt: skip
    with db.unit_of_work():
        return services.post_moves(**{**values, **changes})


def take_back(shelf: Shelf, posted: EntrySource, **changes: Any) -> tuple[PostedMove, ...]:
    values: dict[str, Any] = {
        "actor": SYSTEM, "permission": STOCK_ADJUST, "upt_id": shelf.upt_id, "posted": posted,
        "source": source(), "action": "test.reversed", "at": AT, "note": "",
    }  # fmt: skip
    with db.unit_of_work():
        return services.reverse_posting(**{**values, **changes})


def on_holds(work: Any, shelf: Shelf, holds: tuple[HoldRecord, ...], **changes: Any) -> None:
    values: dict[str, Any] = {
        "actor": SYSTEM, "upt_id": shelf.upt_id, "hold_ids": [hold.hold_id for hold in holds],
        "source": source(), "at": AT,
    }  # fmt: skip
    with db.unit_of_work():
        work(**{**values, **changes})


def position(shelf: Shelf, at: datetime = AT) -> tuple[int, int, int]:
    db.read_session().rollback()
    found = queries.get_position(upt_id=shelf.upt_id, variant_id=shelf.variant_id, at=at)
    return found.on_hand, found.held, found.available


def kinds() -> list[str]:
    db.read_session().rollback()
    return list(db.read_session().scalars(select(StockEntry.kind).order_by(StockEntry.id)))


def audited() -> list[str]:
    return list(
        db.read_session().scalars(
            text("SELECT action FROM audit_entry WHERE action LIKE 'stock.%' ORDER BY id")
        )
    )


def states() -> list[str]:
    db.read_session().rollback()
    return list(db.read_session().scalars(select(StockHold.state).order_by(StockHold.entry_id)))


def ensure_whole() -> None:
    assert flows.verify().faults == ()


def entry_ids() -> list[int]:
    db.read_session().rollback()
    return list(db.read_session().scalars(select(StockEntry.id).order_by(StockEntry.id)))


def reverse(shelf: Shelf, entry_id: int, **changes: Any) -> StockPosition:
    values: dict[str, Any] = {
        "actor": SYSTEM, "upt_id": shelf.upt_id, "entry_id": entry_id, "reason": "salah ketik",
        "source": source(), "at": AT,
    }  # fmt: skip
    with db.unit_of_work():
        return services.reverse_entry(**{**values, **changes})


class Statements:
    """Collects the statements that reach the database, beside begin and commit."""

    def __enter__(self) -> list[str]:
        """Start listening."""
        self.seen: list[str] = []
        event.listen(db.db.engine, "before_cursor_execute", self._note)
        return self.seen

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        event.remove(db.db.engine, "before_cursor_execute", self._note)

    def _note(self, _c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            self.seen.append(statement)
