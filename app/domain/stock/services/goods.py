"""Receipts and changes by hand: what comes in, what moves between places, what is corrected.

Each function locks the heads of its UPT in one statement, reads what it needs in one, and appends
all its entries in one. A repeat with the same source changes nothing and answers as before; with
other content it is refused with ``IdempotencyMismatch``.

Source: docs/algorithms/stock-ledger.md; order of locks: docs/algorithms/locking.md.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.audit import services as audit_services
from app.domain.stock import queries, rules
from app.domain.stock.events import StockAdjusted, StockReceived
from app.domain.stock.models import StockLot
from app.domain.stock.services import moves
from app.domain.stock.services import posting as posting_door
from app.domain.stock.types import (
    STOCK_ADJUST,
    STOCK_RECEIVE,
    Account,
    AdjustReason,
    EntryKind,
    EntrySource,
    LotChoice,
    LotState,
    Move,
    ReceiptOrigin,
    StockPosition,
)
from app.infra import db, jobs
from app.kernel.actor import Actor
from app.kernel.errors import NotFound


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
    origin: ReceiptOrigin = ReceiptOrigin.PRODUCTION,
    place: Account = Account.AVAILABLE,
) -> StockPosition:
    """Add finished pieces to a place of a UPT.

    Args:
        quantity: Pieces accepted; 1 to ``QUANTITY_MAX``.
        lot: A known code must come with the same dates, or none.
        happened_at: When the pieces were accepted, in UTC; not later than ``at``.
        origin: Made here, or bought.
        place: Store room, gallery shelf or quarantine.

    Raises:
        NotFound: No such variant in this UPT, or the actor has nothing to do with the UPT.
        NotAllowed: ``stock.receive`` is not held there.
        QuantityOutOfRange, LotDatesUnfit, HappenedInFuture, Invalid: The input does not fit.
        LotMismatch: The lot is known with other dates.
        UniqueTaken: A second piece of a one-of-a-kind product.
        MoveUnfit: Goods are not received into this place.

    Source: docs/algorithms/stock-ledger.md, section 4.
    """
    actor.ensure(STOCK_RECEIVE, upt_id=upt_id)
    rules.ensure_quantity(quantity)
    chosen = rules.choose_lot(lot=lot, at=at)
    kind, outside = rules.RECEIPTS[origin]
    move = Move(upt_id, variant_id, kind, outside, place, quantity, lot=chosen)
    rules.ensure_way(move)
    content: tuple[object, ...] = (
        "receive", variant_id, quantity, lot.code, lot.produced_on, lot.expires_on, note,
    )  # fmt: skip
    if (origin, place) != (ReceiptOrigin.PRODUCTION, Account.AVAILABLE):
        content = (*content, origin.value, place.value)
    posting = rules.posting(
        actor=actor, source=source, content=content, at=at, happened_at=happened_at, note=note
    )
    unique = queries.ensure_variants(keys=[(upt_id, variant_id)])
    heads = posting_door.lock_heads(upt_ids={upt_id})
    if not queries.is_repeat(posting=posting, upt_ids=heads):
        moves.ensure_one_of_a_kind(moves=[move], unique=unique)
        lot_id = posting_door.open_lot(upt_id=upt_id, variant_id=variant_id, chosen=chosen, at=at)
        rule = rules.AdjustRule(outside, place, kind)
        lines = [rules.move(rule, upt_id, variant_id, lot_id, quantity)]
        posting_door.append(
            actor=actor, action="stock.received", heads=heads, lines=lines, posting=posting
        )
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
    place: Account = Account.AVAILABLE,
) -> StockPosition:
    """Add or take pieces (a signed number, not zero) by hand, with a reason.

    Args:
        lot_id: None takes from the lots that expire first, and adds to the newest.
        place: Where in the UPT the pieces are, or are put.

    Raises:
        NotFound: No such variant or lot in this UPT, or nothing to do with the UPT.
        NotAllowed: ``stock.adjust`` is not held there.
        QuantityOutOfRange, ReasonUnfit, HappenedInFuture, Invalid: The input does not fit.
        InsufficientStock: Fewer pieces are free there than would be taken.
        UniqueTaken: A second piece of a one-of-a-kind product.
        MoveUnfit: The account is not a place inside a UPT.
    """
    actor.ensure(STOCK_ADJUST, upt_id=upt_id)
    quantity = abs(quantity_delta)
    rules.ensure_quantity(quantity)
    rule = rules.adjustment(reason=reason, quantity_delta=quantity_delta, place=place)
    content: tuple[object, ...] = (
        "adjust", variant_id, lot_id, quantity_delta, reason.value, note,
    )  # fmt: skip
    if place is not Account.AVAILABLE:
        content = (*content, place.value)
    posting = rules.posting(
        actor=actor,
        source=source,
        content=content,
        at=at,
        happened_at=happened_at,
        reason=reason.value,
        note=note,
    )
    unique = queries.ensure_variants(keys=[(upt_id, variant_id)])
    heads = posting_door.lock_heads(upt_ids={upt_id})
    if not queries.is_repeat(posting=posting, upt_ids=heads):
        if quantity_delta > 0:
            move = Move(upt_id, variant_id, rule.kind, rule.from_account, place, quantity)
            moves.ensure_one_of_a_kind(moves=[move], unique=unique)
            chosen = {_adding_lot_id(upt_id, variant_id, lot_id, at=at): quantity}
        else:
            chosen = queries.pick_lots(
                upt_id=upt_id, variant_id=variant_id, lot_id=lot_id, quantity=quantity, place=place
            )
        lines = [
            rules.move(rule, upt_id, variant_id, lot, pieces) for lot, pieces in chosen.items()
        ]
        posting_door.append(
            actor=actor, action="stock.adjusted", heads=heads, lines=lines, posting=posting
        )
        jobs.publish(StockAdjusted(upt_id, variant_id, quantity_delta, reason.value), at=at)
    return queries.get_position(upt_id=upt_id, variant_id=variant_id, at=at)


def move_stock(
    *,
    actor: Actor,
    upt_id: int,
    variant_id: int,
    lot_id: int | None,
    from_place: Account,
    to_place: Account,
    quantity: int,
    note: str,
    source: EntrySource,
    happened_at: datetime,
    at: datetime,
) -> StockPosition:
    """Move pieces between store room, gallery shelf, second grade, quarantine and returned.

    Args:
        lot_id: None takes the lots that expire first.

    Raises:
        NotFound: No such variant or lot in this UPT, or nothing to do with the UPT.
        NotAllowed: ``stock.adjust`` is not held there.
        QuantityOutOfRange, HappenedInFuture, Invalid, MoveUnfit: The input does not fit.
        InsufficientStock: Fewer pieces are free in the place they would leave.
    """
    moves.post_moves(
        actor=actor,
        permission=STOCK_ADJUST,
        acting_upt_id=upt_id,
        action="stock.moved",
        moves=[
            Move(upt_id, variant_id, EntryKind.MOVED, from_place, to_place, quantity, lot_id=lot_id)
        ],
        source=source,
        happened_at=happened_at,
        at=at,
        note=note,
    )
    return queries.get_position(upt_id=upt_id, variant_id=variant_id, at=at)


def set_lot_state(
    *, actor: Actor, upt_id: int, lot_id: int, state: LotState, note: str, at: datetime
) -> None:
    """Block a lot, so that nothing of it can be promised or sold any more, or open it again.

    Promises made before stay; the head of the UPT is locked, so no promise slips in between.

    Raises:
        NotFound: No such lot in this UPT, or nothing to do with the UPT.
        NotAllowed: ``stock.adjust`` is not held there.
    """
    actor.ensure(STOCK_ADJUST, upt_id=upt_id)
    posting_door.lock_heads(upt_ids={upt_id})
    lot = db.session().get(StockLot, lot_id)
    if lot is None or lot.upt_id != upt_id:
        raise NotFound
    if lot.state == state.value:
        return
    lot.state = state.value
    db.session().flush()
    audit_services.record(
        actor=actor,
        action="stock.lot_blocked" if state is LotState.BLOCKED else "stock.lot_opened",
        subject=f"lot:{lot_id}",
        at=at,
        upt_id=upt_id,
        detail={"variant_id": lot.variant_id, "code": lot.code, "note": note},
    )


def reverse_entry(
    *, actor: Actor, upt_id: int, entry_id: int, reason: str, source: EntrySource, at: datetime
) -> StockPosition:
    """Take back a posted entry by a new one the other way; ``reason`` is kept as its note.

    Raises:
        NotFound: No such entry in this UPT, or nothing to do with the UPT.
        NotAllowed: ``stock.adjust`` is not held there.
        OwnedByDocument: A document wrote it; it is taken back there.
        NotReversible: It moved nothing, is a reversal, or was reversed before.
        InsufficientStock: The pieces are no longer free where they went.
        UniqueTaken: A one-of-a-kind piece would come back beside another one.
    """
    actor.ensure(STOCK_ADJUST, upt_id=upt_id)
    posting = rules.posting(
        actor=actor, source=source, content=("reverse", entry_id), at=at, note=reason
    )
    heads = posting_door.lock_heads(upt_ids={upt_id})
    entry = queries.get_entry(upt_id=upt_id, entry_id=entry_id)
    if not queries.is_repeat(posting=posting, upt_ids=heads):
        rules.ensure_made_by_hand(entry=entry)
        line = rules.reversal(upt_id=upt_id, entry=entry)
        moves.ensure_one_of_a_kind_still(lines=[line])
        posting_door.append(
            actor=actor, action="stock.reversed", heads=heads, lines=[line], posting=posting
        )
    return queries.get_position(upt_id=upt_id, variant_id=entry.variant_id, at=at)


def _adding_lot_id(upt_id: int, variant_id: int, lot_id: int | None, *, at: datetime) -> int:
    if lot_id is not None:
        queries.ensure_lot(upt_id=upt_id, variant_id=variant_id, lot_id=lot_id)
        return lot_id
    newest = queries.find_newest_lot_id(upt_id=upt_id, variant_id=variant_id)
    if newest is not None:
        return newest
    return posting_door.open_lot(
        upt_id=upt_id, variant_id=variant_id, chosen=rules.choose_lot(lot=LotChoice(), at=at), at=at
    )
