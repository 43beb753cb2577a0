"""Reads of units and regional offices. The register is public; only the desk's card is guarded."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, column, func, or_, select, table

from app.domain.upt.models import Kanwil, KanwilProvince, Upt, UptAlias, UptName
from app.domain.upt.types import (
    DESCRIBE,
    KIND_LABELS,
    MANAGE,
    KanwilRecord,
    RegisterContext,
    UptBrief,
    UptCard,
    UptKind,
    UptNameRecord,
    UptRecord,
    UptSubkind,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.text import fold

_REGENCY: Final = table("regency", column("code"), column("province_code"), column("name"))
_PROVINCE: Final = table("province", column("code"), column("name"))
"""Names of places are joined by table name; their models stay in the places package."""


def find_by_slug(*, slug: str, on: date) -> UptRecord:
    """Return a unit by its address, under the name valid on a day.

    Raises:
        NotFound: There is no such unit.
    """
    return _get(_records(on).where(Upt.slug == slug))


def get(*, upt_id: int, on: date) -> UptRecord:
    """Return a unit, under the name valid on a day.

    Raises:
        NotFound: There is no such unit.
    """
    return _get(_records(on).where(Upt.id == upt_id))


def records(*, upt_ids: Collection[int], on: date) -> dict[int, UptRecord]:
    """Return these units by id, under the names valid on a day, in one statement."""
    if not upt_ids:
        return {}
    rows = db.read_session().execute(_records(on).where(Upt.id.in_(sorted(upt_ids))))
    return {row[0].id: _record(row) for row in rows}


def briefs(*, upt_ids: Collection[int]) -> dict[int, UptBrief]:
    """Return the briefs of these units by id, in one statement."""
    if not upt_ids:
        return {}
    rows = db.read_session().execute(_briefs().where(Upt.id.in_(sorted(upt_ids))))
    return {row.id: _brief(row) for row in rows}


def list_all(*, province_code: str | None = None) -> tuple[UptBrief, ...]:
    """Return every active unit by short name, of one province or of all."""
    statement = _briefs().where(Upt.is_active)
    if province_code:
        statement = statement.where(_REGENCY.c.province_code == province_code)
    return tuple(_brief(row) for row in db.read_session().execute(statement))


def list_register(
    *, actor: Actor, text: str = "", kanwil_id: int | None = None
) -> tuple[UptBrief, ...]:
    """Return every unit, closed ones too, for the desk.

    Args:
        text: Part of a short name, an alias or an official name.

    Raises:
        NotAllowed: ``upt.manage`` is not held for the nation.
    """
    actor.ensure_national(MANAGE)
    statement = _briefs()
    if kanwil_id is not None:
        statement = statement.where(Upt.kanwil_id == kanwil_id)
    if needle := fold(text)[:80]:
        named = select(UptName.upt_id).where(
            func.lower(UptName.name).contains(needle, autoescape=True)
        )
        also = select(UptAlias.upt_id).where(
            func.lower(UptAlias.text).contains(needle, autoescape=True)
        )
        statement = statement.where(
            or_(
                func.lower(Upt.short_name).contains(needle, autoescape=True),
                Upt.id.in_(named),
                Upt.id.in_(also),
            )
        )
    return tuple(_brief(row) for row in db.read_session().execute(statement))


def list_by_text(*, text: str, limit: int = 10) -> tuple[UptBrief, ...]:
    """Return active units whose short name or alias holds the text, for search boxes."""
    needle = fold(text)[:80]
    if not needle:
        return ()
    also = select(UptAlias.upt_id).where(
        func.lower(UptAlias.text).contains(needle, autoescape=True)
    )
    statement = (
        _briefs()
        .where(
            Upt.is_active,
            or_(func.lower(Upt.short_name).contains(needle, autoescape=True), Upt.id.in_(also)),
        )
        .limit(limit)
    )
    return tuple(_brief(row) for row in db.read_session().execute(statement))


def aliases_by_upt(*, upt_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return the other names of these units by id, for the search index."""
    rows = db.read_session().execute(
        select(UptAlias.upt_id, UptAlias.text)
        .where(UptAlias.upt_id.in_(sorted(upt_ids)))
        .order_by(UptAlias.id)
    )
    found: dict[int, tuple[str, ...]] = {}
    for upt_id, text in rows:
        found[upt_id] = (*found.get(upt_id, ()), text)
    return found


