"""A transfer on the sender's side: written, changed, thrown away, sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.domain.stock import queries as stock_queries
from app.domain.stock.types import Account, EntryKind
from app.domain.transfers import queries, rules
from app.domain.transfers.commands import SaveTransfer, StepDocument
from app.domain.transfers.models import Transfer, TransferEvent, TransferLineRow
from app.domain.transfers.services import journal
from app.domain.transfers.services.journal import Document, Step
from app.domain.transfers.types import (
    LEAVING_PLACES,
    STOCK_TRANSFER,
    TRANSFER_SOURCE,
    TransferAction,
    TransferRecord,
    TransferState,
    WantedLine,
)
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import FieldError, Invalid


def create_transfer(
    *, actor: Actor, upt_id: int, number: str, command: SaveTransfer, at: datetime
) -> str:
    """Write a draft; return its number, the earlier one when the form comes again.

    Args:
        number: Random, read aloud by people; made by the surface.

    Raises:
        NotFound, NotAllowed: ``stock.transfer`` is not held in the UPT, or goods are not its own.
        Invalid: The receiver is the sender or unknown, or a place cannot be sent from.
        NothingWritten: There is no line.
    """
    actor.ensure(STOCK_TRANSFER, upt_id=upt_id)
    step = _step(actor, TransferAction.CREATE, command, at)
    known = queries.find_event(
        model=TransferEvent, entry_key=command.entry_key, fingerprint=step.fingerprint
    )
    if known is not None:
        return _number_of(known)
    lines = _checked(upt_id, command)
    transfer = Transfer(
        number=number,
        sender_upt_id=upt_id,
        state=TransferState.DRAFT.value,
        version=1,
        pieces_sent=0,
        pieces_settled=0,
        created_at=at,
        **_head(command),
    )
    db.add(transfer)
    document = to_document(record=queries.lock_transfer(number=number))
    _write_lines(document, lines)
    journal.write_event(document=document, step=step, sequence=1)
    return number


def save_transfer(*, actor: Actor, number: str, command: SaveTransfer, at: datetime) -> None:
    """Change a draft to what the form says.

    Raises:
        NotFound, NotAllowed, Invalid, NothingWritten: As of ``create_transfer``.
        TransferChanged, TransferClosed: Somebody was quicker, or it is no draft any more.
    """
    record = _lock(actor, number)
    document = to_document(record=record)
    step = _step(actor, TransferAction.SAVE, command, at)
    if journal.is_repeat(document=document, step=step):
        return
    state = rules.next_transfer_state(state=record.state, action=TransferAction.SAVE)
    lines = _checked(record.sender_upt_id, command)
    journal.drop_lines(document=document)
    _write_lines(document, lines)
    journal.write_event(
        document=document, step=step, sequence=journal.next_sequence(document=document)
    )
    journal.advance(document=document, state=state.value, **_head(command))


def discard_transfer(*, actor: Actor, number: str, command: StepDocument, at: datetime) -> None:
    """Throw a draft away; it stays readable to its sender.

    Raises:
        NotFound, NotAllowed, TransferChanged, TransferClosed: As of ``save_transfer``.
    """
    record = _lock(actor, number)
    document = to_document(record=record)
    step = _plain_step(actor, TransferAction.DISCARD, command, at)
    if journal.is_repeat(document=document, step=step):
        return
    state = rules.next_transfer_state(state=record.state, action=TransferAction.DISCARD)
    journal.write_event(
        document=document, step=step, sequence=journal.next_sequence(document=document)
    )
    journal.advance(document=document, state=state.value, ended_at=at)


def send_transfer(*, actor: Actor, number: str, command: StepDocument, at: datetime) -> None:
    """Take the goods out of the store; until received they are on the way.

    A line without a lot leaves from the lots that expire first and becomes one line for each lot.

    Raises:
        NotFound, NotAllowed, TransferChanged, TransferClosed: As of ``save_transfer``.
        InsufficientStock: Names every variant that is short; nothing left.
        LotUnfit: A lot named is blocked or past its last day.
    """
    record = _lock(actor, number)
    document = to_document(record=record)
    step = _plain_step(actor, TransferAction.SEND, command, at)
    if journal.is_repeat(document=document, step=step):
        return
    state = rules.next_transfer_state(state=record.state, action=TransferAction.SEND)
    wanted = [
        WantedLine(line.variant_id, line.quantity, line.from_place, line.lot_id)
        for line in queries.list_transfer_lines(transfer_id=record.transfer_id)
    ]
    sequence = journal.next_sequence(document=document)
    moves = journal.send_moves(
        upt_id=record.sender_upt_id,
        kind=EntryKind.TRANSFER_SENT,
        to=Account.TRANSIT_UPT,
        lines=rules.merge_wanted(wanted),
    )
    rows = journal.post_sending(document=document, step=step, sequence=sequence, moves=moves)
    journal.drop_lines(document=document)
    _insert(document, rows)
    journal.write_event(document=document, step=step, sequence=sequence)
    journal.advance(
        document=document,
        state=state.value,
        sent_at=at,
        pieces_sent=sum(row["quantity"] for row in rows),
    )


def to_document(*, record: TransferRecord) -> Document:
    """Return what the steps share of a transfer; the sender's trail keeps it."""
    return Document(
        document_id=record.transfer_id,
        number=record.number,
        upt_id=record.sender_upt_id,
        kind=TRANSFER_SOURCE,
        model=Transfer,
        event_model=TransferEvent,
        state=record.state.value,
        version=record.version,
    )


