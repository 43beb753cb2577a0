"""Plans of workshops, and keeping their weeks open: capacity is stock that enters from the plan.

Every change locks the head of the UPT first, so that two heads, or a head and a buyer, never work
on the same week at once. Weeks are lots; opening and closing them are ordinary postings.

Source: docs/algorithms/capacity.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import delete, select

from app.domain.audit import services as audit_services
from app.domain.stock import rules
from app.domain.stock.errors import NotMadeToOrder, WorkshopChanged
from app.domain.stock.models import Workshop, WorkshopItem, WorkshopPause
from app.domain.stock.queries import capacity as capacity_queries
from app.domain.stock.rules import capacity as capacity_rules
from app.domain.stock.services import moves as moves_service
from app.domain.stock.services import posting as posting_door
from app.domain.stock.types import (
    Account,
    EntryKind,
    EntrySource,
    LotChoice,
    Move,
    PostedMove,
)
from app.domain.stock.types.capacity import STOCK_APPROVE, WeekChange, WorkshopRecord
from app.infra import db
from app.kernel.actor import Actor, system
from app.kernel.errors import NotFound

SOURCE: Final = "capacity"
"""Kind of source of every posting about weeks."""

LEAD_LONGEST: Final = timedelta(days=3_650)
"""Weeks are looked up this far back, so that one that is known is never opened twice."""


def save_workshop(
    *,
    actor: Actor,
    upt_id: int,
    workshop_id: int | None,
    name: str,
    units_per_week: int,
    units: Mapping[int, int],
    expected_version: int,
    entry_key: str,
    at: datetime,
) -> int:
    """Make a workshop or change its plan, and open and close its weeks accordingly.

    Args:
        workshop_id: None makes a new one.
        units: Units a week by variant; a variant with none leaves the plan.
        expected_version: Version that the change was based on; 0 for a new one.
        entry_key: Key of the form; the same form twice is one effect.

    Raises:
        NotFound: No such workshop or variant in this UPT, or nothing to do with the UPT.
        NotAllowed: ``stock.approve`` is not held there.
        OverAllotted: The variants would get more than the workshop's week.
        NotMadeToOrder: A variant is of goods that are not made to order.
        WorkshopNameTaken: Another workshop has this name.
        WorkshopChanged: Somebody changed it since.
    """
    actor.ensure(STOCK_APPROVE, upt_id=upt_id)
    wanted = {variant_id: each for variant_id, each in units.items() if each > 0}
    capacity_rules.ensure_allotted(units_per_week=units_per_week, units=wanted)
    posting_door.lock_heads(upt_ids={upt_id})
    shops = {shop.workshop_id: shop for shop in capacity_queries.read_workshops(upt_id=upt_id)}
    known = shops.get(workshop_id) if workshop_id is not None else _same_name(shops, name)
    if workshop_id is not None and known is None:
        raise NotFound
    asked = (name, units_per_week, wanted)
    if known is not None and (known.name, known.units_per_week, dict(known.units)) == asked:
        return known.workshop_id
    if workshop_id is not None and known is not None and known.version != expected_version:
        raise WorkshopChanged
    leads = capacity_queries.lead_days(upt_id=upt_id, variant_ids=list(wanted))
    for variant_id in wanted:
        if variant_id not in leads:
            raise NotMadeToOrder(variant_id=variant_id)
    found_id = _write(upt_id, workshop_id, name, units_per_week, wanted, at=at)
    audit_services.record(
        actor=actor, action="capacity.planned", subject=f"workshop:{found_id}", at=at,
        upt_id=upt_id, detail={"units_per_week": units_per_week, "allotted": sum(wanted.values())},
    )  # fmt: skip
    _follow_plan(actor=actor, upt_id=upt_id, key=entry_key, at=at)
    return found_id


def _same_name(shops: Mapping[int, WorkshopRecord], name: str) -> WorkshopRecord | None:
    return next((shop for shop in shops.values() if shop.name == name), None)


def _write(
    upt_id: int,
    workshop_id: int | None,
    name: str,
    units_per_week: int,
    wanted: Mapping[int, int],
    *,
    at: datetime,
) -> int:
    session = db.session()
    if workshop_id is None:
        row = Workshop(
            upt_id=upt_id, name=name, units_per_week=units_per_week, version=1, created_at=at
        )
        db.add(row)
    else:
        row = session.get_one(Workshop, workshop_id)
        row.name, row.units_per_week, row.version = name, units_per_week, row.version + 1
        session.flush()
    session.execute(
        delete(WorkshopItem).where(
            (WorkshopItem.workshop_id == row.id) | WorkshopItem.variant_id.in_(list(wanted))
        )
    )
    db.insert_rows(
        WorkshopItem,
        [
            {
                "variant_id": variant_id,
                "upt_id": upt_id,
                "workshop_id": row.id,
                "units_per_week": each,
            }
            for variant_id, each in wanted.items()
        ],
    )
    return row.id


def set_pause(
    *,
    actor: Actor,
    upt_id: int,
    workshop_id: int,
    week_on: date,
    is_paused: bool,
    entry_key: str,
    at: datetime,
) -> None:
    """Close a workshop for a week, or open it again; what was promised of the week stays promised.

    Raises:
        NotFound: No such workshop in this UPT, or nothing to do with the UPT.
        NotAllowed: ``stock.approve`` is not held there.
    """
    actor.ensure(STOCK_APPROVE, upt_id=upt_id)
    posting_door.lock_heads(upt_ids={upt_id})
    session = db.session()
    found = session.scalar(
        select(Workshop.id).where(Workshop.id == workshop_id, Workshop.upt_id == upt_id)
    )
    if found is None:
        raise NotFound
    week = capacity_rules.monday(day=week_on)
    known = session.get(WorkshopPause, (workshop_id, week))
    if (known is not None) == is_paused:
        return
    if known is None:
        db.add(WorkshopPause(workshop_id=workshop_id, week_on=week))
    else:
        session.delete(known)
        session.flush()
    audit_services.record(
        actor=actor, action="capacity.paused" if is_paused else "capacity.resumed",
        subject=f"workshop:{workshop_id}", at=at, upt_id=upt_id,
        detail={"week": week.isoformat()},
    )  # fmt: skip
    _follow_plan(actor=actor, upt_id=upt_id, key=entry_key, at=at)


def keep_weeks(*, upt_id: int, at: datetime) -> int:
    """Open new weeks and close what is left of passed ones; return how many weeks changed."""
    heads = posting_door.lock_heads(upt_ids={upt_id})
    key = f"{rules.selling_date(at=at).isoformat()}:{heads[upt_id].sequence}"
    return len(_follow_plan(actor=system("capacity"), upt_id=upt_id, key=key, at=at))


def _follow_plan(*, actor: Actor, upt_id: int, key: str, at: datetime) -> tuple[PostedMove, ...]:
    """Post what makes the weeks follow the plan; the head is locked."""
    today = rules.selling_date(at=at)
    due = capacity_rules.changes(
        plan=capacity_queries.list_plan(upt_id=upt_id),
        lots=capacity_queries.list_weeks(upt_id=upt_id, since=today - LEAD_LONGEST),
        today=today,
    )
    if not due:
        return ()
    return moves_service.post_moves(
        actor=actor,
        permission=STOCK_APPROVE,
        acting_upt_id=upt_id,
        action="stock.capacity",
        moves=[_move(upt_id, change) for change in due],
        source=EntrySource(SOURCE, key),
        happened_at=at,
        at=at,
    )


def _move(upt_id: int, change: WeekChange) -> Move:
    if change.delta < 0:
        return Move(
            upt_id, change.variant_id, EntryKind.CAPACITY_CLOSED, Account.CAPACITY, Account.PLAN,
            -change.delta, lot_id=change.lot_id,
        )  # fmt: skip
    lot = None
    if change.lot_id is None:
        lot = LotChoice(capacity_rules.week_code(week_on=change.week_on), None, change.last_day)
    return Move(
        upt_id, change.variant_id, EntryKind.CAPACITY_OPENED, Account.PLAN, Account.CAPACITY,
        change.delta, lot_id=change.lot_id, lot=lot,
    )  # fmt: skip
