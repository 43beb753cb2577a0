"""Provinces, regencies, districts and villages with postcodes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

FOLDED = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")
POSTCODE = sa.String(5).with_variant(sa.String(5, collation="C"), "postgresql")


def upgrade() -> None:
    """Create the four levels of places."""
    op.create_table(
        "province",
        sa.Column("code", sa.String(2), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_province")),
    )
    op.create_table(
        "regency",
        sa.Column("code", sa.String(5), nullable=False),
        sa.Column("province_code", sa.String(2), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["province_code"], ["province.code"], name=op.f("fk_regency_province_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_regency")),
    )
    op.create_index("ix_regency_province_code", "regency", ["province_code"])
    op.create_table(
        "district",
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("regency_code", sa.String(5), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("search_name", FOLDED, nullable=False),
        sa.Column("trail", sa.String(240), nullable=False),
        sa.ForeignKeyConstraint(
            ["regency_code"], ["regency.code"], name=op.f("fk_district_regency_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_district")),
    )
    op.create_index("ix_district_regency_code", "district", ["regency_code"])
    op.create_index("ix_district_search_name", "district", ["search_name"])
    op.create_table(
        "village",
        sa.Column("code", sa.String(13), nullable=False),
        sa.Column("district_code", sa.String(8), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("postcode", POSTCODE, nullable=False),
        sa.Column("search_name", FOLDED, nullable=False),
        sa.ForeignKeyConstraint(
            ["district_code"], ["district.code"], name=op.f("fk_village_district_code")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_village")),
    )
    op.create_index("ix_village_search_name", "village", ["search_name", "code"])
    op.create_index("ix_village_postcode", "village", ["postcode", "code"])
    op.create_index("ix_village_district_code", "village", ["district_code"])
    op.create_table(
        "place_release",
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_place_release")),
    )


def downgrade() -> None:
    """Drop the places."""
    op.drop_table("place_release")
    op.drop_table("village")
    op.drop_table("district")
    op.drop_table("regency")
    op.drop_table("province")
