"""Writes of identity: accounts, sessions, grants.

Signing in and registering are flows (``flows.py``), since the password is hashed outside any
transaction. Every change here is audited in the same transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update

from app.domain.audit import services as audit_services
from app.domain.identity import queries, rules
from app.domain.identity.adapters import passwords
from app.domain.identity.commands import (
    ChangePassword,
    CreateUser,
    GrantRole,
    RegisterBuyer,
    UpdateProfile,
)
from app.domain.identity.errors import (
    EmailTaken,
    GrantEnded,
    GrantExists,
    LastNationalAdmin,
    OwnGrant,
    WrongCredentials,
    WrongPassword,
)
from app.domain.identity.models import RoleGrant, SignInAttempt, User, UserSession
from app.domain.identity.types import (
    FAILURE_WINDOW,
    IDENTITY_MANAGE,
    Role,
    SignedInSession,
)
from app.infra import db
from app.kernel import ids
from app.kernel.actor import Actor, ActorKind
from app.kernel.errors import Invalid

USER_AGENT_MAX: Final = 200


def register_buyer(*, command: RegisterBuyer, at: datetime) -> int:
    """Make an account for a buyer; hashes here, so pages use ``flows.register_buyer``.

    Raises:
        EmailTaken: The address has an account.
        Invalid: The password is too easy.
    """
    return add_buyer(command=command, password_hash=_hash_new(command), at=at)


def add_buyer(*, command: RegisterBuyer, password_hash: str, at: datetime) -> int:
    """Make an account for a buyer with a password hashed before; return the row id.

    Raises:
        EmailTaken: The address has an account.
    """
    user = _add_user(command.email, command.name, command.phone, password_hash, at=at)
    actor = Actor(kind=ActorKind.USER, user_id=user.id, label=user.name)
    audit_services.record(actor=actor, action="user.registered", subject=f"user:{user.id}", at=at)
    return user.id


def create_user(*, actor: Actor, command: CreateUser, at: datetime) -> int:
    """Make an account for somebody else; return the row id.

    Raises:
        NotAllowed: ``identity.manage`` is not held for the nation.
        EmailTaken: The address has an account.
        Invalid: The password is too easy.
    """
    actor.ensure_national(IDENTITY_MANAGE)
    password_hash = _hash_new(command) if command.password else None
    user = _add_user(command.email, command.name, command.phone, password_hash, at=at)
    audit_services.record(actor=actor, action="user.created", subject=f"user:{user.id}", at=at)
    return user.id


def _hash_new(command: RegisterBuyer | CreateUser) -> str:
    assert command.password is not None
    password = command.password.get_secret_value()
    rules.ensure_password_is_hard(password=password, email=command.email, name=command.name)
    return passwords.hash_password(password)


def _add_user(
    email: str, name: str, phone: str, password_hash: str | None, *, at: datetime
) -> User:
    if queries.find_user_by_email(email=email) is not None:
        raise EmailTaken
    user = User(
        email=email,
        name=name,
        phone=phone or None,
        password_hash=password_hash,
        is_active=True,
        created_at=at,
    )
    db.add(user)
    return user


def begin_attempt(
    *, email: str, account_key: str, client_key: str, at: datetime
) -> tuple[int | None, str | None]:
    """Book an attempt to sign in before the password is looked at; return user id and hash.

    Booked as failed, so that guesses made side by side all count; a right password changes it
    afterwards. The account's row is held, so attempts on one account take turns.

    Args:
        account_key: Digest of the folded address.
        client_key: Digest of where the request comes from.

    Raises:
        TooManyAttempts: Ten failures within five minutes for the account or the client.
    """
    user = queries.lock_user_by_email(email=email)
    _ensure_attempts_left((account_key, client_key), at=at)
    _book(account_key, at=at)
    _book(client_key, at=at)
    if user is None or not user.is_active:
        return None, None
    return user.id, user.password_hash


def book_registration(*, client_key: str, at: datetime) -> None:
    """Count an attempt to register against the client, with the limits of signing in.

    Raises:
        TooManyAttempts: Ten attempts within five minutes.
    """
    _ensure_attempts_left((client_key,), at=at)
    _book(client_key, at=at)


def _ensure_attempts_left(keys: tuple[str, ...], *, at: datetime) -> None:
    counts = [queries.count_failures(key_hash=key, at=at) for key in keys]
    rules.ensure_attempts_left(failures_account=counts[0], failures_client=counts[-1])


def _book(key_hash: str, *, at: datetime) -> None:
    db.add(SignInAttempt(key_hash=key_hash, at=at, succeeded=False))


def begin_session(
    *,
    user_id: int,
    verified_hash: str,
    new_hash: str | None,
    account_key: str,
    client_key: str,
    token: str,
    user_agent: str,
    at: datetime,
) -> SignedInSession:
    """Begin a session after the password was found right.

    Args:
        verified_hash: The hash that the password was checked against; if it has changed since,
            or the account was closed, nobody is signed in.
        new_hash: The same password under today's settings, when the stored one is outdated.
        token: Random secret for the cookie; only its digest is stored.

    Raises:
        WrongCredentials: The account changed while the password was checked.
    """
    user = queries.lock_user(user_id=user_id)
    if not user.is_active or user.password_hash != verified_hash:
        raise WrongCredentials
    if new_hash is not None:
        user.password_hash = new_hash
    _forgive((account_key, client_key), at=at)
    row = UserSession(
        token_hash=ids.digest(token),
        user_id=user_id,
        created_at=at,
        last_seen_at=at,
        expires_at=rules.session_end(at=at),
        revoked_at=None,
        user_agent=user_agent[:USER_AGENT_MAX],
    )
    db.add(row)
    actor = Actor(kind=ActorKind.USER, user_id=user_id, label=user.name)
    audit_services.record(actor=actor, action="session.begun", subject=f"session:{row.id}", at=at)
    return SignedInSession(user_id=user_id, token=token, session_id=row.id)


def _forgive(keys: tuple[str, ...], *, at: datetime) -> None:
    """Turn the attempt just booked into a success; earlier failures keep counting."""
    for key in keys:
        latest = (
            select(SignInAttempt.id)
            .where(SignInAttempt.key_hash == key, SignInAttempt.at == at)
            .order_by(SignInAttempt.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        db.session().execute(
            update(SignInAttempt).where(SignInAttempt.id == latest).values(succeeded=True)
        )


def touch_session(*, session_id: int, at: datetime) -> None:
    """Write when a session was last used."""
    db.session().execute(
        update(UserSession).where(UserSession.id == session_id).values(last_seen_at=at)
    )


def sign_out(*, token: str, at: datetime) -> None:
    """End the session behind a token; nothing happens when there is none."""
    row = db.session().scalar(
        select(UserSession).where(
            UserSession.token_hash == ids.digest(token), UserSession.revoked_at.is_(None)
        )
    )
    if row is None:
        return
    row.revoked_at = at
    user = db.session().get_one(User, row.user_id)
    actor = Actor(kind=ActorKind.USER, user_id=user.id, label=user.name)
    audit_services.record(actor=actor, action="session.ended", subject=f"session:{row.id}", at=at)


def change_password(
    *, user_id: int, session_id: int, command: ChangePassword, at: datetime
) -> None:
    """Change one's own password; every other session of the person ends.

    Args:
        session_id: The session that asks, which goes on.

    Raises:
        WrongPassword: The present password does not fit.
        Invalid: The new one is too easy.
    """
    user = queries.lock_user(user_id=user_id)
    present = command.current_password.get_secret_value()
    if not passwords.is_right(password_hash=user.password_hash, password=present):
        raise WrongPassword
    wanted = command.new_password.get_secret_value()
    rules.ensure_password_is_hard(
        password=wanted, email=user.email, name=user.name, field="new_password"
    )
    user.password_hash = passwords.hash_password(wanted)
    _end_sessions(user_id, at=at, but=session_id)
    actor = Actor(kind=ActorKind.USER, user_id=user_id, label=user.name)
    audit_services.record(
        actor=actor, action="user.password_changed", subject=f"user:{user_id}", at=at
    )


def update_profile(*, user_id: int, command: UpdateProfile, at: datetime) -> None:
    """Change one's own name and telephone."""
    user = queries.lock_user(user_id=user_id)
    user.name = command.name
    user.phone = command.phone or None
    actor = Actor(kind=ActorKind.USER, user_id=user_id, label=user.name)
    audit_services.record(
        actor=actor, action="user.profile_changed", subject=f"user:{user_id}", at=at
    )


