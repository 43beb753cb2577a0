"""Migrated databases for tests: one template for each run, one quick copy for each test."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import sqlalchemy as sa

import config
from app.bootstrap import create_app


def settings(*, url: str, instance_dir: Path) -> config.Settings:
    """Return settings of the test mode for a database."""
    return config.load(
        {
            "KARYABINA_MODE": "test",
            "DATABASE_URL": url,
            "KARYABINA_INSTANCE_DIR": str(instance_dir),
            "KARYABINA_SECRET_KEY": "only-for-tests-" + "x" * 32,
            "KARYABINA_LOG_LEVEL": "error",
        }
    )


def migrate(*, url: str, instance_dir: Path) -> None:
    """Bring an empty database to the newest revision."""
    app = create_app(settings(url=url, instance_dir=instance_dir))
    with app.app_context():
        flask_migrate.upgrade()
        from app.infra import db

        db.db.session.remove()
        db.db.engine.dispose()


class SqliteTemplates:
    """Copies of one migrated SQLite file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.db"
        migrate(url=f"sqlite:///{self.template}", instance_dir=folder / "instance")

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        """Give the address of a fresh copy."""
        target = folder / "test.db"
        shutil.copyfile(self.template, target)
        yield f"sqlite:///{target}"


class PostgresTemplates:
    """Copies of one migrated PostgreSQL database."""

    def __init__(self, server_url: str, folder: Path) -> None:
        self.server_url = sa.make_url(server_url)
        self.template = f"template_{uuid.uuid4().hex[:12]}"
        self._admin = sa.create_engine(
            server_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
        )
        self._execute(f'CREATE DATABASE "{self.template}"')
        migrate(url=self._url(self.template), instance_dir=folder / "instance")

    def _url(self, name: str) -> str:
        return self.server_url.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        """Give the address of a fresh copy, dropped at the end."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}" STRATEGY file_copy')
        try:
            yield self._url(name)
        finally:
            self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')
