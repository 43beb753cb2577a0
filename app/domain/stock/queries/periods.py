"""Closed months, the one that may be closed next, and entries that came too late for theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, select

from app.domain.stock import rules
from app.domain.stock.models import StockEntry, StockPeriod, StockPeriodBalance, StockPeriodHold
from app.domain.stock.queries.replay import UtcText
from app.domain.stock.types import (
    STOCK_VIEW,
    EntryKind,
    EntrySource,
    LateRow,
    OpenMonth,
    PeriodRecord,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor


def list_periods(*, upt_id: int) -> tuple[PeriodRecord, ...]:
    """Return the closed months of a UPT, newest first."""
    rows = db.read_session().scalars(
        select(StockPeriod)
        .where(StockPeriod.upt_id == upt_id)
        .order_by(StockPeriod.month.desc())
        .limit(600)
    )
    return tuple(period_record(row=row) for row in rows)


def period_record(*, row: StockPeriod) -> PeriodRecord:
    """Return a row as a record."""
    return PeriodRecord(
        upt_id=row.upt_id,
        month=row.month,
        sequence=row.sequence,
        hash=row.hash,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        balances=row.balances,
        pieces=row.pieces,
    )


def is_late(*, periods: Sequence[PeriodRecord], sequence: int, happened_at: datetime) -> bool:
    """Say whether an entry tells of a month that was closed before it was written ("susulan").

    Args:
        periods: All closed months of the entry's UPT, in any order.
    """
    return rules.is_late(periods=periods, sequence=sequence, happened_at=happened_at)


def next_to_close(*, upt_id: int, timezone: str, at: datetime) -> OpenMonth:
    """Return the month of a UPT that is to be closed next."""
    session = db.read_session()
    last = session.scalar(
        select(StockPeriod.month)
        .where(StockPeriod.upt_id == upt_id)
        .order_by(StockPeriod.month.desc())
        .limit(1)
    )
    first = session.scalar(
        select(StockEntry.written_at).where(
            StockEntry.id == rules.entry_id(upt_id=upt_id, sequence=1)
        )
    )
    return rules.next_to_close(last=last, first_written_at=first, timezone=timezone, at=at)


def list_late(
    *,
    actor: Actor,
    upt_id: int,
    variant_id: int | None = None,
    cursor: str | None = None,
) -> Page[LateRow]:
    """Return a page of the entries that came too late for their month, newest first.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    last = decode_cursor(cursor, kinds=(int,))
    narrowed = [] if variant_id is None else [StockEntry.variant_id == variant_id]
    if last is not None:
        narrowed.append(StockEntry.id < rules.entry_id(upt_id=upt_id, sequence=int(last[0])))
    rows = (
        db.read_session()
        .scalars(
            select(StockEntry)
            .where(_is_late_in(upt_id), *narrowed)
            .order_by(StockEntry.id.desc())
            .limit(PAGE_SIZE + 1)
        )
        .all()
    )
    shown = tuple(_late_row(row) for row in rows[:PAGE_SIZE])
    return Page(
        shown, after=encode_cursor((shown[-1].sequence,)) if len(rows) > PAGE_SIZE else None
    )


def _is_late_in(upt_id: int) -> ColumnElement[bool]:
    start = rules.entry_id(upt_id=upt_id, sequence=0)
    return and_(
        StockEntry.id > start,
        StockEntry.id < rules.entry_id(upt_id=upt_id + 1, sequence=0),
        StockEntry.happened_at < StockEntry.written_at,
        exists().where(
            StockPeriod.upt_id == upt_id,
            StockEntry.id > start + StockPeriod.sequence,
            StockEntry.happened_at < StockPeriod.ends_at,
        ),
    )


def _late_row(row: StockEntry) -> LateRow:
    return LateRow(
        sequence=row.sequence,
        variant_id=row.variant_id,
        kind=EntryKind(row.kind),
        quantity=row.quantity,
        from_account=row.from_account,
        to_account=row.to_account,
        actor=row.actor,
        note=row.note,
        source=EntrySource(row.source_kind, row.source_key),
        happened_at=row.happened_at,
        written_at=row.written_at,
    )


def read_period_balances(*, upt_id: int, month: date) -> dict[rules.BalanceKey, rules.Counters]:
    """Return the counters of a closed month."""
    rows = db.read_session().execute(
        select(
            StockPeriodBalance.variant_id, StockPeriodBalance.lot_id, StockPeriodBalance.account,
            StockPeriodBalance.in_posted, StockPeriodBalance.out_posted,
            StockPeriodBalance.in_pending, StockPeriodBalance.out_pending,
        ).where(StockPeriodBalance.upt_id == upt_id, StockPeriodBalance.month == month)
    )  # fmt: skip
    return {(row[0], row[1], row[2]): (row[3], row[4], row[5], row[6]) for row in rows}


def read_period_holds(*, upt_id: int, month: date) -> dict[int, rules.HoldFacts]:
    """Return the promises that were unfinished when a month was closed."""
    rows = db.read_session().execute(
        select(
            StockPeriodHold.entry_id, StockPeriodHold.variant_id, StockPeriodHold.lot_id,
            StockPeriodHold.from_account, StockPeriodHold.to_account, StockPeriodHold.quantity,
            StockPeriodHold.quantity_posted, UtcText(StockPeriodHold.expires_at),
            StockPeriodHold.state,
        ).where(StockPeriodHold.upt_id == upt_id, StockPeriodHold.month == month)
    )  # fmt: skip
    return {
        row[0]: (
            row[1], row[2], row[3], row[4], row[5], row[6], rules.canonical_instant(row[7]), row[8]
        )
        for row in rows
    }  # fmt: skip
