"""Proving the ledger: everything is replayed and compared with what is stored.

Each UPT is read in its own snapshot, so shops go on selling meanwhile.
"""

from __future__ import annotations

from app.domain.stock import queries, rules
from app.domain.stock.types import Fault, VerifyReport
from app.infra import db


def verify(*, upt_id: int | None = None) -> VerifyReport:
    """Replay the ledgers of all UPT, or of one, and compare.

    Every entry's hash, sequence and link is checked, every guarded balance after every entry, then
    head, balances and holds against the replay. Nothing is repaired.
    """
    with db.snapshot():
        known = queries.list_upt_ids() if upt_id is None else (upt_id,)
    entries = balances = holds = chains = 0
    faults: list[Fault] = []
    for each in known:
        found, stored_balances = _verify_one(each)
        if found.entries or found.faults or stored_balances:
            chains += 1
        entries += found.entries
        balances += stored_balances
        holds += len(found.holds)
        faults += found.faults
    return VerifyReport(entries, chains, balances, holds, tuple(faults))


def _verify_one(upt_id: int) -> tuple[rules.Replay, int]:
    with db.snapshot():
        head = queries.list_heads(upt_id=upt_id).get(upt_id)
        found = rules.replay_entries(upt_id=upt_id, rows=queries.stream_entries(upt_id=upt_id))
        stored = queries.read_balances(upt_id=upt_id)
        if head is not None or found.entries or stored:
            rules.compare(
                found=found, head=head, balances=stored, holds=queries.read_holds(upt_id=upt_id)
            )
    return found, len(stored)
