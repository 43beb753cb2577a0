"""Password hashes by argon2id, with the same work for accounts that do not exist.

Hashing takes some 25 ms of one core and 19 MiB on purpose, so flows do it outside transactions.
Source: OWASP Password Storage Cheat Sheet: argon2id, t=2, m=19 MiB, p=1.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Return the hash that is stored."""
    return _HASHER.hash(_same_form(password))


def is_right(*, password_hash: str | None, password: str) -> bool:
    """Say whether the password fits; without a hash the same work is done and the answer is no."""
    try:
        _HASHER.verify(password_hash or _nobody(), _same_form(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Say whether the hash was made with other settings than today's."""
    return _HASHER.check_needs_rehash(password_hash)


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")


def _same_form(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
