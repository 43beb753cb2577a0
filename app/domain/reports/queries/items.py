"""Everything that lies in one UPT, by item and by lot, with what the lists ask about it.

A handful of statements for the whole UPT, each over balances or days that were already added up.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from app.domain.reports import rules
from app.domain.reports.models import ReportDay, ReportItem
from app.domain.reports.queries import days
from app.domain.reports.queries.tables import BALANCE, CATEGORY, LOT, PRODUCT, VARIANT
from app.domain.reports.types import (
    PHYSICAL,
    SALES_DAYS,
    SELLABLE,
    STOCK_VIEW,
    Item,
    LotLine,
)
from app.domain.stock import rules as stock_rules
from app.infra import db
from app.kernel.actor import Actor

_ON_HAND = BALANCE.c.in_posted - BALANCE.c.out_posted
LOTS_MAX = 500
"""Lots shown in one list; those that expire first come first."""


def list_items(*, actor: Actor, upt_id: int, timezone: str, at: datetime) -> tuple[Item, ...]:
    """Return every variant of a UPT that ever had pieces or is for sale, by name.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    today = at.astimezone(rules.zone(timezone=timezone)).date()
    pieces, held, unsellable = _balances(upt_id, at)
    first_in, last_out, sold = _history(upt_id, today, timezone)
    rows = db.read_session().execute(
        select(
            VARIANT.c.id, VARIANT.c.product_id, VARIANT.c.sku, PRODUCT.c.name,
            VARIANT.c.name.label("variant_name"), PRODUCT.c.kind, CATEGORY.c.name.label("category"),
            VARIANT.c.is_active, VARIANT.c.price_idr,
        )
        .select_from(VARIANT)
        .join(PRODUCT, PRODUCT.c.id == VARIANT.c.product_id)
        .join(CATEGORY, CATEGORY.c.id == PRODUCT.c.category_id)
        .where(VARIANT.c.upt_id == upt_id)
        .order_by(PRODUCT.c.name, VARIANT.c.name, VARIANT.c.id)
    )  # fmt: skip
    return tuple(
        Item(
            *row,
            pieces=pieces.get(row.id, {}),
            held=held.get(row.id, 0),
            unsellable=unsellable.get(row.id, 0),
            sold=sold.get(row.id, 0),
            first_in_on=first_in.get(row.id),
            last_out_on=last_out.get(row.id),
        )
        for row in rows
    )


def _balances(
    upt_id: int, at: datetime
) -> tuple[dict[int, dict[str, int]], dict[int, int], dict[int, int]]:
    on = stock_rules.selling_date(at=at)
    is_unsellable = or_(LOT.c.state != "open", LOT.c.expires_on < on)
    rows = db.read_session().execute(
        select(
            BALANCE.c.variant_id, BALANCE.c.account, func.sum(_ON_HAND),
            func.sum(BALANCE.c.out_pending),
            func.sum(case((is_unsellable, _ON_HAND - BALANCE.c.out_pending), else_=0)),
        )
        .join(LOT, LOT.c.id == BALANCE.c.lot_id)
        .where(BALANCE.c.upt_id == upt_id, BALANCE.c.account.in_(PHYSICAL))
        .group_by(BALANCE.c.variant_id, BALANCE.c.account)
    )  # fmt: skip
    pieces: dict[int, dict[str, int]] = {}
    held: dict[int, int] = {}
    unsellable: dict[int, int] = {}
    for variant_id, account, on_hand, promised, stuck in rows:
        if on_hand:
            pieces.setdefault(variant_id, {})[account] = int(on_hand)
        if account in SELLABLE:
            held[variant_id] = held.get(variant_id, 0) + int(promised)
            unsellable[variant_id] = unsellable.get(variant_id, 0) + int(stuck)
    return pieces, held, unsellable


