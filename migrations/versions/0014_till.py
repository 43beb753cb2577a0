"""Tables of the till; sales, lines, payments and counts of the drawer can only grow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
APPEND_ONLY = ("till_sale", "till_line", "till_payment", "till_close")


def upgrade() -> None:
    """Create drafts, prices of seconds, the series, sales with lines and money, and closes."""
    _create_drafts()
    op.create_table(
        "till_second_price",
        sa.Column("variant_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("price_idr", BIG_ID, nullable=False),
        sa.Column("set_by", BIG_ID, nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.CheckConstraint("price_idr >= 1", name=op.f("ck_till_second_price_price_positive")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_till_second_price_variant_id")
        ),
        sa.PrimaryKeyConstraint("variant_id", name=op.f("pk_till_second_price")),
    )
    op.create_table(
        "till_series",
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_till_series_upt_id")),
        sa.PrimaryKeyConstraint("upt_id", name=op.f("pk_till_series")),
    )
    _create_sale()
    _create_line()
    _create_payment()
    _create_close()
    for table in APPEND_ONLY:
        _forbid_change(table)
    _keep_the_series()


def downgrade() -> None:
    """Drop them again."""
    for table in ("till_close", "till_payment", "till_line", "till_sale", "till_series"):
        op.drop_table(table)
    for table in ("till_second_price", "till_draft_line", "till_draft"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION till_sale_turn()")


def _create_drafts() -> None:
    op.create_table(
        "till_draft",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("recent_keys", sa.String(600), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_till_draft_upt_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_till_draft_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_draft")),
        sa.UniqueConstraint("upt_id", "user_id", name=op.f("uq_till_draft_upt_id_user_id")),
    )
    op.create_table(
        "till_draft_line",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("draft_id", BIG_ID, nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=False),
        sa.Column("grade", sa.String(8), nullable=False),
        sa.Column("lot_id", BIG_ID, nullable=True),
        sa.Column("lot_code", sa.String(40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price_idr", BIG_ID, nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "quantity BETWEEN 1 AND 999", name=op.f("ck_till_draft_line_quantity_in_range")
        ),
        sa.CheckConstraint(
            "grade IN ('first', 'second')", name=op.f("ck_till_draft_line_grade_known")
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["till_draft.id"], name=op.f("fk_till_draft_line_draft_id")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_till_draft_line_variant_id")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["stock_lot.id"], name=op.f("fk_till_draft_line_lot_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_draft_line")),
    )
    op.create_index("ix_till_draft_line_draft", "till_draft_line", ["draft_id", "id"])


def _create_sale() -> None:
    op.create_table(
        "till_sale",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("number", sa.String(110), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("undoes_id", BIG_ID, nullable=True),
        sa.Column("total_idr", BIG_ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sold_at", INSTANT, nullable=False),
        sa.Column("actor_user_id", BIG_ID, nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("entry_key", sa.String(64), nullable=False),
        sa.CheckConstraint(
            "(kind = 'sale' AND total_idr > 0 AND undoes_id IS NULL)"
            " OR (kind = 'undo' AND total_idr < 0 AND undoes_id IS NOT NULL AND reason <> '')",
            name=op.f("ck_till_sale_kind_fits"),
        ),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_till_sale_upt_id")),
        sa.ForeignKeyConstraint(
            ["undoes_id"], ["till_sale.id"], name=op.f("fk_till_sale_undoes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_sale")),
        sa.UniqueConstraint("number", name=op.f("uq_till_sale_number")),
        sa.UniqueConstraint(
            "upt_id", "year", "sequence", name=op.f("uq_till_sale_upt_id_year_sequence")
        ),
        sa.UniqueConstraint("entry_key", name=op.f("uq_till_sale_entry_key")),
        sa.UniqueConstraint("token", name=op.f("uq_till_sale_token")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_till_sale_undoes_id")),
    )
    op.create_index("ix_till_sale_day", "till_sale", ["upt_id", "day", "id"])
    op.create_index("ix_till_sale_upt", "till_sale", ["upt_id", "id"])


def _create_line() -> None:
    op.create_table(
        "till_line",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("sale_id", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=False),
        sa.Column("lot_id", BIG_ID, nullable=False),
        sa.Column("entry_id", BIG_ID, nullable=False),
        sa.Column("account", sa.String(20), nullable=False),
        sa.Column("grade", sa.String(8), nullable=False),
        sa.Column("sku", sa.String(40), nullable=False),
        sa.Column("name", sa.String(210), nullable=False),
        sa.Column("lot_code", sa.String(40), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price_idr", BIG_ID, nullable=False),
        sa.Column("amount_idr", BIG_ID, nullable=False),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_till_line_quantity_not_zero")),
        sa.CheckConstraint("price_idr >= 1", name=op.f("ck_till_line_price_positive")),
        sa.CheckConstraint(
            "amount_idr = quantity * price_idr", name=op.f("ck_till_line_amount_adds_up")
        ),
        sa.CheckConstraint("grade IN ('first', 'second')", name=op.f("ck_till_line_grade_known")),
        sa.ForeignKeyConstraint(["sale_id"], ["till_sale.id"], name=op.f("fk_till_line_sale_id")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_till_line_variant_id")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["stock_lot.id"], name=op.f("fk_till_line_lot_id")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["stock_entry.id"], name=op.f("fk_till_line_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_line")),
        sa.UniqueConstraint("sale_id", "position", name=op.f("uq_till_line_sale_id_position")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_till_line_entry_id")),
    )


def _create_payment() -> None:
    op.create_table(
        "till_payment",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("sale_id", BIG_ID, nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("amount_idr", BIG_ID, nullable=False),
        sa.Column("given_idr", BIG_ID, nullable=False),
        sa.Column("change_idr", BIG_ID, nullable=False),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.CheckConstraint(
            "method IN ('cash', 'qris', 'transfer')", name=op.f("ck_till_payment_method_known")
        ),
        sa.CheckConstraint("amount_idr <> 0", name=op.f("ck_till_payment_amount_not_zero")),
        sa.CheckConstraint(
            "given_idr >= 0 AND change_idr >= 0"
            " AND (amount_idr < 0 OR amount_idr = given_idr - change_idr)",
            name=op.f("ck_till_payment_change_adds_up"),
        ),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["till_sale.id"], name=op.f("fk_till_payment_sale_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_payment")),
        sa.UniqueConstraint("sale_id", name=op.f("uq_till_payment_sale_id")),
    )


def _create_close() -> None:
    op.create_table(
        "till_close",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=False),
        sa.Column("actor_user_id", BIG_ID, nullable=False),
        sa.Column("last_sale_id", BIG_ID, nullable=False),
        sa.Column("opening_idr", BIG_ID, nullable=False),
        sa.Column("cash_idr", BIG_ID, nullable=False),
        sa.Column("counted_idr", BIG_ID, nullable=False),
        sa.Column("left_idr", BIG_ID, nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("entry_key", sa.String(64), nullable=False),
        sa.CheckConstraint(
            "counted_idr >= 0 AND left_idr >= 0 AND left_idr <= counted_idr",
            name=op.f("ck_till_close_amounts_fit"),
        ),
        sa.CheckConstraint(
            "counted_idr = opening_idr + cash_idr OR reason <> ''",
            name=op.f("ck_till_close_difference_explained"),
        ),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_till_close_upt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_close")),
        sa.UniqueConstraint("entry_key", name=op.f("uq_till_close_entry_key")),
    )
    op.create_index("ix_till_close_upt", "till_close", ["upt_id", "id"])


def _keep_the_series() -> None:
    """Let the database refuse a receipt that does not follow the last of its UPT and year."""
    last = (
        "SELECT COALESCE(MAX(s.sequence), 0) + 1 FROM till_sale s"
        " WHERE s.upt_id = NEW.upt_id AND s.year = NEW.year"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION till_sale_turn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NEW.sequence <> ({last}) THEN"
            " RAISE EXCEPTION 'till_sale_turn: number %', NEW.sequence USING"
            " ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'till_sale_turn';"
            " END IF; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER till_sale_turn BEFORE INSERT ON till_sale"
            " FOR EACH ROW EXECUTE FUNCTION till_sale_turn()"
        )
        return
    op.execute(
        f"CREATE TRIGGER till_sale_turn BEFORE INSERT ON till_sale WHEN NEW.sequence <> ({last})"
        " BEGIN SELECT RAISE(ABORT, 'till_sale_turn: the number does not follow'); END"
    )


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
