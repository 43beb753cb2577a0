"""What the pages of transfers share: the blueprint, words for states and outcomes, who may what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from flask import Blueprint, current_app, g, request, url_for

from app.domain.transfers import queries as transfer_queries
from app.domain.transfers.types import (
    STOCK_TRANSFER,
    ListFilter,
    Outcome,
    RecallChoice,
    TransferPage,
    TransferState,
)
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.kernel import clock
from app.surfaces.web import session

blueprint = Blueprint("transfers", __name__)

STATES: Final[Mapping[TransferState, tuple[str, str]]] = {
    TransferState.DRAFT: ("Rancangan", "neutral"),
    TransferState.DISCARDED: ("Dibatalkan", "neutral"),
    TransferState.SENT: ("Di jalan", "info"),
    TransferState.PART_RECEIVED: ("Diterima sebagian", "info"),
    TransferState.SETTLED: ("Selesai", "success"),
    TransferState.RECALLED: ("Ditarik pengirim", "warning"),
}
FILTERS: Final[Mapping[ListFilter, str]] = {
    ListFilter.ALL: "Semua",
    ListFilter.OPEN: "Berjalan",
    ListFilter.INCOMING: "Masuk",
    ListFilter.OUTGOING: "Keluar",
    ListFilter.LATE: "Terlambat",
}
ACTIONS: Final[Mapping[str, str]] = {
    "create": "Rancangan dibuat",
    "save": "Rancangan diubah",
    "discard": "Rancangan dibatalkan",
    "send": "Berangkat",
    "receive": "Diterima",
    "recall": "Ditarik pengirim",
}
OUTCOMES: Final[Mapping[str, str]] = {
    Outcome.RECEIVED: "diterima",
    Outcome.LOST: "hilang",
    Outcome.DAMAGED: "rusak",
    Outcome.NOT_SENT: "ternyata tidak terkirim, kembali ke gudang pengirim",
    Outcome.CALLED_BACK: "kembali ke gudang pengirim",
    Outcome.WRITTEN_OFF: "dihapuskan",
}
CHOICES: Final = (
    (RecallChoice.BACK.value, "Kembali ke gudang", "Barangnya sudah ada lagi di UPT ini."),
    (
        RecallChoice.WRITE_OFF.value,
        "Dihapuskan",
        "Barangnya tidak akan kembali; dicatat sebagai susut.",
    ),
)


@dataclass(frozen=True, slots=True)
class Side:
    """A transfer as one side sees it.

    Attributes:
        sender, receiver: Both units.
        may_send: This person works the sender's stock.
        may_receive: This person works the receiver's stock.
        here: The unit whose calendar counts.
    """

    page: TransferPage
    sender: UptBrief
    receiver: UptBrief
    may_send: bool
    may_receive: bool
    here: UptBrief
    today: date


def read(number: str, at: datetime) -> Side:
    """Return a transfer for the page of either side.

    Raises:
        NotFound: It is out of this person's reach.
    """
    actor = session.current_actor()
    today = clock.local_date(at=at, timezone="Asia/Jakarta")
    page = transfer_queries.get_transfer(actor=actor, number=number, at=at, today=today)
    record = page.record
    upts = upt_queries.briefs(upt_ids=[record.sender_upt_id, record.receiver_upt_id])
    sender, receiver = upts[record.sender_upt_id], upts[record.receiver_upt_id]
    may_send = actor.may(STOCK_TRANSFER, upt_id=sender.upt_id)
    may_receive = actor.may(STOCK_TRANSFER, upt_id=receiver.upt_id)
    here = receiver if may_receive and not may_send else sender
    g.upt_label = here.short_name
    return Side(page, sender, receiver, may_send, may_receive, here, today)


def address(endpoint: str, *, number: str) -> str:
    """Return the whole address of a document, for paper."""
    base = current_app.config["KARYABINA"].base_url or request.url_root.rstrip("/")
    return str(base) + url_for(endpoint, number=number)
