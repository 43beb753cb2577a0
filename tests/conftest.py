"""Fixtures shared by every test.

``TEST_DATABASE`` chooses the engine: ``sqlite`` (default) or ``postgres``. A PostgreSQL server is
started once by the controlling process from the machine's own binaries, unless
``TEST_DATABASE_URL`` names one. Each test gets a migrated database to itself, with real commits;
nothing has to be cleaned up.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient

from app.bootstrap import create_app
from app.infra import db, jobs
from tests import quick
from tests.databases import PostgresTemplates, SqliteTemplates, settings
from tests.postgres import TemporaryPostgres

ENGINE = os.environ.get("TEST_DATABASE", "sqlite")

quick.install()

_server: TemporaryPostgres | None = None


def pytest_configure(config: pytest.Config) -> None:
    """Start PostgreSQL in the controlling process when this run needs it."""
    global _server
    is_worker = hasattr(config, "workerinput")
    if ENGINE == "postgres" and not is_worker and "TEST_DATABASE_URL" not in os.environ:
        _server = TemporaryPostgres()
        _server.__enter__()
        os.environ["TEST_DATABASE_URL"] = _server.url()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that this process started."""
    if _server is not None and not hasattr(config, "workerinput"):
        _server.__exit__(None, None, None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, leave out what never touches a database: it ran on SQLite and is the same."""
    if ENGINE != "postgres":
        return
    touching = [item for item in items if _touches_database(item)]
    kept = set(touching)
    left_out = [item for item in items if item not in kept]
    config.hook.pytest_deselected(items=left_out)
    items[:] = touching


def _touches_database(item: pytest.Item) -> bool:
    names = set(getattr(item, "fixturenames", ()))
    return bool(names & {"database_url", "templates", "database_kind"})


def pytest_report_header() -> str:
    """Say on which database the tests run."""
    return f"database: {ENGINE}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say again at the end what ran where."""
    passed = len(terminalreporter.stats.get("passed", ()))
    terminalreporter.write_line(f"ran on {ENGINE}: {passed} passed")


@pytest.fixture(scope="session")
def database_kind() -> str:
    """Return the engine of this run."""
    return ENGINE


@pytest.fixture(scope="session")
def templates(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[SqliteTemplates | PostgresTemplates]:
    """Give the maker of migrated copies."""
    folder = tmp_path_factory.mktemp("template")
    if ENGINE == "postgres":
        maker = PostgresTemplates(os.environ["TEST_DATABASE_URL"], folder)
        yield maker
        maker.close()
    else:
        yield SqliteTemplates(folder)


@pytest.fixture
def database_url(templates: SqliteTemplates | PostgresTemplates, tmp_path: Path) -> Iterator[str]:
    """Give the address of a fresh, migrated database."""
    with templates.copy(tmp_path) as url:
        yield url


class Client(FlaskClient):
    """A client that lets go of the test's own reads before each request, as another process would."""

    def open(self, *args: object, **kwargs: object):  # type: ignore[no-untyped-def, override]  # signature of Werkzeug
        """Send a request in an app context of its own."""
        if has_app_context():
            db.db.session.rollback()
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def haste(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Say whether the test may be made quick; with the mark ``unhurried`` it is as in production."""
    if request.node.get_closest_marker("unhurried") is None:
        yield True
        return
    with quick.unhurried():
        yield False


def _make(database_url: str, tmp_path: Path, *, haste: bool, **overrides: object) -> Flask:
    chosen = settings(url=database_url, instance_dir=tmp_path / "instance")
    app = create_app(chosen, TESTING=True, PROPAGATE_EXCEPTIONS=True, **overrides)
    app.test_client_class = Client
    if haste:
        quick.hasten(app)
    return app


def _close(app: Flask) -> None:
    with app.app_context():
        db.db.session.remove()
        db.db.engine.dispose()


@pytest.fixture
def bare_app(database_url: str, tmp_path: Path, haste: bool) -> Iterator[Flask]:
    """Give the application without an app context; CSRF is off."""
    app = _make(database_url, tmp_path, haste=haste, WTF_CSRF_ENABLED=False)
    yield app
    _close(app)


@pytest.fixture
def app(bare_app: Flask) -> Iterator[Flask]:
    """Give the application with an app context pushed; CSRF is off."""
    with bare_app.app_context():
        yield bare_app
        db.db.session.remove()


@pytest.fixture
def csrf_app(database_url: str, tmp_path: Path, haste: bool) -> Iterator[Flask]:
    """Give the application with CSRF on, as people meet it, and errors answered as pages."""
    app = _make(database_url, tmp_path, haste=haste)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        yield app
        db.db.session.remove()
    _close(app)


@pytest.fixture
def pg_app(bare_app: Flask) -> Flask:
    """Give the application on PostgreSQL for races: no context pushed, real connections."""
    assert ENGINE == "postgres", "races run with TEST_DATABASE=postgres"
    return bare_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a browser without cookies."""
    return app.test_client()


@pytest.fixture
def at() -> datetime:
    """Give a fixed instant: Sunday 22 November 2026, 10.00 WIB."""
    return datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture
def drain(app: Flask) -> Callable[[], int]:
    """Give a function that works off every due job."""

    def run() -> int:
        db.db.session.rollback()
        return jobs.drain(at=datetime(2100, 1, 1, tzinfo=UTC))

    return run
