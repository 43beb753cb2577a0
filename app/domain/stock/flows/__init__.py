"""Work over whole ledgers, one module for each matter; callers see one room."""

from app.domain.stock.flows.drift import check_news, check_quiet, check_whole
from app.domain.stock.flows.export import export_ledger
from app.domain.stock.flows.heads import day_text, publish_heads
from app.domain.stock.flows.rebuild import chain_faults, rebuild
from app.domain.stock.flows.receive import receive_all
from app.domain.stock.flows.verify import NATION, verify

__all__ = [
    "NATION",
    "chain_faults",
    "check_news",
    "check_quiet",
    "check_whole",
    "day_text",
    "export_ledger",
    "publish_heads",
    "rebuild",
    "receive_all",
    "verify",
]
