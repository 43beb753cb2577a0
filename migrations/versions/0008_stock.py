"""The stock ledger: heads, lots, entries, and the triggers that fold entries into balances.

The application inserts into ``stock_entry``; the database checks that each entry continues its UPT's
chain, then moves balances, holds and head itself. Entries cannot be changed, removed or replaced.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

RESOLVED = sa.text("phase IN ('post', 'void')")
MOVED = sa.text("phase = 'move'")
OPEN = sa.text("state = 'open'")

TRIGGERS = Path(__file__).parents[1] / "triggers"


def upgrade() -> None:
    """Create the tables of the ledger and their guards."""
    _create_heads_and_lots()
    _create_entries()
    _create_balances_and_holds()
    guards = TRIGGERS / f"0008_stock_{op.get_bind().dialect.name}.sql"
    for statement in guards.read_text().split("\n-- next\n"):
        op.execute(statement)


def _create_heads_and_lots() -> None:
    op.create_table(
        "stock_head",
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("written_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_stock_head_upt_id")),
        sa.PrimaryKeyConstraint("upt_id", name=op.f("pk_stock_head")),
    )
    op.create_table(
        "stock_lot",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("produced_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_stock_lot_upt_id")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_stock_lot_variant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_lot")),
        sa.UniqueConstraint(
            "upt_id", "variant_id", "code", name=op.f("uq_stock_lot_upt_id_variant_id_code")
        ),
        sa.UniqueConstraint(
            "id", "upt_id", "variant_id", name=op.f("uq_stock_lot_id_upt_id_variant_id")
        ),
    )
    op.create_index(op.f("ix_stock_lot_variant_id"), "stock_lot", ["variant_id"])


def _create_entries() -> None:
    op.create_table(
        "stock_entry",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("phase", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=False),
        sa.Column("lot_id", BIG_ID, nullable=False),
        sa.Column("from_account", sa.String(20), nullable=False),
        sa.Column("to_account", sa.String(20), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("hold_id", BIG_ID, nullable=True),
        sa.Column("reverses_id", BIG_ID, nullable=True),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("source_kind", sa.String(20), nullable=False),
        sa.Column("source_key", sa.String(80), nullable=False),
        sa.Column("source_line", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.CheckConstraint(
            "id = upt_id * 1099511627776 + sequence", name=op.f("ck_stock_entry_id")
        ),
        sa.CheckConstraint(
            "sequence BETWEEN 1 AND 1099511627775", name=op.f("ck_stock_entry_sequence")
        ),
        sa.CheckConstraint(
            "quantity BETWEEN 1 AND 1000000000", name=op.f("ck_stock_entry_quantity")
        ),
        sa.CheckConstraint("from_account <> to_account", name=op.f("ck_stock_entry_accounts")),
        sa.CheckConstraint(
            "(phase IN ('post', 'void', 'keep') AND hold_id IS NOT NULL)"
            " OR (phase = 'hold' AND hold_id IS NULL) OR phase = 'move'",
            name=op.f("ck_stock_entry_phase"),
        ),
        sa.CheckConstraint(
            "reverses_id IS NULL OR (phase = 'move' AND hold_id IS NULL)",
            name=op.f("ck_stock_entry_reversal"),
        ),
        sa.CheckConstraint(
            "length(hash) = 64 AND length(previous_hash) = 64", name=op.f("ck_stock_entry_hash")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id", "upt_id", "variant_id"],
            ["stock_lot.id", "stock_lot.upt_id", "stock_lot.variant_id"],
            name=op.f("fk_stock_entry_lot_id_upt_id_variant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["stock_entry.id"], name=op.f("fk_stock_entry_hold_id")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["stock_entry.id"], name=op.f("fk_stock_entry_reverses_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_entry")),
        sa.UniqueConstraint(
            "upt_id",
            "source_kind",
            "source_key",
            "source_line",
            name=op.f("uq_stock_entry_source"),
        ),
    )
    op.create_index(
        "uq_stock_entry_hold_resolved",
        "stock_entry",
        ["hold_id"],
        unique=True,
        postgresql_where=RESOLVED,
        sqlite_where=RESOLVED,
    )
    op.create_index(
        "uq_stock_entry_hold_delivered",
        "stock_entry",
        ["hold_id"],
        unique=True,
        postgresql_where=MOVED,
        sqlite_where=MOVED,
    )
    op.create_index("uq_stock_entry_reverses_id", "stock_entry", ["reverses_id"], unique=True)
    op.create_index("ix_stock_entry_variant_id_id", "stock_entry", ["variant_id", "id"])


def _create_balances_and_holds() -> None:
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
        sa.CheckConstraint(
            "account IN ('production', 'opening', 'customer', 'loss', 'found', 'sample',"
            " 'consumed') OR in_posted - out_posted - out_pending >= 0",
            name=op.f("ck_stock_balance_guarded"),
        ),
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
    op.create_table(
        "stock_hold",
        sa.Column("entry_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=False),
        sa.Column("lot_id", BIG_ID, nullable=False),
        sa.Column("from_account", sa.String(20), nullable=False),
        sa.Column("to_account", sa.String(20), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("quantity_posted", sa.Integer(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["stock_entry.id"], name=op.f("fk_stock_hold_entry_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_stock_hold")),
    )
    op.create_index(
        "ix_stock_hold_open_variant",
        "stock_hold",
        ["variant_id"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index(
        "ix_stock_hold_open_expires_at",
        "stock_hold",
        ["expires_at"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )


def downgrade() -> None:
    """Drop the ledger again."""
    op.drop_table("stock_hold")
    op.drop_table("stock_balance")
    op.drop_table("stock_entry")
    op.drop_table("stock_lot")
    op.drop_table("stock_head")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION stock_entry_fold()")
        op.execute("DROP FUNCTION stock_refuse(text, bigint)")
