"""Sessions on the server, and the attempts that the throttle counts."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update

from app.domain.audit import services as audit_services
from app.domain.identity import queries, rules
from app.domain.identity.errors import (
    WrongCredentials,
)
from app.domain.identity.models import SignInAttempt, User, UserSession
from app.domain.identity.services.trail import note, oneself
from app.domain.identity.types import (
    FAILURE_WINDOW,
    IDENTITY_MANAGE,
    SignedInSession,
)
from app.infra import db
from app.kernel import ids
from app.kernel.actor import Actor

USER_AGENT_MAX: Final = 200


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
    audit_services.record(
        actor=oneself(user=user), action="session.begun", subject=f"session:{row.id}", at=at
    )
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
    audit_services.record(
        actor=oneself(user=user), action="session.ended", subject=f"session:{row.id}", at=at
    )


def end_other_sessions(*, user_id: int, session_id: int, at: datetime) -> None:
    """End every session of a person except the one that asks."""
    end_all(user_id=user_id, at=at, but=session_id)


def end_sessions(*, actor: Actor, user_id: int, at: datetime) -> None:
    """End every session of somebody.

    Raises:
        NotAllowed: ``identity.manage`` is not held for the nation.
        NotFound: There is no such person.
    """
    actor.ensure_national(IDENTITY_MANAGE)
    queries.lock_user(user_id=user_id)
    end_all(user_id=user_id, at=at, but=None)
    note(actor=actor, action="user.sessions_ended", user_id=user_id, at=at)


def end_all(*, user_id: int, at: datetime, but: int | None) -> None:
    """End every live session of a person, except the one named."""
    statement = update(UserSession).where(
        UserSession.user_id == user_id, UserSession.revoked_at.is_(None)
    )
    if but is not None:
        statement = statement.where(UserSession.id != but)
    db.session().execute(statement.values(revoked_at=at))


def forget_old_attempts(*, at: datetime) -> None:
    """Remove attempts that no window reaches any more."""
    db.session().execute(delete(SignInAttempt).where(SignInAttempt.at < at - 12 * FAILURE_WINDOW))
