"""Keeping the reports near the ledgers, by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from app.domain.reports import queries, services
from app.infra import db, jobs

EVERY: Final = timedelta(minutes=10)
OLDEST: Final = timedelta(hours=6)
"""Figures of a UPT where nothing happens are worked out again after this, since days go by."""


def _refresh(at: datetime) -> None:
    """Bring the figures of every UPT up to date whose ledger went on, each in small transactions."""
    due = queries.list_due(before=at - OLDEST)
    zones = queries.timezones(upt_ids=due)
    for upt_id in due:
        work = partial(services.refresh, upt_id=upt_id, timezone=zones[upt_id], at=at)
        while db.transact(work):
            pass


HANDLERS: Final[tuple[jobs.Handler, ...]] = ()
PERIODICS: Final = (jobs.Periodic(name="reports.refresh", every=EVERY, run=_refresh),)
