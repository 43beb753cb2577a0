"""Connections that lay idle are asked whether they still live; fresh ones are trusted.

Asking before each use would cost a round trip for each request. A connection that died within a few
seconds of its last use is met by the repeat of ``db.transact`` instead, and by one failed page view.
"""

from __future__ import annotations

import time
from typing import Any, Final

from sqlalchemy import Engine, event, exc
from sqlalchemy.pool import PoolProxiedConnection

IDLE_S: Final = 5.0
"""Seconds after which an idle connection is asked before it is used."""

_SINCE: Final = "karyabina.idle_since"


def watch(engine: Engine) -> None:
    """Let the pool of an engine replace connections that died while they lay idle."""

    @event.listens_for(engine, "checkin")
    def _rest(_connection: Any, record: Any) -> None:
        record.info[_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(connection: Any, record: Any, _proxy: PoolProxiedConnection) -> None:
        since = record.info.get(_SINCE)
        if since is None or time.monotonic() - since < IDLE_S:
            return
        try:
            is_alive = engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            is_alive = False
        if not is_alive:
            raise exc.DisconnectionError


def sqlite_has_safe_wal(version: tuple[int, int, int]) -> bool:
    """Say whether this SQLite is free of the WAL-reset fault of 3.7.0 to 3.51.2.

    Source: SQLite release notes 3.51.3 and its back-ports 3.50.7 and 3.44.6.
    """
    if version >= (3, 51, 3):
        return True
    return any(version[:2] == fixed[:2] and version >= fixed for fixed in ((3, 50, 7), (3, 44, 6)))
