"""Pictures and their re-encoded files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables of pictures."""
    op.create_table(
        "asset",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=True),
        sa.Column("uploaded_by", BIG_ID, nullable=True),
        sa.Column("original_key", sa.String(180), nullable=False),
        sa.Column("original_format", sa.String(8), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("refused_reason", sa.String(40), nullable=True),
        sa.Column("colour", sa.String(7), nullable=True),
        sa.Column("rendition_revision", sa.Integer(), nullable=False),
        sa.Column("rendition_widths", sa.String(60), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_asset_upt_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["user.id"], name=op.f("fk_asset_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asset")),
        sa.UniqueConstraint("public_id", name=op.f("uq_asset_public_id")),
    )
    op.create_index("ix_asset_state", "asset", ["state", "id"])
    op.create_table(
        "rendition",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("asset_id", BIG_ID, nullable=False),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(180), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_rendition_asset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rendition")),
        sa.UniqueConstraint(
            "asset_id", "format", "width", name=op.f("uq_rendition_asset_id_format_width")
        ),
    )


def downgrade() -> None:
    """Drop the tables of pictures."""
    op.drop_table("rendition")
    op.drop_index("ix_asset_state", table_name="asset")
    op.drop_table("asset")
