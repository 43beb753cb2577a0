"""The open file of heads: one text that only grows, in the instance folder or wherever it is kept."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class HeadsTextFile:
    """A file to which whole days are added.

    A day that was torn by a crash is passed over by its readers, and added again by the next run.
    """

    def __init__(self, path: Path) -> None:
        """Use ``path``, making its folder when needed."""
        self.path = path

    def append(self, block: str, /) -> None:
        """Add the lines of a day in one write, and wait until the disk has them."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            size = os.fstat(handle).st_size
            is_torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
            os.write(handle, (("\n" if is_torn else "") + block).encode())
            os.fsync(handle)
        finally:
            os.close(handle)

    def lines(self) -> Iterator[str]:
        """Yield every line; bytes that are no text become signs that fit nothing."""
        if not self.path.exists():
            return
        with self.path.open(encoding="utf-8", errors="replace") as stream:
            yield from stream
