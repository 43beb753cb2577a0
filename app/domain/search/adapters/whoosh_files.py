"""Where the index lies: folders side by side, and a small file that names the one in force.

``current`` is replaced whole, so a reader sees the old index or the new one. One process writes at
a time, by a lock that the system drops with the process. While a rebuild runs, every change goes
into ``changed`` as well, so that the new index misses nothing.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.search.errors import RebuildRunning

_FOLDER_PREFIX: Final = "index-"


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which folder is in force, at which generation of writing."""

    folder: str
    generation: int


class IndexFiles:
    """The files of one index under a root folder."""

    def __init__(self, root: Path) -> None:
        """Use ``root``; nothing is made before the first write."""
        self.root = root
        self._current = root / "current"
        self._changed = root / "changed"
        self._damaged = root / "damaged"

    def version(self) -> tuple[int, int] | None:
        """Return a value that changes with every write, or None when there is no index."""
        try:
            found = self._current.stat()
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_ino)

    def pointer(self) -> Pointer | None:
        """Return what is in force, or None when nothing is or the file is unreadable."""
        try:
            values = json.loads(self._current.read_text())
            pointer = Pointer(str(values["folder"]), int(values["generation"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        is_ours = pointer.folder.startswith(_FOLDER_PREFIX) and "/" not in pointer.folder
        return pointer if is_ours else None

    def point_to(self, pointer: Pointer) -> None:
        """Put a folder in force."""
        partial = self.root / ".current.partial"
        content = json.dumps({"folder": pointer.folder, "generation": pointer.generation})
        with partial.open("w") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(self._current)

    def path(self, folder: str) -> Path:
        """Return the path of an index folder."""
        return self.root / folder

    def make_next_folder(self) -> str:
        """Make an empty folder with the next number and return its name."""
        self.root.mkdir(parents=True, exist_ok=True)
        numbers = [
            int(entry.name.removeprefix(_FOLDER_PREFIX))
            for entry in self.root.glob(f"{_FOLDER_PREFIX}*")
            if entry.name.removeprefix(_FOLDER_PREFIX).isdecimal()
        ]
        name = f"{_FOLDER_PREFIX}{max(numbers, default=0) + 1:06d}"
        self.path(name).mkdir()
        return name

    def remove_folder(self, folder: str) -> None:
        """Remove an index folder that is not in force."""
        shutil.rmtree(self.path(folder), ignore_errors=True)

    def remove_others(self, folder: str) -> None:
        """Remove every index folder but one."""
        for entry in self.root.glob(f"{_FOLDER_PREFIX}*"):
            if entry.name != folder:
                self.remove_folder(entry.name)

    @contextmanager
    def _lock(self, name: str, *, flags: int) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / name).open("w") as stream:
            fcntl.flock(stream, flags)
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Wait for the other writer, if any, and be the only one."""
        with self._lock("writing.lock", flags=fcntl.LOCK_EX):
            yield

    @contextmanager
    def rebuilding(self) -> Iterator[None]:
        """Be the only rebuild, and have changes noted meanwhile.

        Raises:
            RebuildRunning: Another process is at it.
        """
        try:
            with self._lock("rebuilding.lock", flags=fcntl.LOCK_EX | fcntl.LOCK_NB):
                with self.writing():
                    self._changed.write_text("")
                try:
                    yield
                finally:
                    self._changed.unlink(missing_ok=True)
        except BlockingIOError:
            raise RebuildRunning from None

    def note_changed(self, product_ids: Collection[int]) -> None:
        """Note changed products for the rebuild that is running, if one is."""
        if not self._changed.exists():
            return
        with self._changed.open("a") as stream:
            stream.writelines(f"{product_id}\n" for product_id in product_ids)

    def changed(self) -> frozenset[int]:
        """Return the products changed since the rebuild began."""
        lines = self._changed.read_text().splitlines() if self._changed.exists() else []
        return frozenset(int(line) for line in lines if line.isdecimal())

    def mark_damaged(self) -> None:
        """Leave word for the worker that the index could not be read."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self._damaged.touch()
        except OSError:
            return

    def is_marked_damaged(self) -> bool:
        """Say whether a reader left word of damage."""
        return self._damaged.exists()

    def clear_damage(self) -> None:
        """Forget the word of damage, after a rebuild."""
        self._damaged.unlink(missing_ok=True)
