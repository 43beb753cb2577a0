"""Categories, products, variants, pictures, archived versions, and the listing with its indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
BYTEWISE = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")

LISTING_SCOPES = ("", "root_category_id", "category_id", "province_code", "upt_slug")
LISTING_SORT_KEYS = ("position_key", "price_idr_min", "search_name")


def upgrade() -> None:
    """Create the tables of the catalogue."""
    _create_category()
    _create_product()
    _create_variant()
    _create_images_and_versions()
    _create_listing()
    _refuse_changes("product_version")


def _create_category() -> None:
    op.create_table(
        "category",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("name_en", sa.String(80), nullable=False),
        sa.Column("parent_id", BIG_ID, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("icon", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["category.id"], name=op.f("fk_category_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("slug", name=op.f("uq_category_slug")),
    )


def _create_product() -> None:
    op.create_table(
        "product",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("slug", sa.String(90), nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("category_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("search_name", BYTEWISE, nullable=False),
        sa.Column("summary", sa.String(300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("materials", sa.String(500), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("maker_credit", sa.String(120), nullable=False),
        sa.Column("lead_time_days", sa.Integer(), nullable=True),
        sa.Column("shelf_life_days", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_number", sa.Integer(), nullable=True),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_product_upt_id")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_product_category_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("slug", name=op.f("uq_product_slug")),
    )
    op.create_index("ix_product_upt_id_search_name", "product", ["upt_id", "search_name", "id"])
    op.create_index("ix_product_category_id", "product", ["category_id"])


def _create_variant() -> None:
    op.create_table(
        "variant",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("product_id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("sku", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("price_idr", sa.BigInteger(), nullable=True),
        sa.Column("weight_g", sa.Integer(), nullable=True),
        sa.Column("length_mm", sa.Integer(), nullable=True),
        sa.Column("width_mm", sa.Integer(), nullable=True),
        sa.Column("height_mm", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "price_idr IS NULL OR price_idr > 0", name=op.f("ck_variant_price_positive")
        ),
        sa.CheckConstraint(
            "weight_g IS NULL OR weight_g > 0", name=op.f("ck_variant_weight_positive")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_variant_product_id")),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_variant_upt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variant")),
        sa.UniqueConstraint("upt_id", "sku", name=op.f("uq_variant_upt_id_sku")),
    )
    op.create_index("ix_variant_product_id", "variant", ["product_id", "position"])


def _create_images_and_versions() -> None:
    op.create_table(
        "product_image",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("product_id", BIG_ID, nullable=False),
        sa.Column("asset_id", BIG_ID, nullable=False),
        sa.Column("alt", sa.String(200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_product_image_product_id")
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["asset.id"], name=op.f("fk_product_image_asset_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_image")),
    )
    op.create_index("ix_product_image_product_id", "product_image", ["product_id", "position"])
    op.create_table(
        "product_version",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("product_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_product_version_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_version")),
        sa.UniqueConstraint(
            "product_id", "number", name=op.f("uq_product_version_product_id_number")
        ),
    )


def _create_listing() -> None:
    op.create_table(
        "listing",
        sa.Column("product_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("slug", sa.String(90), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("search_name", BYTEWISE, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("upt_slug", sa.String(80), nullable=False),
        sa.Column("upt_short_name", sa.String(160), nullable=False),
        sa.Column("town", sa.String(80), nullable=False),
        sa.Column("province_code", sa.String(13), nullable=False),
        sa.Column("kanwil_id", BIG_ID, nullable=True),
        sa.Column("category_id", BIG_ID, nullable=False),
        sa.Column("root_category_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("price_idr_min", sa.BigInteger(), nullable=False),
        sa.Column("price_idr_max", sa.BigInteger(), nullable=False),
        sa.Column("has_several_prices", sa.Boolean(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("position_key", sa.BigInteger(), nullable=False),
        sa.Column("cover_asset_id", BIG_ID, nullable=True),
        sa.Column("cover_alt", sa.String(200), nullable=False),
        sa.Column("variant_ids", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_listing_product_id")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_listing")),
    )
    for scope in LISTING_SCOPES:
        for key in LISTING_SORT_KEYS:
            name = "_".join(filter(None, ("ix_listing", scope, key)))
            op.create_index(name, "listing", list(filter(None, (scope, key, "product_id"))))
    op.create_index("ix_listing_kanwil_id", "listing", ["kanwil_id"])


def _refuse_changes(table: str) -> None:
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


def downgrade() -> None:
    """Drop the tables of the catalogue; their triggers and indexes go with them."""
    for table in (
        "listing",
        "product_version",
        "product_image",
        "variant",
        "product",
        "category",
    ):
        op.drop_table(table)
