"""Reads of identity; ``find_signed_in`` runs on every request and is one statement."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, column, func, or_, select, table
from sqlalchemy.orm import aliased

from app.domain.identity import rules
from app.domain.identity.models import RoleGrant, SignInAttempt, User, UserSession
from app.domain.identity.types import (
    FAILURE_WINDOW,
    IDENTITY_MANAGE,
    GrantRecord,
    Role,
    ScopedGrant,
    ScopeKind,
    SessionRecord,
    SignedIn,
    UserRecord,
    UserRow,
)
from app.infra import db
from app.kernel import ids, paging
from app.kernel.actor import Actor, ActorKind
from app.kernel.errors import NotFound
from app.kernel.paging import Page
from app.kernel.text import fold

USERS_PER_PAGE: Final = 50

_UPT: Final = table("upt", column("id"), column("kanwil_id"))
"""The units lie above this package; only their key and their office are read here."""


def _in_force(at: datetime) -> ColumnElement[bool]:
    """Return the condition that a grant holds at an instant."""
    return and_(
        RoleGrant.valid_from <= at,
        or_(RoleGrant.valid_until.is_(None), RoleGrant.valid_until > at),
        or_(RoleGrant.revoked_at.is_(None), RoleGrant.revoked_at > at),
    )


def find_signed_in(*, token: str, at: datetime) -> SignedIn | None:
    """Return the live session behind a cookie's token with the powers in force now.

    One statement. Nothing is cached, so a revoked grant, a closed account and a log-out bite on
    the next request.
    """
    rows = (
        db.read_session()
        .execute(
            select(
                UserSession.id,
                UserSession.created_at,
                UserSession.last_seen_at,
                UserSession.expires_at,
                User.id.label("user_id"),
                User.email,
                User.name,
                RoleGrant.role,
                RoleGrant.scope_kind,
                RoleGrant.upt_id,
                _UPT.c.id.label("kanwil_upt_id"),
            )
            .join(User, User.id == UserSession.user_id)
            .outerjoin(RoleGrant, and_(RoleGrant.user_id == User.id, _in_force(at)))
            .outerjoin(_UPT, _UPT.c.kanwil_id == RoleGrant.kanwil_id)
            .where(
                UserSession.token_hash == ids.digest(token),
                UserSession.revoked_at.is_(None),
                User.is_active,
            )
        )
        .all()
    )
    if not rows:
        return None
    first = rows[0]
    grants = [_scoped(row) for row in rows if row.role is not None]
    if not rules.is_session_live(
        at=at,
        created_at=first.created_at,
        last_seen_at=first.last_seen_at,
        expires_at=first.expires_at,
        is_staff=bool(grants),
    ):
        return None
    user = UserRecord(first.user_id, first.email, first.name, is_active=True)
    actor = Actor(
        kind=ActorKind.USER,
        user_id=user.user_id,
        label=rules.trail_label(user_id=user.user_id, name=user.name, is_staff=bool(grants)),
        powers=rules.powers(grants),
    )
    touch = rules.needs_touch(at=at, last_seen_at=first.last_seen_at)
    return SignedIn(user=user, actor=actor, session_id=first.id, needs_touch=touch)


def find_actor(*, email: str, at: datetime) -> Actor | None:
    """Return an active person by address with the powers in force, for the command line."""
    rows = (
        db.read_session()
        .execute(
            select(
                User.id, User.name, RoleGrant.role, RoleGrant.scope_kind, RoleGrant.upt_id,
                _UPT.c.id.label("kanwil_upt_id"),
            )
            .outerjoin(RoleGrant, and_(RoleGrant.user_id == User.id, _in_force(at)))
            .outerjoin(_UPT, _UPT.c.kanwil_id == RoleGrant.kanwil_id)
            .where(User.email == email.strip().casefold(), User.is_active)
        )
        .all()
    )  # fmt: skip
    if not rows:
        return None
    grants = [_scoped(row) for row in rows if row.role is not None]
    return Actor(
        kind=ActorKind.USER,
        user_id=rows[0].id,
        label=rows[0].name,
        powers=rules.powers(grants),
    )


def _scoped(row: Any) -> ScopedGrant:
    kind = ScopeKind(row.scope_kind)
    upt_id = row.upt_id if kind is ScopeKind.UPT else row.kanwil_upt_id
    upt_ids = frozenset() if upt_id is None else frozenset({upt_id})
    return ScopedGrant(Role(row.role), kind, upt_ids)


def get_user(*, actor: Actor, user_id: int) -> UserRow:
    """Return a person for the desk.

    Raises:
        NotAllowed: ``identity.manage`` is not held for the nation.
        NotFound: There is no such person.
    """
    actor.ensure_national(IDENTITY_MANAGE)
    user = db.read_session().get(User, user_id)
    if user is None:
        raise NotFound
    return UserRow(_user(user), user.phone, user.created_at, ())


def find_user_by_email(*, email: str) -> UserRecord | None:
    """Return the person with this address, for the CLI and for seeds."""
    user = db.read_session().scalar(select(User).where(User.email == email.strip().casefold()))
    return _user(user) if user else None


def find_profile(*, user_id: int) -> UserRow | None:
    """Return a person for their own account page."""
    user = db.read_session().get(User, user_id)
    return UserRow(_user(user), user.phone, user.created_at, ()) if user else None


def staff_names(*, user_ids: Collection[int]) -> dict[int, str]:
    """Return the names of those who hold or held a role, in one statement; others are left out."""
    if not user_ids:
        return {}
    statement = (
        select(User.id, User.name)
        .where(User.id.in_(user_ids))
        .where(select(RoleGrant.id).where(RoleGrant.user_id == User.id).exists())
    )
    return {row.id: row.name for row in db.read_session().execute(statement)}


def list_users(
    *, actor: Actor, at: datetime, after: str | None = None, text: str = ""
) -> Page[UserRow]:
    """Return a page of people by name, each with the roles in force.

    Args:
        after: Cursor of an earlier page.
        text: Part of a name or address.

    Raises:
        NotAllowed: ``identity.manage`` is not held for the nation.
    """
    actor.ensure_national(IDENTITY_MANAGE)
    statement = select(User).order_by(User.name, User.id).limit(USERS_PER_PAGE + 1)
    if needle := fold(text)[:80]:
        statement = statement.where(
            or_(
                func.lower(User.name).contains(needle, autoescape=True),
                User.email.contains(needle, autoescape=True),
            )
        )
    cursor = paging.decode_cursor(after, kinds=(str, int))
    if cursor is not None:
        name, user_id = cursor
        statement = statement.where(
            or_(User.name > name, and_(User.name == name, User.id > user_id))
        )
    users = db.read_session().scalars(statement).all()
    shown = users[:USERS_PER_PAGE]
    roles = _roles_of([user.id for user in shown], at=at)
    next_page = None
    if len(users) > USERS_PER_PAGE:
        next_page = paging.encode_cursor([shown[-1].name, shown[-1].id])
    return Page(
        tuple(UserRow(_user(u), u.phone, u.created_at, roles.get(u.id, ())) for u in shown),
        after=next_page,
    )


def _roles_of(user_ids: list[int], *, at: datetime) -> dict[int, tuple[Role, ...]]:
    rows = db.read_session().execute(
        select(RoleGrant.user_id, RoleGrant.role)
        .where(RoleGrant.user_id.in_(user_ids), _in_force(at))
        .distinct()
        .order_by(RoleGrant.user_id, RoleGrant.role)
    )
    found: dict[int, tuple[Role, ...]] = {}
    for user_id, role in rows:
        found[user_id] = (*found.get(user_id, ()), Role(role))
    return found


def list_grants(*, actor: Actor, user_id: int) -> tuple[GrantRecord, ...]:
    """Return every grant a person ever had, newest first.

    Raises:
        NotAllowed: ``identity.manage`` is not held for the nation.
    """
    actor.ensure_national(IDENTITY_MANAGE)
    rows = db.read_session().scalars(
        select(RoleGrant).where(RoleGrant.user_id == user_id).order_by(RoleGrant.id.desc())
    )
    return tuple(_grant_record(row) for row in rows)


def list_sessions(*, user_id: int, at: datetime) -> tuple[SessionRecord, ...]:
    """Return where a person is signed in, latest first."""
    rows = db.read_session().scalars(
        select(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > at,
        )
        .order_by(UserSession.last_seen_at.desc())
    )
    return tuple(
        SessionRecord(row.id, row.created_at, row.last_seen_at, row.user_agent) for row in rows
    )


def list_kanwil_upt_ids(*, kanwil_id: int) -> frozenset[int]:
    """Return the units that a regional office stands for in grants."""
    rows = db.read_session().scalars(select(_UPT.c.id).where(_UPT.c.kanwil_id == kanwil_id))
    return frozenset(rows)


def count_failures(*, key_hash: str, at: datetime) -> int:
    """Return how often a key failed within the window."""
    return (
        db.read_session().scalar(
            select(func.count())
            .select_from(SignInAttempt)
            .where(
                SignInAttempt.key_hash == key_hash,
                SignInAttempt.at > at - FAILURE_WINDOW,
                SignInAttempt.succeeded.is_(False),
            )
        )
        or 0
    )


def lock_user(*, user_id: int) -> User:
    """Return the person's row, held until the end of the unit of work.

    Raises:
        NotFound: There is no such person.
    """
    user = db.session().scalar(db.for_update(select(User).where(User.id == user_id)))
    if user is None:
        raise NotFound
    return user


def lock_user_by_email(*, email: str) -> User | None:
    """Return the row of the person with this address, held, or None."""
    return db.session().scalar(db.for_update(select(User).where(User.email == email)))


def lock_grant(*, grant_id: int) -> RoleGrant:
    """Return a grant, held until the end of the unit of work.

    Raises:
        NotFound: There is no such grant.
    """
    row = db.session().scalar(db.for_update(select(RoleGrant).where(RoleGrant.id == grant_id)))
    if row is None:
        raise NotFound
    return row


def lock_lasting_admins(*, at: datetime) -> frozenset[int]:
    """Return who holds ``national_admin`` now and without end, with those grants held.

    All such grants are locked in the order of their ids, so that two administrators who remove
    each other at the same moment take turns.
    """
    holder = aliased(User)
    rows = db.session().execute(
        db.for_update(
            select(RoleGrant.user_id)
            .join(holder, holder.id == RoleGrant.user_id)
            .where(
                RoleGrant.role == Role.NATIONAL_ADMIN.value,
                RoleGrant.valid_until.is_(None),
                _in_force(at),
                holder.is_active,
            )
            .order_by(RoleGrant.id)
        )
    )
    return frozenset(row.user_id for row in rows)


def _grant_record(row: RoleGrant) -> GrantRecord:
    """Return a grant as it leaves the package."""
    return GrantRecord(
        grant_id=row.id,
        user_id=row.user_id,
        role=Role(row.role),
        scope_kind=ScopeKind(row.scope_kind),
        kanwil_id=row.kanwil_id,
        upt_id=row.upt_id,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        granted_by=row.granted_by,
        revoked_at=row.revoked_at,
    )


def _user(row: User) -> UserRecord:
    return UserRecord(row.id, row.email, row.name, row.is_active)