def end_other_sessions(*, user_id: int, session_id: int, at: datetime) -> None:
    """End every session of a person except the one that asks."""
    _end_sessions(user_id, at=at, but=session_id)


def end_sessions(*, actor: Actor, user_id: int, at: datetime) -> None:
    """End every session of somebody.

    Raises:
        NotAllowed: ``identity.manage`` is not held for the nation.
        NotFound: There is no such person.
    """
    actor.ensure_national(IDENTITY_MANAGE)
    queries.lock_user(user_id=user_id)
    _end_sessions(user_id, at=at, but=None)
    audit_services.record(
        actor=actor, action="user.sessions_ended", subject=f"user:{user_id}", at=at
    )


def _end_sessions(user_id: int, *, at: datetime, but: int | None) -> None:
    statement = update(UserSession).where(
        UserSession.user_id == user_id, UserSession.revoked_at.is_(None)
    )
    if but is not None:
        statement = statement.where(UserSession.id != but)
    db.session().execute(statement.values(revoked_at=at))


def set_password(*, actor: Actor, user_id: int, password: str, at: datetime) -> None:
    """Set somebody's password and end their sessions; only from the command line.

    Raises:
        NotAllowed: ``identity.manage`` is not held for the nation.
        Invalid: The password is too easy.
    """
    actor.ensure_national(IDENTITY_MANAGE)
    user = queries.lock_user(user_id=user_id)
    rules.ensure_password_is_hard(password=password, email=user.email, name=user.name)
    user.password_hash = passwords.hash_password(password)
    _end_sessions(user_id, at=at, but=None)
    audit_services.record(actor=actor, action="user.password_set", subject=f"user:{user_id}", at=at)


