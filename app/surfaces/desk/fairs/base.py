"""What the pages of fairs share: the blueprint, words, the loan at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from flask import Blueprint, g

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import VariantBrief
from app.domain.transfers import queries as transfer_queries
from app.domain.transfers.types import (
    STOCK_TRANSFER,
    FairLine,
    FairOutcome,
    FairPage,
    FairState,
    ListFilter,
    PaidBy,
)
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.kernel import clock
from app.surfaces.desk.stock.base import Place
from app.surfaces.web import session

blueprint = Blueprint("fairs", __name__)

STATES: Final[Mapping[FairState, tuple[str, str]]] = {
    FairState.DRAFT: ("Rancangan", "neutral"),
    FairState.DISCARDED: ("Dibatalkan", "neutral"),
    FairState.OUT: ("Di pameran", "info"),
    FairState.CLOSED: ("Ditutup", "success"),
}
FILTERS: Final[Mapping[ListFilter, str]] = {
    ListFilter.ALL: "Semua",
    ListFilter.OPEN: "Berjalan",
    ListFilter.LATE: "Lewat tanggal",
}
ACTIONS: Final[Mapping[str, str]] = {
    "create": "Rancangan dibuat",
    "save": "Rancangan diubah",
    "discard": "Rancangan dibatalkan",
    "send": "Dibawa ke pameran",
    "send_more": "Tambahan dibawa",
    "settle": "Hasil dicatat",
    "undo": "Catatan hasil dibatalkan",
    "close": "Ditutup",
}
OUTCOMES: Final[Mapping[str, str]] = {
    FairOutcome.SOLD: "terjual",
    FairOutcome.RETURNED: "kembali",
    FairOutcome.DAMAGED: "rusak",
    FairOutcome.LOST: "hilang",
}
PAYMENTS: Final[Mapping[PaidBy, str]] = {
    PaidBy.CASH: "Tunai",
    PaidBy.QRIS: "QRIS",
    PaidBy.BANK: "Transfer bank",
}


@dataclass(frozen=True, slots=True)
class Fair:
    """A loan with its unit, its goods by name, and whether this person may work on it."""

    page: FairPage
    upt: UptBrief
    names: Mapping[int, VariantBrief]
    may_work: bool
    today: date

    @property
    def where(self) -> Place:
        """Return the unit with its calendar."""
        return Place(self.upt.upt_id, self.upt)

    def goods(self, line: FairLine) -> str:
        """Return the goods of a line by product and variant."""
        brief = self.names[line.variant_id]
        return ", ".join(part for part in (brief.product_name, brief.variant_name) if part)


def read(number: str, at: datetime) -> Fair:
    """Return a loan of a unit within reach.

    Raises:
        NotFound: It is out of this person's reach.
    """
    actor = session.current_actor()
    today = clock.local_date(at=at, timezone="Asia/Jakarta")
    page = transfer_queries.get_fair(actor=actor, number=number, today=today)
    upt = upt_queries.briefs(upt_ids=[page.record.upt_id])[page.record.upt_id]
    g.upt_label = upt.short_name
    names = catalog_queries.variant_briefs(variant_ids={line.variant_id for line in page.lines})
    return Fair(page, upt, names, actor.may(STOCK_TRANSFER, upt_id=upt.upt_id), today)
