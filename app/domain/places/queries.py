"""Looking places up; every search is a range of an index, never a scan of all villages."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.domain.places import rules
from app.domain.places.models import District, PlaceRelease, Province, Regency, Village
from app.domain.places.types import SEARCH_LIMIT, SEARCH_LIMIT_MAX, PlaceRecord
from app.infra import db


def find_village(*, code: str) -> PlaceRecord | None:
    """Return a village by its official code, or None."""
    row = db.read_session().execute(_places().where(Village.code == code)).first()
    return _record(row) if row else None


def search(*, text: str, limit: int = SEARCH_LIMIT) -> tuple[PlaceRecord, ...]:
    """Return the places that a person may mean, best first.

    Understands the first two to five digits of a postcode, the beginning of a village's name, and
    a village followed by words from its district, regency or province (``sindang indramayu``).
    Villages come first; room that is left goes to districts whose name begins so.

    Args:
        limit: 1 to ``SEARCH_LIMIT_MAX``.
    """
    wanted = rules.parse_search(text)
    limit = max(1, min(limit, SEARCH_LIMIT_MAX))
    if not wanted.splits:
        if not wanted.postcode:
            return ()
        return _run(_has_postcode(wanted.postcode), [Village.postcode, Village.code], limit)
    found: dict[str, PlaceRecord] = {}
    for name in (Village.search_name, District.search_name):
        for record in _first_fit(name, wanted, limit):
            found.setdefault(record.village_code, record)
        if len(found) >= limit:
            break
    return tuple(found.values())[:limit]


def _first_fit(name: Any, wanted: rules.PlaceSearch, limit: int) -> tuple[PlaceRecord, ...]:
    """Return the places under the first way of reading the words that finds any."""
    for prefix, around in wanted.splits:
        condition = _begins(name, prefix)
        for word in around:
            condition &= District.trail.contains(word, autoescape=True)
        if wanted.postcode:
            condition &= _has_postcode(wanted.postcode)
        if found := _run(condition, [name, Village.code], limit):
            return found
    return ()


def list_provinces() -> tuple[tuple[str, str], ...]:
    """Return (code, name) of every province, by name."""
    rows = db.read_session().execute(select(Province.code, Province.name).order_by(Province.name))
    return tuple((code, name) for code, name in rows)


def list_regencies(*, province_code: str = "") -> tuple[tuple[str, str], ...]:
    """Return (code, name) of the regencies and cities, of one province or all, by name."""
    statement = select(Regency.code, Regency.name).order_by(Regency.name)
    if province_code:
        statement = statement.where(Regency.province_code == province_code)
    return tuple((code, name) for code, name in db.read_session().execute(statement))


def get_regency_names(*, codes: Collection[str]) -> dict[str, str]:
    """Return the name by code for the regencies that exist."""
    rows = db.read_session().execute(
        select(Regency.code, Regency.name).where(Regency.code.in_(sorted(codes)))
    )
    return {row.code: row.name for row in rows}


def find_province_name(*, code: str) -> str | None:
    """Return the name of a province, or None."""
    return db.read_session().scalar(select(Province.name).where(Province.code == code))


def is_loaded(*, version: str) -> bool:
    """Say whether this edition of the reference data was loaded to the end."""
    return db.read_session().get(PlaceRelease, version) is not None


def count_places() -> tuple[int, int, int, int]:
    """Return how many provinces, regencies, districts and villages there are."""
    session = db.read_session()
    counts = [
        session.scalar(select(func.count()).select_from(model)) or 0
        for model in (Province, Regency, District, Village)
    ]
    return counts[0], counts[1], counts[2], counts[3]


def _run(condition: ColumnElement[bool], order: list[Any], limit: int) -> tuple[PlaceRecord, ...]:
    rows = db.read_session().execute(_places().where(condition).order_by(*order).limit(limit))
    return tuple(_record(row) for row in rows)


def _begins(name: Any, prefix: str) -> ColumnElement[bool]:
    return and_(name >= prefix, name < rules.prefix_end(prefix))


def _has_postcode(digits: str) -> ColumnElement[bool]:
    if len(digits) == 5:
        return or_(Village.postcode == digits)
    return _begins(Village.postcode, digits)


def _places() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Village.code,
            Village.name,
            District.name.label("district"),
            Regency.name.label("regency"),
            Regency.code.label("regency_code"),
            Province.name.label("province"),
            Province.code.label("province_code"),
            Village.postcode,
        )
        .select_from(Village)
        .join(District, District.code == Village.district_code)
        .join(Regency, Regency.code == District.regency_code)
        .join(Province, Province.code == Regency.province_code)
    )


def _record(row: Any) -> PlaceRecord:
    return PlaceRecord(
        village_code=row.code,
        village=row.name,
        district=row.district,
        regency=row.regency,
        regency_code=row.regency_code,
        province=row.province,
        province_code=row.province_code,
        postcode=row.postcode,
    )
