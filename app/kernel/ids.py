"""Random tokens and the numbers that people read aloud.

Surfaces make them and pass them in; domain code never draws randomness itself.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

READABLE_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Thirty-two signs without 0, 1, I and O, which are misread on paper and on the telephone."""


def token() -> str:
    """Return 256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def digest(value: str) -> str:
    """Return the SHA-256 of a secret in hexadecimal, the form in which secrets are stored."""
    return hashlib.sha256(value.encode()).hexdigest()


def order_number() -> str:
    """Return a number such as ``KB-7F3K-9QWD-2M5X`` that carries 60 random bits."""
    signs = [secrets.choice(READABLE_ALPHABET) for _ in range(12)]
    groups = ("".join(signs[start : start + 4]) for start in (0, 4, 8))
    return "KB-" + "-".join(groups)


def payment_reference() -> str:
    """Return eight readable signs that a buyer writes into a bank transfer."""
    return "".join(secrets.choice(READABLE_ALPHABET) for _ in range(8))


def public_id() -> str:
    """Return 16 lower-case random signs for file names and public references."""
    return "".join(secrets.choice("23456789abcdefghjkmnpqrstuvwxyz") for _ in range(16))
