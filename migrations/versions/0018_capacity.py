"""Workshops that promise their weeks, and the added-up days behind the reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables of workshops and of the reports."""
    _create_workshops()
    _create_reports()


def _create_workshops() -> None:
    op.create_table(
        "workshop",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("units_per_week", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("units_per_week BETWEEN 0 AND 1000000", name=op.f("ck_workshop_units")),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_workshop_upt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop")),
        sa.UniqueConstraint("upt_id", "name", name=op.f("uq_workshop_upt_id_name")),
        sa.UniqueConstraint("id", "upt_id", name=op.f("uq_workshop_id_upt_id")),
    )
    op.create_table(
        "workshop_item",
        sa.Column("variant_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("workshop_id", BIG_ID, nullable=False),
        sa.Column("units_per_week", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "units_per_week BETWEEN 0 AND 1000000", name=op.f("ck_workshop_item_units")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_workshop_item_variant_id")
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id", "upt_id"],
            ["workshop.id", "workshop.upt_id"],
            name=op.f("fk_workshop_item_workshop_id_upt_id"),
        ),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_workshop_item")),
    )
    op.create_index(op.f("ix_workshop_item_workshop_id"), "workshop_item", ["workshop_id"])
    op.create_index(op.f("ix_workshop_item_upt_id"), "workshop_item", ["upt_id"])
    op.create_table(
        "workshop_pause",
        sa.Column("workshop_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("week_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_pause_workshop_id")
        ),
        sa.PrimaryKeyConstraint("workshop_id", "week_on", name=op.f("pk_workshop_pause")),
    )


def _create_reports() -> None:
    op.create_table(
        "report_day",
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("variant_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("from_account", sa.String(20), nullable=False),
        sa.Column("to_account", sa.String(20), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_report_day_upt_id")),
        sa.PrimaryKeyConstraint(
            "upt_id", "variant_id", "day", "kind", "from_account", "to_account",
            name=op.f("pk_report_day"),
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_report_day_upt_id_day"), "report_day", ["upt_id", "day"])
    op.create_table(
        "report_item",
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("variant_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("first_in_on", sa.Date(), nullable=True),
        sa.Column("last_out_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_report_item_upt_id")),
        sa.PrimaryKeyConstraint("upt_id", "variant_id", name=op.f("pk_report_item")),
    )
    op.create_table(
        "report_upt",
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("value_idr", sa.BigInteger(), nullable=False),
        sa.Column("dead_pieces", sa.BigInteger(), nullable=False),
        sa.Column("dead_idr", sa.BigInteger(), nullable=False),
        sa.Column("low_count", sa.Integer(), nullable=False),
        sa.Column("last_moved_at", INSTANT, nullable=True),
        sa.Column("refreshed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_report_upt_upt_id")),
        sa.PrimaryKeyConstraint("upt_id", name=op.f("pk_report_upt")),
    )


def downgrade() -> None:
    """Drop them again."""
    for name in (
        "report_upt", "report_item", "report_day", "workshop_pause", "workshop_item", "workshop",
    ):  # fmt: skip
        op.drop_table(name)
