"""Signing in and registering: transaction, hashing outside it, transaction.

A hash takes a core for some 25 ms; inside a transaction it would keep every writer of SQLite
waiting. What the second transaction relies on is checked there again.
"""

from __future__ import annotations

from datetime import datetime

from app.domain.identity import rules, services
from app.domain.identity.adapters import passwords
from app.domain.identity.commands import RegisterBuyer, SignIn
from app.domain.identity.errors import WrongCredentials
from app.domain.identity.types import SignedInSession
from app.infra import db
from app.kernel import ids


def sign_in(
    *, command: SignIn, client_key: str, at: datetime, token: str, user_agent: str
) -> SignedInSession:
    """Check a password and begin a session.

    The attempt is booked before the password is looked at; when it cannot be booked, nobody gets
    in. Unknown, closed and passwordless accounts cost the same work and get the same answer.

    Args:
        client_key: Where the request comes from, for example its address.
        token: Random secret that becomes the session's cookie.

    Raises:
        WrongCredentials: No such account, closed, or the wrong password.
        TooManyAttempts: Ten failures within five minutes for the account or the client.
    """
    email = command.email.casefold()
    account = ids.digest(f"account:{email}")
    client = ids.digest(f"client:{client_key}")
    user_id, stored = db.transact(
        lambda: services.begin_attempt(email=email, account_key=account, client_key=client, at=at)
    )
    password = command.password.get_secret_value()
    if not passwords.is_right(password_hash=stored, password=password):
        raise WrongCredentials
    assert user_id is not None
    assert stored is not None
    fresh = passwords.hash_password(password) if passwords.is_outdated(stored) else None
    return db.transact(
        lambda: services.begin_session(
            user_id=user_id,
            verified_hash=stored,
            new_hash=fresh,
            account_key=account,
            client_key=client,
            token=token,
            user_agent=user_agent,
            at=at,
        )
    )


def register_buyer(*, command: RegisterBuyer, client_key: str, at: datetime) -> int:
    """Make an account for a buyer; return its row id.

    Raises:
        Invalid: The password is too easy.
        EmailTaken: The address has an account.
        TooManyAttempts: Ten attempts within five minutes from this client.
    """
    client = ids.digest(f"register:{client_key}")
    db.transact(lambda: services.book_registration(client_key=client, at=at))
    password = command.password.get_secret_value()
    rules.ensure_password_is_hard(password=password, email=command.email, name=command.name)
    password_hash = passwords.hash_password(password)
    return db.transact(
        lambda: services.add_buyer(command=command, password_hash=password_hash, at=at)
    )
