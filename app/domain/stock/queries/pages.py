"""The stock table and the stock card (kartu stok), as the desk shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import aliased

from app.domain.catalog import queries as catalog_queries
from app.domain.stock import rules
from app.domain.stock.models import StockBalance, StockEntry, StockLot
from app.domain.stock.queries import locks, positions
from app.domain.stock.types import (
    GENESIS_HASH,
    SELLABLE,
    STOCK_VIEW,
    Account,
    CardPage,
    CardRow,
    EntryKind,
    EntrySource,
    HeadRecord,
    LotRecord,
    Phase,
    StockFilter,
    StockPosition,
    StockRow,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor

_SELLABLE: Final = [account.value for account in SELLABLE]


def stock_table(
    *,
    actor: Actor,
    upt_id: int,
    at: datetime,
    text: str = "",
    show: StockFilter = StockFilter.ALL,
    cursor: str | None = None,
) -> Page[StockRow]:
    """Return a page of the variants of a UPT with their stock, by product name.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    found = positions.of_upt(upt_id=upt_id, at=at)
    rows = [
        StockRow(
            variant_id=brief.variant_id,
            product_id=brief.product_id,
            sku=brief.sku,
            product_name=brief.product_name,
            variant_name=brief.variant_name,
            is_active=brief.is_active,
            on_hand=position.on_hand,
            held=position.held,
            available=position.available,
        )
        for brief in catalog_queries.variants_of_upt(upt_id=upt_id, text=text)
        for position in (found.get(brief.variant_id) or _nothing(upt_id, brief.variant_id),)
    ]
    if show is StockFilter.LOW:
        rows = [row for row in rows if row.is_low]
    elif show is StockFilter.OUT:
        rows = [row for row in rows if row.is_out]
    return _page_of(rows, cursor=cursor)


def _nothing(upt_id: int, variant_id: int) -> StockPosition:
    return StockPosition(upt_id, variant_id, 0, 0, 0)


def _page_of(rows: Sequence[StockRow], *, cursor: str | None) -> Page[StockRow]:
    def key(row: StockRow) -> tuple[str, str, int]:
        return (row.product_name.casefold(), row.variant_name.casefold(), row.variant_id)

    ordered = sorted(rows, key=key)
    last = decode_cursor(cursor, kinds=(str, str, int))
    left = [row for row in ordered if last is None or key(row) > last]
    shown = tuple(left[:PAGE_SIZE])
    return Page(shown, after=encode_cursor(key(shown[-1])) if len(left) > PAGE_SIZE else None)


