"""Regional offices, units, dated names and aliases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables of the upt package."""
    op.create_table(
        "kanwil",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kanwil")),
        sa.UniqueConstraint("code", name=op.f("uq_kanwil_code")),
    )
    op.create_table(
        "kanwil_province",
        sa.Column("province_code", sa.String(2), nullable=False),
        sa.Column("kanwil_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["province_code"], ["province.code"], name=op.f("fk_kanwil_province_province_code")
        ),
        sa.ForeignKeyConstraint(
            ["kanwil_id"], ["kanwil.id"], name=op.f("fk_kanwil_province_kanwil_id")
        ),
        sa.PrimaryKeyConstraint("province_code", name=op.f("pk_kanwil_province")),
    )
    op.create_table(
        "upt",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("subkind", sa.String(12), nullable=False),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("short_name", sa.String(120), nullable=False),
        sa.Column("kanwil_id", BIG_ID, nullable=False),
        sa.Column("regency_code", sa.String(5), nullable=False),
        sa.Column("village_code", sa.String(13), nullable=True),
        sa.Column("address_line", sa.String(200), nullable=False),
        sa.Column("postcode", sa.String(5), nullable=False),
        sa.Column("phone", sa.String(30), nullable=False),
        sa.Column("timezone", sa.String(40), nullable=False),
        sa.Column("opening_hours", sa.String(300), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("story_title", sa.String(120), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("cover_asset_id", BIG_ID, nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["kanwil_id"], ["kanwil.id"], name=op.f("fk_upt_kanwil_id")),
        sa.ForeignKeyConstraint(
            ["regency_code"], ["regency.code"], name=op.f("fk_upt_regency_code")
        ),
        sa.ForeignKeyConstraint(
            ["village_code"], ["village.code"], name=op.f("fk_upt_village_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upt")),
        sa.UniqueConstraint("slug", name=op.f("uq_upt_slug")),
    )
    op.create_index("ix_upt_kanwil_id", "upt", ["kanwil_id"])
    op.create_index("ix_upt_short_name", "upt", ["short_name", "id"])
    op.create_table(
        "upt_name",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("class", sa.String(10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_upt_name_period")
        ),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_upt_name_upt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upt_name")),
        sa.UniqueConstraint("upt_id", "valid_from", name=op.f("uq_upt_name_upt_id_valid_from")),
    )
    op.create_table(
        "upt_alias",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("text", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_upt_alias_upt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upt_alias")),
        sa.UniqueConstraint("upt_id", "text", name=op.f("uq_upt_alias_upt_id_text")),
    )


def downgrade() -> None:
    """Drop the tables of the upt package."""
    op.drop_table("upt_alias")
    op.drop_table("upt_name")
    op.drop_table("upt")
    op.drop_table("kanwil_province")
    op.drop_table("kanwil")
