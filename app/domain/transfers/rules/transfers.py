"""The state table of transfers, and the moves that arrivals and recalls make in both ledgers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from app.domain.stock.types import LOT_CODE_MAX, Account, EntryKind, LotChoice, Move
from app.domain.transfers.errors import TransferClosed
from app.domain.transfers.types import (
    LATE_AFTER,
    ON_THE_WAY,
    Arrival,
    Outcome,
    RecallChoice,
    TransferAction,
    TransferLine,
    TransferRecord,
    TransferState,
)

_S = TransferState
_A = TransferAction

TRANSFER_NEXT: Final[Mapping[tuple[TransferState, TransferAction], TransferState]] = (
    MappingProxyType(
        {
            (_S.DRAFT, _A.SAVE): _S.DRAFT,
            (_S.DRAFT, _A.DISCARD): _S.DISCARDED,
            (_S.DRAFT, _A.SEND): _S.SENT,
            (_S.SENT, _A.RECEIVE_PART): _S.PART_RECEIVED,
            (_S.SENT, _A.RECEIVE_REST): _S.SETTLED,
            (_S.SENT, _A.RECALL): _S.RECALLED,
            (_S.PART_RECEIVED, _A.RECEIVE_PART): _S.PART_RECEIVED,
            (_S.PART_RECEIVED, _A.RECEIVE_REST): _S.SETTLED,
            (_S.PART_RECEIVED, _A.RECALL): _S.RECALLED,
        }
    )
)
"""Every legal move; each pair that is missing is refused. Source: docs/algorithms/transfers-and-fairs.md."""

ARRIVAL_KINDS: Final[Mapping[Outcome, EntryKind]] = MappingProxyType(
    {
        Outcome.RECEIVED: EntryKind.TRANSFER_DONE,
        Outcome.LOST: EntryKind.TRANSFER_LOST,
        Outcome.DAMAGED: EntryKind.TRANSFER_LOST,
        Outcome.NOT_SENT: EntryKind.TRANSFER_RETURNED,
        Outcome.CALLED_BACK: EntryKind.TRANSFER_RETURNED,
        Outcome.WRITTEN_OFF: EntryKind.TRANSFER_LOST,
    }
)
"""What each outcome writes in the sender's ledger."""

_TO: Final[Mapping[EntryKind, Account]] = {
    EntryKind.TRANSFER_DONE: Account.OTHER_UPT,
    EntryKind.TRANSFER_LOST: Account.LOSS,
    EntryKind.TRANSFER_RETURNED: Account.AVAILABLE,
}


def next_transfer_state(*, state: TransferState, action: TransferAction) -> TransferState:
    """Return the state after an action.

    Raises:
        TransferClosed: The action does not exist in this state.
    """
    try:
        return TRANSFER_NEXT[state, action]
    except KeyError:
        raise TransferClosed(str(state), str(action)) from None


def arrival_action(*, left: int, settled: int) -> TransferAction:
    """Return whether an arrival leaves something on the way."""
    return _A.RECEIVE_REST if settled == left else _A.RECEIVE_PART


def arrival_moves(
    *,
    record: TransferRecord,
    line: TransferLine,
    arrival: Arrival,
    place: Account,
    lot_code: str,
) -> list[Move]:
    """Return what one line of an arrival moves: the sender's side, and the receiver's for good pieces."""
    parts = (
        (Outcome.RECEIVED, arrival.received),
        (Outcome.LOST, arrival.lost),
        (Outcome.DAMAGED, arrival.damaged),
        (Outcome.NOT_SENT, arrival.not_sent),
    )
    moves = [
        _leave_transit(record, line, ARRIVAL_KINDS[outcome], quantity)
        for outcome, quantity in parts
        if quantity
    ]
    if arrival.received and arrival.variant_id is not None:
        moves.append(
            Move(
                upt_id=record.receiver_upt_id,
                variant_id=arrival.variant_id,
                kind=EntryKind.TRANSFER_RECEIVED,
                from_account=Account.OTHER_UPT,
                to_account=place,
                quantity=arrival.received,
                lot=LotChoice(lot_code, line.produced_on, line.expires_on),
            )
        )
    return moves


def recall_moves(
    *, record: TransferRecord, lines: Sequence[TransferLine], choice: RecallChoice
) -> list[Move]:
    """Return what ends everything still on the way."""
    kind = EntryKind.TRANSFER_RETURNED if choice is RecallChoice.BACK else EntryKind.TRANSFER_LOST
    return [_leave_transit(record, line, kind, line.left) for line in lines if line.left]


def _leave_transit(
    record: TransferRecord, line: TransferLine, kind: EntryKind, quantity: int
) -> Move:
    return Move(
        upt_id=record.sender_upt_id,
        variant_id=line.variant_id,
        kind=kind,
        from_account=Account.TRANSIT_UPT,
        to_account=_TO[kind],
        quantity=quantity,
        lot_id=line.lot_id,
    )


def lot_code_beside(*, code: str, number: str) -> str:
    """Return the code of a lot whose own code means something else at the receiver."""
    return f"{code[: LOT_CODE_MAX - len(number) - 1]}/{number}"


def days_between(*, start: datetime | None, end: datetime) -> int:
    """Return whole days from sending until now; 0 before."""
    return max((end - start).days, 0) if start else 0


def transfer_is_late(*, record: TransferRecord, at: datetime, today: date) -> bool:
    """Say whether goods on the way are past their day, or past two weeks where none was named."""
    if record.state not in ON_THE_WAY or record.sent_at is None:
        return False
    if record.due_on is None:
        return at - record.sent_at > LATE_AFTER
    return today > record.due_on