def list_lots(*, actor: Actor, upt_id: int, variant_id: int) -> tuple[LotRecord, ...]:
    """Return the lots of a variant with pieces in the store, first to expire first.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    on_hand = func.sum(StockBalance.in_posted - StockBalance.out_posted)
    rows = db.read_session().execute(
        select(
            StockLot.id, StockLot.code, StockLot.produced_on, StockLot.expires_on,
            on_hand.label("on_hand"), func.sum(StockBalance.out_pending).label("held"),
        )
        .join(StockBalance, StockBalance.lot_id == StockLot.id)
        .where(
            StockLot.upt_id == upt_id,
            StockLot.variant_id == variant_id,
            StockBalance.upt_id == upt_id,
            StockBalance.variant_id == variant_id,
            StockBalance.account.in_(_SELLABLE),
        )
        .group_by(StockLot.id, StockLot.code, StockLot.produced_on, StockLot.expires_on)
        .having(on_hand > 0)
        .order_by(func.coalesce(StockLot.expires_on, date.max), StockLot.id)
    )  # fmt: skip
    return tuple(LotRecord(*row[:4], int(row.on_hand), int(row.held)) for row in rows)


_HELD: Final = aliased(StockEntry)
_TO_SALE: Final = StockEntry.to_account.in_(_SELLABLE)
_FROM_SALE: Final = StockEntry.from_account.in_(_SELLABLE)
_SIGN: Final = case((and_(_TO_SALE, _FROM_SALE), 0), (_TO_SALE, 1), (_FROM_SALE, -1), else_=0)
_MOVED: Final = case(
    (StockEntry.phase.in_((Phase.MOVE.value, Phase.POST.value)), StockEntry.quantity), else_=0
)
_PENDING: Final = case(
    (StockEntry.phase == Phase.HOLD.value, StockEntry.quantity),
    (StockEntry.phase == Phase.VOID.value, -StockEntry.quantity),
    (StockEntry.phase == Phase.POST.value, -_HELD.quantity),
    else_=0,
)
_HELD_CHANGE: Final = case((_FROM_SALE, _PENDING), else_=0)


def stock_card(
    *, actor: Actor, upt_id: int, variant_id: int, at: datetime, cursor: str | None = None
) -> CardPage:
    """Return a page of the stock card of a variant, newest line first, with running balances.

    The balance after each line is today's balance less everything newer, so it is right on every
    page and never taken from the address.

    Raises:
        NotFound: No such variant in this UPT, or nothing to do with the UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    locks.ensure_variant(upt_id=upt_id, variant_id=variant_id)
    last = decode_cursor(cursor, kinds=(int,))
    of_variant = and_(
        StockEntry.variant_id == variant_id,
        StockEntry.id.between(
            rules.entry_id(upt_id=upt_id, sequence=1), rules.entry_id(upt_id=upt_id + 1, sequence=0)
        ),
    )
    before = rules.entry_id(upt_id=upt_id, sequence=int(last[0])) if last else None
    on_hand, held = _balance_after(
        upt_id=upt_id, variant_id=variant_id, of_variant=of_variant, before=before
    )
    found = (
        db.read_session()
        .execute(
            select(
                StockEntry,
                StockLot.code,
                (_SIGN * _MOVED).label("moved"),
                _HELD_CHANGE.label("held"),
            )
            .join(StockLot, StockLot.id == StockEntry.lot_id)
            .outerjoin(_HELD, _HELD.id == StockEntry.hold_id)
            .where(of_variant, *(() if before is None else (StockEntry.id < before,)))
            .order_by(StockEntry.id.desc())
            .limit(PAGE_SIZE + 1)
        )
        .all()
    )
    rows = []
    for entry, lot_code, moved, held_change in found[:PAGE_SIZE]:
        rows.append(_card_row(entry, lot_code, moved, held_change, on_hand=on_hand, held=held))
        on_hand -= moved
        held -= held_change
    return CardPage(
        position=positions.get_position(upt_id=upt_id, variant_id=variant_id, at=at),
        lots=list_lots(actor=actor, upt_id=upt_id, variant_id=variant_id),
        rows=tuple(rows),
        after=encode_cursor((rows[-1].sequence,)) if len(found) > PAGE_SIZE else None,
    )


def _balance_after(
    *, upt_id: int, variant_id: int, of_variant: ColumnElement[bool], before: int | None
) -> tuple[int, int]:
    session = db.read_session()
    now = session.execute(
        select(
            func.coalesce(func.sum(StockBalance.in_posted - StockBalance.out_posted), 0),
            func.coalesce(func.sum(StockBalance.out_pending), 0),
        ).where(
            StockBalance.upt_id == upt_id,
            StockBalance.variant_id == variant_id,
            StockBalance.account.in_(_SELLABLE),
        )
    ).one()
    if before is None:
        return int(now[0]), int(now[1])
    newer = session.execute(
        select(func.coalesce(func.sum(_SIGN * _MOVED), 0), func.coalesce(func.sum(_HELD_CHANGE), 0))
        .select_from(StockEntry)
        .outerjoin(_HELD, _HELD.id == StockEntry.hold_id)
        .where(of_variant, StockEntry.id >= before)
    ).one()
    return int(now[0] - newer[0]), int(now[1] - newer[1])


def _card_row(
    entry: StockEntry, lot_code: str, moved: int, held_change: int, *, on_hand: int, held: int
) -> CardRow:
    comes_in = entry.to_account in _SELLABLE
    return CardRow(
        entry_id=entry.id,
        sequence=entry.sequence,
        kind=EntryKind(entry.kind),
        phase=Phase(entry.phase),
        quantity=entry.quantity,
        quantity_in=max(moved, 0),
        quantity_out=max(-moved, 0),
        quantity_held=held_change,
        on_hand=on_hand,
        held=held,
        counterpart=entry.from_account if comes_in else entry.to_account,
        from_account=Account(entry.from_account),
        to_account=Account(entry.to_account),
        lot_code=lot_code,
        actor=entry.actor,
        reason=entry.reason,
        note=entry.note,
        source=EntrySource(entry.source_kind, entry.source_key),
        happened_at=entry.happened_at,
        written_at=entry.written_at,
        short_hash=entry.hash[:12],
    )


def head(*, actor: Actor, upt_id: int) -> HeadRecord:
    """Return the end of a UPT's chain.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    return locks.list_heads(upt_id=upt_id).get(upt_id) or HeadRecord(upt_id, 0, GENESIS_HASH, None)
