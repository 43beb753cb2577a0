"""Names of units: short names, addresses without the class, and the reading of register files."""

from __future__ import annotations

from app.domain.upt.types import KIND_LABELS, SUBKIND_LABELS, UptKind, UptSubkind
from app.kernel.text import slugify


def short_name(*, kind: UptKind, subkind: UptSubkind, place: str) -> str:
    """Return the everyday name without class: ``Lapas Perempuan Palembang``."""
    parts = (KIND_LABELS[kind], SUBKIND_LABELS[subkind], place)
    return " ".join(part for part in parts if part)


def default_slug(*, kind: UptKind, subkind: UptSubkind, place: str) -> str:
    """Return the address part that stays the same when a unit is promoted."""
    return slugify(short_name(kind=kind, subkind=subkind, place=place))
