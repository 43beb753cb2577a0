"""Loading places. Rows are added or corrected by code and never removed: addresses refer to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from app.domain.places import rules
from app.domain.places.models import District, PlaceRelease, Province, Regency, Village
from app.domain.places.types import NamedPlace, VillageRow
from app.infra import db
from app.infra.db import Base


def load_upper_places(
    *,
    provinces: Sequence[NamedPlace],
    regencies: Sequence[NamedPlace],
    districts: Sequence[NamedPlace],
) -> int:
    """Add or correct provinces, regencies and districts; return how many rows changed."""
    province_names = {place.code: place.name for place in provinces}
    regency_names = {place.code: place.name for place in regencies}
    changed = _merge(Province, [{"code": p.code, "name": p.name} for p in provinces])
    changed += _merge(
        Regency,
        [{"code": p.code, "province_code": p.parent_code, "name": p.name} for p in regencies],
    )
    changed += _merge(
        District,
        [
            {
                "code": place.code,
                "regency_code": place.parent_code,
                "name": place.name,
                "search_name": rules.search_key(place.name),
                "trail": rules.search_key(
                    f"{place.name} {regency_names.get(place.parent_code, '')}"
                    f" {province_names.get(place.parent_code[:2], '')}"
                ),
            }
            for place in districts
        ],
    )
    return changed


def load_villages(*, villages: Sequence[VillageRow]) -> int:
    """Add or correct one batch of villages; return how many rows changed."""
    return _merge(
        Village,
        [
            {
                "code": row.code,
                "district_code": row.district_code,
                "name": row.name,
                "postcode": row.postcode,
                "search_name": rules.search_key(row.name),
            }
            for row in villages
        ],
    )


def finish_release(*, version: str, at: datetime) -> None:
    """Note that an edition was loaded to the end."""
    if db.session().get(PlaceRelease, version) is None:
        db.add(PlaceRelease(version=version, loaded_at=at))


def _merge(model: type[Base], rows: list[dict[str, Any]]) -> int:
    if not rows:
        return 0
    session = db.session()
    table = model.__table__
    codes = [row["code"] for row in rows]
    found = session.execute(
        select(*table.columns).where(table.c.code >= min(codes), table.c.code <= max(codes))
    ).mappings()
    known = {row["code"]: dict(row) for row in found}
    new = [row for row in rows if row["code"] not in known]
    stale = [row for row in rows if row["code"] in known and known[row["code"]] != row]
    if new:
        session.execute(insert(model), new)
    for row in stale:
        session.execute(update(model).where(table.c.code == row["code"]).values(**row))
    return len(new) + len(stale)
