"""Reading the trail, newest first."""

from __future__ import annotations

import json

from sqlalchemy import select

from app.domain.audit.models import AuditEntry
from app.domain.audit.types import VIEW, AuditRecord
from app.infra import db
from app.kernel import paging
from app.kernel.actor import Actor
from app.kernel.errors import NotAllowed, NotFound
from app.kernel.paging import Page

PAGE_SIZE = 50


def list_entries(
    *,
    actor: Actor,
    upt_id: int | None = None,
    after: str | None = None,
    action: str = "",
) -> Page[AuditRecord]:
    """Return a page of the trail, newest first.

    Args:
        upt_id: Only matters of this UPT.
        after: Cursor of an earlier page.
        action: Only acts whose name begins with this, for example ``stock.``.

    Raises:
        NotAllowed: ``audit.view`` is held nowhere.
        NotFound: It is not held for this UPT.
    """
    reach = actor.reach(VIEW)
    if not actor.holds(VIEW):
        raise NotAllowed(VIEW)
    if upt_id is not None and not reach.covers(upt_id):
        raise NotFound
    statement = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE_SIZE + 1)
    if upt_id is not None:
        statement = statement.where(AuditEntry.upt_id == upt_id)
    elif not reach.is_national:
        statement = statement.where(AuditEntry.upt_id.in_(sorted(reach.upt_ids)))
    if action:
        statement = statement.where(AuditEntry.action.startswith(action, autoescape=True))
    cursor = paging.decode_cursor(after, kinds=(int,))
    if cursor is not None:
        statement = statement.where(AuditEntry.id < cursor[0])
    rows = db.read_session().scalars(statement).all()
    shown = rows[:PAGE_SIZE]
    next_page = paging.encode_cursor([shown[-1].id]) if len(rows) > PAGE_SIZE else None
    return Page(tuple(_record(row) for row in shown), after=next_page)


def _record(row: AuditEntry) -> AuditRecord:
    return AuditRecord(
        entry_id=row.id,
        at=row.at,
        actor_kind=row.actor_kind,
        actor_user_id=row.actor_user_id,
        actor_label=row.actor_label,
        action=row.action,
        subject=row.subject,
        upt_id=row.upt_id,
        detail=json.loads(row.detail),
    )
