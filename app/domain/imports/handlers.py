"""Work of imports: posting what was confirmed, cleaning away what came to nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.domain.imports import flows, services
from app.domain.imports.events import ImportConfirmed
from app.infra import db
from app.infra.jobs import Handler, Periodic


def post_file(event: ImportConfirmed, /, *, at: datetime) -> None:
    """Post a confirmed file; it keeps its own place, so it may be called again."""
    flows.post_file(file_id=event.file_id, at=at)


def clean(at: datetime) -> None:
    """Let go of rows that came to nothing, in small transactions until none is left."""
    while db.transact(lambda: services.clean(at=at)):
        pass


HANDLERS: tuple[Handler, ...] = (
    Handler(name="imports.post_file", event=ImportConfirmed, run=post_file, effect=True),
)
PERIODICS: tuple[Periodic, ...] = (
    Periodic(name="imports.clean", every=timedelta(hours=6), run=clean),
)
