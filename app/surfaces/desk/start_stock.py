"""What waits at the stock desk: goods on their way here, counts, fairs past their end, differences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from app.domain.counts import queries as count_queries
from app.domain.counts.types import CountState
from app.domain.stock import queries as stock_queries
from app.domain.stock.types import STOCK_VIEW
from app.domain.transfers import queries as transfer_queries
from app.domain.transfers.types import ON_THE_WAY, ListFilter
from app.domain.upt.types import UptBrief
from app.kernel import clock
from app.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Waiting:
    """One kind of work at the stock desk.

    Attributes:
        count: How many wait, of those on the first page of their list.
        tone: How it is shown.
    """

    count: int
    label: str
    href: str
    tone: str


def waiting(*, actor: Actor, upt: UptBrief, at: datetime) -> tuple[Waiting, ...]:
    """Return what waits at the stock desk of a UPT; kinds of which nothing waits are left out."""
    if not actor.may(STOCK_VIEW, upt_id=upt.upt_id):
        return ()
    found = (*_outside(actor, upt, at), *_counts(actor, upt), *_differences(upt))
    return tuple(one for one in found if one.count)


def _outside(actor: Actor, upt: UptBrief, at: datetime) -> tuple[Waiting, ...]:
    today = clock.local_date(at=at, timezone=upt.timezone)
    arriving = transfer_queries.list_transfers(
        actor=actor, upt_id=upt.upt_id, at=at, today=today, show=ListFilter.INCOMING
    )
    overdue = transfer_queries.list_fairs(
        actor=actor, upt_id=upt.upt_id, today=today, show=ListFilter.LATE
    )
    return (
        Waiting(
            sum(row.record.state in ON_THE_WAY for row in arriving.items),
            "kiriman menuju ke sini",
            url_for("desk.transfers.index", saring=ListFilter.INCOMING.value),
            "info",
        ),
        Waiting(
            len(overdue.items),
            "pameran selesai, belum dihitung",
            url_for("desk.fairs.index", saring=ListFilter.LATE.value),
            "warning",
        ),
    )


def _counts(actor: Actor, upt: UptBrief) -> tuple[Waiting, ...]:
    sheets = count_queries.list_counts(actor=actor, upt_id=upt.upt_id).items
    href = url_for("desk.counts.index")
    return tuple(
        Waiting(sum(sheet.state is state for sheet in sheets), label, href, tone)
        for state, label, tone in (
            (CountState.HANDED_IN, "opname menunggu persetujuan", "warning"),
            (CountState.COUNTING, "opname sedang dihitung", "info"),
        )
    )


def _differences(upt: UptBrief) -> tuple[Waiting, ...]:
    found = stock_queries.count_open_incidents(upt_ids=(upt.upt_id,))
    href = url_for("desk.ledger.incidents")
    return (Waiting(found.get(upt.upt_id, 0), "selisih buku stok", href, "danger"),)
