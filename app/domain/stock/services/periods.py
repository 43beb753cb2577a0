"""Closing a month: the balances are written down beside the end of the chain, once and in order."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import select, text

from app.domain.audit import services as audit_services
from app.domain.stock import queries, rules
from app.domain.stock.errors import PeriodClosed, PeriodUnfit
from app.domain.stock.models import StockPeriod
from app.domain.stock.types import STOCK_CLOSE, UNGUARDED, Account, PeriodRecord
from app.infra import db
from app.kernel.actor import Actor

_GUARDED: Final = tuple(sorted(account.value for account in Account if account not in UNGUARDED))

_COPY_BALANCES: Final = text(
    "INSERT INTO stock_period_balance (upt_id, month, variant_id, lot_id, account,"
    " in_posted, out_posted, in_pending, out_pending)"
    " SELECT b.upt_id, p.month, b.variant_id, b.lot_id, b.account,"
    " b.in_posted, b.out_posted, b.in_pending, b.out_pending"
    " FROM stock_balance b JOIN stock_period p ON p.upt_id = b.upt_id"
    " WHERE b.upt_id = :upt_id AND p.sequence = :sequence AND p.entry_key = :entry_key"
)
_COPY_HOLDS: Final = text(
    "INSERT INTO stock_period_hold (upt_id, month, entry_id, variant_id, lot_id, from_account,"
    " to_account, quantity, quantity_posted, expires_at, state)"
    " SELECT h.upt_id, p.month, h.entry_id, h.variant_id, h.lot_id, h.from_account,"
    " h.to_account, h.quantity, h.quantity_posted, h.expires_at, h.state"
    " FROM stock_hold h JOIN stock_period p ON p.upt_id = h.upt_id"
    " WHERE h.upt_id = :upt_id AND p.sequence = :sequence AND p.entry_key = :entry_key"
    " AND (h.state = 'open' OR (h.state = 'posted' AND NOT EXISTS ("
    "SELECT 1 FROM stock_entry e WHERE e.hold_id = h.entry_id AND e.phase = 'move')))"
)


def close_period(
    *, actor: Actor, upt_id: int, month: date, timezone: str, entry_key: str, at: datetime
) -> PeriodRecord:
    """Close a month of a UPT: copy every balance and unfinished promise beside the head.

    Nothing in the ledger changes. What is written later belongs to the next month, and is shown
    as late when it tells of this one.

    Args:
        month: First day of the month.
        timezone: The UPT's zone; its midnight ends the month.
        entry_key: Key of the form; the same key again answers as before.

    Raises:
        NotFound, NotAllowed: ``stock.close`` is not held there.
        PeriodUnfit: The month has not ended, is not the next one, or the ledger is empty.
        PeriodClosed: It was closed before, by another form.
    """
    actor.ensure(STOCK_CLOSE, upt_id=upt_id)
    heads = queries.lock_heads(upt_ids={upt_id})
    known = db.session().scalar(
        select(StockPeriod).where(StockPeriod.upt_id == upt_id, StockPeriod.month == month)
    )
    if known is not None:
        if known.entry_key == entry_key:
            return queries.period_record(row=known)
        raise PeriodClosed
    wanted = queries.next_to_close(upt_id=upt_id, timezone=timezone, at=at)
    if month != wanted.month or not wanted.has_ended or upt_id not in heads:
        raise PeriodUnfit
    head = heads[upt_id]
    balances = queries.read_balances(upt_id=upt_id)
    row = StockPeriod(
        upt_id=upt_id,
        month=month,
        sequence=head.sequence,
        hash=head.hash,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        closed_at=at,
        closed_by=rules.actor_name(actor),
        entry_key=entry_key,
        balances=len(balances),
        pieces=sum(
            counters[0] - counters[1]
            for (_, _, account), counters in balances.items()
            if account in _GUARDED and account != Account.CAPACITY.value
        ),
    )
    db.add(row)
    copied = {"upt_id": upt_id, "sequence": head.sequence, "entry_key": entry_key}
    db.session().execute(_COPY_BALANCES, copied)
    db.session().execute(_COPY_HOLDS, copied)
    audit_services.record(
        actor=actor,
        action="stock.period_closed",
        subject=f"period:{month:%Y-%m}",
        at=at,
        upt_id=upt_id,
        detail={"sequence": head.sequence, "hash": head.hash, "balances": len(balances)},
    )
    return queries.period_record(row=row)