def get_card(*, actor: Actor, upt_id: int, on: date) -> UptCard:
    """Return a unit as the desk edits it.

    Raises:
        NotFound: No such unit, or the actor has no power there.
        NotAllowed: Neither ``upt.manage`` nor ``product.edit`` is held there.
    """
    if not actor.reach(MANAGE).is_national:
        actor.ensure(DESCRIBE, upt_id=upt_id)
    record = get(upt_id=upt_id, on=on)
    session = db.read_session()
    row = session.get_one(Upt, upt_id)
    names = session.scalars(
        select(UptName).where(UptName.upt_id == upt_id).order_by(UptName.valid_from.desc())
    )
    return UptCard(
        record=record,
        subkind=UptSubkind(row.subkind),
        place=row.place,
        village_code=row.village_code or "",
        source=row.source,
        names=tuple(
            UptNameRecord(name.name, name.upt_class, name.valid_from, name.valid_to)
            for name in names
        ),
        aliases=aliases_by_upt(upt_ids=(upt_id,)).get(upt_id, ()),
    )


def name_on(*, upt_id: int, on: date) -> str:
    """Return the official name valid on a day, for documents.

    Raises:
        NotFound: There is no such unit.
    """
    return get(upt_id=upt_id, on=on).name


def list_kanwil() -> tuple[KanwilRecord, ...]:
    """Return every regional office by name."""
    session = db.read_session()
    provinces: dict[int, tuple[str, ...]] = {}
    for code, kanwil_id in session.execute(
        select(KanwilProvince.province_code, KanwilProvince.kanwil_id).order_by(
            KanwilProvince.province_code
        )
    ):
        provinces[kanwil_id] = (*provinces.get(kanwil_id, ()), code)
    rows = session.scalars(select(Kanwil).order_by(Kanwil.name))
    return tuple(
        KanwilRecord(row.id, row.code, row.name, provinces.get(row.id, ())) for row in rows
    )


def get_kanwil(*, kanwil_id: int) -> KanwilRecord:
    """Return a regional office.

    Raises:
        NotFound: There is no such office.
    """
    for record in list_kanwil():
        if record.kanwil_id == kanwil_id:
            return record
    raise NotFound


def find_kanwil_by_code(*, code: str) -> KanwilRecord | None:
    """Return a regional office by its code, or None."""
    return next((record for record in list_kanwil() if record.code == code), None)


def find_id_by_slug(*, slug: str) -> int | None:
    """Return the row id of a unit by its address, or None."""
    return db.read_session().scalar(select(Upt.id).where(Upt.slug == slug))


def count_upts() -> int:
    """Return how many units there are."""
    return db.read_session().scalar(select(func.count()).select_from(Upt)) or 0


def register_context() -> RegisterContext:
    """Return what a register file is checked against."""
    session = db.read_session()
    codes = {record.code: frozenset(record.province_codes) for record in list_kanwil()}
    latest = session.execute(
        select(Upt.slug, func.max(UptName.valid_from).label("first"))
        .join(UptName, UptName.upt_id == Upt.id)
        .group_by(Upt.slug)
    )
    aliases = session.execute(select(UptAlias.text, Upt.slug).join(Upt, Upt.id == UptAlias.upt_id))
    return RegisterContext(
        kanwil_provinces=codes,
        regency_codes=frozenset(session.scalars(select(_REGENCY.c.code))),
        names_from={row.slug: row.first for row in latest},
        aliases={fold(row.text): row.slug for row in aliases},
    )


