"""Events and outcomes of a document, the same for transfers and loans."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, literal, null, select
from sqlalchemy.orm import aliased

from app.domain.stock import rules as stock_rules
from app.domain.transfers.models import (
    FairEvent,
    FairOutcomeRow,
    TransferEvent,
    TransferOutcome,
)
from app.domain.transfers.types import EventRecord, OutcomeRecord
from app.infra import db

AnyEvent = type[TransferEvent] | type[FairEvent]


def list_events(*, model: AnyEvent, document_id: int) -> tuple[EventRecord, ...]:
    """Return everything that happened to a document, oldest first, in two statements."""
    outcomes = _outcomes(model, document_id)
    rows = db.read_session().execute(_events(model, document_id))
    return tuple(
        EventRecord(
            event_id=row.id,
            sequence=row.sequence,
            action=row.action,
            actor_user_id=row.actor_user_id,
            note=row.note,
            happened_at=row.happened_at,
            written_at=row.written_at,
            outcomes=tuple(outcomes.get(row.id, ())),
            undone_by=row.undone_by,
        )
        for row in rows
    )


def _events(model: AnyEvent, document_id: int) -> Any:
    undone_by: Any = null()
    columns = (
        model.id, model.sequence, model.action, model.actor_user_id, model.note,
        model.happened_at, model.written_at,
    )  # fmt: skip
    statement = select(*columns)
    if model is FairEvent:
        later = aliased(FairEvent)
        undone_by = later.sequence
        statement = statement.outerjoin(later, later.undoes_id == FairEvent.id)
    return (
        statement.add_columns(undone_by.label("undone_by"))
        .where(model.document_id == document_id)
        .order_by(model.sequence)
    )


def _outcomes(model: AnyEvent, document_id: int) -> dict[int, list[OutcomeRecord]]:
    outcome: Any = FairOutcomeRow if model is FairEvent else TransferOutcome
    amount = outcome.amount_idr if model is FairEvent else literal(0)
    paid_by = outcome.paid_by if model is FairEvent else literal("")
    rows = db.read_session().execute(
        select(
            outcome.event_id, outcome.line_id, outcome.outcome, outcome.quantity, outcome.place,
            outcome.reason, amount, paid_by,
        )
        .join(model, model.id == outcome.event_id)
        .where(model.document_id == document_id)
        .order_by(outcome.id)
    )  # fmt: skip
    found: dict[int, list[OutcomeRecord]] = {}
    for event_id, *values in rows:
        found.setdefault(event_id, []).append(OutcomeRecord(*values))
    return found


def find_event(*, model: AnyEvent, entry_key: str, fingerprint: str) -> int | None:
    """Return the document that a form with this key was written to before.

    Raises:
        IdempotencyMismatch: It was written with other content.
    """
    row = (
        db.session()
        .execute(select(model.document_id, model.fingerprint).where(model.entry_key == entry_key))
        .first()
    )
    if row is None:
        return None
    stock_rules.ensure_same(found=row.fingerprint, given=fingerprint)
    return int(row.document_id)


def next_sequence(*, model: AnyEvent, document_id: int) -> int:
    """Return the number of a document's next event; the document is locked."""
    last = db.session().scalar(
        select(func.max(model.sequence)).where(model.document_id == document_id)
    )
    return (last or 0) + 1