def set_active(*, actor: Actor, user_id: int, is_active: bool, at: datetime) -> None:
    """Open or close an account; closing ends every session at once.

    Raises:
        NotAllowed: ``identity.manage`` is not held for the nation.
        OwnGrant: The account is the actor's own.
        LastNationalAdmin: Nobody else holds ``national_admin`` without end.
        NotFound: There is no such person.
    """
    actor.ensure_national(IDENTITY_MANAGE)
    if actor.user_id == user_id:
        raise OwnGrant
    if not is_active:
        _ensure_another_admin(user_id, at=at)
    user = queries.lock_user(user_id=user_id)
    if user.is_active == is_active:
        return
    user.is_active = is_active
    if not is_active:
        _end_sessions(user_id, at=at, but=None)
    audit_services.record(
        actor=actor,
        action="user.opened" if is_active else "user.closed",
        subject=f"user:{user_id}",
        at=at,
    )


def _ensure_another_admin(user_id: int, *, at: datetime) -> None:
    if queries.lock_lasting_admins(at=at) == {user_id}:
        raise LastNationalAdmin


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


def forget_old_attempts(*, at: datetime) -> None:
    """Remove attempts that no window reaches any more."""
    db.session().execute(delete(SignInAttempt).where(SignInAttempt.at < at - 12 * FAILURE_WINDOW))
