"""Tables of payments; money rows can only grow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create payments, their shares, money rows and reviews."""
    op.create_table(
        "payment",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("group_id", BIG_ID, nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("reference", sa.String(8), nullable=False),
        sa.Column("expected_idr", BIG_ID, nullable=False),
        sa.Column("pay_by_at", INSTANT, nullable=False),
        sa.Column("closed_reason", sa.String(12), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("expected_idr >= 1", name=op.f("ck_payment_expected_positive")),
        sa.ForeignKeyConstraint(["group_id"], ["order_group.id"], name=op.f("fk_payment_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("group_id", name=op.f("uq_payment_group_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_payment_reference")),
    )
    op.create_index("ix_payment_waiting", "payment", ["closed_reason", "id"])
    op.create_table(
        "payment_share",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("payment_id", BIG_ID, nullable=False),
        sa.Column("upt_order_id", BIG_ID, nullable=False),
        sa.Column("amount_idr", BIG_ID, nullable=False),
        sa.CheckConstraint("amount_idr >= 0", name=op.f("ck_payment_share_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_share_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["upt_order_id"], ["upt_order.id"], name=op.f("fk_payment_share_upt_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_share")),
        sa.UniqueConstraint("upt_order_id", name=op.f("uq_payment_share_upt_order_id")),
    )
    op.create_index("ix_payment_share_payment", "payment_share", ["payment_id"])
    _create_money_entry()
    op.create_table(
        "payment_review",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("payment_id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.CheckConstraint(
            "(state = 'open' AND closed_at IS NULL) OR (state = 'closed' AND closed_at IS NOT NULL)",
            name=op.f("ck_payment_review_closed_has_instant"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_review_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_review")),
    )
    op.create_index("ix_payment_review_state", "payment_review", ["state", "id"])
    op.create_index("ix_payment_review_payment", "payment_review", ["payment_id"])
    _forbid_change("money_entry")


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("payment_review")
    op.drop_table("money_entry")
    op.drop_table("payment_share")
    op.drop_table("payment")


def _create_money_entry() -> None:
    op.create_table(
        "money_entry",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("payment_id", BIG_ID, nullable=False),
        sa.Column("upt_order_id", BIG_ID, nullable=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("amount_idr", BIG_ID, nullable=False),
        sa.Column("bank_reference", sa.String(80), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("actor_user_id", BIG_ID, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entry_key", sa.String(120), nullable=False),
        sa.CheckConstraint("amount_idr >= 1", name=op.f("ck_money_entry_amount_positive")),
        sa.CheckConstraint(
            "kind IN ('received', 'settled', 'refund_due', 'refunded')",
            name=op.f("ck_money_entry_kind_known"),
        ),
        sa.CheckConstraint(
            "(kind <> 'received' OR upt_order_id IS NULL)"
            " AND (kind <> 'settled' OR upt_order_id IS NOT NULL)",
            name=op.f("ck_money_entry_kind_fits_order"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_money_entry_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["upt_order_id"], ["upt_order.id"], name=op.f("fk_money_entry_upt_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_entry")),
        sa.UniqueConstraint("entry_key", name=op.f("uq_money_entry_entry_key")),
    )
    op.create_index("ix_money_entry_payment", "money_entry", ["payment_id", "id"])


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
