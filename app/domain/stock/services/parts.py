"""A part of a promise goes, the rest stays promised; and parcels that never arrive.

The old hold ends and a new one of the same lot begins in one posting, under one lock: there is no
moment in which anybody else could take the rest.

Source: docs/algorithms/stock-ledger.md, section 2.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial

from app.domain.stock import queries, rules
from app.domain.stock.errors import HoldClosed
from app.domain.stock.rules import HoldLine, Line
from app.domain.stock.services import posting as posting_door
from app.domain.stock.types import (
    Account,
    EntryKind,
    EntrySource,
    HoldRecord,
    HoldState,
    Phase,
)
from app.kernel.actor import Actor


def ship_part(
    *,
    actor: Actor,
    upt_id: int,
    quantities: Mapping[int, int],
    source: EntrySource,
    at: datetime,
) -> dict[int, HoldRecord]:
    """Hand promised pieces to the carrier; what stays behind stays promised, without an end.

    Args:
        quantities: Pieces that leave, by hold id; at most those promised.

    Returns:
        The new hold of the rest, by the id of the old hold, where there is a rest.

    Raises:
        HoldClosed: One of them is no longer open, or fewer were promised.
        QuantityOutOfRange: A quantity is outside the limits.
    """
    make = partial(rules.shipped, parts=dict(quantities))
    return _end_in_part(actor, "stock.shipped", upt_id, quantities, source, make, at=at)


def release_part(
    *,
    actor: Actor,
    upt_id: int,
    quantities: Mapping[int, int],
    source: EntrySource,
    reason: str,
    at: datetime,
) -> dict[int, HoldRecord]:
    """Take a part of promises back, for a reason code; the rest stays promised, without an end.

    Args:
        quantities: Pieces that are free again, by hold id; at most those promised.

    Returns:
        The new hold of the rest, by the id of the old hold, where there is a rest.

    Raises:
        HoldClosed: One of them is no longer open, or fewer were promised.
        QuantityOutOfRange: A quantity is outside the limits.
    """
    return _end_in_part(
        actor, "stock.released", upt_id, quantities, source, rules.voided, at=at, reason=reason
    )


def lose(
    *,
    actor: Actor,
    upt_id: int,
    hold_ids: Collection[int],
    source: EntrySource,
    note: str,
    at: datetime,
) -> None:
    """Record that shipped pieces never reached the customer: they go from transit to loss.

    Raises:
        HoldClosed: One of them was not shipped, or was delivered or lost before.
    """
    content = ("stock.parcel_lost", sorted(hold_ids))
    posting = rules.posting(actor=actor, source=source, content=content, at=at, note=note)
    heads = posting_door.lock_heads(upt_ids={upt_id})
    if queries.is_repeat(posting=posting, upt_ids=heads):
        return
    holds = queries.list_holds(upt_id=upt_id, hold_ids=hold_ids)
    if len(holds) != len(set(hold_ids)) or any(hold.state != HoldState.POSTED for hold in holds):
        raise HoldClosed
    posting_door.append(
        actor=actor,
        action="stock.parcel_lost",
        heads=heads,
        lines=[_lost(hold) for hold in holds],
        posting=posting,
    )


def _end_in_part(
    actor: Actor,
    action: str,
    upt_id: int,
    quantities: Mapping[int, int],
    source: EntrySource,
    make: Callable[[HoldLine], Line],
    *,
    at: datetime,
    reason: str = "",
) -> dict[int, HoldRecord]:
    for quantity in quantities.values():
        rules.ensure_quantity(quantity)
    content = (action, sorted(quantities.items()))
    posting = rules.posting(actor=actor, source=source, content=content, at=at, reason=reason)
    heads = posting_door.lock_heads(upt_ids={upt_id})
    holds = queries.list_holds(upt_id=upt_id, hold_ids=quantities)
    if len(holds) != len(quantities):
        raise HoldClosed
    rests = {hold.hold_id: hold.quantity - quantities[hold.hold_id] for hold in holds}
    if not queries.is_repeat(posting=posting, upt_ids=heads):
        if any(hold.state != HoldState.OPEN or rests[hold.hold_id] < 0 for hold in holds):
            raise HoldClosed
        lines = []
        for hold in holds:
            lines.append(make(hold))
            if rests[hold.hold_id]:
                lines.append(_held_again(hold, rests[hold.hold_id]))
        posting_door.append(actor=actor, action=action, heads=heads, lines=lines, posting=posting)
    kept = [hold_id for hold_id, rest in rests.items() if rest > 0]
    if not kept:
        return {}
    records = queries.list_holds_of(source=source, upt_ids=heads)
    return dict(zip(kept, records, strict=True))


def _held_again(hold: HoldLine, quantity: int) -> Line:
    return Line(
        upt_id=hold.upt_id,
        phase=Phase.HOLD,
        kind=EntryKind.HELD,
        variant_id=hold.variant_id,
        lot_id=hold.lot_id,
        from_account=hold.from_account,
        to_account=hold.to_account,
        quantity=quantity,
    )


def _lost(hold: HoldLine) -> Line:
    return Line(
        upt_id=hold.upt_id,
        phase=Phase.MOVE,
        kind=EntryKind.PARCEL_LOST,
        variant_id=hold.variant_id,
        lot_id=hold.lot_id,
        from_account=hold.to_account,
        to_account=Account.LOSS,
        quantity=hold.quantity_posted,
        hold_id=hold.hold_id,
    )
