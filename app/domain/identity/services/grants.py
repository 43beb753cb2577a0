"""Roles given and taken back, never beyond what the giver may hand out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.domain.audit import services as audit_services
from app.domain.identity import queries, rules
from app.domain.identity.commands import (
    GrantRole,
)
from app.domain.identity.errors import (
    GrantEnded,
    GrantExists,
    LastNationalAdmin,
)
from app.domain.identity.models import RoleGrant
from app.domain.identity.types import (
    Role,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import Invalid


def grant_role(*, actor: Actor, command: GrantRole, at: datetime) -> int:
    """Give a person a role for a scope and a time; return the grant's row id.

    Raises:
        Invalid: The scope does not fit the role, or the dates do not fit together.
        OwnGrant: The role would be the actor's own.
        BeyondOwnPowers: More than the actor may hand out.
        NotFound: There is no such person.
        GrantExists: The person holds, or will hold, this role for this scope already.
    """
    _ensure_may_grant(
        actor,
        user_id=command.user_id,
        role=command.role,
        kanwil_id=command.kanwil_id,
        upt_id=command.upt_id,
    )
    if errors := rules.scope_errors(
        role=command.role, kanwil_id=command.kanwil_id, upt_id=command.upt_id
    ):
        raise Invalid(*errors)
    valid_from, valid_until = rules.grant_period(
        first_day=command.valid_from, last_day=command.valid_until, at=at
    )
    queries.lock_user(user_id=command.user_id)
    _ensure_no_overlap(command, valid_from, valid_until)
    row = RoleGrant(
        user_id=command.user_id,
        role=command.role.value,
        scope_kind=command.scope_kind.value,
        kanwil_id=command.kanwil_id,
        upt_id=command.upt_id,
        valid_from=valid_from,
        valid_until=valid_until,
        granted_by=actor.user_id,
        revoked_at=None,
        revoked_by=None,
    )
    db.add(row)
    audit_services.record(
        actor=actor,
        action="role.granted",
        subject=f"user:{command.user_id}",
        upt_id=command.upt_id,
        at=at,
        detail={
            "grant": row.id,
            "role": row.role,
            "kanwil": row.kanwil_id,
            "from": valid_from.isoformat(),
            "until": valid_until.isoformat() if valid_until else None,
        },
    )
    return row.id


def _ensure_may_grant(
    actor: Actor, *, user_id: int, role: Role, kanwil_id: int | None, upt_id: int | None
) -> None:
    scope: frozenset[int] | None = None
    if upt_id is not None:
        scope = frozenset({upt_id})
    elif kanwil_id is not None:
        scope = queries.list_kanwil_upt_ids(kanwil_id=kanwil_id)
    rules.ensure_may_grant(actor=actor, user_id=user_id, role=role, scope_upt_ids=scope)


def _ensure_no_overlap(
    command: GrantRole, valid_from: datetime, valid_until: datetime | None
) -> None:
    rows = db.session().scalars(
        select(RoleGrant).where(
            RoleGrant.user_id == command.user_id,
            RoleGrant.role == command.role.value,
            RoleGrant.revoked_at.is_(None),
        )
    )
    for row in rows:
        if (row.kanwil_id, row.upt_id) != (command.kanwil_id, command.upt_id):
            continue
        begins_before_end = valid_until is None or row.valid_from < valid_until
        ends_after_start = row.valid_until is None or row.valid_until > valid_from
        if begins_before_end and ends_after_start:
            raise GrantExists


def revoke_grant(*, actor: Actor, grant_id: int, at: datetime) -> None:
    """Take a role back, from this instant on.

    Raises:
        NotFound: There is no such grant.
        OwnGrant: The role is the actor's own.
        BeyondOwnPowers: More than the actor may hand out.
        GrantEnded: It was taken back before.
        LastNationalAdmin: Nobody else holds ``national_admin`` without end.
    """
    admins = queries.lock_lasting_admins(at=at)
    row = queries.lock_grant(grant_id=grant_id)
    role = Role(row.role)
    _ensure_may_grant(
        actor, user_id=row.user_id, role=role, kanwil_id=row.kanwil_id, upt_id=row.upt_id
    )
    if row.revoked_at is not None:
        raise GrantEnded
    if role is Role.NATIONAL_ADMIN and row.valid_until is None and admins == {row.user_id}:
        raise LastNationalAdmin
    row.revoked_at = at
    row.revoked_by = actor.user_id
    db.session().flush()
    audit_services.record(
        actor=actor,
        action="role.revoked",
        subject=f"user:{row.user_id}",
        upt_id=row.upt_id,
        at=at,
        detail={"grant": row.id, "role": row.role, "kanwil": row.kanwil_id},
    )
