"""Which kinds of entries go from which account to which: the map that postings are held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import permutations, product
from typing import Final

from app.domain.stock.errors import MoveUnfit
from app.domain.stock.rules.shapes import Line
from app.domain.stock.types import PLACES, UNGUARDED, Account, EntryKind, Move, ReceiptOrigin

_A: Final = Account
_K: Final = EntryKind
Way = tuple[Account, Account]


def _ways(sources: Iterable[Account], targets: Iterable[Account]) -> frozenset[Way]:
    return frozenset(product(sources, targets))


_NEW_PLACES: Final = (_A.AVAILABLE, _A.GALLERY, _A.QUARANTINE)
_BACK_PLACES: Final = (_A.AVAILABLE, _A.GALLERY, _A.SECOND_GRADE, _A.QUARANTINE)

MOVES: Final[Mapping[EntryKind, frozenset[Way]]] = {
    _K.OPENING: _ways([_A.OPENING], PLACES),
    _K.PRODUCED: _ways([_A.PRODUCTION], _NEW_PLACES),
    _K.PURCHASED: _ways([_A.SUPPLIER], _NEW_PLACES),
    _K.FOUND: _ways([_A.FOUND], PLACES),
    _K.COUNTED_MORE: _ways([_A.FOUND], PLACES),
    _K.COUNTED_LESS: _ways(PLACES, [_A.LOSS]),
    _K.DAMAGED: _ways(PLACES, [_A.LOSS]),
    _K.SPOILED: _ways(PLACES, [_A.LOSS]),
    _K.LOST: _ways(PLACES, [_A.LOSS]),
    _K.SAMPLED: _ways(PLACES, [_A.SAMPLE]),
    _K.CONSUMED: _ways(PLACES, [_A.CONSUMED]),
    _K.MOVED: frozenset(permutations(PLACES, 2)),
    _K.SOLD: _ways([_A.GALLERY, _A.AVAILABLE, _A.SECOND_GRADE, _A.FAIR], [_A.CUSTOMER]),
    _K.RETURNED: _ways([_A.CUSTOMER], [_A.RETURNED]),
    _K.FAIR_SENT: _ways([_A.AVAILABLE, _A.GALLERY], [_A.FAIR]),
    _K.FAIR_RETURNED: _ways([_A.FAIR], _BACK_PLACES),
    _K.FAIR_LOST: _ways([_A.FAIR], [_A.LOSS]),
    _K.TRANSFER_SENT: _ways([_A.AVAILABLE, _A.GALLERY, _A.SECOND_GRADE], [_A.TRANSIT_UPT]),
    _K.TRANSFER_DONE: _ways([_A.TRANSIT_UPT], [_A.OTHER_UPT]),
    _K.TRANSFER_RECEIVED: _ways([_A.OTHER_UPT], _BACK_PLACES),
    _K.TRANSFER_LOST: _ways([_A.TRANSIT_UPT], [_A.LOSS]),
    _K.TRANSFER_RETURNED: _ways([_A.TRANSIT_UPT], [_A.AVAILABLE, _A.GALLERY]),
    _K.CAPACITY_OPENED: _ways([_A.PLAN], [_A.CAPACITY]),
    _K.CAPACITY_CLOSED: _ways([_A.CAPACITY], [_A.PLAN]),
}
"""Ways of the entries that move at once; holds, their ends and reversals follow other entries."""

ONLY_IN_DATE: Final = frozenset({_K.SOLD, _K.FAIR_SENT, _K.TRANSFER_SENT})
"""Kinds that hand pieces on: a lot that is blocked or past its last day stays behind."""

RECEIPTS: Final[Mapping[ReceiptOrigin, tuple[EntryKind, Account]]] = {
    ReceiptOrigin.PRODUCTION: (_K.PRODUCED, _A.PRODUCTION),
    ReceiptOrigin.PURCHASE: (_K.PURCHASED, _A.SUPPLIER),
}


def ensure_way(move: Move) -> None:
    """Refuse a move whose kind does not go between its accounts, or that names a lot twice.

    Raises:
        MoveUnfit: It does, or it opens a lot for pieces that are in the books already.
    """
    if (move.from_account, move.to_account) not in MOVES.get(move.kind, frozenset()):
        raise MoveUnfit
    if move.lot is not None and (move.lot_id is not None or not comes_in(move)):
        raise MoveUnfit


def ensure_place(place: Account) -> None:
    """Refuse an account that is not a place inside a UPT.

    Raises:
        MoveUnfit: It is not one.
    """
    if place not in PLACES:
        raise MoveUnfit


def comes_in(move: Move | Line) -> bool:
    """Say whether the pieces come from outside the guarded accounts."""
    return move.from_account in UNGUARDED
