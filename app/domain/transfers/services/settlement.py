"""What became of goods at a fair: sold, back, damaged or lost; and taking such a record back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain.stock import services as stock_services
from app.domain.stock.errors import NotReversible
from app.domain.stock.types import Move
from app.domain.transfers import queries, rules
from app.domain.transfers.commands import SettleFair, StepDocument
from app.domain.transfers.models import FairEvent, FairLineRow, FairOutcomeRow
from app.domain.transfers.services import journal
from app.domain.transfers.services.fairs import lock, to_document
from app.domain.transfers.services.journal import Step
from app.domain.transfers.types import (
    STOCK_TRANSFER,
    EventRecord,
    FairAction,
    FairLine,
    FairOutcome,
    FairResult,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import FieldError, Invalid, NotFound


def settle_fair(
    *, actor: Actor, number: str, command: SettleFair, happened_at: datetime, at: datetime
) -> None:
    """Write down what was sold, came back or is missing since the last time.

    Raises:
        NotFound, NotAllowed: ``stock.transfer`` is not held in the UPT.
        MoreThanSent: More was counted than is at the fair, with every such line.
        Invalid: A price, the way of paying or a reason is missing.
        NothingWritten, TransferChanged, FairClosed: See the classes.
        LotUnfit: A sold lot is blocked or past its last day.
    """
    record = lock(actor=actor, number=number)
    document = to_document(record=record)
    results = [row.result() for row in command.lines]
    step = Step(
        actor=actor, action=FairAction.SETTLE.value, entry_key=command.entry_key, at=at,
        content=(
            command.place, command.paid_by, command.reason, command.happened_on,
            *(repr(each) for each in results),
        ),
        happened_at=happened_at, expected_version=command.expected_version, note=command.reason,
    )  # fmt: skip
    if journal.is_repeat(document=document, step=step):
        return
    state = rules.next_fair_state(state=record.state, action=FairAction.SETTLE)
    lines = {line.line_id: line for line in queries.list_fair_lines(loan_id=record.loan_id)}
    counted = rules.ensure_counted(
        left=journal.left_of(lines=tuple(lines.values())),
        counted=[(each.line_id, each.total) for each in results],
    )
    _ensure_complete(results, lines, command)
    chosen = [each for each in results if each.line_id in counted]
    sequence = journal.next_sequence(document=document)
    moves: list[Move] = []
    for each in chosen:
        moves += rules.fair_moves(
            record=record, line=lines[each.line_id], result=each, place=command.place
        )
    stock_services.post_moves(
        actor=actor,
        permission=STOCK_TRANSFER,
        acting_upt_id=record.upt_id,
        action="fair.settled",
        moves=moves,
        source=document.source(sequence),
        happened_at=happened_at,
        at=at,
        note=command.reason,
    )
    event_id = journal.write_event(document=document, step=step, sequence=sequence)
    _count_up(event_id, chosen, lines, command)
    settled = record.pieces_settled + sum(each.total for each in chosen)
    journal.advance(document=document, state=state.value, pieces_settled=settled)


def undo_settlement(
    *, actor: Actor, number: str, sequence: int, command: StepDocument, at: datetime
) -> None:
    """Take a record of sales and returns back; its pieces are at the fair again.

    Raises:
        NotFound: No such record in this loan, or nothing to do with its UPT.
        NotAllowed: ``stock.transfer`` is not held there.
        NotReversible: It was taken back before.
        InsufficientStock: Pieces that came back have moved on since.
        TransferChanged, FairClosed: See the classes.
    """
    record = lock(actor=actor, number=number)
    document = to_document(record=record)
    step = Step(
        actor=actor, action=FairAction.UNDO.value, entry_key=command.entry_key,
        content=(sequence,), at=at, happened_at=at, expected_version=command.expected_version,
    )  # fmt: skip
    if journal.is_repeat(document=document, step=step):
        return
    state = rules.next_fair_state(state=record.state, action=FairAction.UNDO)
    events = queries.list_events(model=FairEvent, document_id=record.loan_id)
    undone = _find(events, sequence)
    next_sequence = journal.next_sequence(document=document)
    stock_services.reverse_posting(
        actor=actor,
        permission=STOCK_TRANSFER,
        upt_id=record.upt_id,
        posted=document.source(sequence),
        source=document.source(next_sequence),
        action="fair.undone",
        at=at,
        note="",
    )
    journal.write_event(
        document=document, step=step, sequence=next_sequence, undoes_id=undone.event_id
    )
    rows = _rows([outcome.line_id for outcome in undone.outcomes])
    for outcome in undone.outcomes:
        _add(rows[outcome.line_id], FairOutcome(outcome.outcome), -outcome.quantity)
    db.session().flush()
    pieces = sum(outcome.quantity for outcome in undone.outcomes)
    journal.advance(
        document=document, state=state.value, pieces_settled=record.pieces_settled - pieces
    )


def _find(events: Sequence[EventRecord], sequence: int) -> EventRecord:
    for event in events:
        if event.sequence == sequence and event.action == FairAction.SETTLE:
            if event.undone_by is not None:
                raise NotReversible
            return event
    raise NotFound


def _ensure_complete(
    results: Sequence[FairResult], lines: dict[int, FairLine], command: SettleFair
) -> None:
    """Refuse sales without a price or a way of paying, and a gap without a reason."""
    errors = [
        FieldError(f"lines.{place}.price_idr", "fairs.price_required")
        for place, each in enumerate(results)
        if each.sold and _price(each, lines) is None
    ]
    if any(each.sold for each in results) and command.paid_by is None:
        errors.append(FieldError("paid_by", "fairs.paid_by_required"))
    if any(each.damaged or each.lost for each in results) and not command.reason:
        errors.append(FieldError("reason", "transfers.reason_required"))
    if errors:
        raise Invalid(*errors)


def _price(result: FairResult, lines: dict[int, FairLine]) -> int | None:
    return lines[result.line_id].price_idr if result.price_idr is None else result.price_idr


def _count_up(
    event_id: int, results: Sequence[FairResult], lines: dict[int, FairLine], command: SettleFair
) -> None:
    rows = _rows([each.line_id for each in results])
    outcomes: list[dict[str, Any]] = []
    for each in results:
        for outcome, quantity in (
            (FairOutcome.SOLD, each.sold),
            (FairOutcome.RETURNED, each.returned),
            (FairOutcome.DAMAGED, each.damaged),
            (FairOutcome.LOST, each.lost),
        ):
            if not quantity:
                continue
            _add(rows[each.line_id], outcome, quantity)
            is_sold, is_back = outcome is FairOutcome.SOLD, outcome is FairOutcome.RETURNED
            paid_by = command.paid_by.value if is_sold and command.paid_by else ""
            outcomes.append(
                {
                    "event_id": event_id,
                    "line_id": each.line_id,
                    "outcome": outcome.value,
                    "quantity": quantity,
                    "place": command.place.value if is_back else "",
                    "reason": "" if is_sold or is_back else command.reason,
                    "amount_idr": quantity * (_price(each, lines) or 0) if is_sold else 0,
                    "paid_by": paid_by,
                }
            )
    db.session().flush()
    db.insert_rows(FairOutcomeRow, outcomes)


def _add(row: FairLineRow, outcome: FairOutcome, quantity: int) -> None:
    if outcome is FairOutcome.SOLD:
        row.sold += quantity
    elif outcome is FairOutcome.RETURNED:
        row.returned += quantity
    else:
        row.lost += quantity


def _rows(line_ids: Sequence[int]) -> dict[int, FairLineRow]:
    found = db.session().scalars(select(FairLineRow).where(FairLineRow.id.in_(line_ids)))
    return {row.id: row for row in found}
