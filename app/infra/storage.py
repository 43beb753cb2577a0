"""Files on disk, by keys that we make ourselves; no name from outside ever reaches the path."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from flask import Flask, current_app

_KEY: Final = re.compile(r"[a-z0-9][a-z0-9/_-]{0,180}(\.[a-z0-9]{1,5})?")


class Storage:
    """A folder of files that are written whole or not at all."""

    def __init__(self, root: Path) -> None:
        """Use ``root``, making it when needed."""
        self.root = root

    def path(self, key: str) -> Path:
        """Return the path of a key.

        Raises:
            ValueError: The key was not made by us.
        """
        if not _KEY.fullmatch(key) or "//" in key:
            raise ValueError("not a storage key")
        return self.root / key

    def write(self, key: str, content: bytes) -> None:
        """Store content under a key; readers see the old file or the new one, never a part."""
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
        try:
            with partial.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def read(self, key: str) -> bytes:
        """Return the content of a key."""
        return self.path(key).read_bytes()

    def exists(self, key: str) -> bool:
        """Say whether the key is stored."""
        return self.path(key).is_file()

    def delete(self, key: str) -> None:
        """Remove a key; nothing happens when it is not there."""
        self.path(key).unlink(missing_ok=True)


def init_app(app: Flask, *, instance_dir: Path) -> None:
    """Attach the two stores: originals, never public, and renditions, served to everybody."""
    app.extensions["karyabina.originals"] = Storage(instance_dir / "originals")
    app.extensions["karyabina.renditions"] = Storage(instance_dir / "renditions")


def originals() -> Storage:
    """Return the store of uploaded originals."""
    store = current_app.extensions["karyabina.originals"]
    assert isinstance(store, Storage)
    return store


def renditions() -> Storage:
    """Return the store of re-encoded pictures."""
    store = current_app.extensions["karyabina.renditions"]
    assert isinstance(store, Storage)
    return store
