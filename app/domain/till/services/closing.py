"""Counting the drawer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.domain.audit import services as audit_services
from app.domain.till import queries, rules
from app.domain.till.commands import CloseDrawer
from app.domain.till.errors import DifferenceUnexplained, DrawerMoved, LeftTooMuch
from app.domain.till.models import TillClose
from app.domain.till.services import selling
from app.domain.till.types import TILL_SELL
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import IdempotencyMismatch


def close_drawer(*, actor: Actor, upt_id: int, command: CloseDrawer, at: datetime) -> int:
    """Record what was counted; return the id of the close. Sales so far are settled by it.

    Raises:
        NotFound, NotAllowed: The actor may not sell there.
        DrawerMoved: Something was sold while the drawer was being counted.
        LeftTooMuch: More would stay than was counted.
        DifferenceUnexplained: The count differs and no reason was given.
        IdempotencyMismatch: The form's key came with another count before.

    Source: docs/algorithms/till.md, section 5.
    """
    actor.ensure(TILL_SELL, upt_id=upt_id)
    upt = upt_queries.briefs(upt_ids=[upt_id])[upt_id]
    day = rules.local_day(at=at, timezone=upt.timezone)
    selling.lock_series(upt_id=upt_id, year=day.year)
    earlier = db.session().scalar(select(TillClose).where(TillClose.entry_key == command.entry_key))
    if earlier is not None:
        if (earlier.upt_id, earlier.counted_idr) != (upt_id, command.counted_idr):
            raise IdempotencyMismatch
        return earlier.id
    drawer = queries.drawer(actor=actor, upt_id=upt_id)
    if drawer.expected_idr != command.expected_idr:
        raise DrawerMoved
    if command.left_idr > command.counted_idr:
        raise LeftTooMuch
    difference_idr = command.counted_idr - drawer.expected_idr
    if difference_idr and not command.reason:
        raise DifferenceUnexplained(difference_idr)
    row = TillClose(
        upt_id=upt_id,
        day=day,
        closed_at=at,
        actor_user_id=actor.user_id or 0,
        last_sale_id=drawer.last_sale_id,
        opening_idr=drawer.opening_idr,
        cash_idr=drawer.cash_idr,
        counted_idr=command.counted_idr,
        left_idr=command.left_idr,
        reason=command.reason,
        entry_key=command.entry_key,
    )
    db.add(row)
    audit_services.record(
        actor=actor,
        action="till.closed",
        subject=f"drawer:{row.id}",
        at=at,
        upt_id=upt_id,
        detail={"counted_idr": command.counted_idr, "difference_idr": difference_idr},
    )
    return row.id
