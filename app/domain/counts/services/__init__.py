"""Writes of counts, one module for each step; callers see one room.

Other packages that bring many numbers at once call ``enter_rows``; everything wrong with any of them
comes back together, and nothing is written then.
"""

from app.domain.counts.services.approving import approve
from app.domain.counts.services.campaigns import close_campaign, open_campaign
from app.domain.counts.services.deciding import (
    ask_recount,
    cancel,
    enter_recount,
    give_reasons,
    hand_in,
    send_back,
)
from app.domain.counts.services.entering import add_row, count_rows, enter_rows
from app.domain.counts.services.opening import open_count

__all__ = [
    "add_row",
    "approve",
    "ask_recount",
    "cancel",
    "close_campaign",
    "count_rows",
    "enter_recount",
    "enter_rows",
    "give_reasons",
    "hand_in",
    "open_campaign",
    "open_count",
    "send_back",
]