def _history(
    upt_id: int, today: date, timezone: str
) -> tuple[dict[int, date], dict[int, date], dict[int, int]]:
    """Return first day in, last day out and pieces sold, by variant."""
    session = db.read_session()
    first_in: dict[int, date] = {}
    last_out: dict[int, date] = {}
    for variant_id, came, went in session.execute(
        select(ReportItem.variant_id, ReportItem.first_in_on, ReportItem.last_out_on).where(
            ReportItem.upt_id == upt_id
        )
    ):
        if came:
            first_in[variant_id] = came
        if went:
            last_out[variant_id] = went
    since = today - timedelta(days=SALES_DAYS)
    sold: dict[int, int] = {}
    counted = session.execute(
        select(
            ReportDay.variant_id, ReportDay.kind, ReportDay.from_account, ReportDay.to_account,
            func.sum(ReportDay.quantity),
        )
        .where(
            ReportDay.upt_id == upt_id,
            ReportDay.day > since,
            ReportDay.kind.in_(("shipped", "sold", "reversed")),
        )
        .group_by(
            ReportDay.variant_id, ReportDay.kind, ReportDay.from_account, ReportDay.to_account
        )
    )  # fmt: skip
    for row in counted:
        _count_sale(sold, *row)
    for fresh in days.read_tail(upt_id=upt_id, timezone=timezone).rows:
        sign = rules.signed(
            from_account=fresh.from_account, to_account=fresh.to_account, accounts=PHYSICAL
        )
        if sign > 0:
            first_in[fresh.variant_id] = min(first_in.get(fresh.variant_id, fresh.day), fresh.day)
        elif sign < 0:
            last_out[fresh.variant_id] = max(last_out.get(fresh.variant_id, fresh.day), fresh.day)
        if fresh.day > since:
            _count_sale(
                sold, fresh.variant_id, fresh.kind, fresh.from_account, fresh.to_account,
                fresh.quantity,
            )  # fmt: skip
    return first_in, last_out, sold


def _count_sale(
    sold: dict[int, int], variant_id: int, kind: str, source: str, target: str, quantity: int
) -> None:
    sign = rules.is_sale(kind=kind, from_account=source, to_account=target)
    if sign:
        sold[variant_id] = sold.get(variant_id, 0) + sign * int(quantity)


def list_expiring(
    *, actor: Actor, upt_id: int, until: date, limit: int = LOTS_MAX
) -> tuple[LotLine, ...]:
    """Return lots with pieces whose last day of sale is on or before a day, soonest first.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    return _lots(upt_id, LOT.c.expires_on <= until, limit)


def list_blocked(*, actor: Actor, upt_id: int, limit: int = LOTS_MAX) -> tuple[LotLine, ...]:
    """Return lots with pieces that were taken off sale by hand.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    return _lots(upt_id, LOT.c.state != "open", limit)


def _lots(upt_id: int, condition: Any, limit: int) -> tuple[LotLine, ...]:
    rows = db.read_session().execute(
        select(
            BALANCE.c.variant_id, VARIANT.c.sku, PRODUCT.c.name, VARIANT.c.name.label("variant"),
            LOT.c.code, BALANCE.c.account, LOT.c.produced_on, LOT.c.expires_on, LOT.c.state,
            _ON_HAND.label("pieces"), BALANCE.c.out_pending, VARIANT.c.price_idr,
        )
        .select_from(BALANCE)
        .join(LOT, LOT.c.id == BALANCE.c.lot_id)
        .join(VARIANT, VARIANT.c.id == BALANCE.c.variant_id)
        .join(PRODUCT, PRODUCT.c.id == VARIANT.c.product_id)
        .where(
            and_(
                BALANCE.c.upt_id == upt_id, BALANCE.c.account.in_(PHYSICAL), _ON_HAND > 0, condition
            )
        )
        .order_by(
            func.coalesce(LOT.c.expires_on, date.max), LOT.c.id, BALANCE.c.account
        )
        .limit(limit)
    )  # fmt: skip
    return tuple(
        LotLine(
            variant_id=row.variant_id,
            sku=row.sku,
            name=_joined((row.name, row.variant)),
            lot_code=row.code,
            place=row.account,
            produced_on=row.produced_on,
            expires_on=row.expires_on,
            is_blocked=row.state != "open",
            pieces=int(row.pieces),
            held=int(row.out_pending),
            price_idr=row.price_idr,
        )
        for row in rows
    )


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)
