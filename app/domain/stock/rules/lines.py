"""Which entries an act makes: accounts by reason, lots by expiry, what ends a hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from app.domain.stock.errors import (
    InsufficientStock,
    NotReversible,
    OwnedByDocument,
    ReasonUnfit,
)
from app.domain.stock.rules.shapes import (
    AdjustRule,
    EntryLine,
    HoldLine,
    Key,
    Line,
    LotFree,
    Pick,
)
from app.domain.stock.rules.ways import ensure_place
from app.domain.stock.types import (
    HAND_MADE,
    PROMISED_FROM,
    UNGUARDED,
    Account,
    AdjustReason,
    EntryKind,
    Phase,
    Shortage,
)

RECEIPT: Final = AdjustRule(Account.PRODUCTION, Account.AVAILABLE, EntryKind.PRODUCED)

_IN: Final = 1
_OUT: Final = -1

ADJUSTMENTS: Final[Mapping[tuple[AdjustReason, int], AdjustRule]] = {
    (AdjustReason.OPENING, _IN): AdjustRule(Account.OPENING, Account.AVAILABLE, EntryKind.OPENING),
    (AdjustReason.FOUND, _IN): AdjustRule(Account.FOUND, Account.AVAILABLE, EntryKind.FOUND),
    (AdjustReason.COUNT, _IN): AdjustRule(Account.FOUND, Account.AVAILABLE, EntryKind.COUNTED_MORE),
    (AdjustReason.COUNT, _OUT): AdjustRule(Account.AVAILABLE, Account.LOSS, EntryKind.COUNTED_LESS),
    (AdjustReason.DAMAGED, _OUT): AdjustRule(Account.AVAILABLE, Account.LOSS, EntryKind.DAMAGED),
    (AdjustReason.SPOILED, _OUT): AdjustRule(Account.AVAILABLE, Account.LOSS, EntryKind.SPOILED),
    (AdjustReason.LOST, _OUT): AdjustRule(Account.AVAILABLE, Account.LOSS, EntryKind.LOST),
    (AdjustReason.SAMPLE, _OUT): AdjustRule(Account.AVAILABLE, Account.SAMPLE, EntryKind.SAMPLED),
    (AdjustReason.INTERNAL_USE, _OUT): AdjustRule(
        Account.AVAILABLE, Account.CONSUMED, EntryKind.CONSUMED
    ),
}


def reasons(*, direction: int) -> tuple[AdjustReason, ...]:
    """Return the reasons for adding (positive) or taking (negative) pieces."""
    sign = _IN if direction > 0 else _OUT
    return tuple(reason for reason, way in ADJUSTMENTS if way == sign)


def adjustment(
    *, reason: AdjustReason, quantity_delta: int, place: Account = Account.AVAILABLE
) -> AdjustRule:
    """Return the accounts and the kind for a reason, a signed change and a place.

    Raises:
        ReasonUnfit: Such a reason does not add, or does not take.
        MoveUnfit: The place is not one inside a UPT.
    """
    try:
        rule = ADJUSTMENTS[reason, _IN if quantity_delta > 0 else _OUT]
    except KeyError:
        raise ReasonUnfit from None
    ensure_place(place)
    if quantity_delta > 0:
        return replace(rule, to_account=place)
    return replace(rule, from_account=place)


def pick(
    *,
    wanted: Mapping[Key, int],
    lots: Sequence[LotFree],
    on: date | None,
    order: Sequence[Account] = PROMISED_FROM,
) -> tuple[tuple[Pick, ...], tuple[Shortage, ...]]:
    """Take pieces lot by lot, first expired first out, and name every shortage.

    Args:
        wanted: Pieces by UPT and variant.
        lots: What is free now.
        on: Leave out lots that are blocked or whose last day is before this date; None takes all.
        order: Which account gives first among lots that expire on one day. Work still to be done
            always comes after pieces that are there.
    """
    rank = {account: place for place, account in enumerate(order)}

    def first_out(lot: LotFree) -> tuple[bool, date, int, int]:
        is_work = lot.account is Account.CAPACITY
        return is_work, lot.expires_on or date.max, rank.get(lot.account, len(rank)), lot.lot_id

    by_key: dict[Key, list[LotFree]] = {}
    for lot in lots:
        if lot.free > 0 and (on is None or is_sellable(lot, on=on)):
            by_key.setdefault((lot.upt_id, lot.variant_id), []).append(lot)
    picks: list[Pick] = []
    shortages: list[Shortage] = []
    for (upt_id, variant_id), quantity in sorted(wanted.items()):
        left = quantity
        candidates = by_key.get((upt_id, variant_id), [])
        for lot in sorted(candidates, key=first_out):
            taken = min(lot.free, left)
            if taken:
                picks.append(Pick(upt_id, variant_id, lot.lot_id, taken, lot.account))
            left -= taken
        if left:
            shortages.append(Shortage(upt_id, variant_id, quantity, quantity - left))
    return tuple(picks), tuple(shortages)


def is_sellable(lot: LotFree, *, on: date) -> bool:
    """Say whether pieces of a lot may be promised or sold on a day."""
    return lot.is_open and (lot.expires_on is None or lot.expires_on >= on)


def free_again(*, lots: Sequence[LotFree], lapsed: Sequence[HoldLine]) -> list[LotFree]:
    """Return the lots with the pieces of lapsed holds added."""
    freed: dict[tuple[int, str], int] = {}
    for hold in lapsed:
        key = (hold.lot_id, hold.from_account)
        freed[key] = freed.get(key, 0) + hold.quantity
    return [replace(lot, free=lot.free + freed.get((lot.lot_id, lot.account), 0)) for lot in lots]


def kept(hold: HoldLine, *, expires_at: datetime | None) -> Line:
    """Return the line that gives a hold another end."""
    return _on_hold(hold, Phase.KEEP, EntryKind.KEPT, hold.quantity, expires_at=expires_at)


def voided(hold: HoldLine) -> Line:
    """Return the line that takes a promise back."""
    return _on_hold(hold, Phase.VOID, EntryKind.VOIDED, hold.quantity)


def expired(hold: HoldLine) -> Line:
    """Return the line that closes a hold past its end."""
    return _on_hold(hold, Phase.VOID, EntryKind.EXPIRED, hold.quantity)


def shipped(hold: HoldLine, *, parts: Mapping[int, int]) -> Line:
    """Return the line that sends promised pieces off, all unless ``parts`` names fewer."""
    quantity = parts.get(hold.hold_id, hold.quantity)
    return _on_hold(hold, Phase.POST, EntryKind.SHIPPED, quantity)


def _on_hold(
    hold: HoldLine,
    phase: Phase,
    kind: EntryKind,
    quantity: int,
    *,
    expires_at: datetime | None = None,
) -> Line:
    return Line(
        upt_id=hold.upt_id,
        phase=phase,
        kind=kind,
        variant_id=hold.variant_id,
        lot_id=hold.lot_id,
        from_account=hold.from_account,
        to_account=hold.to_account,
        quantity=quantity,
        hold_id=hold.hold_id,
        expires_at=expires_at,
    )


def move(rule: AdjustRule, upt_id: int, variant_id: int, lot_id: int, quantity: int) -> Line:
    """Return the line that moves pieces at once."""
    return Line(
        upt_id=upt_id,
        phase=Phase.MOVE,
        kind=rule.kind,
        variant_id=variant_id,
        lot_id=lot_id,
        from_account=rule.from_account,
        to_account=rule.to_account,
        quantity=quantity,
    )


def promise(pick: Pick, *, expires_at: datetime | None) -> Line:
    """Return the line that holds picked pieces for a customer."""
    return Line(
        upt_id=pick.upt_id,
        phase=Phase.HOLD,
        kind=EntryKind.HELD,
        variant_id=pick.variant_id,
        lot_id=pick.lot_id,
        from_account=pick.account,
        to_account=Account.TRANSIT_CUSTOMER,
        quantity=pick.quantity,
        expires_at=expires_at,
    )


def delivery(hold: HoldLine) -> Line:
    """Return the line that brings the shipped pieces of a hold to the customer."""
    return Line(
        upt_id=hold.upt_id,
        phase=Phase.MOVE,
        kind=EntryKind.DELIVERED,
        variant_id=hold.variant_id,
        lot_id=hold.lot_id,
        from_account=hold.to_account,
        to_account=Account.CUSTOMER,
        quantity=hold.quantity_posted,
        hold_id=hold.hold_id,
    )


def reversal(*, upt_id: int, entry: EntryLine) -> Line:
    """Return the line that takes a posted entry back.

    Raises:
        NotReversible: It moved nothing, is a reversal, or was reversed before.
        InsufficientStock: The pieces are no longer free where they went.
    """
    if entry.phase not in (Phase.MOVE, Phase.POST):
        raise NotReversible
    if entry.reverses_id is not None or entry.is_reversed:
        raise NotReversible
    if entry.to_account not in UNGUARDED and entry.free_there < entry.quantity:
        raise InsufficientStock(
            [Shortage(upt_id, entry.variant_id, entry.quantity, entry.free_there)]
        )
    return Line(
        upt_id=upt_id,
        phase=Phase.MOVE,
        kind=EntryKind.REVERSED,
        variant_id=entry.variant_id,
        lot_id=entry.lot_id,
        from_account=entry.to_account,
        to_account=entry.from_account,
        quantity=entry.quantity,
        reverses_id=entry.entry_id,
    )


def ensure_made_by_hand(*, entry: EntryLine) -> None:
    """Refuse to take an entry back behind its document.

    Raises:
        OwnedByDocument: A sale, count, transfer, loan, list, plan or order wrote it.
    """
    if entry.source_kind not in HAND_MADE:
        raise OwnedByDocument(entry.source_kind)


def reversals(*, upt_id: int, entries: Sequence[EntryLine]) -> list[Line]:
    """Return the lines that take back all entries of a posting.

    Pieces that several of them draw from one place are added up, so that no place is short on the
    way, even when a later line would put pieces back.

    Raises:
        NotReversible, InsufficientStock: One of them cannot be taken back.
    """
    drawn: dict[tuple[int, int, str], int] = {}
    lines = []
    for entry in entries:
        key = (entry.variant_id, entry.lot_id, entry.to_account)
        left = entry.free_there - drawn.get(key, 0)
        lines.append(reversal(upt_id=upt_id, entry=replace(entry, free_there=left)))
        drawn[key] = drawn.get(key, 0) + entry.quantity
    return lines
