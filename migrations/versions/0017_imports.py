"""Tables of imports: files, their content, their rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
TAKEN = sa.text("state IN ('queued', 'running', 'halted', 'done')")


def upgrade() -> None:
    """Create the tables."""
    _create_import_file()
    op.create_table(
        "import_content",
        sa.Column("file_id", BIG_ID, nullable=False, autoincrement=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["import_file.id"], name=op.f("fk_import_content_file_id")
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_import_content")),
    )
    op.create_table(
        "import_row",
        sa.Column("file_id", BIG_ID, nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("sku", sa.String(120), nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("price_idr", sa.BigInteger(), nullable=True),
        sa.Column("before_idr", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.String(20), nullable=False),
        sa.Column("origin", sa.String(12), nullable=False),
        sa.Column("lot_code", sa.String(40), nullable=False),
        sa.Column("produced_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("document", sa.String(60), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("row_key", sa.String(32), nullable=False),
        sa.Column("errors", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('ready', 'wrong', 'known', 'same', 'posted')",
            name=op.f("ck_import_row_state"),
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["import_file.id"], name=op.f("fk_import_row_file_id")
        ),
        sa.PrimaryKeyConstraint("file_id", "number", name=op.f("pk_import_row")),
    )
    op.create_index("ix_import_row_row_key", "import_row", ["row_key"])


def downgrade() -> None:
    """Drop them again."""
    op.drop_table("import_row")
    op.drop_table("import_content")
    op.drop_table("import_file")


def _create_import_file() -> None:
    op.create_table(
        "import_file",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("mode", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("format", sa.String(4), nullable=False),
        sa.Column("target", sa.String(40), nullable=False),
        sa.Column("target_sequence", sa.BigInteger(), nullable=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("entry_key", sa.String(64), nullable=False),
        sa.Column("unread", sa.Text(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_blank", sa.Integer(), nullable=False),
        sa.Column("rows_wrong", sa.Integer(), nullable=False),
        sa.Column("rows_known", sa.Integer(), nullable=False),
        sa.Column("rows_same", sa.Integer(), nullable=False),
        sa.Column("rows_posted", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("goods", sa.Integer(), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("with_known", sa.Boolean(), nullable=False),
        sa.Column("wants_stop", sa.Boolean(), nullable=False),
        sa.Column("uploaded_by", BIG_ID, nullable=True),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("confirmed_by", BIG_ID, nullable=True),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("stop_code", sa.String(80), nullable=False),
        sa.Column("has_rows", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "mode IN ('receipts', 'count', 'prices')", name=op.f("ck_import_file_mode")
        ),
        sa.CheckConstraint(
            "state IN ('checked', 'queued', 'running', 'halted', 'done', 'cancelled')",
            name=op.f("ck_import_file_state"),
        ),
        sa.CheckConstraint(
            "rows_posted BETWEEN 0 AND rows_total", name=op.f("ck_import_file_posted")
        ),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_import_file_upt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_file")),
        sa.UniqueConstraint("upt_id", "entry_key", name=op.f("uq_import_file_upt_id_entry_key")),
    )
    op.create_index(
        "uq_import_file_content",
        "import_file",
        ["upt_id", "mode", "fingerprint"],
        unique=True,
        postgresql_where=TAKEN,
        sqlite_where=TAKEN,
    )
    op.create_index("ix_import_file_upt_id_id", "import_file", ["upt_id", "id"])
