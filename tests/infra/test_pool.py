"""Idle connections are asked once, dead ones replaced, fresh ones not asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.infra import pool


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'a.db'}", poolclass=sa.QueuePool, pool_size=1)
    pool.watch(engine)
    return engine


def use(engine: sa.Engine) -> Any:
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar_one() == 1
        return connection.connection.driver_connection


def test_a_fresh_connection_is_used_without_a_question(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = use(engine)
    monkeypatch.setattr(engine.dialect, "do_ping", lambda _: pytest.fail("asked"))
    assert use(engine) is first


@pytest.mark.parametrize("error", [None, "closed"])
def test_an_idle_connection_that_died_is_replaced(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, error: str | None
) -> None:
    first = use(engine)
    asked = []

    def ping(connection: Any) -> bool:
        asked.append(connection)
        if error:
            raise engine.dialect.loaded_dbapi.OperationalError(error)
        return False

    monkeypatch.setattr(pool, "IDLE_S", 0.0)
    monkeypatch.setattr(engine.dialect, "do_ping", ping)
    second = use(engine)
    assert second is not first
    assert asked == [first]


def test_an_idle_connection_that_lives_is_kept(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "IDLE_S", 0.0)
    assert use(engine) is use(engine)
    engine.dispose()
