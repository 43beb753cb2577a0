"""A test database that is used again is as one that nobody has used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.databases import PostgresTemplates

pytestmark = pytest.mark.concurrency
"""Needs PostgreSQL: on SQLite each test has a file of its own."""


@pytest.fixture
def maker(templates: PostgresTemplates) -> Iterator[PostgresTemplates]:
    """Give a maker that has nothing to spare yet, so that what it gives out next is known."""
    kept, templates._spare = templates._spare, None
    yield templates
    if templates._spare is not None:
        templates._drop(templates._spare)
    templates._spare = kept


def use(maker: PostgresTemplates, folder: Path, *statements: str) -> tuple[str, list[object]]:
    """Run statements in a copy; return its address, and what each of them answered first."""
    with maker.copy(folder) as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        answers: list[object] = []
        for statement in statements:
            with engine.begin() as connection:
                found = connection.exec_driver_sql(statement)
                answers.append(found.scalar() if found.returns_rows else None)
        return url, answers


def test_rows_and_numbers_of_the_last_test_are_gone(
    maker: PostgresTemplates, tmp_path: Path
) -> None:
    insert = "INSERT INTO province (code, name) VALUES ('32', 'Jawa Barat')"
    first, (_, number) = use(
        maker, tmp_path, insert, "SELECT nextval(pg_get_serial_sequence('kanwil', 'id'))"
    )
    again, (number_again, provinces, role, revision) = use(
        maker,
        tmp_path,
        "SELECT nextval(pg_get_serial_sequence('kanwil', 'id'))",
        "SELECT count(*) FROM province",
        "SHOW session_replication_role",
        "SELECT count(*) FROM alembic_version",
    )
    assert again == first
    assert (number, number_again) == (1, 1)
    assert (provinces, role, revision) == (0, "origin", 1)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE stock_balance DROP CONSTRAINT ck_stock_balance_guarded",
        "ALTER TABLE stock_balance ADD COLUMN surprise integer",
        "ALTER TABLE stock_entry DISABLE TRIGGER ALL",
        "ALTER FUNCTION karyabina_refuse_change() SECURITY DEFINER",
        "DROP INDEX uq_stock_entry_reverses_id",
        "CREATE TABLE surprise (id integer)",
        "UPDATE alembic_version SET version_num = '0001'",
    ],
)
def test_a_database_whose_shape_was_changed_is_not_used_again(
    maker: PostgresTemplates, tmp_path: Path, change: str
) -> None:
    first, _ = use(maker, tmp_path, change)
    assert maker._spare is None
    with pytest.raises(sa.exc.OperationalError, match="does not exist"):
        sa.create_engine(first).connect()


def test_two_copies_at_once_are_two_databases(maker: PostgresTemplates, tmp_path: Path) -> None:
    with maker.copy(tmp_path) as one, maker.copy(tmp_path) as other:
        assert one != other
