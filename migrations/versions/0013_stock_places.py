"""More places in the stock ledger: fairs, the way to another UPT, weeks of work, suppliers.

Accounts that stand for the world outside are named in the balance's check, so the check is made
anew. SQLite can only do that by making the table again, with the fold trigger put aside meanwhile.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TRIGGERS = Path(__file__).parents[1] / "triggers"

BEFORE = "'production', 'opening', 'customer', 'loss', 'found', 'sample', 'consumed'"
AFTER = (
    "'production', 'opening', 'supplier', 'customer', 'loss', 'found', 'sample', 'consumed',"
    " 'other_upt', 'plan'"
)
COLUMNS = "upt_id, variant_id, lot_id, account, in_posted, out_posted, in_pending, out_pending"


def upgrade() -> None:
    """Let pieces lie in the new places."""
    _guard(AFTER, "0013_stock_sqlite.sql")


def downgrade() -> None:
    """Know the first places only again; refused while pieces came from the newer ones."""
    _guard(BEFORE, "0008_stock_sqlite.sql")


def _guard(unguarded: str, triggers: str) -> None:
    rule = f"account IN ({unguarded}) OR in_posted - out_posted - out_pending >= 0"
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_stock_balance_guarded"), "stock_balance", type_="check")
        op.create_check_constraint(op.f("ck_stock_balance_guarded"), "stock_balance", rule)
        return
    op.execute("DROP TRIGGER stock_entry_fold")
    op.rename_table("stock_balance", "stock_balance_before")
    op.drop_index("ix_stock_balance_variant_id_account", "stock_balance_before")
    _create_balances(rule)
    op.execute(f"INSERT INTO stock_balance ({COLUMNS}) SELECT {COLUMNS} FROM stock_balance_before")
    op.drop_table("stock_balance_before")
    op.execute((TRIGGERS / triggers).read_text().split("\n-- next\n")[0])


def _create_balances(rule: str) -> None:
    op.create_table(
        "stock_balance",
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("variant_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("lot_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("account", sa.String(20), nullable=False),
        sa.Column("in_posted", sa.BigInteger(), nullable=False),
        sa.Column("out_posted", sa.BigInteger(), nullable=False),
        sa.Column("in_pending", sa.BigInteger(), nullable=False),
        sa.Column("out_pending", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(rule, name=op.f("ck_stock_balance_guarded")),
        sa.CheckConstraint(
            "in_posted >= 0 AND out_posted >= 0 AND in_pending >= 0 AND out_pending >= 0",
            name=op.f("ck_stock_balance_counters"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["stock_lot.id"], name=op.f("fk_stock_balance_lot_id")),
        sa.PrimaryKeyConstraint(
            "upt_id", "variant_id", "lot_id", "account", name=op.f("pk_stock_balance")
        ),
    )
    op.create_index(
        "ix_stock_balance_variant_id_account", "stock_balance", ["variant_id", "account"]
    )
