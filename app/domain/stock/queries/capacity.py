"""Workshops, their plans, and the weeks that stand open, from the same balances as all stock."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import column, func, or_, select, table
from sqlalchemy.orm import aliased

from app.domain.stock import rules
from app.domain.stock.models import (
    StockBalance,
    StockLot,
    Workshop,
    WorkshopItem,
    WorkshopPause,
)
from app.domain.stock.rules import capacity as capacity_rules
from app.domain.stock.types import STOCK_VIEW, Account, LotState
from app.domain.stock.types.capacity import PlannedItem, WeekFree, WeekLot, WorkshopRecord
from app.infra import db
from app.kernel.actor import Actor

_VARIANT: Final = table(
    "variant", column("id"), column("upt_id"), column("product_id"), column("is_active")
)
_PRODUCT: Final = table("product", column("id"), column("kind"), column("lead_time_days"))
_MADE_TO_ORDER: Final = "made_to_order"
_PLAN: Final = aliased(StockBalance)
_FREE: Final = StockBalance.in_posted - StockBalance.out_posted - StockBalance.out_pending


def list_workshops(*, actor: Actor, upt_id: int) -> tuple[WorkshopRecord, ...]:
    """Return the workshops of a UPT with their plans, by name.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    return read_workshops(upt_id=upt_id)


def read_workshops(*, upt_id: int) -> tuple[WorkshopRecord, ...]:
    """Return the workshops of a UPT; for services that asked for the permission already."""
    session = db.read_session()
    units: dict[int, dict[int, int]] = {}
    for item in session.execute(
        select(WorkshopItem.workshop_id, WorkshopItem.variant_id, WorkshopItem.units_per_week)
        .where(WorkshopItem.upt_id == upt_id)
        .order_by(WorkshopItem.variant_id)
    ):
        units.setdefault(item[0], {})[item[1]] = item[2]
    paused: dict[int, set[date]] = {}
    for workshop_id, week_on in session.execute(
        select(WorkshopPause.workshop_id, WorkshopPause.week_on)
        .join(Workshop, Workshop.id == WorkshopPause.workshop_id)
        .where(Workshop.upt_id == upt_id)
    ):
        paused.setdefault(workshop_id, set()).add(week_on)
    rows = session.execute(
        select(
            Workshop.id, Workshop.upt_id, Workshop.name, Workshop.units_per_week, Workshop.version
        )
        .where(Workshop.upt_id == upt_id)
        .order_by(Workshop.name, Workshop.id)
    )
    return tuple(
        WorkshopRecord(*row, units.get(row.id, {}), frozenset(paused.get(row.id, set())))
        for row in rows
    )


def lead_days(*, upt_id: int, variant_ids: Collection[int] | None = None) -> dict[int, int]:
    """Return the days that a UPT's goods made to order take to make, by variant."""
    statement = (
        select(_VARIANT.c.id, func.coalesce(_PRODUCT.c.lead_time_days, 0))
        .join(_PRODUCT, _PRODUCT.c.id == _VARIANT.c.product_id)
        .where(_VARIANT.c.upt_id == upt_id, _VARIANT.c.is_active, _PRODUCT.c.kind == _MADE_TO_ORDER)
    )
    if variant_ids is not None:
        statement = statement.where(_VARIANT.c.id.in_(variant_ids))
    return {row[0]: int(row[1]) for row in db.read_session().execute(statement)}


def list_plan(*, upt_id: int) -> tuple[PlannedItem, ...]:
    """Return what the workshops of a UPT give each variant; goods no longer made are left out."""
    leads = lead_days(upt_id=upt_id)
    return tuple(
        PlannedItem(variant_id, shop.workshop_id, units, leads[variant_id], shop.paused)
        for shop in read_workshops(upt_id=upt_id)
        for variant_id, units in shop.units.items()
        if variant_id in leads
    )


def list_weeks(*, upt_id: int, since: date) -> tuple[WeekLot, ...]:
    """Return the weeks of a UPT that can still be promised since a day, or have units left."""
    rows = db.read_session().execute(
        select(
            StockBalance.variant_id, StockBalance.lot_id, StockLot.code, StockLot.expires_on,
            (_PLAN.out_posted - _PLAN.in_posted).label("opened"), _FREE.label("free"),
        )
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .join(
            _PLAN,
            (_PLAN.upt_id == StockBalance.upt_id)
            & (_PLAN.variant_id == StockBalance.variant_id)
            & (_PLAN.lot_id == StockBalance.lot_id)
            & (_PLAN.account == Account.PLAN.value),
        )
        .where(
            StockBalance.upt_id == upt_id,
            StockBalance.account == Account.CAPACITY.value,
            or_(_FREE > 0, StockLot.expires_on >= since),
        )
        .order_by(StockBalance.variant_id, StockLot.expires_on, StockBalance.lot_id)
    )  # fmt: skip
    found = (_week(row) for row in rows)
    return tuple(week for week in found if week is not None)


def _week(row: Any) -> WeekLot | None:
    week_on = capacity_rules.week_of(code=row.code)
    if week_on is None or row.expires_on is None:
        return None
    return WeekLot(
        row.variant_id, row.lot_id, week_on, row.expires_on, int(row.opened), int(row.free)
    )


def next_week_free(*, variant_id: int, at: datetime) -> WeekFree | None:
    """Return the first week of work that can still be promised for a variant.

    One statement over the index of a variant's balances; for product pages.
    """
    row = (
        db.read_session()
        .execute(
            select(StockLot.code, _FREE.label("free"))
            .join(StockLot, StockLot.id == StockBalance.lot_id)
            .where(
                StockBalance.variant_id == variant_id,
                StockBalance.account == Account.CAPACITY.value,
                _FREE > 0,
                StockLot.state == LotState.OPEN.value,
                StockLot.expires_on >= rules.selling_date(at=at),
            )
            .order_by(StockLot.expires_on, StockLot.id)
            .limit(1)
        )
        .first()
    )
    week_on = capacity_rules.week_of(code=row.code) if row else None
    return WeekFree(week_on, int(row.free)) if row and week_on else None


def list_planned_upts() -> tuple[int, ...]:
    """Return the UPT that have workshops."""
    rows = db.read_session().scalars(select(Workshop.upt_id).distinct().order_by(Workshop.upt_id))
    return tuple(rows)
