"""Sheets as lists and pages show them: how far, never how many pieces."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import func, select

from app.domain.counts.models import CountEvent, CountPosting, CountRow, CountSheet
from app.domain.counts.queries import locks
from app.domain.counts.types import (
    STOCK_VIEW,
    CountRecord,
    CountState,
    EventKind,
    EventRecord,
    PostingRecord,
    Scope,
    ScopeKind,
)
from app.domain.stock.types import Account
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor

EVENTS_MAX: Final = 60

_LEFT: Final = (
    select(func.count())
    .select_from(CountRow)
    .where(CountRow.sheet_id == CountSheet.id, CountRow.quantity.is_(None))
    .correlate(CountSheet)
    .scalar_subquery()
)
_ASKED: Final = (
    select(func.count())
    .select_from(CountRow)
    .where(CountRow.sheet_id == CountSheet.id, CountRow.is_recount_asked)
    .correlate(CountSheet)
    .scalar_subquery()
)


def get_count(*, actor: Actor, count_id: int) -> CountRecord:
    """Return a sheet.

    Raises:
        NotFound: No such sheet, or of a UPT that the actor has nothing to do with.
        NotAllowed: ``stock.view`` is not held there.
    """
    row = _first(CountSheet.id == count_id)
    if row is None:
        raise NotFound
    actor.ensure(STOCK_VIEW, upt_id=row.CountSheet.upt_id)
    return record_of(sheet=row.CountSheet, left=row.left, asked=row.asked)


def find_by_code(*, actor: Actor, code: str) -> CountRecord | None:
    """Return the sheet with this code, if the actor may see it; files and QR codes name sheets so.

    Raises:
        NotFound: It belongs to a UPT that the actor has nothing to do with.
        NotAllowed: ``stock.view`` is not held there.
    """
    row = _first(CountSheet.code == code.strip().upper())
    if row is None:
        return None
    actor.ensure(STOCK_VIEW, upt_id=row.CountSheet.upt_id)
    return record_of(sheet=row.CountSheet, left=row.left, asked=row.asked)


def _first(condition: Any) -> Any:
    return (
        db.read_session()
        .execute(select(CountSheet, _LEFT.label("left"), _ASKED.label("asked")).where(condition))
        .first()
    )


def list_counts(*, actor: Actor, upt_id: int, cursor: str | None = None) -> Page[CountRecord]:
    """Return the sheets of a UPT, newest first.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    statement = (
        select(CountSheet, _LEFT.label("left"), _ASKED.label("asked"))
        .where(CountSheet.upt_id == upt_id)
        .order_by(CountSheet.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    last = decode_cursor(cursor, kinds=(int,))
    if last is not None:
        statement = statement.where(CountSheet.id < last[0])
    rows = db.read_session().execute(statement).all()
    shown = tuple(
        record_of(sheet=row.CountSheet, left=row.left, asked=row.asked) for row in rows[:PAGE_SIZE]
    )
    after = encode_cursor((shown[-1].count_id,)) if len(rows) > PAGE_SIZE else None
    return Page(shown, after=after)


def record_of(*, sheet: CountSheet, left: int, asked: int) -> CountRecord:
    """Return what others may see of a sheet."""
    return CountRecord(
        count_id=sheet.id,
        code=sheet.code,
        upt_id=sheet.upt_id,
        campaign_id=sheet.campaign_id,
        scope=scope_of(row=sheet),
        state=CountState(sheet.state),
        version=sheet.version,
        sequence=sheet.ledger_sequence,
        hash=sheet.ledger_hash,
        opened_by=sheet.opened_by,
        opened_at=sheet.opened_at,
        handed_in_at=sheet.handed_in_at,
        decided_at=sheet.decided_at,
        decided_by=sheet.decided_by,
        reason=sheet.reason,
        row_count=sheet.row_count,
        done_count=sheet.row_count - left,
        recount_count=asked,
    )


def scope_of(*, row: Any) -> Scope:
    """Return the scope that a sheet or a campaign stores."""
    goods = getattr(row, "scope_goods", "")
    return Scope(
        ScopeKind(row.scope_kind),
        Account(row.scope_place) if row.scope_place else None,
        row.scope_category_id,
        tuple(int(part) for part in goods.split()),
    )


def list_events(*, actor: Actor, count_id: int) -> tuple[EventRecord, ...]:
    """Return what happened to the sheet as a whole, oldest first; the numbers of rows are left out.

    Raises:
        NotFound: No such sheet, or not the actor's.
    """
    get_count(actor=actor, count_id=count_id)
    rows = db.read_session().execute(
        select(CountEvent.event, CountEvent.actor, CountEvent.at, CountEvent.note)
        .where(CountEvent.sheet_id == count_id, CountEvent.row_id.is_(None))
        .order_by(CountEvent.id)
        .limit(EVENTS_MAX)
    )
    return tuple(EventRecord(EventKind(row[0]), *row[1:]) for row in rows)


def is_maker(*, actor: Actor, count_id: int) -> bool:
    """Say whether the actor opened, counted or handed in this sheet, and so may not approve it."""
    return actor.user_id in locks.list_makers(count_id=count_id)


def get_posting(*, actor: Actor, count_id: int) -> PostingRecord | None:
    """Return the posting of a sheet, if it was approved.

    Raises:
        NotFound: No such sheet, or not the actor's.
    """
    get_count(actor=actor, count_id=count_id)
    found = db.read_session().get(CountPosting, count_id)
    if found is None:
        return None
    return PostingRecord(
        found.approved_by, found.approved_at, found.sequence, found.hash, found.posted_rows,
        found.left_rows, found.gain_idr, found.loss_idr,
    )  # fmt: skip
