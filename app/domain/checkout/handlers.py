"""Work of checkout that comes round by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from app.domain.checkout import flows
from app.infra import jobs


def _expire_unpaid(at: datetime) -> None:
    flows.expire_unpaid(at=at)


def _close_delivered(at: datetime) -> None:
    flows.close_delivered(at=at)


HANDLERS: Final[tuple[jobs.Handler, ...]] = ()
PERIODICS: Final = (
    jobs.Periodic("checkout.expire_unpaid", timedelta(seconds=30), _expire_unpaid),
    jobs.Periodic("checkout.close_delivered", timedelta(minutes=30), _close_delivered),
)
