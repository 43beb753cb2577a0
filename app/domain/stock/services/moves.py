"""Moves at once, many at a time, in one ledger or several: the way in for everything above stock.

Source: docs/algorithms/stock-ledger.md, section 4.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert

from app.domain.stock import queries, rules
from app.domain.stock.errors import InsufficientStock, LotUnfit, UniqueTaken
from app.domain.stock.models import StockLot
from app.domain.stock.rules import Key, Line, LotFree
from app.domain.stock.rules import capacity as capacity_rules
from app.domain.stock.services import posting as posting_door
from app.domain.stock.types import (
    Account,
    EntrySource,
    LotChoice,
    LotState,
    Move,
    PostedMove,
    Shortage,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound


def post_moves(
    *,
    actor: Actor,
    permission: str,
    acting_upt_id: int,
    action: str,
    moves: Sequence[Move],
    source: EntrySource,
    happened_at: datetime,
    at: datetime,
    reason: str = "",
    note: str = "",
) -> tuple[PostedMove, ...]:
    """Post all moves or none, in the ledgers of as many UPT as they name.

    Args:
        permission: Must be held for ``acting_upt_id``; for other UPT the caller answers.
        action: Word of the audit trail, for example ``till.sold``.
        moves: At least one; see ``Move`` for how lots are found.
        source: Unique in each UPT; a repeat with the same moves answers as before.

    Returns:
        One record for each entry, by UPT in the order of its ledger. A move that takes from several
        lots makes several entries.

    Raises:
        NotFound: A variant or lot is not of the UPT named, or nothing to do with the acting UPT.
        NotAllowed: The permission is not held there.
        MoveUnfit: A kind does not go between its accounts.
        QuantityOutOfRange, LotDatesUnfit, HappenedInFuture, Invalid: The input does not fit.
        InsufficientStock: Names every variant that is short, with what there was.
        LotUnfit: The lot named is blocked or past its last day and would be handed on.
        LotMismatch: A lot is known with other dates.
        UniqueTaken: A second piece of a one-of-a-kind product.
        IdempotencyMismatch: The source posted something else before.
    """
    actor.ensure(permission, upt_id=acting_upt_id)
    for move in moves:
        rules.ensure_quantity(move.quantity)
        rules.ensure_way(move)
    posting = rules.posting(
        actor=actor, source=source, content=(action, *moves), at=at, happened_at=happened_at,
        reason=reason, note=note,
    )  # fmt: skip
    upt_ids = {move.upt_id for move in moves}
    unique = queries.ensure_variants(keys={(move.upt_id, move.variant_id) for move in moves})
    heads = posting_door.lock_heads(upt_ids=upt_ids)
    if not queries.is_repeat(posting=posting, upt_ids=upt_ids):
        ensure_one_of_a_kind(moves=moves, unique=unique)
        lines = _lines(moves, at=at)
        posting_door.append(actor=actor, action=action, heads=heads, lines=lines, posting=posting)
    return queries.list_posted(source=source, upt_ids=upt_ids)


def reverse_posting(
    *,
    actor: Actor,
    permission: str,
    upt_id: int,
    posted: EntrySource,
    source: EntrySource,
    action: str,
    at: datetime,
    note: str,
) -> tuple[PostedMove, ...]:
    """Take back every entry that a source posted in one UPT.

    Raises:
        NotFound: That source posted nothing there, or nothing to do with the UPT.
        NotAllowed: The permission is not held there.
        NotReversible: An entry was reversed before, or moved nothing.
        InsufficientStock: Pieces are no longer free where they went.
        UniqueTaken: A one-of-a-kind piece would come back beside another one.
    """
    actor.ensure(permission, upt_id=upt_id)
    content = ("reverse_posting", posted.kind, posted.key)
    posting = rules.posting(actor=actor, source=source, content=content, at=at, note=note)
    heads = posting_door.lock_heads(upt_ids={upt_id})
    if not queries.is_repeat(posting=posting, upt_ids=heads):
        entries = queries.list_to_reverse(upt_id=upt_id, source=posted)
        if not entries:
            raise NotFound
        lines = rules.reversals(upt_id=upt_id, entries=entries)
        ensure_one_of_a_kind_still(lines=lines)
        posting_door.append(actor=actor, action=action, heads=heads, lines=lines, posting=posting)
    return queries.list_posted(source=source, upt_ids={upt_id})


def ensure_one_of_a_kind_still(*, lines: Sequence[Line]) -> None:
    """Refuse reversals that would bring a second piece of a one-of-a-kind product into the books.

    Raises:
        UniqueTaken: Another piece came in since the first one left.
    """
    entering = [line for line in lines if rules.comes_in(line)]
    if entering:
        keys = {(line.upt_id, line.variant_id) for line in entering}
        ensure_one_of_a_kind(moves=entering, unique=queries.ensure_variants(keys=keys))


def ensure_one_of_a_kind(*, moves: Sequence[Move | Line], unique: Collection[int]) -> None:
    """Refuse a second piece of a one-of-a-kind product; the heads are locked.

    Raises:
        UniqueTaken: One is in the books already, or several would come in.
    """
    entering: dict[int, int] = {}
    for move in moves:
        if (
            move.variant_id in unique
            and rules.comes_in(move)
            and move.to_account != Account.CAPACITY
        ):
            entering[move.variant_id] = entering.get(move.variant_id, 0) + move.quantity
    if not entering:
        return
    there = queries.goods_in_books(variant_ids=entering)
    if any(there.get(variant_id, 0) + pieces > 1 for variant_id, pieces in entering.items()):
        raise UniqueTaken


def _lines(moves: Sequence[Move], *, at: datetime) -> list[Line]:
    """Return the entries of the moves: lots found or opened for what enters, picked for the rest."""
    entering = [move for move in moves if rules.comes_in(move)]
    opened = _open_lots(entering, at=at)
    stock = _Shelf([move for move in moves if not rules.comes_in(move)], at=at)
    lines: list[Line] = []
    for move in moves:
        rule = rules.AdjustRule(move.from_account, move.to_account, move.kind)
        if rules.comes_in(move):
            taken = {opened[_lot_key(move)]: move.quantity}
        else:
            taken = stock.take(move)
        lines += [
            rules.move(rule, move.upt_id, move.variant_id, lot_id, pieces)
            for lot_id, pieces in taken.items()
        ]
    stock.ensure_enough()
    return lines


class _Shelf:
    """What is free while the moves of one posting are worked out, one after the other."""

    def __init__(self, moves: Sequence[Move], *, at: datetime) -> None:
        self.on = rules.selling_date(at=at)
        self.lots: dict[tuple[Key, Account], dict[int, LotFree]] = {}
        self.left: dict[tuple[int, Account], int] = {}
        self.shortages: list[Shortage] = []
        if not moves:
            return
        lots = queries.free_lots(
            upt_ids={move.upt_id for move in moves},
            variant_ids={move.variant_id for move in moves},
            accounts={move.from_account for move in moves},
        )
        for lot in lots:
            key = ((lot.upt_id, lot.variant_id), lot.account)
            self.lots.setdefault(key, {})[lot.lot_id] = lot
            self.left[lot.lot_id, lot.account] = lot.free

    def take(self, move: Move) -> dict[int, int]:
        """Return pieces by lot, noting a shortage instead of refusing at once."""
        key = (move.upt_id, move.variant_id)
        lots = self.lots.get((key, move.from_account), {})
        on = self.on if move.kind in rules.ONLY_IN_DATE else None
        if move.lot_id is not None:
            named = lots.get(move.lot_id)
            if named is None:
                queries.ensure_lot(upt_id=key[0], variant_id=key[1], lot_id=move.lot_id)
            elif on is not None and not rules.is_sellable(named, on=on):
                raise LotUnfit
            lots = {} if named is None else {move.lot_id: named}
        now = [
            LotFree(
                lot.upt_id, lot.variant_id, lot.lot_id, self.left[lot.lot_id, lot.account],
                lot.expires_on, lot.is_open, lot.account,
            )
            for lot in lots.values()
        ]  # fmt: skip
        picks, shortages = rules.pick(wanted={key: move.quantity}, lots=now, on=on)
        self.shortages += shortages
        for pick in picks:
            self.left[pick.lot_id, pick.account] -= pick.quantity
        return {pick.lot_id: pick.quantity for pick in picks}

    def ensure_enough(self) -> None:
        """Refuse when any move found too little.

        Raises:
            InsufficientStock: Names every one of them.
        """
        if self.shortages:
            raise InsufficientStock(self.shortages)


_LotKey = tuple[int, int, int | None, LotChoice | None]


def _lot_key(move: Move) -> _LotKey:
    return (move.upt_id, move.variant_id, move.lot_id, move.lot)


def _open_lots(moves: Sequence[Move], *, at: datetime) -> Mapping[_LotKey, int]:
    """Return the lot of every entering move, making new ones in one statement."""
    if not moves:
        return {}
    wanted = {_lot_key(move): None for move in moves}
    all_named = all(move.lot is not None and move.lot.code for move in moves)
    known = queries.list_lots_of(
        upt_ids={move.upt_id for move in moves},
        variant_ids={move.variant_id for move in moves},
        codes={move.lot.code or "" for move in moves if move.lot} if all_named else None,
    )
    lot_ids = {(key[0], key[1], record.lot_id) for key, (record, _) in known.items()}
    newest = {
        (key[0], key[1]): record.lot_id
        for key, (record, is_open) in known.items()
        if is_open and not capacity_rules.is_week(lot=record)
    }
    found: dict[_LotKey, int] = {}
    new: dict[tuple[int, int, str], LotChoice] = {}
    later: dict[_LotKey, tuple[int, int, str]] = {}
    for key in wanted:
        upt_id, variant_id, lot_id, choice = key
        if lot_id is not None:
            if (upt_id, variant_id, lot_id) not in lot_ids:
                raise NotFound
            found[key] = lot_id
        elif choice is None and (upt_id, variant_id) in newest:
            found[key] = newest[upt_id, variant_id]
        else:
            chosen = rules.choose_lot(lot=choice or LotChoice(), at=at)
            code_key = (upt_id, variant_id, chosen.code or "")
            record = known[code_key][0] if code_key in known else None
            before = record or new.get(code_key)
            if before is not None:
                rules.ensure_same_lot(
                    chosen=chosen, produced_on=before.produced_on, expires_on=before.expires_on
                )
            if record is not None:
                found[key] = record.lot_id
            else:
                new.setdefault(code_key, chosen)
                later[key] = code_key
    made = _insert_lots(new, at=at)
    return {**found, **{key: made[code_key] for key, code_key in later.items()}}


def _insert_lots(
    new: Mapping[tuple[int, int, str], LotChoice], *, at: datetime
) -> Mapping[tuple[int, int, str], int]:
    if not new:
        return {}
    made = db.session().execute(
        insert(StockLot).returning(
            StockLot.upt_id, StockLot.variant_id, StockLot.code, StockLot.id
        ),
        [
            {
                "upt_id": upt_id,
                "variant_id": variant_id,
                "code": code,
                "produced_on": choice.produced_on,
                "expires_on": choice.expires_on,
                "state": LotState.OPEN.value,
                "created_at": at,
            }
            for (upt_id, variant_id, code), choice in new.items()
        ],
    )
    return {(row.upt_id, row.variant_id, row.code): row.id for row in made}
