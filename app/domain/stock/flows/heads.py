"""Publishing the day's heads: in the database first, then in the open file outside it."""

from __future__ import annotations

from datetime import date, datetime

import structlog

from app.domain.stock import ports, queries, rules, services
from app.domain.stock.errors import HeadsDiffer
from app.domain.stock.types import NATIONAL_TIMEZONE, DailyRoot
from app.infra import db
from app.kernel import clock
from app.kernel.actor import Actor, system

log = structlog.get_logger("ledger")


def publish_heads(*, at: datetime, actor: Actor | None = None) -> DailyRoot | None:
    """Sign and publish the heads of the nation's day, once; a repeat completes what is missing.

    Returns:
        The root of the day; None while no chain exists.

    Raises:
        HeadsDiffer: The open file knows days that the database does not, or tells them differently.
    """
    day = clock.local_date(at=at, timezone=NATIONAL_TIMEZONE)
    _write_missing_days()
    root = db.transact(
        lambda: services.publish_day(actor=actor or system("ledger-heads"), day=day, at=at)
    )
    _write_missing_days()
    return root


def day_text(*, day: date) -> str:
    """Return a day as its public text: every head, then the root.

    Raises:
        NotFound: Nothing was published on that day.
    """
    return rules.day_block(root=queries.get_root(day=day), heads=queries.list_daily_heads(day=day))


def _write_missing_days() -> None:
    """Add to the open file every day that only the database has, after checking its signature."""
    book = ports.heads_file()
    kept = rules.first_of_each_day(rules.read_blocks(book.lines()))
    signer, before = ports.signer(), None
    with db.snapshot():
        for root in queries.all_roots():
            day = root.day.isoformat()
            heads = queries.list_daily_heads(day=root.day)
            block = rules.day_block(root=root, heads=heads)
            known = kept.pop(day, None)
            is_sound = rules.is_root_sound(
                root=root, heads=heads, before=before, is_signed=signer.is_signed
            )
            if not is_sound or (known is not None and known != block.splitlines()):
                raise HeadsDiffer
            if known is None:
                book.append(block)
                log.info("heads_published", day=day, heads=root.heads, merkle=root.merkle)
            before = root
    if kept:
        raise HeadsDiffer
