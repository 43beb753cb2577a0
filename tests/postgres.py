"""A throw-away PostgreSQL from the machine's own binaries, for tests and benchmarks."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self


class PostgresMissing(RuntimeError):
    """No PostgreSQL server is installed on this machine."""


def binaries() -> Path:
    """Return the folder with ``initdb`` and ``pg_ctl``.

    Raises:
        PostgresMissing: There is none.
    """
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=_version)
    if not versions:
        raise PostgresMissing("install the package postgresql")
    return versions[-1].parent


def _version(path: Path) -> int:
    return int(path.parent.parent.name)


class TemporaryPostgres:
    """A server on a socket in a temporary folder; gone with everything in it at the end.

    Args:
        is_durable: Keep fsync and synchronous commits on, for benchmarks.
        connections: Most connections at once.
    """

    def __init__(self, *, is_durable: bool = False, connections: int = 120) -> None:
        self.directory = tempfile.mkdtemp(prefix="karyabina-pg-")
        self._bin = binaries()
        self._as: list[str] = []
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.directory, owner.pw_uid, owner.pw_gid)
            os.chmod(self.directory, 0o755)
            self._as = ["runuser", "-u", "postgres", "--"]
        quick = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off"
        self._options = (
            f"-k {self.directory} -c listen_addresses='' -c max_connections={connections}"
            f" -c shared_buffers={'1GB' if is_durable else '128MB'} {'' if is_durable else quick}"
        )

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy address of a database on this server."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.directory}"

    def __enter__(self) -> Self:
        self._run(
            "initdb", "-D", f"{self.directory}/data", "-A", "trust", "-U", "postgres",
            "--no-sync", "-E", "UTF8", "--locale=C.UTF-8",
        )  # fmt: skip
        self._run(
            "pg_ctl", "-D", f"{self.directory}/data", "-w", "-l", f"{self.directory}/log",
            "-o", self._options, "start",
        )  # fmt: skip
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run("pg_ctl", "-D", f"{self.directory}/data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.directory, ignore_errors=True)

    def _run(self, tool: str, *arguments: str) -> None:
        subprocess.run(
            [*self._as, str(self._bin / tool), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )
