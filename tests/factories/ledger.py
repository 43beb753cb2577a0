"""Stock for tests: goods of a UPT with pieces in the store, promises on them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from app.domain.stock import services as stock_services
from app.domain.stock.types import Demand, EntrySource, HoldRecord, LotChoice, StockPosition
from app.kernel import actor as actors
from tests.factories import goods, people
from tests.factories.people import writing

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SYSTEM = actors.system("tests")
BUYER = actors.ANONYMOUS

_keys = itertools.count(1)


@dataclass(frozen=True)
class Shelf:
    """A UPT with some variants."""

    upt_id: int
    variant_ids: tuple[int, ...]

    @property
    def variant_id(self) -> int:
        """Return the first variant."""
        return self.variant_ids[0]


def source(key: str | None = None, kind: str = "form") -> EntrySource:
    """Return a source that was not used before, or the one named."""
    return EntrySource(kind, key or f"key-{next(_keys):08d}")


def make_shelf(slug: str = "lapas-contoh", variants: int = 1) -> Shelf:
    """Return a UPT with fresh variants of one unpublished product."""
    with writing():
        upt_id = people.make_upt(slug).upt_id
        product_id = goods.make_product(
            upt_id,
            published=False,
            with_picture=False,
            variants=[{"name": f"Ukuran {n}"} for n in range(variants)],
        )
        return Shelf(upt_id, goods.variant_ids(product_id))


def receive(
    upt_id: int,
    variant_id: int,
    quantity: int,
    *,
    lot_code: str | None = None,
    expires_on: date | None = None,
    at: datetime = AT,
) -> StockPosition:
    """Put finished pieces into the store."""
    with writing():
        return stock_services.receive_output(
            actor=SYSTEM,
            upt_id=upt_id,
            variant_id=variant_id,
            quantity=quantity,
            lot=LotChoice(lot_code, None, expires_on),
            source=source(),
            happened_at=at,
            at=at,
        )


def reserve(
    upt_id: int,
    variant_id: int,
    quantity: int,
    *,
    minutes: int | None = 30,
    key: str | None = None,
    at: datetime = AT,
) -> tuple[HoldRecord, ...]:
    """Promise pieces for some minutes, or without end."""
    with writing():
        return stock_services.reserve(
            actor=BUYER,
            demands=[Demand(upt_id, variant_id, quantity)],
            source=source(key),
            expires_at=None if minutes is None else at + timedelta(minutes=minutes),
            at=at,
        )