def _lock(actor: Actor, number: str) -> TransferRecord:
    record = queries.lock_transfer(number=number)
    actor.ensure(STOCK_TRANSFER, upt_id=record.sender_upt_id)
    return record


def _number_of(transfer_id: int) -> str:
    row = db.session().get(Transfer, transfer_id)
    assert row is not None, "an event always has its document"
    return row.number


def _step(actor: Actor, action: TransferAction, command: SaveTransfer, at: datetime) -> Step:
    content = (
        command.receiver_upt_id, command.carrier, command.note, command.due_on,
        *(repr(line.wanted()) for line in command.lines),
    )  # fmt: skip
    return Step(
        actor=actor, action=action.value, entry_key=command.entry_key, content=content, at=at,
        happened_at=at, expected_version=command.expected_version or 1,
    )  # fmt: skip


def _plain_step(actor: Actor, action: TransferAction, command: StepDocument, at: datetime) -> Step:
    return Step(
        actor=actor, action=action.value, entry_key=command.entry_key, content=(), at=at,
        happened_at=at, expected_version=command.expected_version,
    )  # fmt: skip


def _head(command: SaveTransfer) -> dict[str, Any]:
    names = ("receiver_upt_id", "carrier", "note", "due_on")
    return {name: getattr(command, name) for name in names}


def _checked(upt_id: int, command: SaveTransfer) -> tuple[WantedLine, ...]:
    """Return the lines, added up; refuse receivers and places that cannot be."""
    receiver_id = command.receiver_upt_id
    is_known = receiver_id in upt_queries.briefs(upt_ids=[receiver_id])
    if receiver_id == upt_id or not is_known:
        raise Invalid(FieldError("receiver_upt_id", "transfers.other_unit"))
    errors = [
        FieldError(f"lines.{place}.from_place", "field.choice")
        for place, line in enumerate(command.lines)
        if line.from_place not in LEAVING_PLACES
    ]
    if errors:
        raise Invalid(*errors)
    ensure_own_goods(upt_id=upt_id, lines=[line.wanted() for line in command.lines])
    return rules.merge_wanted([line.wanted() for line in command.lines])


def ensure_own_goods(*, upt_id: int, lines: Sequence[WantedLine]) -> None:
    """Refuse variants and lots that are not the UPT's own.

    Raises:
        NotFound: One is not.
    """
    stock_queries.ensure_variants(keys={(upt_id, line.variant_id) for line in lines})
    for line in lines:
        if line.lot_id is not None:
            stock_queries.ensure_lot(upt_id=upt_id, variant_id=line.variant_id, lot_id=line.lot_id)


def _write_lines(document: Document, lines: Sequence[WantedLine]) -> None:
    _insert(
        document,
        [
            {
                "variant_id": line.variant_id,
                "from_place": line.from_place.value,
                "lot_id": line.lot_id,
                "lot_code": "",
                "produced_on": None,
                "expires_on": None,
                "quantity": line.quantity,
            }
            for line in lines
        ],
    )


def _insert(document: Document, rows: Sequence[dict[str, Any]]) -> None:
    db.insert_rows(
        TransferLineRow,
        [
            {
                "transfer_id": document.document_id,
                "position": position,
                "received": 0,
                "returned": 0,
                "lost": 0,
                **row,
            }
            for position, row in enumerate(rows, start=1)
        ],
    )
