"""Housekeeping: attempts to sign in are personal data and are not kept longer than needed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from app.domain.identity import services
from app.infra import db
from app.infra.jobs import Handler, Periodic


def _forget_old_attempts(at: datetime) -> None:
    db.transact(lambda: services.forget_old_attempts(at=at))


HANDLERS: Final[tuple[Handler, ...]] = ()
PERIODICS: Final[tuple[Periodic, ...]] = (
    Periodic("identity.forget_old_attempts", timedelta(hours=1), _forget_old_attempts),
)
