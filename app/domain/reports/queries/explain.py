"""Why is this 47? Opening, movements by cause and closing of one item, at any date or position.

A balance is known only as it is now. What it was is that less everything newer, which an index over
(variant, entry) gives at once: the cost follows the entries of one item since the day asked for,
never the length of the ledger. A written day is an entry number, found by halving, since time never
goes back along a chain. Nothing happens after it is written, so whatever happened after a day was
also written after it: the same newer entries answer both.

Source: docs/algorithms/stock-reports.md.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    bindparam,
    case,
    func,
    literal,
    select,
    text,
    union_all,
)

from app.domain.reports.queries.tables import BALANCE, ENTRY, HEAD, LOT, VARIANT
from app.domain.reports.types import (
    POSTED_PHASES,
    SCOPE_ACCOUNTS,
    STOCK_VIEW,
    Axis,
    Cause,
    EntryRow,
    Explanation,
    Scope,
    Window,
)
from app.domain.stock import rules as stock_rules
from app.infra import db
from app.infra.db import UtcDateTime
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor

_POSITION: Final = text(
    "WITH RECURSIVE half (low, high) AS ("
    " SELECT CAST(0 AS bigint), coalesce((SELECT sequence FROM stock_head WHERE upt_id = :upt_id), 0)"
    " UNION ALL"
    " SELECT CASE WHEN e.written_at < :instant THEN e.sequence ELSE half.low END,"
    " CASE WHEN e.written_at < :instant THEN half.high ELSE e.sequence - 1 END"
    " FROM half JOIN stock_entry e ON e.id = :base + (half.low + half.high + 1) / 2"
    " WHERE half.low < half.high)"
    " SELECT max(low) FROM half"
).bindparams(bindparam("instant", type_=UtcDateTime))
"""The last entry written before an instant: each step looks at one entry by its key."""


def position_at(*, upt_id: int, instant: datetime) -> int:
    """Return the number of the last entry of a UPT written before an instant; 0 for none."""
    values = {
        "upt_id": upt_id,
        "base": stock_rules.entry_id(upt_id=upt_id, sequence=0),
        "instant": instant,
    }
    found = db.read_session().scalar(_POSITION, values)
    return int(found or 0)


def explain(
    *, actor: Actor, upt_id: int, variant_id: int, scope: Scope, window: Window
) -> Explanation:
    """Return why an item's figure is what it is.

    One statement reads the balance and the newer entries, so that both are of the same instant.

    Raises:
        NotFound: No such variant in this UPT, or nothing to do with the UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    low, inside, after = _parts(upt_id, window)
    accounts = SCOPE_ACCOUNTS[scope]
    side = case((inside, "in"), (after, "after"), else_="before")
    now = select(
        literal("now"), literal(""), literal(""), literal(""),
        func.coalesce(func.sum(BALANCE.c.in_posted - BALANCE.c.out_posted), 0), literal(0),
    ).where(
        BALANCE.c.upt_id == upt_id,
        BALANCE.c.variant_id == variant_id,
        BALANCE.c.account.in_(accounts),
    )  # fmt: skip
    head = select(
        literal("head"), literal(""), literal(""), literal(""), HEAD.c.sequence, literal(0)
    ).where(HEAD.c.upt_id == upt_id)
    owner = select(
        literal("owner"), literal(""), literal(""), literal(""), VARIANT.c.upt_id, literal(0)
    ).where(VARIANT.c.id == variant_id)
    moved = (
        select(
            side.label("side"), ENTRY.c.kind, ENTRY.c.from_account, ENTRY.c.to_account,
            func.sum(_delta(accounts)), func.count(),
        )
        .where(_touching(upt_id, variant_id, low, accounts))
        .group_by(text("1"), ENTRY.c.kind, ENTRY.c.from_account, ENTRY.c.to_account)
    )  # fmt: skip
    rows = db.read_session().execute(union_all(now, head, owner, moved)).all()
    single = {row[0]: int(row[4]) for row in rows if row[0] in ("now", "head", "owner")}
    if single.get("owner") != upt_id:
        raise NotFound
    causes = [Cause(row[1], row[2], row[3], int(row[4]), row[5]) for row in rows if row[0] == "in"]
    newer = sum(int(row[4]) for row in rows if row[0] == "after")
    closing = single["now"] - newer
    return Explanation(
        upt_id=upt_id,
        variant_id=variant_id,
        opening=closing - sum(cause.quantity for cause in causes),
        closing=closing,
        now=single["now"],
        head_sequence=single.get("head", 0),
        causes=tuple(sorted(causes, key=lambda cause: (-cause.quantity, cause.key))),
    )


