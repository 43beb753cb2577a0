"""The database: one session, one way to write, one place that commits.

A write happens inside ``unit_of_work`` (or ``transact``, which repeats it when the database asks
for a repeat). SQLite queues writers with ``BEGIN IMMEDIATE``; PostgreSQL relies on row locks taken
by ``for_update``. What differs between the two lives here and in the triggers of migrations.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    MetaData,
    Select,
    Table,
    TextClause,
    UniqueConstraint,
    bindparam,
    event,
    insert,
    text,
    update,
)
from sqlalchemy.engine import Connection, Dialect, Engine, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from app.infra import pool
from app.kernel import clock
from app.kernel.errors import DomainError, Unavailable

ATTEMPTS_MAX: Final = 5
"""How often one unit of work is tried when the database asks for a repeat."""

BUSY_TIMEOUT_MS: Final = 5_000
LOCK_TIMEOUT_MS: Final = 3_000
STATEMENT_TIMEOUT_MS: Final = 30_000

_REPEATABLE: Final = frozenset({"40001", "40P01"})
_LOCK_NOT_AVAILABLE: Final = "55P03"

_writing: ContextVar[bool] = ContextVar("karyabina_writing", default=False)

Result = TypeVar("Result")
Row = TypeVar("Row")
Selected = TypeVar("Selected", bound="Select[*tuple[Any, ...]]")


class Base(DeclarativeBase):
    """Base of every table; the naming convention lets migrations drop constraints by name."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, always with UTC attached; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into what the driver stores."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Attach UTC to what the driver returned."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")
"""Type of every surrogate key: 64 bits on PostgreSQL, the row id on SQLite."""

db = SQLAlchemy(model_class=Base)


def read_session() -> Session:
    """Return the session of this request or job, for reads."""
    return db.session()


def session() -> Session:
    """Return the session, refusing outside a unit of work."""
    current = db.session()
    if not current.info.get("unit_of_work"):
        raise RuntimeError("this write is outside a unit of work")
    return current


def add(row: Base) -> None:
    """Add a row and flush, so that keys and constraints speak at once."""
    current = session()
    current.add(row)
    current.flush()


def add_all(rows: list[Base]) -> None:
    """Add rows and flush once."""
    current = session()
    current.add_all(rows)
    current.flush()


