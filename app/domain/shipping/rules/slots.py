"""Times of pick-up made from a gallery's plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.shipping.types import PickupPlan, Slot

SLOTS_MAX: Final = 80
"""Most times offered at once."""


def open_slots(
    *, plan: PickupPlan, taken: Mapping[datetime, int], at: datetime
) -> tuple[Slot, ...]:
    """Return the times with room left, soonest first.

    Args:
        taken: Orders booked by first instant.

    Source: docs/algorithms/delivery.md, section "Pick-up".
    """
    found: list[Slot] = []
    for starts_at in _starts(plan, at):
        left = plan.capacity - taken.get(starts_at, 0)
        if left > 0:
            found.append(Slot(starts_at, starts_at + timedelta(minutes=plan.slot_minutes), left))
        if len(found) >= SLOTS_MAX:
            break
    return tuple(found)


def find_slot(
    *, plan: PickupPlan, taken: Mapping[datetime, int], key: str, at: datetime
) -> Slot | None:
    """Return the open time that a form field means, or None."""
    return next((one for one in open_slots(plan=plan, taken=taken, at=at) if one.key == key), None)


def _starts(plan: PickupPlan, at: datetime) -> list[datetime]:
    zone = ZoneInfo(plan.timezone)
    earliest = at + timedelta(hours=plan.lead_hours)
    today = at.astimezone(zone).date()
    found = []
    for days in range(plan.days_ahead + 1):
        day = today + timedelta(days=days)
        if day.isoweekday() not in plan.weekdays:
            continue
        for minute in range(
            plan.opens_minute, plan.closes_minute - plan.slot_minutes + 1, plan.slot_minutes
        ):
            local = datetime.combine(day, time(minute // 60, minute % 60), zone)
            starts_at = local.astimezone(UTC)
            if starts_at >= earliest:
                found.append(starts_at)
    return found
