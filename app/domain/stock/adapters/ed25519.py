"""Ed25519 signatures by the library ``cryptography``; a demo makes its own key once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class Ed25519Signer:
    """Signs with the key of the installation.

    Args:
        seed: Private key, 64 hexadecimal digits; empty takes the one in ``own_file``.
        own_file: Where a demo keeps a key of its own, made on first use.
        older: Private keys that were used before, for the day on which the key changes.
    """

    def __init__(self, *, seed: str, own_file: Path, older: Sequence[str] = ()) -> None:
        self._seed = seed
        self._own_file = own_file
        self._older = tuple(older)

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        return _private_key(self._seed or self._own_seed())

    def _own_seed(self) -> str:
        if not self._own_file.exists():
            self._own_file.parent.mkdir(parents=True, exist_ok=True)
            partial = self._own_file.with_name(f".{self._own_file.name}.{secrets.token_hex(4)}")
            partial.touch(mode=0o600)
            partial.write_text(secrets.token_hex(32))
            try:
                self._own_file.hardlink_to(partial)
            except FileExistsError:
                pass  # another process was first; its key counts
            finally:
                partial.unlink()
        return self._own_file.read_text().strip()

    @cached_property
    def key(self) -> str:
        """Return the public key."""
        return _public_hex(self._private)

    def sign(self, line: str, /) -> str:
        """Return the signature over a line."""
        return self._private.sign(line.encode()).hex()

    def endorse(self, line: str, /, *, key: str) -> str:
        """Return an older key's signature over a line, or an empty text."""
        for seed in self._older:
            private = _private_key(seed)
            if _public_hex(private) == key:
                return private.sign(line.encode()).hex()
        return ""

    def is_signed(self, line: str, /, *, key: str, signature: str) -> bool:
        """Say whether a signature over a line is by a key."""
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
            public.verify(bytes.fromhex(signature), line.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def _private_key(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))


def _public_hex(private: Ed25519PrivateKey) -> str:
    return private.public_key().public_bytes_raw().hex()
