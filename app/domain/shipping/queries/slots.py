"""Times of pick-up: what a gallery offers, and what is taken."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from app.domain.shipping.models import PickupBooking, PickupPlanRow
from app.domain.shipping.rules import slots as slot_rules
from app.domain.shipping.types import PERMISSION_VIEW, Booking, PickupPlan, Slot
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel.actor import Actor

BOOKINGS_MAX: Final = 100


def plans(*, upt_ids: Collection[int]) -> dict[int, PickupPlan]:
    """Return the plans of those UPT that have one; at most two statements."""
    if not upt_ids:
        return {}
    rows = (
        db.read_session()
        .scalars(select(PickupPlanRow).where(PickupPlanRow.upt_id.in_(sorted(upt_ids))))
        .all()
    )
    briefs = upt_queries.briefs(upt_ids=[row.upt_id for row in rows])
    return {row.upt_id: to_plan(row=row, timezone=briefs[row.upt_id].timezone) for row in rows}


def find_plan(*, upt_id: int) -> PickupPlan | None:
    """Return the plan of one UPT, or None."""
    return plans(upt_ids=(upt_id,)).get(upt_id)


def to_plan(*, row: PickupPlanRow, timezone: str) -> PickupPlan:
    """Return a plan as the rules read it."""
    return PickupPlan(
        upt_id=row.upt_id,
        weekdays=tuple(int(day) for day in row.weekdays),
        opens_minute=row.opens_minute,
        closes_minute=row.closes_minute,
        slot_minutes=row.slot_minutes,
        capacity=row.capacity,
        lead_hours=row.lead_hours,
        days_ahead=row.days_ahead,
        version=row.version,
        timezone=timezone,
    )


def list_slots(*, upt_ids: Collection[int], at: datetime) -> Mapping[int, tuple[Slot, ...]]:
    """Return the times that can be chosen now, by UPT; a UPT without a plan is not there."""
    found = plans(upt_ids=upt_ids)
    taken = taken_at(upt_ids=list(found), since=at) if found else {}
    return {
        upt_id: slot_rules.open_slots(
            plan=plan,
            taken={start: count for (one, start), count in taken.items() if one == upt_id},
            at=at,
        )
        for upt_id, plan in found.items()
    }


def taken_at(*, upt_ids: Collection[int], since: datetime) -> dict[tuple[int, datetime], int]:
    """Return how many orders are booked by UPT and time."""
    rows = db.read_session().execute(
        select(PickupBooking.upt_id, PickupBooking.starts_at, func.count())
        .where(
            PickupBooking.upt_id.in_(sorted(upt_ids)),
            PickupBooking.starts_at >= since,
            PickupBooking.released_at.is_(None),
        )
        .group_by(PickupBooking.upt_id, PickupBooking.starts_at)
    )
    return {(upt_id, starts_at): count for upt_id, starts_at, count in rows}


def list_bookings(
    *, actor: Actor, upt_id: int, since: datetime, limit: int = BOOKINGS_MAX
) -> tuple[Booking, ...]:
    """Return who comes next to fetch goods at a gallery, soonest first.

    Raises:
        NotFound, NotAllowed: ``order.view`` is not held there.
    """
    actor.ensure(PERMISSION_VIEW, upt_id=upt_id)
    rows = db.read_session().scalars(
        select(PickupBooking)
        .where(
            PickupBooking.upt_id == upt_id,
            PickupBooking.ends_at >= since,
            PickupBooking.released_at.is_(None),
        )
        .order_by(PickupBooking.starts_at, PickupBooking.id)
        .limit(limit)
    )
    return tuple(Booking(row.number, row.upt_id, row.starts_at, row.ends_at) for row in rows)


def bookings(*, numbers: Collection[str]) -> dict[str, Booking]:
    """Return the times at which these child orders will be fetched, by number."""
    if not numbers:
        return {}
    rows = db.read_session().scalars(
        select(PickupBooking).where(
            PickupBooking.number.in_(sorted(numbers)), PickupBooking.released_at.is_(None)
        )
    )
    return {row.number: Booking(row.number, row.upt_id, row.starts_at, row.ends_at) for row in rows}