def insert_rows(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows whose keys nobody asks for, in one statement and without making objects."""
    if rows:
        session().execute(insert(model.__table__), list(rows))  # type: ignore[arg-type]  # declared as FromClause, always a Table


def append_rows(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows in their order, in one statement whatever their number.

    PostgreSQL gets them as one JSON value: a parameter for each cell would cost more than the rows
    themselves, and statement triggers would run once for each row.
    """
    if not rows:
        return
    if not is_postgresql():
        insert_rows(model, rows)
        return
    statement = _append_statement(model.__tablename__, tuple(rows[0]))
    session().execute(statement, {"rows": json.dumps(list(rows), default=_json_value)})


def change_rows(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write columns of rows that are there, found by ``id``, in one statement whatever their number.

    Args:
        rows: The same columns in each, ``id`` among them; lock them first, in the order of their ids.
    """
    if rows and is_postgresql():
        statement = _change_statement(model.__tablename__, tuple(rows[0]))
        session().execute(statement, {"rows": json.dumps(list(rows), default=_json_value)})
    elif rows:
        table: Table = model.__table__  # type: ignore[assignment]  # declared as FromClause, always a Table
        values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in rows[0]}
        given = [{f"new_{name}": value for name, value in row.items()} for row in rows]
        change = update(table).where(table.c.id == values.pop("id")).values(values)
        session().connection().execute(change, given)


@cache
def _change_statement(table: str, columns: tuple[str, ...]) -> TextClause:
    values = ", ".join(f"{name} = given.{name}" for name in columns if name != "id")
    return text(
        f"UPDATE {table} SET {values} FROM"  # noqa: S608  # names of our own models
        f" json_populate_recordset(NULL::{table}, CAST(:rows AS json)) AS given"
        f" WHERE {table}.id = given.id"
    )


@cache
def _append_statement(table: str, columns: tuple[str, ...]) -> TextClause:
    names = ", ".join(columns)
    return text(
        f"INSERT INTO {table} ({names}) SELECT {names}"  # noqa: S608  # names of our own models
        f" FROM json_populate_recordset(NULL::{table}, CAST(:rows AS json))"
    )


def _json_value(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def for_update(statement: Selected) -> Selected:
    """Return the select with row locks; refuses outside a unit of work."""
    session()
    return statement.with_for_update()


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Commit what the block did, or nothing. Not nestable.

    Ends the read transaction that an earlier query of the request opened. Integrity errors are
    translated by constraint name into the domain error that the service would have raised.

    Raises:
        RuntimeError: A unit of work is already open.
        Unavailable: A lock was not to be had in time.
    """
    current = db.session()
    if current.info.get("unit_of_work"):
        raise RuntimeError("a unit of work is already open")
    current.rollback()
    mark = _writing.set(True)
    current.info["unit_of_work"] = True
    try:
        current.connection()
        yield
        current.commit()
    except IntegrityError as error:
        current.rollback()
        translated = translate(error)
        if translated is None:
            raise
        raise translated from error
    except DBAPIError as error:
        current.rollback()
        if _is_lock_timeout(error):
            raise Unavailable from error
        raise
    except BaseException:
        current.rollback()
        raise
    finally:
        current.info.pop("unit_of_work", None)
        _writing.reset(mark)


@contextmanager
def snapshot() -> Iterator[Session]:
    """Read several things as of one instant, whatever others write meanwhile.

    Raises:
        RuntimeError: A unit of work is open.
    """
    current = db.session()
    if current.info.get("unit_of_work"):
        raise RuntimeError("a snapshot is for reads outside a unit of work")
    current.rollback()
    current.connection(
        execution_options={"isolation_level": "REPEATABLE READ"} if is_postgresql() else {}
    )
    try:
        yield current
    finally:
        current.rollback()


@contextmanager
def as_writer() -> Iterator[None]:
    """Let connections begun inside the block write at once; for migrations and bulk loads."""
    mark = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(mark)


def transact(work: Callable[[], Result]) -> Result:
    """Run ``work`` in a unit of work, again when the database asks for it, at most five times.

    ``work`` must have no effect outside the database, since it may run more than once.

    Raises:
        Unavailable: Still refused after the last try.
    """
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            with unit_of_work():
                return work()
        except DBAPIError as error:
            if _sqlstate(error) not in _REPEATABLE:
                raise
            if attempt == ATTEMPTS_MAX:
                raise Unavailable from error
        clock.pause_before_retry(attempt)
    raise AssertionError("unreachable")


_translations: dict[str, Callable[[], DomainError]] = {}


def translate_constraint(name: str, make_error: Callable[[], DomainError]) -> None:
    """Name the domain error that a violated constraint or trigger stands for."""
    _translations[name] = make_error


def translate(error: IntegrityError) -> DomainError | None:
    """Return the domain error registered for the violated constraint, if any."""
    name = constraint_name(error)
    make_error = _translations.get(name or "")
    return make_error() if make_error else None


def constraint_name(error: IntegrityError) -> str | None:
    """Return the name of the violated constraint, on either database."""
    diagnostics = getattr(error.orig, "diag", None)
    if diagnostics is not None:
        return diagnostics.constraint_name or str(error.orig).split(":")[0].strip().splitlines()[0]
    message = str(error.orig)
    if match := re.match(r"CHECK constraint failed: (\w+)", message):
        return match[1]
    if match := re.match(r"UNIQUE constraint failed: (.+)", message):
        return _unique_by_columns(match[1])
    return message.split(":")[0].strip()


def _unique_by_columns(text: str) -> str | None:
    if text.startswith("index '"):
        return text.split("'")[1]
    parts = [part.strip().rpartition(".") for part in text.split(",")]
    table: Table | None = db.metadata.tables.get(parts[0][0])
    if table is None:
        return None
    columns = {part[2] for part in parts}
    for constraint in table.constraints:
        if (
            isinstance(constraint, UniqueConstraint)
            and {c.name for c in constraint.columns} == columns
        ):
            return str(constraint.name)
    for index in table.indexes:
        if index.unique and {column.name for column in index.columns} == columns:
            return str(index.name)
    return f"pk_{table.name}" if {c.name for c in table.primary_key} == columns else None


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _is_lock_timeout(error: DBAPIError) -> bool:
    if _sqlstate(error) == _LOCK_NOT_AVAILABLE:
        return True
    return isinstance(error, OperationalError) and "database is locked" in str(error.orig)


def is_postgresql() -> bool:
    """Say whether the present engine is PostgreSQL."""
    return db.engine.dialect.name == "postgresql"


def engine_options(url: str) -> dict[str, Any]:
    """Return the engine options for a database address."""
    if make_url(url).get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000}}
    options = (
        f"-c lock_timeout={LOCK_TIMEOUT_MS} -c statement_timeout={STATEMENT_TIMEOUT_MS}"
        " -c timezone=UTC"
    )
    return {"connect_args": {"options": options}, "pool_size": 8}


def init_app(app: Flask) -> None:
    """Attach the database to the application and set the pragmas of SQLite."""
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    else:
        pool.watch(engine)


def _prepare_sqlite(engine: Engine) -> None:
    journal = "WAL" if pool.sqlite_has_safe_wal(sqlite3.sqlite_version_info) else "DELETE"

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute(f"PRAGMA journal_mode={journal}")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA recursive_triggers=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")
