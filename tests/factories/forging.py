"""The database as somebody meets it who owns the machine: no triggers, no foreign keys."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, NullPool, create_engine, select, text

from app.domain.stock import rules
from app.domain.stock.models import StockEntry
from app.domain.stock.types import GENESIS_HASH
from app.infra import db


@contextmanager
def tampering(database_kind: str) -> Iterator[Connection]:
    """Open the database with its guards off; on SQLite they stay off."""
    db.db.session.remove()
    engine = create_engine(db.db.engine.url, poolclass=NullPool)
    with engine.begin() as connection:
        if database_kind == "postgres":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for name in connection.scalars(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection


def by_hand(statement: str) -> None:
    """Write balances, holds or heads past their guards, which stay on, as a wrong rebuild would."""
    with db.unit_of_work():
        for each in (
            "INSERT INTO stock_rebuild VALUES (0)",
            statement,
            "DELETE FROM stock_rebuild",
        ):
            db.session().execute(text(each))


def rewrite(forger: Connection, upt_id: int) -> None:
    """Make every hash, the head and the first balance fit a first entry of 19 pieces."""
    previous = GENESIS_HASH
    columns = StockEntry.__table__.columns
    found = forger.execute(select(*columns).where(columns.upt_id == upt_id).order_by(columns.id))
    for row in found.mappings().all():
        values = dict(row)
        if values["sequence"] == 1:
            values["quantity"] = 19
        line = rules.canonical_line(values)
        hashed = hashlib.sha256(f"{previous}\t{line}".encode()).hexdigest()
        forger.execute(
            text(
                "UPDATE stock_entry SET quantity = :q, previous_hash = :p, hash = :h WHERE id = :i"
            ),
            {"q": values["quantity"], "p": previous, "h": hashed, "i": row["id"]},
        )
        previous = hashed
    forger.execute(
        text("UPDATE stock_head SET hash = :h WHERE upt_id = :u"), {"h": previous, "u": upt_id}
    )
    for account, counter in (("available", "in_posted"), ("production", "out_posted")):
        forger.execute(
            text(
                f"UPDATE stock_balance SET {counter} = {counter} - 1"
                " WHERE upt_id = :u AND account = :a"
            ),
            {"u": upt_id, "a": account},
        )
