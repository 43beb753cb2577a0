"""Writes of units and regional offices: by form, by register file, by the unit itself."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete, select

from app.domain.audit import services as audit_services
from app.domain.places import queries as places_queries
from app.domain.upt import queries, rules
from app.domain.upt.commands import DescribeUpt, SaveKanwil, SaveUpt
from app.domain.upt.errors import (
    KanwilCodeTaken,
    ProvinceTaken,
    RegisterRefused,
    SlugTaken,
)
from app.domain.upt.models import Kanwil, KanwilProvince, Upt, UptAlias, UptName
from app.domain.upt.types import (
    DESCRIBE,
    MANAGE,
    RegisterOutcome,
    RegisterPreview,
    RegisterRow,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import FieldError, Invalid
from app.kernel.text import fold


def save_upt(*, actor: Actor, command: SaveUpt, at: datetime, upt_id: int | None = None) -> int:
    """Add a unit, or change one; return its row id.

    Args:
        upt_id: The unit to change; None adds one.

    Raises:
        NotAllowed: ``upt.manage`` is not held for the nation.
        NotFound: There is no such unit.
        SlugTaken: Another unit has this address.
        Invalid: Unknown kanwil, regency or village, or a name dated before the present one.
    """
    actor.ensure_national(MANAGE)
    slug = command.slug or rules.default_slug(
        kind=command.kind, subkind=command.subkind, place=command.place
    )
    errors = _reference_errors(
        kanwil_id=command.kanwil_id,
        regency_code=command.regency_code,
        village_code=command.village_code,
    )
    if errors:
        raise Invalid(*errors)
    owner = queries.find_id_by_slug(slug=slug)
    if owner is not None and owner != upt_id:
        raise SlugTaken
    row = Upt(cover_asset_id=None) if upt_id is None else queries.lock_upt(upt_id=upt_id)
    row.slug = slug
    row.kind = command.kind.value
    row.subkind = command.subkind.value
    row.place = command.place
    row.short_name = rules.short_name(
        kind=command.kind, subkind=command.subkind, place=command.place
    )
    row.kanwil_id = command.kanwil_id
    row.regency_code = command.regency_code
    row.timezone = command.timezone
    row.is_active = command.is_active
    row.source = command.source
    _describe(row, command)
    db.add(row)
    _set_name(row.id, command.full_name, command.upt_class, command.valid_from)
    _set_aliases(row.id, command.aliases)
    audit_services.record(
        actor=actor,
        action="upt.added" if upt_id is None else "upt.changed",
        subject=f"upt:{row.slug}",
        upt_id=row.id,
        at=at,
    )
    return row.id


def _reference_errors(
    *, kanwil_id: int, regency_code: str, village_code: str
) -> tuple[FieldError, ...]:
    errors = []
    if db.read_session().get(Kanwil, kanwil_id) is None:
        errors.append(FieldError("kanwil_id", "field.choice"))
    if not places_queries.get_regency_names(codes=[regency_code]):
        errors.append(FieldError("regency_code", "upt.regency_unknown"))
    errors.extend(_village_errors(village_code, regency_code))
    return tuple(errors)


def _village_errors(village_code: str, regency_code: str) -> tuple[FieldError, ...]:
    if not village_code:
        return ()
    village = places_queries.find_village(code=village_code)
    if village is None:
        return (FieldError("village_code", "upt.village_unknown"),)
    if village.regency_code != regency_code:
        return (FieldError("village_code", "upt.village_elsewhere"),)
    return ()


def _describe(row: Upt, command: DescribeUpt) -> None:
    row.address_line = command.address_line
    row.village_code = command.village_code or None
    row.postcode = command.postcode
    row.phone = command.phone
    row.opening_hours = command.opening_hours
    row.about = command.about
    row.story_title = command.story_title
    row.story = command.story


def _set_name(upt_id: int, name: str, upt_class: str, valid_from: date) -> bool:
    """Correct the present name or add a later one; return whether anything changed."""
    present = db.session().scalar(
        select(UptName).where(UptName.upt_id == upt_id).order_by(UptName.valid_from.desc()).limit(1)
    )
    if present is None:
        db.add(UptName(upt_id=upt_id, name=name, upt_class=upt_class, valid_from=valid_from))
        return True
    if (present.name, present.upt_class, present.valid_from) == (name, upt_class, valid_from):
        return False
    if valid_from < present.valid_from:
        raise Invalid(FieldError("valid_from", "upt.name_before_present"))
    if valid_from == present.valid_from:
        present.name, present.upt_class = name, upt_class
        db.session().flush()
        return True
    if (present.name, present.upt_class) == (name, upt_class):
        return False
    present.valid_to = valid_from
    db.add(UptName(upt_id=upt_id, name=name, upt_class=upt_class, valid_from=valid_from))
    return True


def _set_aliases(upt_id: int, aliases: tuple[str, ...]) -> bool:
    session = db.session()
    known = session.scalars(select(UptAlias.text).where(UptAlias.upt_id == upt_id)).all()
    wanted = list({fold(text): text for text in reversed(aliases)}.values())[::-1]
    if sorted(known) == sorted(wanted):
        return False
    session.execute(delete(UptAlias).where(UptAlias.upt_id == upt_id))
    db.add_all([UptAlias(upt_id=upt_id, text=text) for text in wanted])
    return True


def describe_upt(*, actor: Actor, upt_id: int, command: DescribeUpt, at: datetime) -> None:
    """Change what a unit says about itself.

    Raises:
        NotFound: No such unit, or the actor has no power there.
        NotAllowed: Neither ``upt.manage`` nor ``product.edit`` is held there.
        Invalid: The village is unknown or in another regency.
    """
    if not actor.reach(MANAGE).is_national:
        actor.ensure(DESCRIBE, upt_id=upt_id)
    row = queries.lock_upt(upt_id=upt_id)
    if errors := _village_errors(command.village_code, row.regency_code):
        raise Invalid(*errors)
    _describe(row, command)
    db.session().flush()
    audit_services.record(
        actor=actor, action="upt.described", subject=f"upt:{row.slug}", upt_id=upt_id, at=at
    )


def set_cover(*, actor: Actor, upt_id: int, asset_id: int | None, at: datetime) -> None:
    """Choose the picture at the head of a unit's gallery page.

    Raises:
        NotFound: No such unit, or the actor has no power there.
        NotAllowed: Neither ``upt.manage`` nor ``product.edit`` is held there.
    """
    if not actor.reach(MANAGE).is_national:
        actor.ensure(DESCRIBE, upt_id=upt_id)
    row = queries.lock_upt(upt_id=upt_id)
    row.cover_asset_id = asset_id
    db.session().flush()
    audit_services.record(
        actor=actor,
        action="upt.cover_changed",
        subject=f"upt:{row.slug}",
        upt_id=upt_id,
        at=at,
        detail={"asset": asset_id},
    )


def save_kanwil(
    *, actor: Actor, command: SaveKanwil, at: datetime, kanwil_id: int | None = None
) -> int:
    """Add a regional office, or change one; return its row id.

    Raises:
        NotAllowed: ``upt.manage`` is not held for the nation.
        NotFound: There is no such office.
        KanwilCodeTaken: Another office has this code.
        ProvinceTaken: A province belongs to another office.
        Invalid: Unknown province.
    """
    actor.ensure_national(MANAGE)
    wanted = set(command.province_codes)
    names = dict(places_queries.list_provinces())
    if unknown := sorted(wanted - set(names)):
        raise Invalid(
            FieldError("province_codes", "upt.province_unknown", (("codes", ", ".join(unknown)),))
        )
    for other in queries.list_kanwil():
        if other.kanwil_id == kanwil_id:
            continue
        if other.code == command.code:
            raise KanwilCodeTaken
        if taken := sorted(names[code] for code in wanted & set(other.province_codes)):
            raise ProvinceTaken(", ".join(taken))
    row = Kanwil() if kanwil_id is None else queries.lock_kanwil(kanwil_id=kanwil_id)
    row.code, row.name = command.code, command.name
    db.add(row)
    session = db.session()
    session.execute(delete(KanwilProvince).where(KanwilProvince.kanwil_id == row.id))
    db.add_all([KanwilProvince(province_code=code, kanwil_id=row.id) for code in sorted(wanted)])
    audit_services.record(
        actor=actor,
        action="kanwil.added" if kanwil_id is None else "kanwil.changed",
        subject=f"kanwil:{row.code}",
        at=at,
        detail={"provinces": " ".join(sorted(wanted))},
    )
    return row.id


def apply_register(*, actor: Actor, preview: RegisterPreview, at: datetime) -> RegisterOutcome:
    """Add the new units of a register and bring names, offices and aliases of known ones up to date.

    All or nothing. What a unit says about itself is not touched. Doing it again changes nothing.

    Raises:
        NotAllowed: ``upt.manage`` is not held for the nation.
        RegisterRefused: The preview has bad rows.
    """
    actor.ensure_national(MANAGE)
    if preview.errors:
        raise RegisterRefused(preview.errors)
    offices = {record.code: record.kanwil_id for record in queries.list_kanwil()}
    session = db.session()
    known = {
        row.slug: row
        for row in session.scalars(
            db.for_update(
                select(Upt).where(Upt.slug.in_([row.slug for row in preview.rows])).order_by(Upt.id)
            )
        )
    }
    added = changed = 0
    for row in preview.rows:
        upt = known.get(row.slug)
        if upt is None:
            _add_from_register(row, kanwil_id=offices[row.kanwil_code])
            added += 1
        elif _change_from_register(upt, row, kanwil_id=offices[row.kanwil_code]):
            changed += 1
    outcome = RegisterOutcome(added, changed, len(preview.rows) - added - changed)
    if added or changed:
        audit_services.record(
            actor=actor,
            action="upt.register_applied",
            subject="upt:register",
            at=at,
            detail={"added": added, "changed": changed, "unchanged": outcome.unchanged},
        )
    return outcome


def _add_from_register(row: RegisterRow, *, kanwil_id: int) -> None:
    upt = Upt(
        slug=row.slug,
        kind=row.kind.value,
        subkind=row.subkind.value,
        place=row.place,
        short_name=rules.short_name(kind=row.kind, subkind=row.subkind, place=row.place),
        kanwil_id=kanwil_id,
        regency_code=row.regency_code,
        village_code=None,
        address_line="",
        postcode="",
        phone="",
        timezone=row.timezone,
        opening_hours="",
        about="",
        story_title="",
        story="",
        cover_asset_id=None,
        is_active=True,
        source=row.source,
    )
    db.add(upt)
    _set_name(upt.id, row.full_name, row.upt_class, row.valid_from)
    _set_aliases(upt.id, row.aliases)


def _change_from_register(upt: Upt, row: RegisterRow, *, kanwil_id: int) -> bool:
    wanted = {
        "kind": row.kind.value,
        "subkind": row.subkind.value,
        "place": row.place,
        "short_name": rules.short_name(kind=row.kind, subkind=row.subkind, place=row.place),
        "kanwil_id": kanwil_id,
        "regency_code": row.regency_code,
        "timezone": row.timezone,
        "source": row.source,
    }
    changed = any(getattr(upt, name) != value for name, value in wanted.items())
    for name, value in wanted.items():
        setattr(upt, name, value)
    db.session().flush()
    changed |= _set_name(upt.id, row.full_name, row.upt_class, row.valid_from)
    changed |= _set_aliases(upt.id, row.aliases)
    return changed
