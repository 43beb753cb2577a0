"""Promises: reserve, keep, release, ship, deliver, expire.

A hold is one entry, resolved by exactly one other. See ``goods`` for locks and repeats.

Source: docs/algorithms/stock-ledger.md, section 2.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial

from app.domain.stock import queries, rules
from app.domain.stock.errors import HoldClosed, InsufficientStock
from app.domain.stock.rules import HoldLine, Line
from app.domain.stock.services import posting as posting_door
from app.domain.stock.types import (
    Demand,
    EntrySource,
    HoldRecord,
    HoldState,
    Phase,
)
from app.kernel.actor import Actor, system


def reserve(
    *,
    actor: Actor,
    demands: Sequence[Demand],
    source: EntrySource,
    expires_at: datetime | None,
    at: datetime,
) -> tuple[HoldRecord, ...]:
    """Promise pieces, all demands or none, from the lots that expire first.

    Pieces that are there go first, wherever they lie for sale; then work of weeks to come. Holds
    past their end on the same goods are closed when they stand in the way.

    Args:
        expires_at: When the promise ends by itself; None never.

    Raises:
        QuantityOutOfRange: A demand, or the sum for one variant, is outside the limits.
        InsufficientStock: Names every variant that is short, with what there was.
    """
    wanted = rules.merge_demands(demands)
    posting = rules.posting(
        actor=actor, source=source, content=("reserve", sorted(wanted.items())), at=at
    )
    on = rules.selling_date(at=at)
    promised = posting_door.promise_in_one_trip(
        actor=actor, action="stock.held", wanted=wanted, posting=posting, on=on,
        expires_at=expires_at,
    )  # fmt: skip
    if promised is not None:
        return promised
    heads = queries.lock_heads(upt_ids={upt_id for upt_id, _ in wanted})
    lots, found = queries.read_lots(keys=wanted, source=source)
    if found is not None:
        rules.ensure_same(found=found, given=posting.fingerprint)
        return queries.list_holds_of(source=source, upt_ids=heads)
    lapsed: Sequence[HoldLine] = ()
    picks, shortages = rules.pick(wanted=wanted, lots=lots, on=on)
    if shortages:
        lapsed = queries.list_lapsed(keys=wanted, at=at)
        lots = rules.free_again(lots=lots, lapsed=lapsed)
        picks, shortages = rules.pick(wanted=wanted, lots=lots, on=on)
    if shortages:
        raise InsufficientStock(shortages)
    lines = [rules.expired(hold) for hold in lapsed]
    lines += [rules.promise(pick, expires_at=expires_at) for pick in picks]
    rows = posting_door.append(
        actor=actor, action="stock.held", heads=heads, lines=lines, posting=posting
    )
    return tuple(
        HoldRecord(row["id"], row["upt_id"], row["variant_id"], row["lot_id"], row["quantity"])
        for row in rows
        if row["phase"] == Phase.HOLD.value
    )


def keep(
    *,
    actor: Actor,
    upt_id: int,
    hold_ids: Collection[int],
    source: EntrySource,
    expires_at: datetime | None = None,
    at: datetime,
) -> None:
    """Give open holds another end, or none.

    Raises:
        HoldClosed: One of them is no longer open; nothing was changed.
    """
    make = partial(rules.kept, expires_at=expires_at)
    _resolve(actor, "stock.kept", upt_id, hold_ids, source, make, at=at)


def release(
    *,
    actor: Actor,
    upt_id: int,
    hold_ids: Collection[int],
    source: EntrySource,
    reason: str,
    at: datetime,
) -> None:
    """Take promises back, for a reason code; lapsed ones are passed over.

    Raises:
        HoldClosed: One of them was shipped or taken back before; nothing was changed.
    """
    _resolve(
        actor, "stock.released", upt_id, hold_ids, source, rules.voided, at=at,
        reason=reason, passed_over=HoldState.EXPIRED,
    )  # fmt: skip


def ship(
    *,
    actor: Actor,
    upt_id: int,
    hold_ids: Collection[int],
    source: EntrySource,
    at: datetime,
    quantities: Mapping[int, int] | None = None,
) -> None:
    """Hand promised pieces to the carrier; a part that stays behind is free again.

    Args:
        quantities: Pieces by hold id where fewer than promised leave.

    Raises:
        HoldClosed: One of them is no longer open, or fewer were promised.
        QuantityOutOfRange: A quantity is outside the limits.
    """
    parts = dict(quantities or {})
    for quantity in parts.values():
        rules.ensure_quantity(quantity)
    shipped = partial(rules.shipped, parts=parts)
    _resolve(actor, "stock.shipped", upt_id, hold_ids, source, shipped, at=at, parts=parts)


def deliver(
    *, actor: Actor, upt_id: int, hold_ids: Collection[int], source: EntrySource, at: datetime
) -> None:
    """Record that shipped pieces reached the customer.

    Raises:
        HoldClosed: One of them was not shipped, or was delivered before.
    """
    _resolve(
        actor, "stock.delivered", upt_id, hold_ids, source, rules.delivery, at=at,
        state=HoldState.POSTED,
    )  # fmt: skip


def expire_lapsed(*, at: datetime, limit: int = 500) -> int:
    """Close holds past their end, oldest first; return how many."""
    actor = system("expiry")
    lapsed = queries.list_lapsed(at=at, limit=limit)
    heads = queries.lock_heads(upt_ids={hold.upt_id for hold in lapsed})
    still = queries.list_lapsed(at=at, limit=limit, hold_ids=[hold.hold_id for hold in lapsed])
    if still:
        key = str(min(hold.hold_id for hold in still))
        posting = rules.posting(
            actor=actor, source=EntrySource("expiry", key), content=("expire", key), at=at
        )
        lines = [rules.expired(hold) for hold in still]
        posting_door.append(
            actor=actor, action="stock.expired", heads=heads, lines=lines, posting=posting
        )
    return len(still)


def _resolve(
    actor: Actor,
    action: str,
    upt_id: int,
    hold_ids: Collection[int],
    source: EntrySource,
    make: Callable[[HoldLine], Line],
    *,
    at: datetime,
    reason: str = "",
    state: HoldState = HoldState.OPEN,
    passed_over: HoldState | None = None,
    parts: Mapping[int, int] | None = None,
) -> None:
    content = (action, sorted(hold_ids), sorted((parts or {}).items()))
    posting = rules.posting(actor=actor, source=source, content=content, at=at, reason=reason)
    heads = posting_door.lock_heads(upt_ids={upt_id})
    if queries.is_repeat(posting=posting, upt_ids=heads):
        return
    holds = queries.list_holds(upt_id=upt_id, hold_ids=hold_ids)
    chosen = [hold for hold in holds if hold.state != passed_over]
    if len(holds) != len(set(hold_ids)) or any(hold.state != state for hold in chosen):
        raise HoldClosed
    if any((parts or {}).get(hold.hold_id, 0) > hold.quantity for hold in chosen):
        raise HoldClosed
    posting_door.append(
        actor=actor,
        action=action,
        heads=heads,
        lines=[make(hold) for hold in chosen],
        posting=posting,
    )