def _name_on(on: date) -> ColumnElement[str]:
    """Return the name valid on a day; before the first name, the first."""
    valid = (
        select(UptName.name)
        .where(UptName.upt_id == Upt.id, UptName.valid_from <= on)
        .order_by(UptName.valid_from.desc())
        .limit(1)
        .scalar_subquery()
    )
    first = (
        select(UptName.name)
        .where(UptName.upt_id == Upt.id)
        .order_by(UptName.valid_from)
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(valid, first, Upt.short_name)


def _records(on: date) -> Select[Any]:
    return (
        select(
            Upt,
            _name_on(on).label("name"),
            Kanwil.name.label("kanwil_name"),
            _REGENCY.c.name.label("town"),
            _PROVINCE.c.code.label("province_code"),
            _PROVINCE.c.name.label("province_name"),
        )
        .join(Kanwil, Kanwil.id == Upt.kanwil_id)
        .join(_REGENCY, _REGENCY.c.code == Upt.regency_code)
        .join(_PROVINCE, _PROVINCE.c.code == _REGENCY.c.province_code)
    )


def _get(statement: Select[Any]) -> UptRecord:
    found = db.read_session().execute(statement).first()
    if found is None:
        raise NotFound
    return _record(found)


def _record(found: Any) -> UptRecord:
    upt: Upt = found[0]
    return UptRecord(
        upt_id=upt.id,
        slug=upt.slug,
        name=found.name,
        short_name=upt.short_name,
        kind=UptKind(upt.kind),
        kind_label=KIND_LABELS[UptKind(upt.kind)],
        kanwil_id=upt.kanwil_id,
        kanwil_name=found.kanwil_name,
        town=found.town,
        regency_code=upt.regency_code,
        province_code=found.province_code,
        province_name=found.province_name,
        timezone=upt.timezone,
        address_line=upt.address_line,
        postcode=upt.postcode,
        phone=upt.phone,
        opening_hours=upt.opening_hours,
        about=upt.about,
        story_title=upt.story_title,
        story=upt.story,
        is_active=upt.is_active,
        cover_asset_id=upt.cover_asset_id,
    )


def _briefs() -> Select[Any]:
    return (
        select(
            Upt.id,
            Upt.slug,
            Upt.short_name,
            _REGENCY.c.name.label("town"),
            _PROVINCE.c.code.label("province_code"),
            _PROVINCE.c.name.label("province_name"),
            Upt.timezone,
            Upt.kanwil_id,
            Upt.kind,
            Upt.is_active,
            Upt.cover_asset_id,
        )
        .join(_REGENCY, _REGENCY.c.code == Upt.regency_code)
        .join(_PROVINCE, _PROVINCE.c.code == _REGENCY.c.province_code)
        .order_by(Upt.short_name, Upt.id)
    )


def _brief(row: Any) -> UptBrief:
    return UptBrief(
        upt_id=row.id,
        slug=row.slug,
        short_name=row.short_name,
        town=row.town,
        province_code=row.province_code,
        province_name=row.province_name,
        timezone=row.timezone,
        kanwil_id=row.kanwil_id,
        kind=UptKind(row.kind),
        is_active=row.is_active,
        cover_asset_id=row.cover_asset_id,
    )


def lock_upt(*, upt_id: int) -> Upt:
    """Return a unit's row, held until the end of the unit of work.

    Raises:
        NotFound: There is no such unit.
    """
    row = db.session().scalar(db.for_update(select(Upt).where(Upt.id == upt_id)))
    if row is None:
        raise NotFound
    return row


def lock_kanwil(*, kanwil_id: int) -> Kanwil:
    """Return a regional office's row, held until the end of the unit of work.

    Raises:
        NotFound: There is no such office.
    """
    row = db.session().scalar(db.for_update(select(Kanwil).where(Kanwil.id == kanwil_id)))
    if row is None:
        raise NotFound
    return row
