"""Times of pick-up: planned by the UPT, taken with an order, given back when it ends."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from app.domain.audit import services as audit_services
from app.domain.shipping import queries
from app.domain.shipping.commands import SavePlan
from app.domain.shipping.errors import PlanChanged, SlotRequired, SlotUnavailable
from app.domain.shipping.models import PickupBooking, PickupPlanRow
from app.domain.shipping.queries import slots as slot_queries
from app.domain.shipping.rules import slots as slot_rules
from app.domain.shipping.services.tables import ensure_may_write
from app.domain.shipping.types import PickupPlan, Slot
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel.actor import Actor


def save_plan(*, actor: Actor, upt_id: int, command: SavePlan, at: datetime) -> None:
    """Set when goods can be fetched; times that are taken already stay as they are.

    Raises:
        NotFound, NotAllowed: The actor does not lead this UPT.
        PlanChanged: Somebody else was quicker.
    """
    ensure_may_write(actor=actor, upt_id=upt_id)
    row = _lock(upt_id)
    version = row.version if row else 0
    if command.version != version:
        raise PlanChanged
    if row is None:
        row = PickupPlanRow(upt_id=upt_id, version=0)
    row.weekdays = "".join(str(day) for day in sorted(set(command.weekdays)))
    row.opens_minute = command.opens_minute
    row.closes_minute = command.closes_minute
    row.slot_minutes = command.slot_minutes
    row.capacity = command.capacity
    row.lead_hours = command.lead_hours
    row.days_ahead = command.days_ahead
    row.version = version + 1
    db.add(row)
    audit_services.record(
        actor=actor, action="shipping.plan", subject=f"upt:{upt_id}", at=at, upt_id=upt_id,
        detail={"weekdays": row.weekdays, "capacity": row.capacity},
    )  # fmt: skip


def book_slot(*, upt_id: int, number: str, key: str, at: datetime) -> None:
    """Take a time for a child order; a gallery without a plan needs none.

    The plan's row is locked, so that of the buyers of a last place one gets it.

    Args:
        number: Number of the child order.
        key: Time as the form sends it; empty when none was chosen.

    Raises:
        SlotRequired: The gallery works with times, and none was chosen.
        SlotUnavailable: It is full, over or was never offered.
    """
    plan = _locked_plan(upt_id)
    if plan is None:
        return
    if not key:
        raise SlotRequired(upt_id=upt_id)
    slot = _find(plan, key, at)
    if slot is None:
        raise SlotUnavailable(upt_id=upt_id)
    _write(number, upt_id, slot, at)


def move_slot(*, upt_id: int, number: str, key: str, at: datetime) -> None:
    """Choose another time for a child order that waits to be fetched; the former goes back.

    The surface has checked that the order is the caller's, and still waits.

    Raises:
        SlotUnavailable: It is full, over or was never offered; the former stays.
    """
    plan = _locked_plan(upt_id)
    present = queries.bookings(numbers=(number,)).get(number)
    if present is not None and f"{present.starts_at:%Y%m%dT%H%MZ}" == key:
        return
    slot = _find(plan, key, at) if plan else None
    if slot is None:
        raise SlotUnavailable(upt_id=upt_id, field="slot")
    _write(number, upt_id, slot, at)


def release_slot(*, number: str, at: datetime) -> None:
    """Give the time of a child order back, if it has one; a second call changes nothing."""
    db.session().execute(
        update(PickupBooking)
        .where(PickupBooking.number == number, PickupBooking.released_at.is_(None))
        .values(released_at=at)
        .execution_options(synchronize_session=False)
    )


def _find(plan: PickupPlan, key: str, at: datetime) -> Slot | None:
    counted = slot_queries.taken_at(upt_ids=(plan.upt_id,), since=at)
    taken = {starts_at: count for (_, starts_at), count in counted.items()}
    return slot_rules.find_slot(plan=plan, taken=taken, key=key, at=at)


def _write(number: str, upt_id: int, slot: Slot, at: datetime) -> None:
    values = {
        "upt_id": upt_id,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "booked_at": at,
        "released_at": None,
    }
    changed = db.session().execute(
        update(PickupBooking)
        .where(PickupBooking.number == number)
        .values(**values)
        .returning(PickupBooking.id)
        .execution_options(synchronize_session=False)
    )
    if changed.first() is None:
        db.insert_rows(PickupBooking, [{"number": number, **values}])


def _lock(upt_id: int) -> PickupPlanRow | None:
    return db.session().scalar(
        db.for_update(
            select(PickupPlanRow)
            .where(PickupPlanRow.upt_id == upt_id)
            .execution_options(populate_existing=True)
        )
    )


def _locked_plan(upt_id: int) -> PickupPlan | None:
    row = _lock(upt_id)
    if row is None:
        return None
    timezone = upt_queries.briefs(upt_ids=(upt_id,))[upt_id].timezone
    return slot_queries.to_plan(row=row, timezone=timezone)
