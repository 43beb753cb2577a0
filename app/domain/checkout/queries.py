"""Reads of placement keys."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.domain.checkout.models import Placement
from app.infra import db


@dataclass(frozen=True, slots=True)
class FoundPlacement:
    """What a placement key led to."""

    fingerprint: str
    group_id: int


def find_placement(*, key: str) -> FoundPlacement | None:
    """Return what a placement key led to, or None when it is new."""
    row = (
        db.read_session()
        .execute(select(Placement.fingerprint, Placement.group_id).where(Placement.key == key))
        .first()
    )
    return None if row is None else FoundPlacement(row.fingerprint, row.group_id)
