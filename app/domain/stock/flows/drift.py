"""Watching for drift: new entries often, everything at night; differences are raised, never mended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

import structlog

from app.domain.stock import queries, rules, services
from app.domain.stock.flows import verify as verifying
from app.domain.stock.types import Difference, DriftReport, HeadRecord, ProofRecord
from app.infra import db

NEWS_MAX: Final = 100_000
"""New entries compared at once; more are left to the whole check."""

log = structlog.get_logger("ledger")


def check_news(*, at: datetime) -> DriftReport:
    """Compare the figures of every UPT that has new entries, from its last proof on."""
    with db.snapshot():
        known = queries.upts_with_news()
    entries = wrong = 0
    for upt_id in known:
        read, differences = _check_one(upt_id, at=at)
        entries += read
        wrong += differences
    return DriftReport(len(known), entries, wrong)


def check_quiet(*, at: datetime) -> DriftReport:
    """Compare the figures of every UPT without new entries with what was proven last.

    Nothing is replayed and nothing written where all is well: one digest of balances, open holds and
    head for each UPT. Where it differs, the whole ledger is replayed and the difference raised.
    """
    with db.snapshot():
        known = queries.upts_without_news()
    wrong = 0
    for upt_id in known:
        with db.snapshot():
            proof = queries.find_proof(upt_id=upt_id)
            is_proven = proof is not None and _prove(upt_id, proof, ()) is not None
        if not is_proven:
            wrong += _check_one_whole(upt_id, verifying.read_published(), at=at)[1]
    return DriftReport(len(known), 0, wrong)


def check_whole(*, at: datetime, upt_id: int | None = None) -> DriftReport:
    """Replay whole ledgers, raise what differs, and write down what is proven."""
    published = verifying.read_published()
    with db.snapshot():
        known = queries.list_upt_ids() if upt_id is None else (upt_id,)
    entries = wrong = 0
    for each in known:
        read, differences = _check_one_whole(each, published, at=at)
        entries += read
        wrong += differences
    return DriftReport(len(known), entries, wrong)


def _check_one(upt_id: int, *, at: datetime) -> tuple[int, int]:
    with db.snapshot():
        proof = queries.find_proof(upt_id=upt_id)
        rows = _new_rows(upt_id, proof)
        proven = _prove(upt_id, proof, rows) if proof and len(rows) <= NEWS_MAX else None
    if proven is None:
        return _check_one_whole(upt_id, verifying.read_published(), at=at)
    head, digest = proven
    db.transact(
        lambda: services.save_proof(upt_id=upt_id, head=head, digest=digest, is_whole=False, at=at)
    )
    return len(rows), 0


def _new_rows(upt_id: int, proof: ProofRecord | None) -> list[Any]:
    if proof is None:
        return []
    rows = queries.stream_entries(upt_id=upt_id, after=proof.sequence)
    return list(islice(rows, NEWS_MAX + 1))


def _prove(upt_id: int, proof: ProofRecord, rows: Sequence[Any]) -> tuple[HeadRecord, str] | None:
    """Return head and digest when new entries lead from the proven state to the stored one."""
    head = queries.list_heads(upt_id=upt_id).get(upt_id)
    balances = queries.read_balances(upt_id=upt_id)
    holds = queries.read_holds_in_question(upt_id=upt_id, rows=rows)
    before, promised = rules.undo(rows=rows, balances=balances, holds=holds)
    if rules.state_digest(balances=before, holds=promised) != proof.digest:
        return None
    found = rules.Replay(
        upt_id, sequence=proof.sequence, hash=proof.hash, balances=before, holds=promised
    )
    rules.replay_entries(upt_id=upt_id, rows=rows, found=found)
    if head is None or rules.differences(found=found, head=head, balances=balances, holds=holds):
        return None
    return head, rules.state_digest(balances=balances, holds=holds)


def _check_one_whole(upt_id: int, published: verifying.Points, *, at: datetime) -> tuple[int, int]:
    with db.snapshot():
        months = queries.list_periods(upt_id=upt_id)[::-1]
        marks = verifying.marks_of(upt_id=upt_id, months=months, published=published)
        found = verifying.replay(upt_id=upt_id, months=months, marks=marks)
        head = queries.list_heads(upt_id=upt_id).get(upt_id)
        balances = queries.read_balances(upt_id=upt_id)
        holds = queries.read_holds(upt_id=upt_id)
        if head is None and not found.entries and not found.faults and not balances:
            return 0, 0
        differences = rules.differences(found=found, head=head, balances=balances, holds=holds)
    digest = rules.state_digest(balances=balances, holds=holds)
    db.transact(lambda: _write_down(upt_id, head, digest, differences, at=at))
    if differences:
        log.warning("ledger_differs", upt_id=upt_id, differences=len(differences))
    return found.entries, len(differences)


def _write_down(
    upt_id: int,
    head: HeadRecord | None,
    digest: str,
    differences: Sequence[Difference],
    *,
    at: datetime,
) -> None:
    if not differences and head is not None:
        services.save_proof(upt_id=upt_id, head=head, digest=digest, is_whole=True, at=at)
        return
    services.note(upt_id=upt_id, differences=differences, at=at)
    services.mark_checked_whole(upt_id=upt_id, at=at)
