"""Words, limits and states of the stock count (opname)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.domain.stock.types import Account

STOCK_VIEW: Final = "stock.view"
STOCK_COUNT: Final = "stock.count"
STOCK_APPROVE: Final = "stock.approve"
UPT_MANAGE: Final = "upt.manage"

SOURCE_KIND: Final = "count"
"""Kind of source of a count's posting in the ledger; its key is the code of the sheet."""

COUNTABLE: Final = (
    Account.AVAILABLE,
    Account.GALLERY,
    Account.SECOND_GRADE,
    Account.QUARANTINE,
    Account.RETURNED,
)
"""Places inside a UPT that one can walk to and count, in the order of the walk."""

PLACE_WORDS: Final[Mapping[str, Account]] = MappingProxyType(
    {
        "gudang": Account.AVAILABLE,
        "rak": Account.GALLERY,
        "galeri": Account.GALLERY,
        "rak galeri": Account.GALLERY,
        "mutu dua": Account.SECOND_GRADE,
        "mutu kedua": Account.SECOND_GRADE,
        "karantina": Account.QUARANTINE,
        "retur": Account.RETURNED,
    }
)
"""What people call a place in a file, beside the ledger's own word."""

NOTE_MAX: Final = 200
TITLE_MAX: Final = 120
GOODS_MAX: Final = 60
"""Most goods that one sheet of chosen goods names."""

ROWS_A_PAGE: Final = 40
CARDS_A_PAGE: Final = 12
ROWS_A_PAPER: Final = 1_000
"""Rows of one PDF file; longer sheets are printed in parts."""

REASON_PIECES: Final = 5
REASON_VALUE_IDR: Final = 100_000
"""From this many pieces, or this value, a difference needs a reason."""


class CountState(StrEnum):
    """How far a sheet is."""

    COUNTING = "counting"
    HANDED_IN = "handed_in"
    APPROVED = "approved"
    CANCELLED = "cancelled"


UNFINISHED: Final = (CountState.COUNTING, CountState.HANDED_IN)


class ScopeKind(StrEnum):
    """What a sheet covers."""

    WHOLE = "whole"
    PLACE = "place"
    CATEGORY = "category"
    GOODS = "goods"


class RowFilter(StrEnum):
    """Which rows the counter looks at."""

    ALL = "semua"
    LEFT = "belum"
    DONE = "sudah"


class DifferenceFilter(StrEnum):
    """Which rows the approver looks at."""

    DIFFERING = "beda"
    ALL = "semua"
    REASON = "alasan"
    LEFT = "tertinggal"


class EventKind(StrEnum):
    """What happened to a sheet or to one of its rows."""

    OPENED = "opened"
    COUNTED = "counted"
    CLEARED = "cleared"
    ADDED = "added"
    RECOUNT_ASKED = "recount_asked"
    RECOUNTED = "recounted"
    REASONED = "reasoned"
    HANDED_IN = "handed_in"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    CANCELLED = "cancelled"


MAKERS: Final = (
    EventKind.OPENED,
    EventKind.COUNTED,
    EventKind.CLEARED,
    EventKind.ADDED,
    EventKind.RECOUNTED,
    EventKind.HANDED_IN,
)
"""Whoever did one of these made the count and can never approve it."""


class DifferenceReason(StrEnum):
    """Why the shelf and the book differ, as far as people know."""

    NOT_RECORDED = "not_recorded"
    MISPLACED = "misplaced"
    WRONG_LOT = "wrong_lot"
    BROKEN = "broken"
    MISSING = "missing"
    EARLIER_MISTAKE = "earlier_mistake"
    UNKNOWN = "unknown"


class CampaignState(StrEnum):
    """Whether a national count still takes sheets."""

    OPEN = "open"
    CLOSED = "closed"
