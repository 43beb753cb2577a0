"""Facts that imports tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.infra.jobs import Event


@dataclass(frozen=True, slots=True)
class ImportConfirmed(Event):
    """Somebody decided that a file be posted."""

    name: ClassVar[str] = "imports.confirmed.v1"

    file_id: int
