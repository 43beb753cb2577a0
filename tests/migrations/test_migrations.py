"""The tables that migrations make are the tables that the models mean, and the way back works."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask

from app.infra import append_only, db


def differences(app: Flask) -> list[object]:
    with app.app_context(), db.db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [
            change
            for change in compare_metadata(context, db.db.metadata)
            if not _is_expression_index(change)
        ]


def _is_expression_index(change: object) -> bool:
    return (
        isinstance(change, tuple)
        and str(change[0]).endswith("_index")
        and any(not isinstance(part, sa.Column) for part in change[1].expressions)
    )


def test_models_and_migrations_describe_the_same_tables(bare_app: Flask) -> None:
    assert differences(bare_app) == []


def test_the_way_down_and_up_again_leaves_the_same_tables(bare_app: Flask) -> None:
    with bare_app.app_context():
        flask_migrate.downgrade(revision="base")
        left = set(sa.inspect(db.db.engine).get_table_names()) - {"alembic_version"}
        assert left == set()
        flask_migrate.upgrade()
    assert differences(bare_app) == []


@pytest.mark.parametrize("table", append_only.APPEND_ONLY_TABLES)
def test_append_only_tables_have_their_triggers(bare_app: Flask, table: str) -> None:
    with bare_app.app_context(), db.db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            names = set(
                connection.scalars(
                    sa.text("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name=:t"),
                    {"t": table},
                )
            )
            assert {f"{table}_no_update", f"{table}_no_delete", f"{table}_no_replace"} <= names
        else:
            events = set(
                connection.scalars(
                    sa.text(
                        "SELECT tgtype FROM pg_trigger WHERE tgrelid = to_regclass(:t) AND NOT tgisinternal"
                    ),
                    {"t": table},
                )
            )
            update_or_delete, truncate = 8 | 16, 32
            assert any(kind & update_or_delete == update_or_delete for kind in events)
            assert any(kind & truncate for kind in events)


def test_revisions_never_import_the_application() -> None:
    folder = Path(__file__).parents[2] / "migrations" / "versions"
    assert [
        path.name
        for path in folder.glob("*.py")
        if "import app" in path.read_text() or "from app" in path.read_text()
    ] == []
