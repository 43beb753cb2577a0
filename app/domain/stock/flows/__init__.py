"""Work over whole ledgers, one module for each matter; callers see one room."""

from app.domain.stock.flows.receive import receive_all
from app.domain.stock.flows.verify import verify

__all__ = ["receive_all", "verify"]
