"""Rates by UPT, regency, carrier and step of weight; free delivery; times of pick-up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
WAY = ("origin_province_code", "destination_province_code", "service", "valid_from")
WIDER_WAY = (
    "origin_upt_id", "origin_province_code", "destination_province_code",
    "destination_regency_code", "carrier", "service", "valid_from",
)  # fmt: skip


def upgrade() -> None:
    """Widen the rate table and create the others."""
    with op.batch_alter_table("shipping_rate") as batch:
        batch.drop_constraint("uq_shipping_rate_way", type_="unique")
        batch.add_column(sa.Column("origin_upt_id", BIG_ID, nullable=False, server_default="0"))
        batch.add_column(
            sa.Column("destination_regency_code", sa.String(5), nullable=False, server_default="")
        )
        batch.add_column(
            sa.Column("carrier", sa.String(12), nullable=False, server_default="kurir")
        )
        batch.add_column(sa.Column("first_kg", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("tiers", sa.String(200), nullable=False, server_default=""))
        batch.create_unique_constraint("uq_shipping_rate_way", list(WIDER_WAY))
        batch.create_check_constraint(op.f("ck_shipping_rate_first_kg_positive"), "first_kg >= 1")
        batch.create_check_constraint(
            op.f("ck_shipping_rate_one_origin"),
            "(origin_upt_id = 0) <> (origin_province_code = '')",
        )
        batch.create_index("ix_shipping_rate_upt", ["origin_upt_id", "id"])
    with op.batch_alter_table("shipping_rate") as batch:
        for name in ("origin_upt_id", "destination_regency_code", "carrier", "first_kg", "tiers"):
            batch.alter_column(name, server_default=None)
    op.execute("UPDATE shipping_rate SET carrier = 'kargo' WHERE service = 'kargo'")
    op.create_table(
        "shipping_free_rule",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("from_idr", BIG_ID, nullable=False),
        sa.Column("province_code", sa.String(2), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("entry_key", sa.String(80), nullable=False),
        sa.CheckConstraint("from_idr >= 0", name=op.f("ck_shipping_free_rule_amount_not_negative")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from",
            name=op.f("ck_shipping_free_rule_days_in_order"),
        ),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_shipping_free_rule_upt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_free_rule")),
        sa.UniqueConstraint("entry_key", name=op.f("uq_shipping_free_rule_entry_key")),
    )
    op.create_index("ix_shipping_free_rule_upt", "shipping_free_rule", ["upt_id", "id"])
    _create_pickups()


def _create_pickups() -> None:
    op.create_table(
        "pickup_plan",
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("weekdays", sa.String(7), nullable=False),
        sa.Column("opens_minute", sa.Integer(), nullable=False),
        sa.Column("closes_minute", sa.Integer(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("lead_hours", sa.Integer(), nullable=False),
        sa.Column("days_ahead", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "opens_minute >= 0 AND closes_minute <= 1440 AND closes_minute > opens_minute",
            name=op.f("ck_pickup_plan_hours_in_order"),
        ),
        sa.CheckConstraint(
            "slot_minutes BETWEEN 10 AND 480", name=op.f("ck_pickup_plan_slot_length")
        ),
        sa.CheckConstraint(
            "capacity BETWEEN 1 AND 500", name=op.f("ck_pickup_plan_capacity_in_range")
        ),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_pickup_plan_upt_id")),
        sa.PrimaryKeyConstraint("upt_id", name=op.f("pk_pickup_plan")),
    )
    op.create_table(
        "pickup_booking",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("number", sa.String(28), nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("booked_at", INSTANT, nullable=False),
        sa.Column("released_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_pickup_booking_upt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pickup_booking")),
        sa.UniqueConstraint("number", name=op.f("uq_pickup_booking_number")),
    )
    op.create_index("ix_pickup_booking_upt", "pickup_booking", ["upt_id", "starts_at"])


def downgrade() -> None:
    """Take it all away; rates that the former table cannot hold go."""
    op.drop_table("pickup_booking")
    op.drop_table("pickup_plan")
    op.drop_table("shipping_free_rule")
    op.execute(
        "DELETE FROM shipping_rate WHERE origin_upt_id <> 0 OR destination_regency_code <> ''"
        " OR (carrier = 'kurir') = (service = 'kargo')"
    )
    with op.batch_alter_table("shipping_rate") as batch:
        batch.drop_index("ix_shipping_rate_upt")
        batch.drop_constraint("uq_shipping_rate_way", type_="unique")
        batch.drop_constraint(op.f("ck_shipping_rate_one_origin"), type_="check")
        batch.drop_constraint(op.f("ck_shipping_rate_first_kg_positive"), type_="check")
        for name in ("origin_upt_id", "destination_regency_code", "carrier", "first_kg", "tiers"):
            batch.drop_column(name)
        batch.create_unique_constraint("uq_shipping_rate_way", list(WAY))
