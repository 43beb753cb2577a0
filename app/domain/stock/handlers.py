"""Work of the ledger that comes round by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from app.domain.stock import services
from app.infra import db, jobs


def _expire_lapsed(at: datetime) -> None:
    """Close holds past their end in small transactions until none is left."""
    while db.transact(lambda: services.expire_lapsed(at=at)):
        pass


HANDLERS: Final[tuple[jobs.Handler, ...]] = ()
PERIODICS: Final = (
    jobs.Periodic(name="stock.expire_lapsed", every=timedelta(minutes=1), run=_expire_lapsed),
)
