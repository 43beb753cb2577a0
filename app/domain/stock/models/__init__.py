"""Tables of the stock ledger and of what proves it; callers see one room."""

from app.domain.stock.models.ledger import (
    StockBalance,
    StockEntry,
    StockHead,
    StockHold,
    StockLot,
    Workshop,
    WorkshopItem,
    WorkshopPause,
)
from app.domain.stock.models.proof import (
    StockDailyHead,
    StockDailyRoot,
    StockIncident,
    StockPeriod,
    StockPeriodBalance,
    StockPeriodHold,
    StockProof,
    StockRebuild,
)

__all__ = [
    "StockBalance",
    "StockDailyHead",
    "StockDailyRoot",
    "StockEntry",
    "StockHead",
    "StockHold",
    "StockIncident",
    "StockLot",
    "StockPeriod",
    "StockPeriodBalance",
    "StockPeriodHold",
    "StockProof",
    "StockRebuild",
    "Workshop",
    "WorkshopItem",
    "WorkshopPause",
]
