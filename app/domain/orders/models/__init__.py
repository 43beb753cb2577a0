"""Tables of orders, one module for each matter."""

from app.domain.orders.models.parcels import (
    OrderAlert,
    OrderNote,
    OrderParcel,
    OrderParcelPiece,
    OrderReturn,
    OrderReturnLine,
    OrderReturnPhoto,
    OrderReturnPiece,
)
from app.domain.orders.models.purchase import (
    OrderEvent,
    OrderGroup,
    OrderLine,
    OrderLineHold,
    UptOrder,
)

__all__ = [
    "OrderAlert",
    "OrderEvent",
    "OrderGroup",
    "OrderLine",
    "OrderLineHold",
    "OrderNote",
    "OrderParcel",
    "OrderParcelPiece",
    "OrderReturn",
    "OrderReturnLine",
    "OrderReturnPhoto",
    "OrderReturnPiece",
    "UptOrder",
]
