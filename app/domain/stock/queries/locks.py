"""Rows that a posting locks and reads, in the order of docs/algorithms/locking.md.

The head of a UPT is the lock for everything in its ledger: while it is held nobody else moves a
balance, a hold or a lot of that UPT. Statements after it see what earlier holders committed.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, column, func, select, table
from sqlalchemy.orm import aliased

from app.domain.stock import rules
from app.domain.stock.errors import InsufficientStock
from app.domain.stock.models import StockBalance, StockEntry, StockHead, StockHold, StockLot
from app.domain.stock.rules import EntryLine, HoldLine, Key, LotFree, Posting
from app.domain.stock.rules.capacity import WEEK_PATTERN
from app.domain.stock.types import (
    PROMISED_FROM,
    Account,
    EntrySource,
    HeadRecord,
    HoldRecord,
    HoldState,
    LotRecord,
    LotState,
    Phase,
)
from app.infra import db
from app.kernel.errors import NotFound

_VARIANT: Final = table("variant", column("id"), column("upt_id"))
_FREE: Final = StockBalance.in_posted - StockBalance.out_posted - StockBalance.out_pending


_HEADS: Final = select(
    StockHead.upt_id, StockHead.sequence, StockHead.hash, StockHead.written_at
).order_by(StockHead.upt_id)
_LOCKED_HEADS: Final = _HEADS.where(
    StockHead.upt_id.in_(bindparam("upt_ids", expanding=True))
).with_for_update()


def lock_heads(*, upt_ids: Collection[int]) -> dict[int, HeadRecord]:
    """Lock the chains of several UPT, in the order of their ids, in one statement."""
    rows = db.session().execute(_LOCKED_HEADS, {"upt_ids": list(upt_ids)})
    return {row.upt_id: HeadRecord(*row) for row in rows}


def list_heads(*, upt_id: int | None = None) -> dict[int, HeadRecord]:
    """Return the ends of all chains, or of one, without locking."""
    statement = _HEADS if upt_id is None else _HEADS.where(StockHead.upt_id == upt_id)
    return {row.upt_id: HeadRecord(*row) for row in db.read_session().execute(statement)}


def ensure_variant(*, upt_id: int, variant_id: int) -> None:
    """Refuse a variant that is not the UPT's own.

    Raises:
        NotFound: It is not.
    """
    owner = db.read_session().scalar(
        select(_VARIANT.c.upt_id).where(_VARIANT.c.id == variant_id, _VARIANT.c.upt_id == upt_id)
    )
    if owner is None:
        raise NotFound


def ensure_lot(*, upt_id: int, variant_id: int, lot_id: int) -> None:
    """Refuse a lot of another variant or UPT.

    Raises:
        NotFound: It is one.
    """
    if _lot_where(upt_id, variant_id, StockLot.id == lot_id) is None:
        raise NotFound


def find_lot(*, upt_id: int, variant_id: int, code: str) -> LotRecord | None:
    """Return the lot with this code."""
    return _lot_where(upt_id, variant_id, StockLot.code == code)


def find_newest_lot_id(*, upt_id: int, variant_id: int) -> int | None:
    """Return the lot of a variant that was made last; weeks of work are no lots of goods."""
    return db.read_session().scalar(
        select(func.max(StockLot.id)).where(
            StockLot.upt_id == upt_id,
            StockLot.variant_id == variant_id,
            StockLot.state == LotState.OPEN.value,
            StockLot.produced_on.is_not(None) | StockLot.code.not_like(WEEK_PATTERN),
        )
    )


def _lot_where(upt_id: int, variant_id: int, condition: ColumnElement[bool]) -> LotRecord | None:
    row = (
        db.read_session()
        .execute(
            select(StockLot.id, StockLot.code, StockLot.produced_on, StockLot.expires_on).where(
                StockLot.upt_id == upt_id, StockLot.variant_id == variant_id, condition
            )
        )
        .first()
    )
    return LotRecord(*row, on_hand=0, held=0) if row else None


_EARLIER: Final = (
    select(StockEntry.fingerprint)
    .where(
        StockEntry.upt_id == StockBalance.upt_id,
        StockEntry.source_kind == bindparam("source_kind"),
        StockEntry.source_key == bindparam("source_key"),
        StockEntry.source_line == 0,
    )
    .scalar_subquery()
)
_LOTS: Final = (
    select(
        StockBalance.upt_id, StockBalance.variant_id, StockBalance.lot_id, StockBalance.account,
        _FREE.label("free"), StockLot.expires_on, StockLot.state, _EARLIER.label("earlier"),
    )
    .join(StockLot, StockLot.id == StockBalance.lot_id)
    .where(
        StockBalance.upt_id.in_(bindparam("upt_ids", expanding=True)),
        StockBalance.variant_id.in_(bindparam("variant_ids", expanding=True)),
        StockBalance.account.in_(bindparam("accounts", expanding=True)),
    )
    .order_by(StockBalance.upt_id, StockBalance.variant_id, StockBalance.lot_id)
)  # fmt: skip


def read_lots(
    *,
    keys: Collection[Key],
    source: EntrySource | None,
    accounts: Collection[Account] = PROMISED_FROM,
) -> tuple[list[LotFree], str | None]:
    """Return what is free by lot and account, and the fingerprint of an earlier posting.

    One statement for both: a posting that happened left balance rows, so where there is none there
    was none. Call it with the heads locked.
    """
    rows = (
        db.session()
        .execute(
            _LOTS,
            {
                "upt_ids": list({upt_id for upt_id, _ in keys}),
                "variant_ids": [variant_id for _, variant_id in keys],
                "source_kind": source.kind if source else "",
                "source_key": source.key if source else "",
                "accounts": [account.value for account in accounts],
            },
        )
        .all()
    )
    found = next((row.earlier for row in rows if row.earlier is not None), None)
    lots = [
        LotFree(
            upt_id=row.upt_id,
            variant_id=row.variant_id,
            lot_id=row.lot_id,
            free=row.free,
            expires_on=row.expires_on,
            is_open=row.state == LotState.OPEN.value,
            account=Account(row.account),
        )
        for row in rows
    ]
    return lots, found


def pick_lots(
    *, upt_id: int, variant_id: int, lot_id: int | None, quantity: int, place: Account
) -> dict[int, int]:
    """Return pieces to take from a place by lot, first to expire first; unfit lots included.

    Raises:
        NotFound: The lot named is of another variant or UPT.
        InsufficientStock: Fewer pieces are free.
    """
    if lot_id is not None:
        ensure_lot(upt_id=upt_id, variant_id=variant_id, lot_id=lot_id)
    wanted = {(upt_id, variant_id): quantity}
    lots, _ = read_lots(keys=wanted, source=None, accounts=(place,))
    lots = [lot for lot in lots if lot_id in (None, lot.lot_id)]
    picks, shortages = rules.pick(wanted=wanted, lots=lots, on=None)
    if shortages:
        raise InsufficientStock(shortages)
    return {pick.lot_id: pick.quantity for pick in picks}


def is_repeat(*, posting: Posting, upt_ids: Collection[int]) -> bool:
    """Say whether this source posted before, with the heads of these UPT locked.

    Raises:
        IdempotencyMismatch: It did, with other content.
    """
    found = db.session().scalar(
        select(StockEntry.fingerprint)
        .where(
            StockEntry.upt_id.in_(upt_ids),
            StockEntry.source_kind == posting.source.kind,
            StockEntry.source_key == posting.source.key,
            StockEntry.source_line == 0,
        )
        .limit(1)
    )
    if found is not None:
        rules.ensure_same(found=found, given=posting.fingerprint)
    return found is not None


def list_holds_of(*, source: EntrySource, upt_ids: Collection[int]) -> tuple[HoldRecord, ...]:
    """Return the holds that one posting made, as they were made."""
    rows = db.read_session().execute(
        select(
            StockEntry.id, StockEntry.upt_id, StockEntry.variant_id, StockEntry.lot_id,
            StockEntry.quantity,
        )
        .where(
            StockEntry.upt_id.in_(upt_ids),
            StockEntry.source_kind == source.kind,
            StockEntry.source_key == source.key,
            StockEntry.phase == Phase.HOLD.value,
        )
        .order_by(StockEntry.id)
    )  # fmt: skip
    return tuple(HoldRecord(*row) for row in rows)


_HOLD: Final = (
    StockHold.entry_id,
    StockHold.upt_id,
    StockHold.variant_id,
    StockHold.lot_id,
    StockHold.from_account,
    StockHold.to_account,
    StockHold.quantity,
    StockHold.quantity_posted,
    StockHold.state,
)


def list_holds(*, upt_id: int, hold_ids: Collection[int]) -> list[HoldLine]:
    """Return holds of one UPT by the ids of their entries; unknown ones are left out."""
    rows = db.session().execute(
        select(*_HOLD)
        .where(StockHold.entry_id.in_(hold_ids), StockHold.upt_id == upt_id)
        .order_by(StockHold.entry_id)
    )
    return [HoldLine(*row) for row in rows]


def list_lapsed(
    *,
    at: datetime,
    keys: Collection[Key] | None = None,
    hold_ids: Collection[int] | None = None,
    limit: int | None = None,
) -> list[HoldLine]:
    """Return open holds past their end, oldest first, of some goods or some ids or of all."""
    statement = (
        select(*_HOLD)
        .where(StockHold.state == HoldState.OPEN.value, StockHold.expires_at <= at)
        .order_by(StockHold.expires_at, StockHold.entry_id)
        .limit(limit)
    )
    if keys is not None:
        statement = statement.where(
            StockHold.variant_id.in_({variant_id for _, variant_id in keys}),
            StockHold.upt_id.in_({upt_id for upt_id, _ in keys}),
        )
    if hold_ids is not None:
        statement = statement.where(StockHold.entry_id.in_(hold_ids))
    return [HoldLine(*row) for row in db.read_session().execute(statement)]


def get_entry(*, upt_id: int, entry_id: int) -> EntryLine:
    """Return an entry with what reversing it needs to know.

    Raises:
        NotFound: There is none with this id in this UPT.
    """
    reversing = aliased(StockEntry)
    row: Any = db.read_session().execute(
        select(
            StockEntry.id, StockEntry.phase, StockEntry.variant_id, StockEntry.lot_id,
            StockEntry.from_account, StockEntry.to_account, StockEntry.quantity,
            StockEntry.reverses_id, reversing.id.is_not(None), func.coalesce(_FREE, 0),
            StockEntry.source_kind,
        )
        .outerjoin(reversing, reversing.reverses_id == StockEntry.id)
        .outerjoin(
            StockBalance,
            and_(
                StockBalance.upt_id == StockEntry.upt_id,
                StockBalance.variant_id == StockEntry.variant_id,
                StockBalance.lot_id == StockEntry.lot_id,
                StockBalance.account == StockEntry.to_account,
            ),
        )
        .where(StockEntry.id == entry_id, StockEntry.upt_id == upt_id)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound
    return EntryLine(*row)
