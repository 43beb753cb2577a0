"""Stock counts: campaigns, sheets frozen at a ledger position, their rows, history and posting.

The history and the posting of a sheet cannot be changed or removed. A posting by somebody who opened,
counted or handed in the same sheet is refused by the database itself.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

OPEN = sa.text("is_open")
LEFT = sa.text("quantity IS NULL")
ASKED = sa.text("is_recount_asked")
LIVE = sa.text("campaign_id IS NOT NULL AND state <> 'cancelled'")

MAKERS = "('opened', 'counted', 'cleared', 'added', 'recounted', 'handed_in')"


def upgrade() -> None:
    """Create the tables of counts and their guards."""
    _create_campaigns()
    _create_sheets()
    _create_rows()
    _create_history()
    _forbid_change("count_event", "id")
    _forbid_change("count_posting", "sheet_id")
    _demand_second_person()


def _create_campaigns() -> None:
    op.create_table(
        "count_campaign",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("entry_key", sa.String(80), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("kanwil_id", BIG_ID, nullable=True),
        sa.Column("scope_kind", sa.String(12), nullable=False),
        sa.Column("scope_place", sa.String(20), nullable=True),
        sa.Column("scope_category_id", BIG_ID, nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("opened_by", BIG_ID, nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_count_campaign_days")),
        sa.ForeignKeyConstraint(
            ["kanwil_id"], ["kanwil.id"], name=op.f("fk_count_campaign_kanwil_id")
        ),
        sa.ForeignKeyConstraint(
            ["scope_category_id"],
            ["category.id"],
            name=op.f("fk_count_campaign_scope_category_id"),
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["user.id"], name=op.f("fk_count_campaign_opened_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_campaign")),
        sa.UniqueConstraint("entry_key", name=op.f("uq_count_campaign_entry_key")),
    )


def _create_sheets() -> None:
    op.create_table(
        "count_sheet",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("entry_key", sa.String(80), nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("campaign_id", BIG_ID, nullable=True),
        sa.Column("scope_kind", sa.String(12), nullable=False),
        sa.Column("scope_place", sa.String(20), nullable=True),
        sa.Column("scope_category_id", BIG_ID, nullable=True),
        sa.Column("scope_goods", sa.Text(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ledger_sequence", sa.BigInteger(), nullable=False),
        sa.Column("ledger_hash", sa.String(64), nullable=False),
        sa.Column("opened_by", BIG_ID, nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("handed_in_at", INSTANT, nullable=True),
        sa.Column("decided_by", BIG_ID, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=True),
        sa.Column("gain_idr", sa.BigInteger(), nullable=True),
        sa.Column("loss_idr", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('counting', 'handed_in', 'approved', 'cancelled')",
            name=op.f("ck_count_sheet_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'cancelled') OR decided_at IS NOT NULL",
            name=op.f("ck_count_sheet_decided"),
        ),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_count_sheet_upt_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["count_campaign.id"], name=op.f("fk_count_sheet_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["scope_category_id"], ["category.id"], name=op.f("fk_count_sheet_scope_category_id")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["user.id"], name=op.f("fk_count_sheet_opened_by")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_count_sheet_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_sheet")),
        sa.UniqueConstraint("code", name=op.f("uq_count_sheet_code")),
        sa.UniqueConstraint("entry_key", name=op.f("uq_count_sheet_entry_key")),
    )
    op.create_index("ix_count_sheet_upt_id", "count_sheet", ["upt_id", "id"])
    op.create_index(
        "uq_count_sheet_campaign",
        "count_sheet",
        ["campaign_id", "upt_id"],
        unique=True,
        postgresql_where=LIVE,
        sqlite_where=LIVE,
    )


def _create_rows() -> None:
    op.create_table(
        "count_row",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("sheet_id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=False),
        sa.Column("lot_id", BIG_ID, nullable=True),
        sa.Column("account", sa.String(20), nullable=False),
        sa.Column("lot_code", sa.String(40), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("sku", sa.String(40), nullable=False),
        sa.Column("name", sa.String(210), nullable=False),
        sa.Column("price_idr", sa.BigInteger(), nullable=True),
        sa.Column("book_quantity", sa.BigInteger(), nullable=False),
        sa.Column("is_added", sa.Boolean(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("moved_quantity", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("counted_by", BIG_ID, nullable=True),
        sa.Column("counted_at", INSTANT, nullable=True),
        sa.Column("is_recount_asked", sa.Boolean(), nullable=False),
        sa.Column("recount_quantity", sa.Integer(), nullable=True),
        sa.Column("recount_moved", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("reason_note", sa.String(200), nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=True),
        sa.Column("is_left", sa.Boolean(), nullable=False),
        sa.CheckConstraint("book_quantity >= 0", name=op.f("ck_count_row_book")),
        sa.CheckConstraint(
            "quantity IS NULL OR quantity BETWEEN 0 AND 1000000",
            name=op.f("ck_count_row_quantity"),
        ),
        sa.CheckConstraint(
            "recount_quantity IS NULL OR recount_quantity BETWEEN 0 AND 1000000",
            name=op.f("ck_count_row_recount"),
        ),
        sa.CheckConstraint(
            "entry_id IS NULL OR NOT is_left", name=op.f("ck_count_row_posted_or_left")
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["count_sheet.id"], name=op.f("fk_count_row_sheet_id")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_count_row_variant_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["stock_lot.id"], name=op.f("fk_count_row_lot_id")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["stock_entry.id"], name=op.f("fk_count_row_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_row")),
        sa.UniqueConstraint("sheet_id", "number", name=op.f("uq_count_row_sheet_id_number")),
        sa.UniqueConstraint(
            "sheet_id", "variant_id", "lot_code", "account", name=op.f("uq_count_row_goods")
        ),
    )
    op.create_index(
        "uq_count_row_open",
        "count_row",
        ["upt_id", "variant_id", "lot_code", "account"],
        unique=True,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index(
        "ix_count_row_left",
        "count_row",
        ["sheet_id", "number"],
        postgresql_where=LEFT,
        sqlite_where=LEFT,
    )
    op.create_index(
        "ix_count_row_recount",
        "count_row",
        ["sheet_id", "number"],
        postgresql_where=ASKED,
        sqlite_where=ASKED,
    )


def _create_history() -> None:
    op.create_table(
        "count_event",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("sheet_id", BIG_ID, nullable=False),
        sa.Column("row_id", BIG_ID, nullable=True),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("actor_user_id", BIG_ID, nullable=True),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["count_sheet.id"], name=op.f("fk_count_event_sheet_id")
        ),
        sa.ForeignKeyConstraint(["row_id"], ["count_row.id"], name=op.f("fk_count_event_row_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_event")),
    )
    op.create_index(
        "ix_count_event_sheet_id", "count_event", ["sheet_id", "event", "actor_user_id"]
    )
    op.create_table(
        "count_posting",
        sa.Column("sheet_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("source_key", sa.String(80), nullable=False),
        sa.Column("approved_by", BIG_ID, nullable=False),
        sa.Column("approved_at", INSTANT, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("posted_rows", sa.Integer(), nullable=False),
        sa.Column("left_rows", sa.Integer(), nullable=False),
        sa.Column("gain_idr", sa.BigInteger(), nullable=False),
        sa.Column("loss_idr", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("gain_idr >= 0 AND loss_idr >= 0", name=op.f("ck_count_posting_values")),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["count_sheet.id"], name=op.f("fk_count_posting_sheet_id")
        ),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_count_posting_upt_id")),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user.id"], name=op.f("fk_count_posting_approved_by")
        ),
        sa.PrimaryKeyConstraint("sheet_id", name=op.f("pk_count_posting")),
        sa.UniqueConstraint("source_key", name=op.f("uq_count_posting_source_key")),
    )


def _forbid_change(table: str, key: str) -> None:
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
    if key == "id":  # a second posting is refused by its primary key, under its own name
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) {refuse}"
        )
        return
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
        f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"
        f" BEGIN SELECT RAISE(ABORT, 'pk_{table}'); END"
    )


def _demand_second_person() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"""
            CREATE FUNCTION count_second_person() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT FROM count_event e
                            WHERE e.sheet_id = NEW.sheet_id AND e.event IN {MAKERS}
                              AND e.actor_user_id = NEW.approved_by) THEN
                    RAISE EXCEPTION 'count_second_person: sheet %', NEW.sheet_id
                        USING ERRCODE = 'integrity_constraint_violation',
                              CONSTRAINT = 'count_second_person';
                END IF;
                RETURN NEW;
            END $$
            """
        )
        op.execute(
            "CREATE TRIGGER count_posting_second_person BEFORE INSERT ON count_posting"
            " FOR EACH ROW EXECUTE FUNCTION count_second_person()"
        )
        return
    op.execute(
        "CREATE TRIGGER count_posting_second_person BEFORE INSERT ON count_posting"
        " WHEN EXISTS (SELECT 1 FROM count_event e WHERE e.sheet_id = NEW.sheet_id"
        f" AND e.event IN {MAKERS} AND e.actor_user_id = NEW.approved_by)"
        " BEGIN SELECT RAISE(ABORT, 'count_second_person'); END"
    )


def downgrade() -> None:
    """Drop counts again."""
    op.drop_table("count_posting")
    op.drop_table("count_event")
    op.drop_table("count_row")
    op.drop_table("count_sheet")
    op.drop_table("count_campaign")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION count_second_person()")
