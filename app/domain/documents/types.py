"""Kinds of paper and the frozen records of papers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class PaperKind(StrEnum):
    """What a paper says."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True)
class PaperBrief:
    """A paper in a list.

    Attributes:
        token: The public address ``/dokumen/<token>`` under which anybody may check it.
    """

    kind: PaperKind
    number: str
    upt_order_id: int
    total_idr: int
    issued_on: date
    token: str


@dataclass(frozen=True, slots=True)
class PaperRecord:
    """A paper as it was issued.

    Attributes:
        content: What stands on it, read back from its frozen text.
        is_whole: The text still has the hash that was noted when it was issued.
    """

    brief: PaperBrief
    upt_id: int
    issued_at: datetime
    sha256: str
    content: Mapping[str, Any]
    is_whole: bool
