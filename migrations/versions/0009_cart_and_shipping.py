"""Tables of cart and shipping."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create carts and the rate table."""
    op.create_table(
        "cart",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=True),
        sa.Column("user_id", BIG_ID, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "(token_hash IS NULL) <> (user_id IS NULL)", name=op.f("ck_cart_has_one_owner")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_cart_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_cart_token_hash")),
        sa.UniqueConstraint("user_id", name=op.f("uq_cart_user_id")),
    )
    op.create_table(
        "cart_line",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("cart_id", BIG_ID, nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "quantity BETWEEN 1 AND 999", name=op.f("ck_cart_line_quantity_in_range")
        ),
        sa.ForeignKeyConstraint(["cart_id"], ["cart.id"], name=op.f("fk_cart_line_cart_id")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_cart_line_variant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_line")),
        sa.UniqueConstraint("cart_id", "variant_id", name=op.f("uq_cart_line_cart_id_variant_id")),
    )
    op.create_table(
        "shipping_rate",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("origin_province_code", sa.String(13), nullable=False),
        sa.Column("destination_province_code", sa.String(13), nullable=False),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("first_kg_idr", BIG_ID, nullable=False),
        sa.Column("next_kg_idr", BIG_ID, nullable=False),
        sa.Column("days_min", sa.Integer(), nullable=False),
        sa.Column("days_max", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.String(200), nullable=False),
        sa.CheckConstraint(
            "first_kg_idr >= 0 AND next_kg_idr >= 0",
            name=op.f("ck_shipping_rate_fees_not_negative"),
        ),
        sa.CheckConstraint(
            "days_min >= 0 AND days_max >= days_min", name=op.f("ck_shipping_rate_days_in_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_rate")),
        sa.UniqueConstraint(
            "origin_province_code",
            "destination_province_code",
            "service",
            "valid_from",
            name="uq_shipping_rate_way",
        ),
    )
    op.create_index(
        "ix_shipping_rate_destination",
        "shipping_rate",
        ["destination_province_code", "origin_province_code"],
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_shipping_rate_destination", table_name="shipping_rate")
    op.drop_table("shipping_rate")
    op.drop_table("cart_line")
    op.drop_table("cart")
