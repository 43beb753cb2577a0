"""The till of the desk: counter, receipts, the day and its drawer."""

from app.surfaces.desk.till import closing, counter, receipts, sales
from app.surfaces.desk.till.base import blueprint

__all__ = ["blueprint", "closing", "counter", "receipts", "sales"]
