"""Holding stock for an order, with names for what is short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.domain.catalog.types import Offer
from app.domain.checkout import rules
from app.domain.checkout.errors import ItemsShort
from app.domain.orders.types import (
    LineHold,
)
from app.domain.stock import services as stock_services
from app.domain.stock.errors import InsufficientStock
from app.domain.stock.types import Demand, EntrySource, HoldRecord
from app.kernel.actor import Actor


def reserve_named(
    *,
    demands: Sequence[Demand],
    offers: Mapping[int, Offer],
    source: EntrySource,
    expires_at: datetime | None,
    actor: Actor,
    at: datetime,
) -> dict[int, tuple[LineHold, ...]]:
    """Hold all goods or raise with the names of what is short; holds come back by variant."""
    try:
        records: tuple[HoldRecord, ...] = stock_services.reserve(
            actor=actor, demands=demands, source=source, expires_at=expires_at, at=at
        )
    except InsufficientStock as error:
        items = rules.short_items(shortages=error.shortages, offers=offers)
        raise ItemsShort(items=items) from error
    holds: dict[int, list[LineHold]] = {}
    for record in records:
        holds.setdefault(record.variant_id, []).append(LineHold(record.hold_id, record.quantity))
    return {variant_id: tuple(found) for variant_id, found in holds.items()}
