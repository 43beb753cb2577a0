"""Facts about pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.infra.jobs import Event


@dataclass(frozen=True)
class AssetStored(Event):
    """An original passed the check and is stored; it waits to be rendered."""

    name: ClassVar[str] = "media.asset_stored.v1"

    asset_id: int
