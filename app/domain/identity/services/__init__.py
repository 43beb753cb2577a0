"""Writes of identity: accounts, sessions, grants.

Signing in and registering are flows (``flows.py``), since the password is hashed outside any
transaction. Every change here is audited in the same transaction.
"""

from __future__ import annotations

from app.domain.identity.services.accounts import (
    add_buyer,
    change_password,
    create_user,
    register_buyer,
    set_active,
    set_password,
    update_profile,
)
from app.domain.identity.services.forgetting import erase
from app.domain.identity.services.grants import grant_role, revoke_grant
from app.domain.identity.services.sessions import (
    begin_attempt,
    begin_session,
    book_registration,
    end_other_sessions,
    end_sessions,
    forget_old_attempts,
    sign_out,
    touch_session,
)

__all__ = [
    "add_buyer",
    "begin_attempt",
    "begin_session",
    "book_registration",
    "change_password",
    "create_user",
    "end_other_sessions",
    "end_sessions",
    "erase",
    "forget_old_attempts",
    "grant_role",
    "register_buyer",
    "revoke_grant",
    "set_active",
    "set_password",
    "sign_out",
    "touch_session",
    "update_profile",
]
