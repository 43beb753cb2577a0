"""Signed daily heads, closed months with their balances, proofs and incidents of the ledger."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
OPEN = sa.text("state <> 'resolved'")
TOLD_LATER = sa.text("happened_at < written_at")

APPEND_ONLY = {
    "stock_daily_root": "day = NEW.day",
    "stock_daily_head": "day = NEW.day AND upt_id = NEW.upt_id",
    "stock_period": "upt_id = NEW.upt_id AND month = NEW.month",
    "stock_period_balance": (
        "upt_id = NEW.upt_id AND month = NEW.month AND variant_id = NEW.variant_id"
        " AND lot_id = NEW.lot_id AND account = NEW.account"
    ),
    "stock_period_hold": ("upt_id = NEW.upt_id AND month = NEW.month AND entry_id = NEW.entry_id"),
}
"""Table and what makes a row the same one, for SQLite's REPLACE."""


def upgrade() -> None:
    """Create the tables and their guards."""
    _create_daily()
    _create_periods()
    _create_proofs_and_incidents()
    for table, same in APPEND_ONLY.items():
        _guard(table, same)
    op.create_index(
        "ix_stock_entry_told_later",
        "stock_entry",
        ["id"],
        postgresql_where=TOLD_LATER,
        sqlite_where=TOLD_LATER,
    )


def _create_daily() -> None:
    op.create_table(
        "stock_daily_root",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("merkle", sa.String(64), nullable=False),
        sa.Column("previous_day", sa.Date(), nullable=True),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.Column("endorsement", sa.String(128), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_stock_daily_root")),
    )
    op.create_table(
        "stock_daily_head",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.ForeignKeyConstraint(
            ["day"], ["stock_daily_root.day"], name=op.f("fk_stock_daily_head_day")
        ),
        sa.PrimaryKeyConstraint("day", "upt_id", name=op.f("pk_stock_daily_head")),
    )
    op.create_index("ix_stock_daily_head_upt_id_day", "stock_daily_head", ["upt_id", "day"])


def _counters() -> list[sa.Column[Any]]:
    return [
        sa.Column(name, sa.BigInteger(), nullable=False)
        for name in ("in_posted", "out_posted", "in_pending", "out_pending")
    ]


def _create_periods() -> None:
    op.create_table(
        "stock_period",
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=False),
        sa.Column("closed_by", sa.String(60), nullable=False),
        sa.Column("entry_key", sa.String(80), nullable=False),
        sa.Column("balances", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_stock_period_ends")),
        sa.CheckConstraint("closed_at >= ends_at", name=op.f("ck_stock_period_ended")),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_stock_period_upt_id")),
        sa.PrimaryKeyConstraint("upt_id", "month", name=op.f("pk_stock_period")),
    )
    op.create_table(
        "stock_period_balance",
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("variant_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("lot_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("account", sa.String(20), nullable=False),
        *_counters(),
        sa.PrimaryKeyConstraint(
            "upt_id", "month", "variant_id", "lot_id", "account",
            name=op.f("pk_stock_period_balance"),
        ),
    )  # fmt: skip
    op.create_table(
        "stock_period_hold",
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("entry_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=False),
        sa.Column("lot_id", BIG_ID, nullable=False),
        sa.Column("from_account", sa.String(20), nullable=False),
        sa.Column("to_account", sa.String(20), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("quantity_posted", sa.Integer(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.PrimaryKeyConstraint("upt_id", "month", "entry_id", name=op.f("pk_stock_period_hold")),
    )


def _create_proofs_and_incidents() -> None:
    op.create_table(
        "stock_proof",
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("proven_at", INSTANT, nullable=False),
        sa.Column("whole_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_stock_proof_upt_id")),
        sa.PrimaryKeyConstraint("upt_id", name=op.f("pk_stock_proof")),
    )
    op.create_table(
        "stock_incident",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("ledger_figure", sa.String(200), nullable=False),
        sa.Column("stored_figure", sa.String(200), nullable=False),
        sa.Column("first_seen_at", INSTANT, nullable=False),
        sa.Column("last_seen_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("handled_at", INSTANT, nullable=True),
        sa.Column("handled_by", sa.String(60), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_stock_incident_upt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_incident")),
    )
    op.create_index(
        "uq_stock_incident_open",
        "stock_incident",
        ["upt_id", "code", "subject"],
        unique=True,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )


def _guard(table: str, same: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION karyabina_refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION karyabina_refuse_change()"
        )
        return
    for verb in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'append_only: {table}'); END"
        )
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
        f"BEGIN SELECT RAISE(ABORT, 'append_only: {table}'); END"
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_stock_entry_told_later", "stock_entry")
    for table in (
        "stock_incident", "stock_proof", "stock_period_hold", "stock_period_balance",
        "stock_period", "stock_daily_head", "stock_daily_root",
    ):  # fmt: skip
        op.drop_table(table)
