"""Work of the ledger that comes round by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from app.domain.stock import flows, queries, services
from app.infra import db, jobs


def _expire_lapsed(at: datetime) -> None:
    """Close holds past their end in small transactions until none is left."""
    while db.transact(lambda: services.expire_lapsed(at=at)):
        pass


def _keep_weeks(at: datetime) -> None:
    """Let the weeks of every workshop follow the calendar, UPT by UPT."""
    for upt_id in queries.list_planned_upts():
        db.transact(partial(services.keep_weeks, upt_id=upt_id, at=at))


def _publish_heads(at: datetime) -> None:
    """Sign and publish the heads of the nation's day, at its first hour or when it was missed."""
    flows.publish_heads(at=at)


def _check_news(at: datetime) -> None:
    """Compare the figures of every UPT with its new entries, or with what was proven last."""
    flows.check_news(at=at)
    flows.check_quiet(at=at)


def _check_whole(at: datetime) -> None:
    """Replay every ledger from its first entry."""
    flows.check_whole(at=at)


HANDLERS: Final[tuple[jobs.Handler, ...]] = ()
PERIODICS: Final = (
    jobs.Periodic(name="stock.expire_lapsed", every=timedelta(minutes=1), run=_expire_lapsed),
    jobs.Periodic(name="stock.keep_weeks", every=timedelta(hours=1), run=_keep_weeks),
    jobs.Periodic(name="stock.publish_heads", every=timedelta(hours=1), run=_publish_heads),
    jobs.Periodic(name="stock.check_news", every=timedelta(minutes=15), run=_check_news),
    jobs.Periodic(name="stock.check_whole", every=timedelta(days=1), run=_check_whole),
)