def _parts(upt_id: int, window: Window) -> tuple[int, ColumnElement[bool], ColumnElement[bool]]:
    """Return the entry before the window, and the conditions for entries inside and after it."""
    if window.axis is Axis.HAPPENED:
        low = 0 if window.start_at is None else position_at(upt_id=upt_id, instant=window.start_at)
        after = literal(False) if window.end_at is None else ENTRY.c.happened_at >= window.end_at
        begun = literal(True) if window.start_at is None else ENTRY.c.happened_at >= window.start_at
        return low, and_(begun, ~after), after
    first, last = window.start_sequence, window.end_sequence
    if window.axis is Axis.WRITTEN:
        first = (
            0 if window.start_at is None else position_at(upt_id=upt_id, instant=window.start_at)
        )
        last = None if window.end_at is None else position_at(upt_id=upt_id, instant=window.end_at)
    end = None if last is None else stock_rules.entry_id(upt_id=upt_id, sequence=last)
    after = literal(False) if end is None else ENTRY.c.id > end
    return min(first, last) if last is not None else first, _inside(upt_id, first, after), after


def _inside(upt_id: int, first: int, after: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(ENTRY.c.id > stock_rules.entry_id(upt_id=upt_id, sequence=first), ~after)


def _touching(
    upt_id: int, variant_id: int, low: int, accounts: tuple[str, ...]
) -> ColumnElement[bool]:
    is_in, is_out = ENTRY.c.to_account.in_(accounts), ENTRY.c.from_account.in_(accounts)
    return and_(
        ENTRY.c.variant_id == variant_id,
        ENTRY.c.id > stock_rules.entry_id(upt_id=upt_id, sequence=low),
        ENTRY.c.id < stock_rules.entry_id(upt_id=upt_id + 1, sequence=0),
        ENTRY.c.phase.in_(POSTED_PHASES),
        is_in != is_out,
    )


def _delta(accounts: tuple[str, ...]) -> ColumnElement[int]:
    return case((ENTRY.c.to_account.in_(accounts), ENTRY.c.quantity), else_=-ENTRY.c.quantity)


def list_entries(
    *,
    actor: Actor,
    upt_id: int,
    variant_id: int,
    scope: Scope,
    window: Window,
    cause: tuple[str, str, str] | None = None,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[EntryRow]:
    """Return the entries inside a window, newest first; of one cause, or of all.

    Raises:
        NotFound: Nothing to do with the UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    low, inside, _ = _parts(upt_id, window)
    accounts = SCOPE_ACCOUNTS[scope]
    conditions = [_touching(upt_id, variant_id, low, accounts), inside]
    if cause is not None:
        kind, from_account, to_account = cause
        conditions += [
            ENTRY.c.kind == kind,
            ENTRY.c.from_account == from_account,
            ENTRY.c.to_account == to_account,
        ]
    if (last := decode_cursor(cursor, kinds=(int,))) is not None:
        before = stock_rules.entry_id(upt_id=upt_id, sequence=int(last[0]))
        conditions.append(ENTRY.c.id < before)
    rows = (
        db.read_session()
        .execute(
            select(
                ENTRY.c.sequence, ENTRY.c.kind, ENTRY.c.from_account, ENTRY.c.to_account,
                _delta(accounts), LOT.c.code, ENTRY.c.actor, ENTRY.c.reason, ENTRY.c.note,
                ENTRY.c.source_kind, ENTRY.c.source_key, ENTRY.c.happened_at, ENTRY.c.written_at,
                func.substr(ENTRY.c.hash, 1, 12, type_=String),
            )
            .join(LOT, LOT.c.id == ENTRY.c.lot_id)
            .where(*conditions)
            .order_by(ENTRY.c.id.desc())
            .limit(size + 1)
        )
        .all()
    )  # fmt: skip
    found = tuple(_entry(row) for row in rows[:size])
    return Page(found, after=encode_cursor((found[-1].sequence,)) if len(rows) > size else None)


def _entry(row: Any) -> EntryRow:
    return EntryRow(*row)


def find_owner(*, actor: Actor, variant_id: int) -> int:
    """Return the UPT of a variant.

    Raises:
        NotFound: No such variant, or nothing to do with its UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    upt_id = db.read_session().scalar(select(VARIANT.c.upt_id).where(VARIANT.c.id == variant_id))
    if upt_id is None:
        raise NotFound
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    return int(upt_id)
