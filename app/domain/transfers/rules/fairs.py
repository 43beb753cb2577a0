"""The state table of loans to fairs, what settling moves, and what a loan sold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

from app.domain.stock.types import Account, EntryKind, Move
from app.domain.transfers.errors import FairClosed
from app.domain.transfers.types import (
    EventRecord,
    FairAction,
    FairLine,
    FairOutcome,
    FairRecord,
    FairResult,
    FairSales,
    FairState,
    PaidBy,
)

_S = FairState
_A = FairAction

FAIR_NEXT: Final[Mapping[tuple[FairState, FairAction], FairState]] = MappingProxyType(
    {
        (_S.DRAFT, _A.SAVE): _S.DRAFT,
        (_S.DRAFT, _A.DISCARD): _S.DISCARDED,
        (_S.DRAFT, _A.SEND): _S.OUT,
        (_S.OUT, _A.SEND_MORE): _S.OUT,
        (_S.OUT, _A.SETTLE): _S.OUT,
        (_S.OUT, _A.UNDO): _S.OUT,
        (_S.OUT, _A.CLOSE): _S.CLOSED,
    }
)
"""Every legal move; each pair that is missing is refused. Source: docs/algorithms/transfers-and-fairs.md."""


def next_fair_state(*, state: FairState, action: FairAction) -> FairState:
    """Return the state after an action.

    Raises:
        FairClosed: The action does not exist in this state.
    """
    try:
        return FAIR_NEXT[state, action]
    except KeyError:
        raise FairClosed(str(state), str(action)) from None


def fair_moves(
    *, record: FairRecord, line: FairLine, result: FairResult, place: Account
) -> list[Move]:
    """Return what settling one line moves: sold to customers, back to a place, or lost."""
    parts = (
        (EntryKind.SOLD, Account.CUSTOMER, result.sold),
        (EntryKind.FAIR_RETURNED, place, result.returned),
        (EntryKind.FAIR_LOST, Account.LOSS, result.damaged + result.lost),
    )
    return [
        Move(
            upt_id=record.upt_id,
            variant_id=line.variant_id,
            kind=kind,
            from_account=Account.FAIR,
            to_account=target,
            quantity=quantity,
            lot_id=line.lot_id,
        )
        for kind, target, quantity in parts
        if quantity
    ]


def fair_is_late(*, record: FairRecord, today: date) -> bool:
    """Say whether a loan is still open after the fair's last day."""
    return record.state is FairState.OUT and today > record.ends_on


def sales_of(events: Sequence[EventRecord]) -> FairSales:
    """Add up what was sold, leaving out what was taken back."""
    by_line: dict[int, int] = {}
    by_payment: dict[PaidBy, int] = {}
    pieces = 0
    for event in events:
        if event.undone_by is not None:
            continue
        for outcome in event.outcomes:
            if outcome.outcome != FairOutcome.SOLD:
                continue
            pieces += outcome.quantity
            by_line[outcome.line_id] = by_line.get(outcome.line_id, 0) + outcome.amount_idr
            paid_by = PaidBy(outcome.paid_by)
            by_payment[paid_by] = by_payment.get(paid_by, 0) + outcome.amount_idr
    return FairSales(pieces, sum(by_line.values()), by_line, by_payment)
