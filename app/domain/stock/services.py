"""Writes of the ledger: one door for every posting.

Each function locks the heads of its UPT in one statement, reads what it needs in one, and appends
all its entries in one; the database folds them into balances, holds and heads. A repeat with the
same source changes nothing and answers as before; with other content it is refused with
``IdempotencyMismatch``.

Source: docs/algorithms/stock-ledger.md; order of locks: docs/algorithms/locking.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import text

from app.domain.audit import services as audit_services
from app.domain.stock import queries, rules
from app.domain.stock.errors import HoldClosed, InsufficientStock
from app.domain.stock.events import StockAdjusted, StockReceived
from app.domain.stock.models import StockEntry, StockLot
from app.domain.stock.rules import HoldLine, Line, Posting
from app.domain.stock.types import (
    GENESIS_HASH,
    STOCK_ADJUST,
    STOCK_RECEIVE,
    AdjustReason,
    Demand,
    EntrySource,
    HeadRecord,
    HoldRecord,
    HoldState,
    LotChoice,
    LotState,
    Phase,
    StockPosition,
)
from app.infra import db, jobs
from app.kernel.actor import Actor, system

_NEW_HEAD: Final = text(
    "INSERT INTO stock_head (upt_id, sequence, hash) VALUES (:upt_id, 0, :hash)"
    " ON CONFLICT DO NOTHING"
)
Heads = Mapping[int, HeadRecord]


def receive_output(
    *,
    actor: Actor,
    upt_id: int,
    variant_id: int,
    quantity: int,
    lot: LotChoice,
    source: EntrySource,
    happened_at: datetime,
    at: datetime,
    note: str = "",
) -> StockPosition:
    """Add finished pieces to a UPT's store.

    Args:
        quantity: Pieces accepted; 1 to ``QUANTITY_MAX``.
        lot: A known code must come with the same dates, or none.
        happened_at: When the pieces were accepted, in UTC; not later than ``at``.

    Raises:
        NotFound: No such variant in this UPT, or the actor has nothing to do with the UPT.
        NotAllowed: ``stock.receive`` is not held there.
        QuantityOutOfRange, LotDatesUnfit, HappenedInFuture, Invalid: The input does not fit.
        LotMismatch: The lot is known with other dates.

    Source: docs/algorithms/stock-ledger.md, section 4.
    """
    actor.ensure(STOCK_RECEIVE, upt_id=upt_id)
    rules.ensure_quantity(quantity)
    chosen = rules.choose_lot(lot=lot, at=at)
    content = ("receive", variant_id, quantity, lot.code, lot.produced_on, lot.expires_on, note)
    posting = rules.posting(
        actor=actor, source=source, content=content, at=at, happened_at=happened_at, note=note
    )
    queries.ensure_variant(upt_id=upt_id, variant_id=variant_id)
    heads = _lock_heads(upt_id)
    if not queries.is_repeat(posting=posting, upt_ids=heads):
        lot_id = _lot_id(upt_id, variant_id, chosen, at=at)
        lines = [rules.move(rules.RECEIPT, upt_id, variant_id, lot_id, quantity)]
        _append(actor, "stock.received", heads, lines, posting)
        jobs.publish(StockReceived(upt_id, variant_id, quantity), at=at)
    return queries.get_position(upt_id=upt_id, variant_id=variant_id, at=at)


def adjust(
    *,
    actor: Actor,
    upt_id: int,
    variant_id: int,
    lot_id: int | None,
    quantity_delta: int,
    reason: AdjustReason,
    note: str,
    source: EntrySource,
    happened_at: datetime,
    at: datetime,
) -> StockPosition:
    """Add or take pieces (a signed number, not zero) by hand, with a reason.

    Args:
        lot_id: None takes from the lots that expire first, and adds to the newest.

    Raises:
        NotFound: No such variant or lot in this UPT, or nothing to do with the UPT.
        NotAllowed: ``stock.adjust`` is not held there.
        QuantityOutOfRange, ReasonUnfit, HappenedInFuture, Invalid: The input does not fit.
        InsufficientStock: Fewer pieces are free than would be taken.
    """
    actor.ensure(STOCK_ADJUST, upt_id=upt_id)
    quantity = abs(quantity_delta)
    rules.ensure_quantity(quantity)
    rule = rules.adjustment(reason=reason, quantity_delta=quantity_delta)
    content = ("adjust", variant_id, lot_id, quantity_delta, reason.value, note)
    posting = rules.posting(
        actor=actor,
        source=source,
        content=content,
        at=at,
        happened_at=happened_at,
        reason=reason.value,
        note=note,
    )
    queries.ensure_variant(upt_id=upt_id, variant_id=variant_id)
    heads = _lock_heads(upt_id)
    if not queries.is_repeat(posting=posting, upt_ids=heads):
        if quantity_delta > 0:
            chosen = {_adding_lot_id(upt_id, variant_id, lot_id, at=at): quantity}
        else:
            chosen = queries.pick_lots(
                upt_id=upt_id, variant_id=variant_id, lot_id=lot_id, quantity=quantity
            )
        lines = [
            rules.move(rule, upt_id, variant_id, lot, pieces) for lot, pieces in chosen.items()
        ]
        _append(actor, "stock.adjusted", heads, lines, posting)
        jobs.publish(StockAdjusted(upt_id, variant_id, quantity_delta, reason.value), at=at)
    return queries.get_position(upt_id=upt_id, variant_id=variant_id, at=at)


def reverse_entry(
    *, actor: Actor, upt_id: int, entry_id: int, reason: str, source: EntrySource, at: datetime
) -> StockPosition:
    """Take back a posted entry by a new one the other way; ``reason`` is kept as its note.

    Raises:
        NotFound: No such entry in this UPT, or nothing to do with the UPT.
        NotAllowed: ``stock.adjust`` is not held there.
        NotReversible: It moved nothing, is a reversal, or was reversed before.
        InsufficientStock: The pieces are no longer free where they went.
    """
    actor.ensure(STOCK_ADJUST, upt_id=upt_id)
    posting = rules.posting(
        actor=actor, source=source, content=("reverse", entry_id), at=at, note=reason
    )
    heads = _lock_heads(upt_id)
    entry = queries.get_entry(upt_id=upt_id, entry_id=entry_id)
    if not queries.is_repeat(posting=posting, upt_ids=heads):
        line = rules.reversal(upt_id=upt_id, entry=entry)
        _append(actor, "stock.reversed", heads, [line], posting)
    return queries.get_position(upt_id=upt_id, variant_id=entry.variant_id, at=at)


def reserve(
    *,
    actor: Actor,
    demands: Sequence[Demand],
    source: EntrySource,
    expires_at: datetime | None,
    at: datetime,
) -> tuple[HoldRecord, ...]:
    """Promise pieces, all demands or none, from the lots that expire first.

    Holds past their end on the same goods are closed when they stand in the way.

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
    heads = queries.lock_heads(upt_ids={upt_id for upt_id, _ in wanted})
    lots, found = queries.read_lots(keys=wanted, source=source)
    if found is not None:
        rules.ensure_same(found=found, given=posting.fingerprint)
        return queries.list_holds_of(source=source, upt_ids=heads)
    on = rules.selling_date(at=at)
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
    rows = _append(actor, "stock.held", heads, lines, posting)
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
        _append(actor, "stock.expired", heads, lines, posting)
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
    heads = _lock_heads(upt_id)
    if queries.is_repeat(posting=posting, upt_ids=heads):
        return
    holds = queries.list_holds(upt_id=upt_id, hold_ids=hold_ids)
    chosen = [hold for hold in holds if hold.state != passed_over]
    if len(holds) != len(set(hold_ids)) or any(hold.state != state for hold in chosen):
        raise HoldClosed
    if any((parts or {}).get(hold.hold_id, 0) > hold.quantity for hold in chosen):
        raise HoldClosed
    _append(actor, action, heads, [make(hold) for hold in chosen], posting)


