"""What ``flask stock verify`` proves beside the ledger: the papers that move goods agree with it."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.counts import queries as counts_queries
from app.domain.till import queries as till_queries
from app.domain.transfers import queries as transfers_queries
from app.domain.upt import queries as upt_queries
from app.infra import db


def faults(*, upt_id: int | None) -> tuple[str, ...]:
    """Return in words what receipts, counts, transfers and loans say otherwise than the ledger.

    Args:
        upt_id: Only this UPT's till and counts; transfers stand in two ledgers and are left out.
    """
    found: list[str] = []
    upt_ids = till_queries.list_upt_ids() if upt_id is None else (upt_id,)
    for each in upt_ids:
        with db.snapshot():
            found += _named(each, till_queries.find_faults(upt_id=each))
    with db.snapshot():
        found += [f"opname [count] {what}" for what in counts_queries.find_faults(upt_id=upt_id)]
    if upt_id is None:
        with db.snapshot():
            found += [
                f"kiriman [{fault.code}] {fault.number} {fault.what}"
                for fault in transfers_queries.verify()
            ]
    return tuple(found)


def _named(upt_id: int, wrong: tuple[str, ...]) -> Iterator[str]:
    if wrong:
        brief = upt_queries.briefs(upt_ids=[upt_id]).get(upt_id)
        name = brief.slug if brief else f"UPT {upt_id}"
        yield from (f"{name} [till] {what}" for what in wrong)
