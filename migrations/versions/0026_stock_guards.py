"""Balances, holds and heads refuse to be written by hand: only the fold of an entry moves them.

The way past is the rebuild's: a row in ``stock_rebuild``, made and removed in its own transaction.
PostgreSQL tells the fold by its depth in triggers. SQLite knows no depth, but while an entry is being
folded, and at no other time, there is an entry beyond its UPT's head.

Source: docs/algorithms/stock-ledger.md, section 1.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TRIGGERS = Path(__file__).parents[1] / "triggers"
GENESIS = "0" * 64

CLOSED = "NOT EXISTS (SELECT 1 FROM stock_rebuild)"
FOLDING = (
    "EXISTS (SELECT 1 FROM stock_head h JOIN stock_entry e"
    " ON e.id = h.upt_id * 1099511627776 + h.sequence + 1"
    " WHERE h.upt_id = NEW.upt_id AND {same})"
)
SAME = {
    "stock_balance": "e.variant_id = NEW.variant_id AND e.lot_id = NEW.lot_id",
    "stock_hold": "NEW.entry_id IN (e.id, e.hold_id)",
}
NEXT_HEAD = (
    "NEW.upt_id = OLD.upt_id AND NEW.sequence = OLD.sequence + 1 AND EXISTS ("
    "SELECT 1 FROM stock_entry e WHERE e.id = NEW.upt_id * 1099511627776 + NEW.sequence"
    " AND e.hash = NEW.hash)"
)
ON_SQLITE = {
    "stock_head_update": ("UPDATE", "stock_head", NEXT_HEAD),
    "stock_head_delete": ("DELETE", "stock_head", "false"),
    "stock_head_insert": ("INSERT", "stock_head", f"NEW.sequence = 0 AND NEW.hash = '{GENESIS}'"),
    **{
        f"{table}_{verb.lower()}": (
            verb,
            table,
            "false" if verb == "DELETE" else FOLDING.format(same=same),
        )
        for table, same in SAME.items()
        for verb in ("INSERT", "UPDATE", "DELETE")
    },
}
"""Trigger, what it comes before, and what must hold."""


def upgrade() -> None:
    """Make the table that opens the way for a rebuild, and the guards."""
    op.create_table(
        "stock_rebuild",
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("upt_id", name=op.f("pk_stock_rebuild")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in (TRIGGERS / "0026_stock_postgresql.sql").read_text().split("\n-- next\n"):
            op.execute(statement)
        return
    for name, (verb, table, fits) in ON_SQLITE.items():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN NOT ({fits}) AND {CLOSED} "
            f"BEGIN SELECT RAISE(ABORT, 'stock_derived: {table} follows the entries'); END"
        )


def downgrade() -> None:
    """Take the guards away."""
    if op.get_bind().dialect.name == "postgresql":
        for table in ("stock_balance", "stock_hold", "stock_head"):
            op.execute(f"DROP TRIGGER {table}_derived ON {table}")
            op.execute(f"DROP TRIGGER {table}_kept ON {table}")
        op.execute("DROP TRIGGER stock_head_new ON stock_head")
        op.execute("DROP FUNCTION stock_refuse_outside()")
        op.execute("DROP FUNCTION stock_refuse_head()")
    else:
        for name in ON_SQLITE:
            op.execute(f"DROP TRIGGER {name}")
    op.drop_table("stock_rebuild")
