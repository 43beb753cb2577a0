"""Proofs of transfer as buyers send them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

PROOF_BYTES_MAX: Final = 5 * 1024 * 1024
PROOFS_MAX: Final = 5
"""Most files that a buyer may send for one payment."""


@dataclass(frozen=True, slots=True)
class CheckedProof:
    """A file that may be kept; width and height are 0 for a PDF."""

    kind: str
    width: int
    height: int
    content: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class ProofRecord:
    """One file that a buyer sent."""

    public_id: str
    payment_reference: str
    expected_idr: int
    kind: str
    width: int
    height: int
    byte_count: int
    uploaded_at: datetime
    seen_at: datetime | None

    @property
    def is_picture(self) -> bool:
        """Say whether a browser can show it in a page."""
        return self.kind != "pdf"
