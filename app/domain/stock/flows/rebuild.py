"""Rebuilding a UPT's figures from its ledger, after the entries themselves are proven."""

from __future__ import annotations

from datetime import datetime

from app.domain.stock import queries, rules, services
from app.domain.stock.errors import LedgerBroken
from app.domain.stock.flows import verify as verifying
from app.domain.stock.types import Fault, RebuildReport
from app.infra import db
from app.kernel.actor import Actor


def rebuild(
    *, actor: Actor, upt_id: int, reason: str = "", is_dry: bool = True, at: datetime
) -> RebuildReport:
    """Show, or with approval write, what the ledger says where stored figures differ.

    Raises:
        NotFound, NotAllowed: Neither ``stock.close`` nor ``audit.view`` is held there.
        LedgerBroken: The entries are not whole, were rewritten, or end before what is known.
    """
    queries.ensure_may_handle(actor=actor, upt_id=upt_id)
    faults = chain_faults(upt_id=upt_id)
    if faults:
        raise LedgerBroken(faults)
    return db.transact(
        lambda: services.rebuild(actor=actor, upt_id=upt_id, reason=reason, is_dry=is_dry, at=at)
    )


def chain_faults(*, upt_id: int) -> tuple[Fault, ...]:
    """Return what is wrong with the entries themselves, whatever stands in balances."""
    published = verifying.read_published()
    with db.snapshot():
        months = queries.list_periods(upt_id=upt_id)[::-1]
        marks = verifying.marks_of(upt_id=upt_id, months=months, published=published)
        found = verifying.replay(upt_id=upt_id, months=(), marks=marks)
        head = queries.list_heads(upt_id=upt_id).get(upt_id)
    if head is not None and head.sequence > found.sequence:
        missing = found.sequence + 1
        found.fault(missing, "tail", f"entries {missing} to {head.sequence} are missing at the end")
    return tuple(
        fault for fault in found.faults if fault.code in rules.CHAIN_CODES | {"negative", "hold"}
    )
