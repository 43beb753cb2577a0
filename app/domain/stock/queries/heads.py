"""Signed heads and roots, as they were published."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any, Final

from sqlalchemy import column, func, select, table

from app.domain.stock import rules
from app.domain.stock.models import StockDailyHead, StockDailyRoot, StockEntry, StockHead
from app.domain.stock.types import DailyHead, DailyRoot, HeadProof
from app.infra import db
from app.kernel.errors import NotFound
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor

_UPT: Final = table("upt", column("id"), column("slug"))


def latest_root() -> DailyRoot | None:
    """Return the newest root, or None before the first day."""
    row = db.read_session().scalar(
        select(StockDailyRoot).order_by(StockDailyRoot.day.desc()).limit(1)
    )
    return None if row is None else _root(row)


def get_root(*, day: date) -> DailyRoot:
    """Return the root of a day.

    Raises:
        NotFound: Nothing was published on that day.
    """
    row = db.read_session().get(StockDailyRoot, day)
    if row is None:
        raise NotFound
    return _root(row)


def list_roots(*, cursor: str | None = None) -> Page[DailyRoot]:
    """Return a page of the published days, newest first."""
    last = decode_cursor(cursor, kinds=(str,))
    statement = select(StockDailyRoot).order_by(StockDailyRoot.day.desc()).limit(PAGE_SIZE + 1)
    before = _date(str(last[0])) if last else None
    if before is not None:
        statement = statement.where(StockDailyRoot.day < before)
    rows = db.read_session().scalars(statement).all()
    shown = tuple(_root(row) for row in rows[:PAGE_SIZE])
    more = encode_cursor((shown[-1].day.isoformat(),)) if len(rows) > PAGE_SIZE else None
    return Page(shown, after=more)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def all_roots() -> tuple[DailyRoot, ...]:
    """Return every root, oldest first: one for each day of the nation's ledger."""
    rows = db.read_session().scalars(select(StockDailyRoot).order_by(StockDailyRoot.day))
    return tuple(_root(row) for row in rows)


def list_daily_heads(*, day: date) -> tuple[DailyHead, ...]:
    """Return the heads of a day, by UPT: the leaves of its tree in order."""
    rows = db.read_session().scalars(
        select(StockDailyHead).where(StockDailyHead.day == day).order_by(StockDailyHead.upt_id)
    )
    return tuple(_head(row) for row in rows)


def newest_daily_heads() -> tuple[DailyHead, ...]:
    """Return the heads of the newest published day, in one statement."""
    newest = select(func.max(StockDailyRoot.day)).scalar_subquery()
    rows = db.read_session().scalars(select(StockDailyHead).where(StockDailyHead.day == newest))
    return tuple(_head(row) for row in rows)


def heads_of_upt(*, upt_id: int) -> tuple[DailyHead, ...]:
    """Return every published head of a UPT, oldest first."""
    rows = db.read_session().scalars(
        select(StockDailyHead).where(StockDailyHead.upt_id == upt_id).order_by(StockDailyHead.day)
    )
    return tuple(_head(row) for row in rows)


def last_daily_head(*, upt_id: int) -> DailyHead | None:
    """Return the newest published head of a UPT."""
    row = db.read_session().scalar(
        select(StockDailyHead)
        .where(StockDailyHead.upt_id == upt_id)
        .order_by(StockDailyHead.day.desc())
        .limit(1)
    )
    return None if row is None else _head(row)


def proof_of_head(*, upt_id: int, day: date) -> HeadProof:
    """Return a UPT's head of a day with its way to the root.

    Raises:
        NotFound: The UPT had no head on that day.
    """
    root, heads = get_root(day=day), list_daily_heads(day=day)
    leaves = [rules.leaf(rules.line_of_head(head)) for head in heads]
    for index, head in enumerate(heads):
        if head.upt_id == upt_id:
            return HeadProof(head, root, rules.merkle_path(leaves, index))
    raise NotFound


def stream_proofs(*, upt_id: int) -> Iterator[HeadProof]:
    """Yield every published head of a UPT with its way to the root, one day in memory at a time."""
    for head in heads_of_upt(upt_id=upt_id):
        yield proof_of_head(upt_id=upt_id, day=head.day)


def heads_to_publish() -> tuple[tuple[int, str, int, str], ...]:
    """Return (UPT, slug, sequence, hash) of every chain that exists, by UPT."""
    rows = db.read_session().execute(
        select(StockHead.upt_id, _UPT.c.slug, StockHead.sequence, StockHead.hash)
        .join(_UPT, _UPT.c.id == StockHead.upt_id)
        .order_by(StockHead.upt_id)
    )
    return tuple((row[0], row[1], row[2], row[3]) for row in rows)


def hashes_at(*, entry_ids: Collection[int]) -> dict[int, str]:
    """Return the hashes of these entries by id, in one statement."""
    if not entry_ids:
        return {}
    rows = db.read_session().execute(
        select(StockEntry.id, StockEntry.hash).where(StockEntry.id.in_(sorted(entry_ids)))
    )
    return {row[0]: row[1] for row in rows}


def _root(row: Any) -> DailyRoot:
    return DailyRoot(
        day=row.day,
        heads=row.heads,
        merkle=row.merkle,
        previous_day=row.previous_day,
        previous=row.previous,
        key=row.key,
        signature=row.signature,
        endorsement=row.endorsement,
        published_at=row.published_at,
    )


def _head(row: Any) -> DailyHead:
    return DailyHead(
        day=row.day,
        upt_id=row.upt_id,
        slug=row.slug,
        sequence=row.sequence,
        hash=row.hash,
        signature=row.signature,
    )
