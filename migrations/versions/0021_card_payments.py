"""Card payment: tries at a provider, its signed notices, money sent back through it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Create the three tables."""
    _create_attempts()
    _create_events()
    _create_refunds()


def _create_attempts() -> None:
    op.create_table(
        "payment_attempt",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("payment_id", BIG_ID, nullable=False),
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("amount_idr", BIG_ID, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("page_id", sa.String(120), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("intent_id", sa.String(120), nullable=True),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.CheckConstraint("amount_idr >= 1", name=op.f("ck_payment_attempt_amount_positive")),
        sa.CheckConstraint(
            "state IN ('open', 'succeeded', 'expired', 'cancelled')",
            name=op.f("ck_payment_attempt_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_attempt_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_attempt")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_attempt_key")),
        sa.UniqueConstraint("page_id", name=op.f("uq_payment_attempt_page_id")),
        sa.UniqueConstraint("intent_id", name=op.f("uq_payment_attempt_intent_id")),
    )
    op.create_index(
        "uq_payment_attempt_open",
        "payment_attempt",
        ["payment_id"],
        unique=True,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index("ix_payment_attempt_payment", "payment_attempt", ["payment_id", "id"])
    op.create_index("ix_payment_attempt_state", "payment_attempt", ["state", "expires_at"])


def _create_events() -> None:
    op.create_table(
        "gateway_event",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("event_id", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(120), nullable=False),
        sa.Column("page_id", sa.String(120), nullable=True),
        sa.Column("intent_id", sa.String(120), nullable=True),
        sa.Column("attempt_key", sa.String(80), nullable=True),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("applied_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('new', 'applied', 'ignored')", name=op.f("ck_gateway_event_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_event")),
        sa.UniqueConstraint(
            "provider", "event_id", name=op.f("uq_gateway_event_provider_event_id")
        ),
    )
    op.create_index("ix_gateway_event_state", "gateway_event", ["state", "id"])


def _create_refunds() -> None:
    op.create_table(
        "refund_attempt",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("payment_id", BIG_ID, nullable=False),
        sa.Column("upt_order_id", BIG_ID, nullable=True),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("intent_id", sa.String(120), nullable=False),
        sa.Column("amount_idr", BIG_ID, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("refund_id", sa.String(120), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.CheckConstraint("amount_idr >= 1", name=op.f("ck_refund_attempt_amount_positive")),
        sa.CheckConstraint(
            "state IN ('open', 'succeeded', 'failed')", name=op.f("ck_refund_attempt_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_refund_attempt_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["upt_order_id"], ["upt_order.id"], name=op.f("fk_refund_attempt_upt_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_attempt")),
        sa.UniqueConstraint("key", name=op.f("uq_refund_attempt_key")),
    )
    op.create_index("ix_refund_attempt_state", "refund_attempt", ["state", "id"])
    op.create_index("ix_refund_attempt_payment", "refund_attempt", ["payment_id", "id"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("refund_attempt")
    op.drop_table("gateway_event")
    op.drop_table("payment_attempt")
