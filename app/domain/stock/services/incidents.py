"""Raising and handling differences; nothing here repairs a figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.domain.audit import services as audit_services
from app.domain.stock import queries, rules
from app.domain.stock.errors import IncidentHandled, IncidentStanding
from app.domain.stock.models import StockIncident, StockProof
from app.domain.stock.types import Difference, HeadRecord, IncidentRecord, IncidentState
from app.infra import db
from app.kernel.actor import Actor, system

_WATCH = system("ledger-watch")


def note(*, upt_id: int, differences: Sequence[Difference], at: datetime) -> int:
    """Raise an incident for each difference not known yet; refresh those known; return the new ones."""
    if not differences:
        return 0
    queries.lock_heads(upt_ids={upt_id})
    rows = db.session().scalars(
        select(StockIncident).where(
            StockIncident.upt_id == upt_id, StockIncident.state != IncidentState.RESOLVED.value
        )
    )
    known = {(row.code, row.subject): row for row in rows}
    fresh = 0
    for difference in differences[: rules.DIFFERENCES_MAX]:
        row = known.get((difference.code, difference.subject))
        if row is not None:
            row.last_seen_at = max(at, row.last_seen_at)
            row.ledger_figure = difference.ledger_figure[:200]
            row.stored_figure = difference.stored_figure[:200]
            continue
        fresh += 1
        known[difference.code, difference.subject] = _raise(upt_id, difference, at=at)
    db.session().flush()
    return fresh


def _raise(upt_id: int, difference: Difference, *, at: datetime) -> StockIncident:
    row = StockIncident(
        upt_id=upt_id,
        code=difference.code,
        subject=difference.subject,
        ledger_figure=difference.ledger_figure[:200],
        stored_figure=difference.stored_figure[:200],
        first_seen_at=at,
        last_seen_at=at,
        state=IncidentState.OPEN.value,
        handled_at=None,
        handled_by="",
        note="",
    )
    db.add(row)
    audit_services.record(
        actor=_WATCH,
        action="stock.incident_raised",
        subject=f"incident:{row.id}",
        at=at,
        upt_id=upt_id,
        detail={
            "code": difference.code,
            "subject": difference.subject,
            "ledger": difference.ledger_figure,
            "stored": difference.stored_figure,
        },
    )
    return row


def acknowledge_incident(
    *, actor: Actor, incident_id: int, note: str, at: datetime
) -> IncidentRecord:
    """Write down that a person has seen a difference and what they make of it.

    Raises:
        NotFound, NotAllowed: Neither ``stock.close`` nor ``audit.view`` is held there.
        IncidentHandled: It was resolved before.
    """
    return _handle(actor, incident_id, IncidentState.ACKNOWLEDGED, note, at=at)


def resolve_incident(*, actor: Actor, incident_id: int, note: str, at: datetime) -> IncidentRecord:
    """Close a difference that a later whole check no longer found.

    Raises:
        NotFound, NotAllowed: Neither ``stock.close`` nor ``audit.view`` is held there.
        IncidentHandled: It was resolved before.
        IncidentStanding: No whole check has passed since it was last seen.
    """
    row = queries.get_incident_row(incident_id=incident_id)
    queries.ensure_may_handle(actor=actor, upt_id=row.upt_id)
    proof = queries.find_proof(upt_id=row.upt_id)
    is_gone = proof is not None and proof.whole_at is not None and proof.whole_at > row.last_seen_at
    if row.state != IncidentState.RESOLVED.value and not is_gone:
        raise IncidentStanding
    return _handle(actor, incident_id, IncidentState.RESOLVED, note, at=at)


def resolve_repaired(*, actor: Actor, upt_id: int, note: str, at: datetime) -> int:
    """Close the differences of figures that a rebuild has just set right; return how many."""
    rows = (
        db.session()
        .scalars(
            select(StockIncident).where(
                StockIncident.upt_id == upt_id,
                StockIncident.state != IncidentState.RESOLVED.value,
                StockIncident.code.in_(("balance", "hold_state", "head")),
            )
        )
        .all()
    )
    for row in rows:
        _handle(actor, row.id, IncidentState.RESOLVED, note, at=at)
    return len(rows)


def _handle(
    actor: Actor, incident_id: int, state: IncidentState, note: str, *, at: datetime
) -> IncidentRecord:
    row = queries.get_incident_row(incident_id=incident_id)
    queries.ensure_may_handle(actor=actor, upt_id=row.upt_id)
    queries.lock_heads(upt_ids={row.upt_id})
    db.session().refresh(row)
    if row.state == IncidentState.RESOLVED.value:
        raise IncidentHandled
    row.state, row.note = state.value, note[:300]
    row.handled_at, row.handled_by = at, rules.actor_name(actor)
    db.session().flush()
    audit_services.record(
        actor=actor,
        action=f"stock.incident_{state.value}",
        subject=f"incident:{row.id}",
        at=at,
        upt_id=row.upt_id,
        detail={"code": row.code, "subject": row.subject, "note": row.note},
    )
    return queries.incident_record(row=row)


def save_proof(*, upt_id: int, head: HeadRecord, digest: str, is_whole: bool, at: datetime) -> None:
    """Write down up to where a UPT's figures are proven; an older proof never replaces a newer one."""
    queries.lock_heads(upt_ids={upt_id})
    row = db.session().get(StockProof, upt_id)
    if row is None:
        db.add(
            StockProof(
                upt_id=upt_id,
                sequence=head.sequence,
                hash=head.hash,
                digest=digest,
                proven_at=at,
                whole_at=at if is_whole else None,
            )
        )
        return
    if head.sequence >= row.sequence:
        row.sequence, row.hash, row.digest, row.proven_at = head.sequence, head.hash, digest, at
    if is_whole:
        row.whole_at = at
    db.session().flush()


def mark_checked_whole(*, upt_id: int, at: datetime) -> None:
    """Write down that a whole check ran, though it found differences."""
    row = db.session().get(StockProof, upt_id)
    if row is not None:
        row.whole_at = at
        db.session().flush()
