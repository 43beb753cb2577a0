"""A transfer on its way: received in whole or in part, or ended by its sender."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.domain.stock import queries as stock_queries
from app.domain.stock import services as stock_services
from app.domain.stock.types import Account, EntryKind, Move, PostedMove
from app.domain.transfers import queries, rules
from app.domain.transfers.commands import RecallTransfer, ReceiveTransfer
from app.domain.transfers.models import TransferLineRow, TransferOutcome
from app.domain.transfers.services import journal
from app.domain.transfers.services.journal import Step
from app.domain.transfers.services.transfers import to_document
from app.domain.transfers.types import (
    STOCK_TRANSFER,
    Arrival,
    Outcome,
    RecallChoice,
    TransferAction,
    TransferLine,
    TransferRecord,
    TransferState,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import FieldError, Invalid, NotFound


def receive_transfer(
    *,
    actor: Actor,
    number: str,
    command: ReceiveTransfer,
    happened_at: datetime,
    at: datetime,
) -> TransferState:
    """Take over what arrived, and say what became of the rest: one posting for both ledgers.

    Good pieces leave the sender's transit and enter the receiver's place, into a lot of the same
    code and dates; lost and damaged ones become the sender's loss; pieces that were never sent go
    back into the sender's store. What is not counted stays on the way.

    Returns:
        The state after it.

    Raises:
        NotFound: No such transfer for this receiver, or a variant that is not the receiver's own.
        NotAllowed: ``stock.transfer`` is not held there.
        MoreThanSent: More was counted than is on the way, with every such line.
        Invalid: Own goods or a reason are missing, or it arrived before it was sent.
        NothingWritten, TransferChanged, TransferClosed: See the classes.
    """
    record = queries.lock_transfer(number=number)
    if record.sent_at is None:
        raise NotFound
    actor.ensure(STOCK_TRANSFER, upt_id=record.receiver_upt_id)
    document = to_document(record=record)
    arrivals = [row.arrival() for row in command.lines]
    step = Step(
        actor=actor, action="receive", entry_key=command.entry_key, at=at,
        content=(command.place, command.happened_on, *(repr(each) for each in arrivals)),
        happened_at=_not_before(record.sent_at, happened_at),
        expected_version=command.expected_version, note=command.note,
    )  # fmt: skip
    if journal.is_repeat(document=document, step=step):
        return record.state
    lines = {
        line.line_id: line for line in queries.list_transfer_lines(transfer_id=record.transfer_id)
    }
    left = journal.left_of(lines=tuple(lines.values()))
    action = rules.arrival_action(
        left=sum(left.values()), settled=sum(each.total for each in arrivals)
    )
    state = rules.next_transfer_state(state=record.state, action=action)
    counted = rules.ensure_counted(
        left=left, counted=[(each.line_id, each.total) for each in arrivals]
    )
    _ensure_complete(arrivals)
    sequence = journal.next_sequence(document=document)
    posted = stock_services.post_moves(
        actor=actor,
        permission=STOCK_TRANSFER,
        acting_upt_id=record.receiver_upt_id,
        action="transfer.received",
        moves=_moves(record, lines, arrivals, command.place),
        source=document.source(sequence),
        happened_at=step.happened_at,
        at=at,
        note=command.note,
    )
    event_id = journal.write_event(document=document, step=step, sequence=sequence)
    chosen = [each for each in arrivals if each.line_id in counted]
    _count_up(event_id, chosen, posted, command.place)
    journal.advance(
        document=document,
        state=state.value,
        pieces_settled=record.pieces_settled + sum(each.total for each in chosen),
        ended_at=at if state is TransferState.SETTLED else None,
    )
    return state


def recall_transfer(*, actor: Actor, number: str, command: RecallTransfer, at: datetime) -> None:
    """End what is still on the way: back into the sender's store, or written off with a reason.

    Raises:
        NotFound, NotAllowed: ``stock.transfer`` is not held in the sending UPT.
        TransferChanged, TransferClosed: Somebody was quicker, or nothing is on the way.
    """
    record = queries.lock_transfer(number=number)
    actor.ensure(STOCK_TRANSFER, upt_id=record.sender_upt_id)
    document = to_document(record=record)
    step = Step(
        actor=actor, action=TransferAction.RECALL.value, entry_key=command.entry_key, at=at,
        content=(command.choice, command.note), happened_at=at,
        expected_version=command.expected_version, note=command.note,
    )  # fmt: skip
    if journal.is_repeat(document=document, step=step):
        return
    state = rules.next_transfer_state(state=record.state, action=TransferAction.RECALL)
    lines = [
        line for line in queries.list_transfer_lines(transfer_id=record.transfer_id) if line.left
    ]
    sequence = journal.next_sequence(document=document)
    stock_services.post_moves(
        actor=actor,
        permission=STOCK_TRANSFER,
        acting_upt_id=record.sender_upt_id,
        action="transfer.recalled",
        moves=rules.recall_moves(record=record, lines=lines, choice=command.choice),
        source=document.source(sequence),
        happened_at=at,
        at=at,
        note=command.note,
    )
    is_back = command.choice is RecallChoice.BACK
    outcome = Outcome.CALLED_BACK if is_back else Outcome.WRITTEN_OFF
    event_id = journal.write_event(document=document, step=step, sequence=sequence)
    rows = _rows([line.line_id for line in lines])
    outcomes = []
    for line in lines:
        row = rows[line.line_id]
        row.returned += line.left if is_back else 0
        row.lost += 0 if is_back else line.left
        outcomes.append(_outcome(event_id, line.line_id, outcome, line.left, command.note))
    db.session().flush()
    db.insert_rows(TransferOutcome, outcomes)
    journal.advance(
        document=document, state=state.value, pieces_settled=record.pieces_sent, ended_at=at
    )


def _not_before(sent_at: datetime, happened_at: datetime) -> datetime:
    """Return the instant of arrival; on the day of sending, not before it was sent."""
    if sent_at - happened_at > timedelta(days=1):
        raise Invalid(FieldError("happened_on", "transfers.before_sent"))
    return max(happened_at, sent_at)


def _ensure_complete(arrivals: Sequence[Arrival]) -> None:
    """Refuse good pieces without own goods, and a gap without a reason, naming every line."""
    errors = []
    for place, each in enumerate(arrivals):
        if each.received and each.variant_id is None:
            errors.append(FieldError(f"lines.{place}.variant_id", "transfers.variant_required"))
        if each.total > each.received and not each.reason:
            errors.append(FieldError(f"lines.{place}.reason", "transfers.reason_required"))
    if errors:
        raise Invalid(*errors)


def _moves(
    record: TransferRecord,
    lines: Mapping[int, TransferLine],
    arrivals: Sequence[Arrival],
    place: Account,
) -> list[Move]:
    codes: dict[tuple[int, str], tuple[Any, Any]] = {}
    moves: list[Move] = []
    for each in arrivals:
        line = lines[each.line_id]
        code = line.lot_code
        if each.received and each.variant_id is not None:
            code = _free_code(record, line, each.variant_id, codes)
        moves += rules.arrival_moves(
            record=record, line=line, arrival=each, place=place, lot_code=code
        )
    return moves


def _free_code(
    record: TransferRecord,
    line: TransferLine,
    variant_id: int,
    taken: dict[tuple[int, str], tuple[Any, Any]],
) -> str:
    """Return the sender's lot code, or one beside it where the receiver's means other dates."""
    dates = (line.produced_on, line.expires_on)
    beside = rules.lot_code_beside(code=line.lot_code, number=record.number)
    last = rules.lot_code_beside(code=line.lot_code, number=f"{record.number}.{line.position}")
    for code in (line.lot_code, beside):
        known = stock_queries.find_lot(
            upt_id=record.receiver_upt_id, variant_id=variant_id, code=code
        )
        there = taken.get((variant_id, code))
        if known is not None:
            there = (known.produced_on, known.expires_on)
        if there is None or there == dates:
            taken[variant_id, code] = dates
            return code
    return last


def _count_up(
    event_id: int, arrivals: Sequence[Arrival], posted: Sequence[PostedMove], place: Account
) -> None:
    """Add what was counted to the lines and keep it as outcomes of the event."""
    rows = _rows([each.line_id for each in arrivals])
    lots = iter([move for move in posted if move.kind is EntryKind.TRANSFER_RECEIVED])
    outcomes: list[dict[str, Any]] = []
    for each in arrivals:
        row = rows[each.line_id]
        row.received += each.received
        row.lost += each.lost + each.damaged
        row.returned += each.not_sent
        if each.received:
            lot = next(lots)
            assert lot.variant_id == each.variant_id, "entries follow the order of the moves"
            row.receiver_variant_id = each.variant_id
            found = _outcome(event_id, each.line_id, Outcome.RECEIVED, each.received, each.reason)
            outcomes.append(
                found | {"place": place.value, "variant_id": lot.variant_id, "lot_id": lot.lot_id}
            )
        for outcome, quantity in (
            (Outcome.LOST, each.lost),
            (Outcome.DAMAGED, each.damaged),
            (Outcome.NOT_SENT, each.not_sent),
        ):
            if quantity:
                outcomes.append(_outcome(event_id, each.line_id, outcome, quantity, each.reason))
    db.session().flush()
    db.insert_rows(TransferOutcome, outcomes)


def _rows(line_ids: Sequence[int]) -> dict[int, TransferLineRow]:
    found = db.session().scalars(select(TransferLineRow).where(TransferLineRow.id.in_(line_ids)))
    return {row.id: row for row in found}


def _outcome(
    event_id: int, line_id: int, outcome: Outcome, quantity: int, reason: str
) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "line_id": line_id,
        "outcome": outcome.value,
        "quantity": quantity,
        "place": "",
        "reason": reason,
        "variant_id": None,
        "lot_id": None,
    }
