"""Being forgotten: an account loses its person and can never be opened again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, or_, select

from app.domain.identity import queries
from app.domain.identity.adapters import passwords
from app.domain.identity.errors import StaffAccount, WrongPassword
from app.domain.identity.models import RoleGrant, SignInAttempt, UserSession
from app.domain.identity.services.trail import note
from app.infra import db
from app.kernel import ids
from app.kernel.actor import Actor, ActorKind

FORGOTTEN_NAME: Final = "Akun terhapus"


def erase(*, user_id: int, password: str, at: datetime) -> None:
    """Take name, address, telephone, password and sessions off an account.

    The row stays without a person, since orders and the trail name its id.

    Raises:
        NotFound: No such account.
        WrongPassword: The password does not fit.
        StaffAccount: The account holds or held a role; an administrator must close it.
    """
    user = queries.lock_user(user_id=user_id)
    if not passwords.is_right(password_hash=user.password_hash, password=password):
        raise WrongPassword
    grants = select(func.count()).where(
        or_(RoleGrant.user_id == user_id, RoleGrant.granted_by == user_id)
    )
    if db.session().scalar(grants):
        raise StaffAccount
    attempts = ids.digest(f"account:{user.email}")
    user.email = f"terhapus-{user_id}@terhapus.invalid"
    user.name = FORGOTTEN_NAME
    user.phone = None
    user.password_hash = None
    user.is_active = False
    db.session().execute(delete(UserSession).where(UserSession.user_id == user_id))
    db.session().execute(delete(SignInAttempt).where(SignInAttempt.key_hash == attempts))
    actor = Actor(kind=ActorKind.USER, user_id=user_id, label=FORGOTTEN_NAME)
    note(actor=actor, action="user.erased", user_id=user_id, at=at)
