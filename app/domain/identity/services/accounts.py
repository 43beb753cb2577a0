"""Accounts: made, changed, opened and closed."""

from __future__ import annotations

from datetime import datetime

from app.domain.identity import queries, rules
from app.domain.identity.adapters import passwords
from app.domain.identity.commands import (
    ChangePassword,
    CreateUser,
    RegisterBuyer,
    UpdateProfile,
)
from app.domain.identity.errors import (
    EmailTaken,
    LastNationalAdmin,
    OwnGrant,
    WrongPassword,
)
from app.domain.identity.models import User
from app.domain.identity.services import sessions
from app.domain.identity.services.trail import note, oneself
from app.domain.identity.types import (
    IDENTITY_MANAGE,
)
from app.infra import db
from app.kernel.actor import Actor


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
    note(actor=oneself(user=user), action="user.registered", user_id=user.id, at=at)
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
    note(actor=actor, action="user.created", user_id=user.id, at=at)
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
    sessions.end_all(user_id=user_id, at=at, but=session_id)
    note(actor=oneself(user=user), action="user.password_changed", user_id=user_id, at=at)


def update_profile(*, user_id: int, command: UpdateProfile, at: datetime) -> None:
    """Change one's own name and telephone."""
    user = queries.lock_user(user_id=user_id)
    user.name = command.name
    user.phone = command.phone or None
    note(actor=oneself(user=user), action="user.profile_changed", user_id=user_id, at=at)


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
    sessions.end_all(user_id=user_id, at=at, but=None)
    note(actor=actor, action="user.password_set", user_id=user_id, at=at)


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
        sessions.end_all(user_id=user_id, at=at, but=None)
    note(actor=actor, action="user.opened" if is_active else "user.closed", user_id=user_id, at=at)


def _ensure_another_admin(user_id: int, *, at: datetime) -> None:
    if queries.lock_lasting_admins(at=at) == {user_id}:
        raise LastNationalAdmin
