"""What stands outside the database: the key that signs heads, and the open file they go into."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from app.infra import ports

SIGNER = "ledger_signer"
HEADS_FILE = "ledger_heads_file"


@runtime_checkable
class Signer(Protocol):
    """Signs published lines with Ed25519 (RFC 8032)."""

    @property
    def key(self) -> str:
        """Return the public key, 64 hexadecimal digits."""

    def sign(self, line: str, /) -> str:
        """Return the signature over a line, 128 hexadecimal digits."""

    def endorse(self, line: str, /, *, key: str) -> str:
        """Return an older key's signature over a line, or an empty text when it is not at hand."""

    def is_signed(self, line: str, /, *, key: str, signature: str) -> bool:
        """Say whether a signature over a line is by a key."""


@runtime_checkable
class HeadsFile(Protocol):
    """A text outside the database that only grows."""

    def append(self, block: str, /) -> None:
        """Add the lines of a day, all or none that counts."""

    def lines(self) -> Iterator[str]:
        """Yield every line written so far."""


def signer() -> Signer:
    """Return the signer of the present application."""
    found = ports.plugged(SIGNER)
    assert isinstance(found, Signer)
    return found


def heads_file() -> HeadsFile:
    """Return the open file of the present application."""
    found = ports.plugged(HEADS_FILE)
    assert isinstance(found, HeadsFile)
    return found
