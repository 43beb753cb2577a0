"""Table of placement keys: one key, one order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table of placement keys."""
    op.create_table(
        "placement",
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("group_id", BIG_ID, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["order_group.id"], name=op.f("fk_placement_group_id")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_placement")),
        sa.UniqueConstraint("group_id", name=op.f("uq_placement_group_id")),
    )


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("placement")
