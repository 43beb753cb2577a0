"""The history of a sheet: one line for each act and each number ever written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.domain.audit import services as audit_services
from app.domain.audit.types import DetailValue
from app.domain.counts.models import CountEvent, CountSheet
from app.domain.counts.types import EventKind
from app.domain.stock import rules as stock_rules
from app.infra import db
from app.kernel.actor import Actor


def event(
    *,
    actor: Actor,
    sheet: CountSheet,
    kind: EventKind,
    at: datetime,
    row_id: int | None = None,
    quantity: int | None = None,
    note: str = "",
) -> dict[str, Any]:
    """Return the line of one act."""
    return {
        "sheet_id": sheet.id,
        "row_id": row_id,
        "event": kind.value,
        "quantity": quantity,
        "note": note,
        "actor_user_id": actor.user_id,
        "actor": stock_rules.actor_name(actor),
        "at": at,
    }


def remember(*, lines: Sequence[dict[str, Any]]) -> None:
    """Append the lines in one statement."""
    db.append_rows(CountEvent, lines)


def tell(
    *,
    actor: Actor,
    sheet: CountSheet,
    kind: EventKind,
    at: datetime,
    note: str = "",
    detail: dict[str, DetailValue] | None = None,
) -> None:
    """Write an act on the whole sheet into its history and into the audit trail."""
    remember(lines=[event(actor=actor, sheet=sheet, kind=kind, at=at, note=note)])
    audit_services.record(
        actor=actor,
        action=f"count.{kind.value}",
        subject=f"count:{sheet.code}",
        at=at,
        upt_id=sheet.upt_id,
        detail=detail,
    )
