"""Roles given and taken back on a real database."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from app.domain.audit.models import AuditEntry
from app.domain.identity import queries, services
from app.domain.identity.commands import (
    GrantRole,
)
from app.domain.identity.errors import (
    BeyondOwnPowers,
    GrantEnded,
    GrantExists,
    LastNationalAdmin,
    OwnGrant,
)
from app.domain.identity.models import RoleGrant
from app.domain.identity.types import Role
from app.infra import db
from app.kernel.errors import Invalid, NotFound
from tests.factories import people
from tests.factories.identity import (
    admin,
    count,
    grant,
    minutes,
)
from tests.factories.people import AT, SYSTEM

pytestmark = pytest.mark.usefixtures("app")


def test_a_grant_is_written_with_its_giver_and_audited() -> None:
    giver = admin()
    upt = people.make_upt("lapas-indramayu")
    user = people.make_user()
    command = GrantRole(user_id=user.user_id, role=Role.UPT_CLERK, upt_id=upt.upt_id)
    actor = people.actor("national_admin", user_id=giver)
    with db.unit_of_work():
        grant_id = services.grant_role(actor=actor, command=command, at=AT)
    found = queries.list_grants(actor=actor, user_id=user.user_id)
    assert [(g.grant_id, g.role, g.upt_id, g.valid_from, g.granted_by) for g in found] == [
        (grant_id, Role.UPT_CLERK, upt.upt_id, AT, giver)
    ]
    entry = (
        db.read_session()
        .scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
        .one()
    )
    assert (entry.action, entry.upt_id, entry.actor_user_id) == ("role.granted", upt.upt_id, giver)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.NATIONAL_ADMIN])
def test_no_other_role_can_grant_or_revoke(role: Role) -> None:
    upt = people.make_upt("lapas-indramayu")
    user = people.make_user()
    held = grant(user.user_id, Role.UPT_HEAD, upt_id=upt.upt_id)
    before = count(AuditEntry)
    actor = people.actor(role, upt_id=upt.upt_id)
    command = GrantRole(user_id=user.user_id, role=Role.UPT_CLERK, upt_id=upt.upt_id)
    with db.unit_of_work(), pytest.raises(BeyondOwnPowers):
        services.grant_role(actor=actor, command=command, at=AT)
    with db.unit_of_work(), pytest.raises(BeyondOwnPowers):
        services.revoke_grant(actor=actor, grant_id=held, at=AT)
    assert (count(RoleGrant), count(AuditEntry)) == (1, before)


def test_nobody_grants_or_revokes_their_own() -> None:
    user_id = admin()
    admin("kedua@contoh.example")
    actor = people.actor("national_admin", user_id=user_id)
    command = GrantRole(user_id=user_id, role=Role.TREASURER)
    with db.unit_of_work(), pytest.raises(OwnGrant):
        services.grant_role(actor=actor, command=command, at=AT)
    own = queries.list_grants(actor=actor, user_id=user_id)[0].grant_id
    with db.unit_of_work(), pytest.raises(OwnGrant):
        services.revoke_grant(actor=actor, grant_id=own, at=AT)


def test_wrong_scopes_days_and_people_are_refused() -> None:
    user = people.make_user()
    refusals: list[tuple[GrantRole, type[Exception]]] = [
        (GrantRole(user_id=user.user_id, role=Role.UPT_CLERK), Invalid),
        (GrantRole(user_id=user.user_id, role=Role.TREASURER, upt_id=1), Invalid),
        (
            GrantRole(user_id=user.user_id, role=Role.TREASURER, valid_from=date(2020, 1, 1)),
            Invalid,
        ),
        (GrantRole(user_id=99_999, role=Role.TREASURER), NotFound),
    ]
    for command, error in refusals:
        with db.unit_of_work(), pytest.raises(error):
            services.grant_role(actor=SYSTEM, command=command, at=AT)
    assert count(RoleGrant) == 0


def test_overlapping_grants_are_refused_and_following_ones_are_not() -> None:
    user = people.make_user()
    grant(user.user_id, Role.CURATOR, valid_until=date(2026, 11, 30))
    for days in ({}, {"valid_from": date(2026, 11, 30)}):
        with pytest.raises(GrantExists):
            grant(user.user_id, Role.CURATOR, **days)
    grant(user.user_id, Role.CURATOR, valid_from=date(2026, 12, 1))
    grant(user.user_id, Role.AUDITOR)
    assert count(RoleGrant) == 3


def test_a_revoked_grant_may_be_given_again_but_not_revoked_twice() -> None:
    user = people.make_user()
    grant_id = grant(user.user_id, Role.CURATOR)
    with db.unit_of_work():
        services.revoke_grant(actor=SYSTEM, grant_id=grant_id, at=minutes(1))
    with db.unit_of_work(), pytest.raises(GrantEnded):
        services.revoke_grant(actor=SYSTEM, grant_id=grant_id, at=minutes(2))
    grant(user.user_id, Role.CURATOR)
    with db.unit_of_work(), pytest.raises(NotFound):
        services.revoke_grant(actor=SYSTEM, grant_id=99_999, at=minutes(2))


def test_the_last_national_admin_stays() -> None:
    only = admin()
    passing = people.make_user("sementara@contoh.example")
    grant(passing.user_id, Role.NATIONAL_ADMIN, valid_until=date(2026, 12, 31))
    closed = people.make_user("tutup@contoh.example", is_active=False)
    people.grant(closed.user_id, "national_admin")
    own = queries.list_grants(actor=SYSTEM, user_id=only)[0].grant_id
    actor = people.actor("national_admin", user_id=passing.user_id)
    for who in (actor, SYSTEM):
        with db.unit_of_work(), pytest.raises(LastNationalAdmin):
            services.revoke_grant(actor=who, grant_id=own, at=AT)
        with db.unit_of_work(), pytest.raises(LastNationalAdmin):
            services.set_active(actor=who, user_id=only, is_active=False, at=AT)
    second = admin("kedua@contoh.example")
    with db.unit_of_work():
        services.revoke_grant(actor=actor, grant_id=own, at=AT)
    with db.unit_of_work(), pytest.raises(LastNationalAdmin):
        services.set_active(actor=SYSTEM, user_id=second, is_active=False, at=minutes(1))