def _append(
    actor: Actor, action: str, heads: Heads, lines: Sequence[Line], posting: Posting
) -> list[dict[str, Any]]:
    """Write the entries of one posting and its audit entry, in one statement each."""
    rows = rules.link_all(heads=heads, lines=lines, posting=posting)
    if rows:
        db.append_rows(StockEntry, rows)
        audit_services.record(
            actor=actor,
            action=action,
            subject=f"{posting.source.kind}:{posting.source.key}",
            at=posting.at,
            upt_id=rules.only_upt_id(rows),
            detail=rules.audit_detail(rows),
        )
    return rows


def _lock_heads(upt_id: int) -> Heads:
    """Lock the head of one UPT, making it for its first posting."""
    heads = queries.lock_heads(upt_ids={upt_id})
    if not heads:
        db.session().execute(_NEW_HEAD, {"upt_id": upt_id, "hash": GENESIS_HASH})
        heads = queries.lock_heads(upt_ids={upt_id})
    return heads


def _lot_id(upt_id: int, variant_id: int, chosen: LotChoice, *, at: datetime) -> int:
    """Return the lot with the chosen code, making it when it is new; the head is locked."""
    code = chosen.code or ""
    known = queries.find_lot(upt_id=upt_id, variant_id=variant_id, code=code)
    if known is not None:
        rules.ensure_same_lot(
            chosen=chosen, produced_on=known.produced_on, expires_on=known.expires_on
        )
        return known.lot_id
    lot = StockLot(
        upt_id=upt_id,
        variant_id=variant_id,
        code=code,
        produced_on=chosen.produced_on,
        expires_on=chosen.expires_on,
        state=LotState.OPEN.value,
        created_at=at,
    )
    db.add(lot)
    return lot.id


def _adding_lot_id(upt_id: int, variant_id: int, lot_id: int | None, *, at: datetime) -> int:
    if lot_id is not None:
        queries.ensure_lot(upt_id=upt_id, variant_id=variant_id, lot_id=lot_id)
        return lot_id
    newest = queries.find_newest_lot_id(upt_id=upt_id, variant_id=variant_id)
    if newest is not None:
        return newest
    return _lot_id(upt_id, variant_id, rules.choose_lot(lot=LotChoice(), at=at), at=at)
