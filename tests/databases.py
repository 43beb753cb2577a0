"""Migrated databases for tests: one template for each run, one quick copy for each test.

A copy on PostgreSQL costs more than most tests do, so a used one is emptied and given out again as
long as nothing but rows changed in it: the catalogue of tables, columns, triggers, constraints and
functions, and the rows that migrations wrote, are compared after each test.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

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
        self._spare: ReusedDatabase | None = None

    def _url(self, name: str) -> str:
        return self.server_url.set(database=name).render_as_string(hide_password=False)

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        """Give the address of a fresh copy, or of one that is as fresh; it is gone at the end."""
        taken, self._spare = self._spare or self._create(), None
        try:
            yield self._url(taken.name)
        finally:
            if self._spare is None and taken.empty():
                self._spare = taken
            else:
                self._drop(taken)

    def close(self) -> None:
        """Drop what is left on the server."""
        if self._spare is not None:
            self._drop(self._spare)
        self._execute(f'DROP DATABASE "{self.template}" WITH (FORCE)')

    def _create(self) -> ReusedDatabase:
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}" STRATEGY file_copy')
        return ReusedDatabase(name, self._url(name))

    def _drop(self, database: ReusedDatabase) -> None:
        database.leave()
        self._execute(f'DROP DATABASE "{database.name}" WITH (FORCE)')


USES_MAX: Final = 60
"""Tests that one database serves: rows that were deleted still take room until it is dropped."""

_CATALOGUE: Final = (
    ("pg_class", "oid", "oid >= 16384"),
    ("pg_attribute", "attrelid::text || '.' || attnum", "attrelid >= 16384"),
    ("pg_attrdef", "oid", "true"),
    ("pg_constraint", "oid", "oid >= 16384"),
    ("pg_index", "indexrelid", "indexrelid >= 16384"),
    ("pg_trigger", "oid", "true"),
    ("pg_proc", "oid", "oid >= 16384"),
    ("pg_type", "oid", "oid >= 16384"),
    ("pg_rewrite", "oid", "oid >= 16384"),
    ("pg_namespace", "oid", "true"),
    ("pg_extension", "oid", "true"),
    ("pg_sequence", "seqrelid", "true"),
)
"""What a change of the shape of a database writes to: table, key, which rows."""


class ReusedDatabase:
    """A database that can be emptied: seen through one connection of its own."""

    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self._uses = 0
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        self._connection = engine.connect()
        self._connection.exec_driver_sql("SET session_replication_role = replica")
        tables = self._texts("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        filled = self._filled(tables)
        self._emptied = [table for table in tables if table not in filled]
        self._shape_query = _shape_query(filled)
        self._shape = self._texts(self._shape_query)

    def empty(self) -> bool:
        """End all other connections and delete every row of tests; False if more than rows changed."""
        self._uses += 1
        if self._uses >= USES_MAX:
            return False
        self._texts(
            "SELECT pg_terminate_backend(pid, 5000)::text FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if self._texts(self._shape_query) != self._shape:
            return False
        statements = [f'DELETE FROM "{table}"' for table in self._filled(self._emptied)]  # noqa: S608  # names of our own tables
        statements.append(
            "SELECT setval(format('%%I.%%I', schemaname, sequencename), start_value, false)"
            " FROM pg_sequences WHERE last_value IS NOT NULL"
        )
        for statement in statements:
            self._connection.exec_driver_sql(statement)
        return True

    def leave(self) -> None:
        """Close the connection, so that the database may be dropped."""
        self._connection.close()

    def _filled(self, tables: list[str]) -> list[str]:
        if not tables:
            return []
        return self._texts(
            " UNION ALL ".join(
                f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")"  # noqa: S608  # names of our own tables
                for table in tables
            )
        )

    def _texts(self, statement: str) -> list[str]:
        return [str(row[0]) for row in self._connection.exec_driver_sql(statement)]


def _shape_query(filled: list[str]) -> str:
    """Return a query for a fingerprint of the catalogue and of the rows of some tables."""
    parts = [
        f"SELECT '{table}:' || count(*) || ':' ||"  # noqa: S608  # names of the catalogue
        f" coalesce(sum(hashtext(({key})::text || ':' || xmin::text)), 0) FROM {table} WHERE {rows}"
        for table, key, rows in _CATALOGUE
    ]
    parts += [
        f"SELECT md5(string_agg(row::text, '|' ORDER BY row::text)) FROM \"{table}\" AS row"  # noqa: S608  # names of our own tables
        for table in filled
    ]
    return " UNION ALL ".join(parts)
