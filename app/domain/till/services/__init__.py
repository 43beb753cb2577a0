"""Writes of the till: the counter, sales and their undoing, the drawer."""

from app.domain.till.services.closing import close_drawer
from app.domain.till.services.counter import (
    clear,
    put_back,
    scan,
    set_quantity,
    set_second_price,
)
from app.domain.till.services.selling import sell, undo

__all__ = [
    "clear",
    "close_drawer",
    "put_back",
    "scan",
    "sell",
    "set_quantity",
    "set_second_price",
    "undo",
]
