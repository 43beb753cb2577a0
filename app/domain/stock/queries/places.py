"""Where pieces lie: figures by place, and lots by place in the order in which they should leave."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, func, select, true

from app.domain.stock.models import StockBalance, StockLot
from app.domain.stock.types import (
    PLACES,
    UNGUARDED,
    Account,
    LotBalance,
    LotState,
    PlaceFigure,
)
from app.infra import db

_ON_HAND: Final = StockBalance.in_posted - StockBalance.out_posted
_GUARDED: Final = [account.value for account in Account if account not in UNGUARDED]


def places(
    *, upt_id: int, variant_ids: Collection[int] | None = None
) -> dict[int, dict[Account, PlaceFigure]]:
    """Return pieces by variant and guarded account, in one statement; empty accounts left out.

    Args:
        variant_ids: Only these; None takes every variant that ever entered the UPT's books.
    """
    statement = (
        select(
            StockBalance.variant_id,
            StockBalance.account,
            func.sum(_ON_HAND).label("on_hand"),
            func.sum(StockBalance.out_pending).label("held"),
        )
        .where(StockBalance.upt_id == upt_id, StockBalance.account.in_(_GUARDED), _ON_HAND > 0)
        .group_by(StockBalance.variant_id, StockBalance.account)
    )
    found: dict[int, dict[Account, PlaceFigure]] = {}
    for row in db.read_session().execute(statement.where(_among(variant_ids))):
        figure = PlaceFigure(int(row.on_hand), int(row.held))
        found.setdefault(row.variant_id, {})[Account(row.account)] = figure
    return found


def lots_in(
    *,
    upt_id: int,
    accounts: Collection[Account] = PLACES,
    variant_ids: Collection[int] | None = None,
) -> tuple[LotBalance, ...]:
    """Return the lots that have pieces in these accounts; by variant, first to expire first."""
    statement = (
        select(
            StockBalance.variant_id, StockBalance.lot_id, StockBalance.account, StockLot.code,
            StockLot.produced_on, StockLot.expires_on, StockLot.state,
            _ON_HAND.label("on_hand"), StockBalance.out_pending,
        )
        .join(StockLot, StockLot.id == StockBalance.lot_id)
        .where(
            StockBalance.upt_id == upt_id,
            StockBalance.account.in_([account.value for account in accounts]),
            _ON_HAND > 0,
        )
        .order_by(
            StockBalance.variant_id, func.coalesce(StockLot.expires_on, date.max),
            StockBalance.lot_id, StockBalance.account,
        )
    )  # fmt: skip
    return tuple(
        LotBalance(
            variant_id=row.variant_id,
            lot_id=row.lot_id,
            account=Account(row.account),
            code=row.code,
            produced_on=row.produced_on,
            expires_on=row.expires_on,
            is_open=row.state == LotState.OPEN.value,
            on_hand=row.on_hand,
            held=row.out_pending,
        )
        for row in db.read_session().execute(statement.where(_among(variant_ids)))
    )


def _among(variant_ids: Collection[int] | None) -> ColumnElement[bool]:
    return true() if variant_ids is None else StockBalance.variant_id.in_(variant_ids)
