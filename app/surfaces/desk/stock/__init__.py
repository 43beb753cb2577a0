"""The desk's stock: the table of a UPT, receiving, moving, adjusting, the stock card, taking back."""

from app.surfaces.desk.stock import adjust, card, lots, receive, table, undo
from app.surfaces.desk.stock.base import blueprint

__all__ = ["adjust", "blueprint", "card", "lots", "receive", "table", "undo"]
