"""Run migrations over the application's own engine, inside one transaction each."""

from __future__ import annotations

from alembic import context
from flask import current_app

from app.infra import db

database = current_app.extensions["migrate"].db


def run() -> None:
    """Migrate the database of the present application."""
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            transaction_per_migration=True,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with db.as_writer(), context.begin_transaction():
            context.run_migrations()


run()
