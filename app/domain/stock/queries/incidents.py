"""Differences that were found, and how far each UPT's figures were last proven."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.domain.stock import rules
from app.domain.stock.models import StockHead, StockHold, StockIncident, StockProof
from app.domain.stock.queries.replay import UtcText
from app.domain.stock.types import (
    AUDIT_VIEW,
    STOCK_CLOSE,
    STOCK_VIEW,
    IncidentRecord,
    IncidentState,
    ProofRecord,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotAllowed, NotFound
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor


def list_incidents(
    *,
    actor: Actor,
    upt_id: int | None = None,
    with_resolved: bool = False,
    cursor: str | None = None,
) -> Page[IncidentRecord]:
    """Return a page of the differences in reach, newest first.

    Args:
        upt_id: Only of this UPT; None takes every UPT in reach.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is held nowhere, or not there.
    """
    reach = actor.reach(STOCK_VIEW)
    if upt_id is not None:
        actor.ensure(STOCK_VIEW, upt_id=upt_id)
    elif not actor.holds(STOCK_VIEW):
        raise NotAllowed(STOCK_VIEW)
    statement = select(StockIncident).order_by(StockIncident.id.desc()).limit(PAGE_SIZE + 1)
    if upt_id is not None:
        statement = statement.where(StockIncident.upt_id == upt_id)
    elif not reach.is_national:
        statement = statement.where(StockIncident.upt_id.in_(sorted(reach.upt_ids)))
    if not with_resolved:
        statement = statement.where(StockIncident.state != IncidentState.RESOLVED.value)
    last = decode_cursor(cursor, kinds=(int,))
    if last is not None:
        statement = statement.where(StockIncident.id < last[0])
    rows = db.read_session().scalars(statement).all()
    shown = tuple(incident_record(row=row) for row in rows[:PAGE_SIZE])
    more = encode_cursor((shown[-1].incident_id,)) if len(rows) > PAGE_SIZE else None
    return Page(shown, after=more)


def count_open_incidents(*, upt_ids: Collection[int] | None = None) -> dict[int, int]:
    """Return how many differences are not resolved, by UPT; UPT without any are left out."""
    statement = (
        select(StockIncident.upt_id, func.count())
        .where(StockIncident.state != IncidentState.RESOLVED.value)
        .group_by(StockIncident.upt_id)
    )
    if upt_ids is not None:
        statement = statement.where(StockIncident.upt_id.in_(sorted(upt_ids)))
    return {row[0]: row[1] for row in db.read_session().execute(statement)}


def ensure_may_handle(*, actor: Actor, upt_id: int) -> None:
    """Refuse who neither closes months there nor reads the audit trail.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: Neither permission is held there.
    """
    if not actor.may(AUDIT_VIEW, upt_id=upt_id):
        actor.ensure(STOCK_CLOSE, upt_id=upt_id)


def get_incident_row(*, incident_id: int) -> StockIncident:
    """Return the row of a difference, for the services of this package.

    Raises:
        NotFound: There is none.
    """
    row = db.read_session().get(StockIncident, incident_id)
    if row is None:
        raise NotFound
    return row


def incident_record(*, row: StockIncident) -> IncidentRecord:
    """Return a row as a record."""
    return IncidentRecord(
        incident_id=row.id,
        upt_id=row.upt_id,
        code=row.code,
        subject=row.subject,
        ledger_figure=row.ledger_figure,
        stored_figure=row.stored_figure,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        state=IncidentState(row.state),
        handled_at=row.handled_at,
        handled_by=row.handled_by,
        note=row.note,
    )


def find_proof(*, upt_id: int) -> ProofRecord | None:
    """Return up to where a UPT's figures were last proven."""
    row = db.read_session().get(StockProof, upt_id)
    if row is None:
        return None
    return ProofRecord(row.upt_id, row.sequence, row.hash, row.digest, row.proven_at, row.whole_at)


def upts_with_news() -> tuple[int, ...]:
    """Return the UPT with entries after the last proof and without differences known already."""
    return _upts(
        or_(
            and_(StockProof.sequence.is_(None), StockHead.sequence > 0),
            StockProof.sequence != StockHead.sequence,
        )
    )


def upts_without_news() -> tuple[int, ...]:
    """Return the UPT whose last proof is up to date, without differences known already."""
    return _upts(StockProof.sequence == StockHead.sequence)


def _upts(condition: ColumnElement[bool]) -> tuple[int, ...]:
    standing = select(StockIncident.upt_id).where(
        StockIncident.state != IncidentState.RESOLVED.value
    )
    rows = db.read_session().scalars(
        select(StockHead.upt_id)
        .outerjoin(StockProof, StockProof.upt_id == StockHead.upt_id)
        .where(condition, StockHead.upt_id.not_in(standing))
        .order_by(StockHead.upt_id)
    )
    return tuple(rows)


def read_holds_in_question(*, upt_id: int, rows: Collection[Any]) -> dict[int, rules.HoldFacts]:
    """Return the open holds of a UPT and every hold that some entries made or name."""
    named = sorted(
        {row[11] for row in rows if row[11] is not None}
        | {row[0] for row in rows if row[4] == "hold"}
    )
    columns = (
        StockHold.entry_id, StockHold.variant_id, StockHold.lot_id, StockHold.from_account,
        StockHold.to_account, StockHold.quantity, StockHold.quantity_posted,
        UtcText(StockHold.expires_at), StockHold.state,
    )  # fmt: skip
    session = db.read_session()
    found = list(
        session.execute(
            select(*columns).where(StockHold.upt_id == upt_id, StockHold.state == "open")
        )
    )
    for start in range(0, len(named), 1_000):
        part = named[start : start + 1_000]
        found += session.execute(
            select(*columns).where(StockHold.upt_id == upt_id, StockHold.entry_id.in_(part))
        ).all()
    return {
        row[0]: (
            row[1], row[2], row[3], row[4], row[5], row[6], rules.canonical_instant(row[7]), row[8]
        )
        for row in found
    }  # fmt: skip
