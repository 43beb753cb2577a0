"""A loan to a fair from its draft to the day it is closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.domain.stock.types import Account, EntryKind
from app.domain.transfers import queries, rules
from app.domain.transfers.commands import SaveFair, SendMore, StepDocument
from app.domain.transfers.errors import FairUnsettled
from app.domain.transfers.models import FairEvent, FairLineRow, FairLoan
from app.domain.transfers.services import journal
from app.domain.transfers.services.journal import Document, Step
from app.domain.transfers.services.transfers import ensure_own_goods
from app.domain.transfers.types import (
    FAIR_PLACES,
    FAIR_SOURCE,
    STOCK_TRANSFER,
    FairAction,
    FairRecord,
    FairState,
    WantedLine,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import FieldError, Invalid


def create_fair(*, actor: Actor, upt_id: int, number: str, command: SaveFair, at: datetime) -> str:
    """Write a draft; return its number, the earlier one when the form comes again.

    Args:
        number: Random, read aloud by people; made by the surface.

    Raises:
        NotFound, NotAllowed: ``stock.transfer`` is not held in the UPT, or goods are not its own.
        Invalid: A place cannot be lent from.
        NothingWritten: There is no line.
    """
    actor.ensure(STOCK_TRANSFER, upt_id=upt_id)
    step = _step(actor, FairAction.CREATE, command, at)
    known = queries.find_event(
        model=FairEvent, entry_key=command.entry_key, fingerprint=step.fingerprint
    )
    if known is not None:
        row = db.session().get(FairLoan, known)
        assert row is not None, "an event always has its document"
        return row.number
    lines = _checked(upt_id, [line.wanted() for line in command.lines])
    loan = FairLoan(
        number=number,
        upt_id=upt_id,
        state=FairState.DRAFT.value,
        version=1,
        pieces_sent=0,
        pieces_settled=0,
        created_at=at,
        **_head(command),
    )
    db.add(loan)
    document = to_document(record=queries.lock_fair(number=number))
    _write_lines(document, lines)
    journal.write_event(document=document, step=step, sequence=1)
    return number


def save_fair(*, actor: Actor, number: str, command: SaveFair, at: datetime) -> None:
    """Change a draft to what the form says.

    Raises:
        NotFound, NotAllowed, Invalid, NothingWritten: As of ``create_fair``.
        TransferChanged, FairClosed: Somebody was quicker, or it is no draft any more.
    """
    record = lock(actor=actor, number=number)
    document = to_document(record=record)
    step = _step(actor, FairAction.SAVE, command, at)
    if journal.is_repeat(document=document, step=step):
        return
    state = rules.next_fair_state(state=record.state, action=FairAction.SAVE)
    lines = _checked(record.upt_id, [line.wanted() for line in command.lines])
    journal.drop_lines(document=document)
    _write_lines(document, lines)
    journal.write_event(
        document=document, step=step, sequence=journal.next_sequence(document=document)
    )
    journal.advance(document=document, state=state.value, **_head(command))


def discard_fair(*, actor: Actor, number: str, command: StepDocument, at: datetime) -> None:
    """Throw a draft away.

    Raises:
        NotFound, NotAllowed, TransferChanged, FairClosed: As of ``save_fair``.
    """
    _plain_step(actor, number, FairAction.DISCARD, command, at)


def close_fair(*, actor: Actor, number: str, command: StepDocument, at: datetime) -> None:
    """Close a loan of which every piece was sold, came back or is explained.

    Raises:
        NotFound, NotAllowed, TransferChanged, FairClosed: As of ``save_fair``.
        FairUnsettled: Pieces are still open; says how many.
    """
    _plain_step(actor, number, FairAction.CLOSE, command, at)


def _plain_step(
    actor: Actor, number: str, action: FairAction, command: StepDocument, at: datetime
) -> None:
    record = lock(actor=actor, number=number)
    document = to_document(record=record)
    step = Step(
        actor=actor, action=action.value, entry_key=command.entry_key, content=(), at=at,
        happened_at=at, expected_version=command.expected_version,
    )  # fmt: skip
    if journal.is_repeat(document=document, step=step):
        return
    state = rules.next_fair_state(state=record.state, action=action)
    if action is FairAction.CLOSE and record.pieces_settled != record.pieces_sent:
        raise FairUnsettled(record.pieces_sent - record.pieces_settled)
    journal.write_event(
        document=document, step=step, sequence=journal.next_sequence(document=document)
    )
    journal.advance(document=document, state=state.value, ended_at=at)


def send_fair(*, actor: Actor, number: str, command: StepDocument, at: datetime) -> None:
    """Take the goods of a draft to the fair; from now on they cannot be sold elsewhere.

    Raises:
        NotFound, NotAllowed, TransferChanged, FairClosed: As of ``save_fair``.
        InsufficientStock: Names every variant that is short; nothing left.
        LotUnfit: A lot named is blocked or past its last day.
    """
    record = lock(actor=actor, number=number)
    document = to_document(record=record)
    step = Step(
        actor=actor, action=FairAction.SEND.value, entry_key=command.entry_key, content=(), at=at,
        happened_at=at, expected_version=command.expected_version,
    )  # fmt: skip
    if journal.is_repeat(document=document, step=step):
        return
    rules.next_fair_state(state=record.state, action=FairAction.SEND)
    drafted = queries.list_fair_lines(loan_id=record.loan_id)
    wanted = [
        WantedLine(line.variant_id, line.quantity, line.from_place, line.lot_id, line.price_idr)
        for line in drafted
    ]
    journal.drop_lines(document=document)
    _send(record, document, step, wanted, first_position=1, sent_at=at)


def send_more(*, actor: Actor, number: str, command: SendMore, at: datetime) -> None:
    """Send further goods to a fair that goes on.

    Raises:
        NotFound, NotAllowed, Invalid, NothingWritten, TransferChanged: As of ``save_fair``.
        FairClosed: The loan is not out.
        InsufficientStock, LotUnfit: As of ``send_fair``.
    """
    record = lock(actor=actor, number=number)
    document = to_document(record=record)
    wanted = [line.wanted() for line in command.lines]
    step = Step(
        actor=actor, action=FairAction.SEND_MORE.value, entry_key=command.entry_key, at=at,
        content=[repr(line) for line in wanted], happened_at=at,
        expected_version=command.expected_version,
    )  # fmt: skip
    if journal.is_repeat(document=document, step=step):
        return
    rules.next_fair_state(state=record.state, action=FairAction.SEND_MORE)
    _checked(record.upt_id, wanted)
    known = queries.list_fair_lines(loan_id=record.loan_id)
    _send(record, document, step, wanted, first_position=len(known) + 1, sent_at=record.sent_at)


def _send(
    record: FairRecord,
    document: Document,
    step: Step,
    wanted: Sequence[WantedLine],
    *,
    first_position: int,
    sent_at: datetime | None,
) -> None:
    state = rules.next_fair_state(state=record.state, action=FairAction(step.action))
    sequence = journal.next_sequence(document=document)
    merged = rules.merge_wanted(wanted)
    moves = journal.send_moves(
        upt_id=record.upt_id, kind=EntryKind.FAIR_SENT, to=Account.FAIR, lines=merged
    )
    rows = journal.post_sending(document=document, step=step, sequence=sequence, moves=moves)
    prices: Mapping[int, int | None] = {line.variant_id: line.price_idr for line in merged}
    _insert(
        document,
        [row | {"price_idr": prices[row["variant_id"]]} for row in rows],
        first_position=first_position,
    )
    journal.write_event(document=document, step=step, sequence=sequence)
    sent = record.pieces_sent + sum(row["quantity"] for row in rows)
    journal.advance(document=document, state=state.value, sent_at=sent_at, pieces_sent=sent)


def to_document(*, record: FairRecord) -> Document:
    """Return what the steps share of a loan."""
    return Document(
        document_id=record.loan_id,
        number=record.number,
        upt_id=record.upt_id,
        kind=FAIR_SOURCE,
        model=FairLoan,
        event_model=FairEvent,
        state=record.state.value,
        version=record.version,
    )


def lock(*, actor: Actor, number: str) -> FairRecord:
    """Lock a loan for a step of its own UPT.

    Raises:
        NotFound, NotAllowed: ``stock.transfer`` is not held there, or there is no such loan.
    """
    record = queries.lock_fair(number=number)
    actor.ensure(STOCK_TRANSFER, upt_id=record.upt_id)
    return record


def _step(actor: Actor, action: FairAction, command: SaveFair, at: datetime) -> Step:
    content = (
        *_head(command).values(),
        *(repr(line.wanted()) for line in command.lines),
    )
    return Step(
        actor=actor, action=action.value, entry_key=command.entry_key, content=content, at=at,
        happened_at=at, expected_version=command.expected_version or 1,
    )  # fmt: skip


def _head(command: SaveFair) -> dict[str, Any]:
    names = ("name", "place", "starts_on", "ends_on", "responsible", "note")
    return {name: getattr(command, name) for name in names}


def _checked(upt_id: int, lines: Sequence[WantedLine]) -> tuple[WantedLine, ...]:
    errors = [
        FieldError(f"lines.{place}.from_place", "field.choice")
        for place, line in enumerate(lines)
        if line.from_place not in FAIR_PLACES
    ]
    if errors:
        raise Invalid(*errors)
    ensure_own_goods(upt_id=upt_id, lines=lines)
    return rules.merge_wanted(lines)


def _write_lines(document: Document, lines: Sequence[WantedLine]) -> None:
    _insert(
        document,
        [
            {
                "variant_id": line.variant_id,
                "from_place": line.from_place.value,
                "lot_id": line.lot_id,
                "lot_code": "",
                "expires_on": None,
                "quantity": line.quantity,
                "price_idr": line.price_idr,
            }
            for line in lines
        ],
        first_position=1,
    )


def _insert(document: Document, rows: Sequence[dict[str, Any]], *, first_position: int) -> None:
    db.insert_rows(
        FairLineRow,
        [
            {
                "loan_id": document.document_id,
                "position": position,
                "sold": 0,
                "returned": 0,
                "lost": 0,
                **row,
            }
            for position, row in enumerate(rows, start=first_position)
        ],
    )
