"""Units side by side, from figures that were worked out beforehand; never a sum over ledgers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from app.domain.reports.models import ReportUpt
from app.domain.reports.queries import others
from app.domain.reports.queries.tables import HEAD, UPT
from app.domain.reports.types import STOCK_VIEW, UptFigures
from app.infra import db
from app.kernel.actor import Actor


def list_upts(*, actor: Actor) -> tuple[UptFigures, ...]:
    """Return every active UPT in the actor's reach with its figures, by name.

    The number of statements does not follow the number of UPT or of entries.
    """
    reach = actor.reach(STOCK_VIEW)
    conditions: list[ColumnElement[bool]] = [UPT.c.is_active]
    if not reach.is_national:
        conditions.append(UPT.c.id.in_(sorted(reach.upt_ids)))
    rows = db.read_session().execute(
        select(
            UPT.c.id, UPT.c.short_name, UPT.c.kanwil_id, HEAD.c.written_at, ReportUpt.pieces,
            ReportUpt.value_idr, ReportUpt.dead_pieces, ReportUpt.dead_idr, ReportUpt.low_count,
            ReportUpt.last_moved_at, ReportUpt.refreshed_at,
        )
        .select_from(UPT)
        .outerjoin(HEAD, HEAD.c.upt_id == UPT.c.id)
        .outerjoin(ReportUpt, ReportUpt.upt_id == UPT.c.id)
        .where(and_(*conditions))
        .order_by(UPT.c.short_name, UPT.c.id)
    )  # fmt: skip
    counted = others.last_counts()
    incidents = others.open_incidents()
    return tuple(_figures(row, counted, incidents) for row in rows)


def _figures(row: Any, counted: dict[int, datetime], incidents: dict[int, int]) -> UptFigures:
    return UptFigures(
        upt_id=row.id,
        short_name=row.short_name,
        kanwil_id=row.kanwil_id,
        pieces=row.pieces or 0,
        value_idr=row.value_idr or 0,
        dead_pieces=row.dead_pieces or 0,
        dead_idr=row.dead_idr or 0,
        low_count=row.low_count or 0,
        last_written_at=row.written_at,
        last_moved_at=row.last_moved_at,
        last_count_at=counted.get(row.id),
        incidents=incidents.get(row.id, 0),
        as_of=row.refreshed_at,
    )


def list_due(*, before: datetime) -> tuple[int, ...]:
    """Return UPT whose ledger went on since the last refresh, or whose figures are older than this."""
    rows = db.read_session().execute(
        select(HEAD.c.upt_id)
        .outerjoin(ReportUpt, ReportUpt.upt_id == HEAD.c.upt_id)
        .where(
            ReportUpt.upt_id.is_(None)
            | (HEAD.c.sequence > ReportUpt.sequence)
            | (ReportUpt.refreshed_at < before)
        )
        .order_by(HEAD.c.upt_id)
    )
    return tuple(rows.scalars())


def timezones(*, upt_ids: Collection[int]) -> dict[int, str]:
    """Return the time zones of these UPT."""
    rows = db.read_session().execute(
        select(UPT.c.id, UPT.c.timezone).where(UPT.c.id.in_(sorted(upt_ids)))
    )
    return {row.id: row.timezone for row in rows}
