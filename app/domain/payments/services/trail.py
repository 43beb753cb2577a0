"""Writes of comparisons with a provider; nothing else is changed by them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from app.domain.payments.models import ReconciliationRun
from app.domain.payments.types import GatewayDifference, RunState
from app.infra import db

_KEPT: Final = 200
"""Differences that are kept by name; the count is of all."""


def note_reconciliation(
    *,
    provider: str,
    since: datetime,
    differences: Sequence[GatewayDifference] | None,
    at: datetime,
) -> None:
    """Keep what a comparison found; None when the provider gave no list."""
    found = differences or ()
    state = RunState.DIFFERS if found else RunState.SAME
    db.add(
        ReconciliationRun(
            provider=provider,
            state=str(RunState.FAILED if differences is None else state),
            since=since,
            ran_at=at,
            differences=json.dumps([[one.intent_id, one.what] for one in found[:_KEPT]]),
            count=len(found),
        )
    )
