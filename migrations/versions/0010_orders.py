"""Tables of orders; the history can only grow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create order groups, child orders, lines, their holds and their history."""
    _create_groups()
    _create_children()
    _create_lines()
    _create_history()
    _forbid_change("order_event")


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("order_event")
    op.drop_table("order_line_hold")
    op.drop_table("order_line")
    op.drop_table("upt_order")
    op.drop_table("order_group")


def _create_groups() -> None:
    op.create_table(
        "order_group",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("buyer_user_id", BIG_ID, nullable=True),
        sa.Column("contact_name", sa.String(120), nullable=False),
        sa.Column("contact_email", sa.String(254), nullable=False),
        sa.Column("contact_phone", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recipient", sa.String(120), nullable=True),
        sa.Column("recipient_phone", sa.String(20), nullable=True),
        sa.Column("street", sa.String(300), nullable=True),
        sa.Column("village_code", sa.String(13), nullable=True),
        sa.Column("village", sa.String(120), nullable=True),
        sa.Column("district", sa.String(120), nullable=True),
        sa.Column("regency", sa.String(120), nullable=True),
        sa.Column("province", sa.String(120), nullable=True),
        sa.Column("province_code", sa.String(13), nullable=True),
        sa.Column("postcode", sa.String(5), nullable=True),
        sa.Column("goods_total_idr", BIG_ID, nullable=False),
        sa.Column("shipping_total_idr", BIG_ID, nullable=False),
        sa.Column("total_idr", BIG_ID, nullable=False),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("pay_by_at", INSTANT, nullable=False),
        sa.Column("holds_until", INSTANT, nullable=False),
        sa.CheckConstraint(
            "total_idr = goods_total_idr + shipping_total_idr",
            name=op.f("ck_order_group_total_adds_up"),
        ),
        sa.CheckConstraint(
            "goods_total_idr >= 0 AND shipping_total_idr >= 0",
            name=op.f("ck_order_group_not_negative"),
        ),
        sa.CheckConstraint(
            "holds_until >= pay_by_at", name=op.f("ck_order_group_grace_after_deadline")
        ),
        sa.ForeignKeyConstraint(
            ["buyer_user_id"], ["user.id"], name=op.f("fk_order_group_buyer_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_group")),
        sa.UniqueConstraint("number", name=op.f("uq_order_group_number")),
    )
    op.create_index("ix_order_group_buyer", "order_group", ["buyer_user_id", "id"])


def _create_children() -> None:
    op.create_table(
        "upt_order",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("group_id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("number", sa.String(28), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("delivery_method", sa.String(12), nullable=False),
        sa.Column("delivery_service", sa.String(40), nullable=False),
        sa.Column("delivery_days_max", sa.Integer(), nullable=False),
        sa.Column("shipping_fee_idr", BIG_ID, nullable=False),
        sa.Column("weight_g", BIG_ID, nullable=False),
        sa.Column("goods_total_idr", BIG_ID, nullable=False),
        sa.Column("total_idr", BIG_ID, nullable=False),
        sa.Column("act_by_at", INSTANT, nullable=True),
        sa.Column("carrier", sa.String(60), nullable=False),
        sa.Column("tracking_number", sa.String(60), nullable=False),
        sa.Column("reason_code", sa.String(30), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("shipped_at", INSTANT, nullable=True),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "total_idr = goods_total_idr + shipping_fee_idr",
            name=op.f("ck_upt_order_total_adds_up"),
        ),
        sa.CheckConstraint(
            "goods_total_idr >= 0 AND shipping_fee_idr >= 0",
            name=op.f("ck_upt_order_not_negative"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_upt_order_version_positive")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["order_group.id"], name=op.f("fk_upt_order_group_id")
        ),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_upt_order_upt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upt_order")),
        sa.UniqueConstraint("number", name=op.f("uq_upt_order_number")),
        sa.UniqueConstraint("group_id", "upt_id", name=op.f("uq_upt_order_group_id_upt_id")),
    )
    op.create_index("ix_upt_order_upt", "upt_order", ["upt_id", "state", "id"])
    op.create_index("ix_upt_order_due", "upt_order", ["state", "act_by_at"])


def _create_lines() -> None:
    op.create_table(
        "order_line",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_order_id", BIG_ID, nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=False),
        sa.Column("product_id", BIG_ID, nullable=False),
        sa.Column("product_version_id", BIG_ID, nullable=False),
        sa.Column("sku", sa.String(60), nullable=False),
        sa.Column("product_name", sa.String(200), nullable=False),
        sa.Column("variant_name", sa.String(200), nullable=False),
        sa.Column("unit_price_idr", BIG_ID, nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("line_total_idr", BIG_ID, nullable=False),
        sa.Column("cover_asset_id", BIG_ID, nullable=True),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_order_line_quantity_positive")),
        sa.CheckConstraint(
            "line_total_idr = unit_price_idr * quantity", name=op.f("ck_order_line_total_adds_up")
        ),
        sa.ForeignKeyConstraint(
            ["upt_order_id"], ["upt_order.id"], name=op.f("fk_order_line_upt_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_order_line_variant_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_order_line_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_version_id"],
            ["product_version.id"],
            name=op.f("fk_order_line_product_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["cover_asset_id"], ["asset.id"], name=op.f("fk_order_line_cover_asset_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint(
            "upt_order_id", "variant_id", name=op.f("uq_order_line_upt_order_id_variant_id")
        ),
    )
    op.create_index("ix_order_line_variant", "order_line", ["variant_id"])
    op.create_table(
        "order_line_hold",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("order_line_id", BIG_ID, nullable=False),
        sa.Column("hold_id", BIG_ID, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_order_line_hold_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("fk_order_line_hold_order_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["stock_hold.entry_id"], name=op.f("fk_order_line_hold_hold_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line_hold")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_order_line_hold_hold_id")),
    )
    op.create_index("ix_order_line_hold_line", "order_line_hold", ["order_line_id"])


def _create_history() -> None:
    op.create_table(
        "order_event",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("group_id", BIG_ID, nullable=False),
        sa.Column("upt_order_id", BIG_ID, nullable=True),
        sa.Column("event", sa.String(30), nullable=False),
        sa.Column("from_state", sa.String(16), nullable=False),
        sa.Column("to_state", sa.String(16), nullable=False),
        sa.Column("actor_kind", sa.String(12), nullable=False),
        sa.Column("actor_user_id", BIG_ID, nullable=True),
        sa.Column("actor_label", sa.String(200), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["order_group.id"], name=op.f("fk_order_event_group_id")
        ),
        sa.ForeignKeyConstraint(
            ["upt_order_id"], ["upt_order.id"], name=op.f("fk_order_event_upt_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_event")),
    )
    op.create_index("ix_order_event_group", "order_event", ["group_id", "id"])
    op.create_index("ix_order_event_upt_order", "order_event", ["upt_order_id", "id"])


def _forbid_change(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION karyabina_refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION karyabina_refuse_change()"
        )
        return
    refuse = f"BEGIN SELECT RAISE(ABORT, 'append_only: {table}'); END"
    op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
        f" WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) {refuse}"
    )
