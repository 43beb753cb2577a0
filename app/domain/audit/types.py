"""What leaves the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

VIEW: Final = "audit.view"
"""Permission to read the trail."""

DetailValue = str | int | None


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One act.

    Attributes:
        action: What was done, ``noun.verb`` in the past, for example ``stock.received``.
        subject: What it was done to, for example ``user:17``.
        upt_id: The UPT whose matter it is; None for national matters.
        detail: Flat facts that help a reader; never a secret, never an address.
    """

    entry_id: int
    at: datetime
    actor_kind: str
    actor_user_id: int | None
    actor_label: str
    action: str
    subject: str
    upt_id: int | None
    detail: Mapping[str, DetailValue]
