"""Facts that the stock ledger tells upwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.infra.jobs import Event


@dataclass(frozen=True, slots=True)
class StockReceived(Event):
    """Finished pieces entered the store."""

    name: ClassVar[str] = "stock.received.v1"

    upt_id: int
    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class StockAdjusted(Event):
    """Staff added or took pieces by hand; the delta is signed."""

    name: ClassVar[str] = "stock.adjusted.v1"

    upt_id: int
    variant_id: int
    quantity_delta: int
    reason: str
