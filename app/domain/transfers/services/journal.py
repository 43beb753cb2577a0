"""What every step does alike: recognise a repeat, leave an event, move the document by compare-and-set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, delete, update

from app.domain.audit import services as audit_services
from app.domain.stock import queries as stock_queries
from app.domain.stock import rules as stock_rules
from app.domain.stock import services as stock_services
from app.domain.stock.types import Account, EntryKind, EntrySource, Move
from app.domain.transfers import queries
from app.domain.transfers.errors import TransferChanged
from app.domain.transfers.models import (
    FairLineRow,
    FairLoan,
    Transfer,
    TransferLineRow,
)
from app.domain.transfers.queries.history import AnyEvent
from app.domain.transfers.types import STOCK_TRANSFER, FairLine, TransferLine, WantedLine
from app.infra import db
from app.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it was asked for.

    Attributes:
        content: What was asked; a repeat of the key must ask for the same.
        expected_version: The version that the page showed.
    """

    actor: Actor
    action: str
    entry_key: str
    content: Sequence[object]
    at: datetime
    happened_at: datetime
    expected_version: int = 1
    note: str = ""

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint of what was asked."""
        return stock_rules.fingerprint((self.action, *self.content))


@dataclass(frozen=True, slots=True)
class Document:
    """What a step needs to know of a transfer or a loan.

    Attributes:
        upt_id: The UPT for whose trail this is.
        kind: Kind of source in the ledger.
    """

    document_id: int
    number: str
    upt_id: int
    kind: str
    model: type[Transfer] | type[FairLoan]
    event_model: AnyEvent
    state: str
    version: int

    def source(self, sequence: int) -> EntrySource:
        """Return the ledger's source of one of its events."""
        return EntrySource(self.kind, f"{self.number}/{sequence}")


def is_repeat(*, document: Document, step: Step) -> bool:
    """Say whether this form was written to the document before; the document is locked.

    Raises:
        IdempotencyMismatch: It was, with other content or to another document.
        TransferChanged: The page was filled from another version.
    """
    found = queries.find_event(
        model=document.event_model, entry_key=step.entry_key, fingerprint=step.fingerprint
    )
    if found is not None:
        stock_rules.ensure_same(found=str(found), given=str(document.document_id))
        return True
    if document.version != step.expected_version:
        raise TransferChanged
    return False


def next_sequence(*, document: Document) -> int:
    """Return the number of the event that the step will leave."""
    return queries.next_sequence(model=document.event_model, document_id=document.document_id)


def write_event(*, document: Document, step: Step, sequence: int, **more: Any) -> int:
    """Leave the event of a step and its line in the audit trail; return the event's id."""
    event = document.event_model(
        document_id=document.document_id,
        sequence=sequence,
        action=step.action,
        entry_key=step.entry_key,
        fingerprint=step.fingerprint,
        actor_user_id=step.actor.user_id,
        note=step.note,
        happened_at=step.happened_at,
        written_at=step.at,
        **more,
    )
    db.add(event)
    audit_services.record(
        actor=step.actor,
        action=f"{document.kind}.{step.action}",
        subject=f"{document.kind}:{document.number}",
        at=step.at,
        upt_id=document.upt_id,
        detail={"event": sequence},
    )
    return event.id


def advance(*, document: Document, state: str, **changes: Any) -> None:
    """Move the document on, if it still stands where the step found it.

    Raises:
        TransferChanged: It does not.
    """
    model: Any = document.model
    result: CursorResult[Any] = db.session().execute(  # type: ignore[assignment]  # an UPDATE answers with a cursor
        update(model)
        .where(
            model.id == document.document_id,
            model.version == document.version,
            model.state == document.state,
        )
        .values(state=state, version=document.version + 1, **changes)
        .execution_options(synchronize_session=False)
    )
    if result.rowcount != 1:
        raise TransferChanged


def send_moves(
    *, upt_id: int, kind: EntryKind, to: Account, lines: Sequence[WantedLine]
) -> list[Move]:
    """Return what takes the lines out of the store."""
    return [
        Move(
            upt_id=upt_id,
            variant_id=line.variant_id,
            kind=kind,
            from_account=line.from_place,
            to_account=to,
            quantity=line.quantity,
            lot_id=line.lot_id,
        )
        for line in lines
    ]


def post_sending(
    *, document: Document, step: Step, sequence: int, moves: Sequence[Move]
) -> list[dict[str, Any]]:
    """Post what leaves and return one line for each lot, as the rows of the document keep it.

    Raises:
        NotFound, NotAllowed, InsufficientStock, LotUnfit: As of ``post_moves``.
    """
    posted = stock_services.post_moves(
        actor=step.actor,
        permission=STOCK_TRANSFER,
        acting_upt_id=document.upt_id,
        action=f"{document.kind}.sent",
        moves=moves,
        source=document.source(sequence),
        happened_at=step.happened_at,
        at=step.at,
        note=step.note,
    )
    lots = {
        lot.lot_id: lot
        for lot in stock_queries.lots_in(
            upt_id=document.upt_id,
            accounts=(moves[0].to_account,),
            variant_ids={move.variant_id for move in moves},
        )
    }
    pieces: dict[tuple[int, Account, int], int] = {}
    for entry in posted:
        key = (entry.variant_id, entry.from_account, entry.lot_id)
        pieces[key] = pieces.get(key, 0) + entry.quantity
    return [
        {
            "variant_id": variant_id,
            "from_place": place.value,
            "lot_id": lot_id,
            "lot_code": lots[lot_id].code,
            "expires_on": lots[lot_id].expires_on,
            "quantity": quantity,
        }
        | ({"produced_on": lots[lot_id].produced_on} if document.model is Transfer else {})
        for (variant_id, place, lot_id), quantity in pieces.items()
    ]


def drop_lines(*, document: Document) -> None:
    """Forget the lines of a draft; nothing refers to them."""
    statement = (
        delete(TransferLineRow).where(TransferLineRow.transfer_id == document.document_id)
        if document.model is Transfer
        else delete(FairLineRow).where(FairLineRow.loan_id == document.document_id)
    )
    db.session().execute(statement)


def left_of(*, lines: Sequence[TransferLine] | Sequence[FairLine]) -> dict[int, int]:
    """Return the open pieces by line."""
    return {line.line_id: line.left for line in lines}
