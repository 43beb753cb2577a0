"""Writing the trail, in the transaction of the act itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from app.domain.audit.models import AuditEntry
from app.domain.audit.types import DetailValue
from app.infra import db
from app.kernel.actor import Actor


def record(
    *,
    actor: Actor,
    action: str,
    subject: str,
    at: datetime,
    upt_id: int | None = None,
    detail: Mapping[str, DetailValue] | None = None,
) -> None:
    """Add one entry, in the caller's unit of work.

    Args:
        action: ``noun.verb``, at most 80 signs.
        subject: What it concerns, for example ``product:17``; cut at 200 signs.
        at: Instant of the act in UTC.
        upt_id: The UPT whose matter it is.
        detail: Flat facts; never secrets or personal data beyond ids.
    """
    db.insert_rows(
        AuditEntry,
        [
            {
                "at": at,
                "actor_kind": actor.kind.value,
                "actor_user_id": actor.user_id,
                "actor_label": actor.label[:200],
                "action": action,
                "subject": subject[:200],
                "upt_id": upt_id,
                "detail": json.dumps(
                    dict(detail or {}), ensure_ascii=False, separators=(",", ":"), sort_keys=True
                ),
            }
        ],
    )
