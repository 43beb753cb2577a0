"""Letters, frozen papers with their series, and saved addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create mail, paper series, papers and saved addresses."""
    _create_mail()
    _create_series()
    _create_paper()
    _create_saved_address()
    _forbid_change("paper")
    _keep_the_series()


def downgrade() -> None:
    """Drop them again."""
    for table in ("saved_address", "paper", "paper_series", "mail"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION paper_turn()")


def _create_mail() -> None:
    op.create_table(
        "mail",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("group_id", BIG_ID, nullable=False),
        sa.Column("upt_order_id", BIG_ID, nullable=True),
        sa.Column("amount_idr", BIG_ID, nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("last_error", sa.String(200), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'skipped', 'refused', 'given_up')",
            name=op.f("ck_mail_state_known"),
        ),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_mail_sent_has_instant")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["order_group.id"], name=op.f("fk_mail_group_id")),
        sa.ForeignKeyConstraint(
            ["upt_order_id"], ["upt_order.id"], name=op.f("fk_mail_upt_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_key")),
    )
    op.create_index("ix_mail_due", "mail", ["state", "next_try_at"])
    op.create_index("ix_mail_group", "mail", ["group_id", "id"])


def _create_series() -> None:
    op.create_table(
        "paper_series",
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_paper_series_upt_id")),
        sa.PrimaryKeyConstraint("upt_id", "kind", "year", name=op.f("pk_paper_series")),
    )


def _create_paper() -> None:
    op.create_table(
        "paper",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("upt_order_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("corrects_id", BIG_ID, nullable=True),
        sa.Column("number", sa.String(110), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("total_idr", BIG_ID, nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.CheckConstraint("total_idr >= 1", name=op.f("ck_paper_total_positive")),
        sa.CheckConstraint(
            "(kind IN ('invoice', 'receipt') AND part = 0 AND corrects_id IS NULL)"
            " OR (kind = 'credit_note' AND part >= 1 AND corrects_id IS NOT NULL)",
            name=op.f("ck_paper_kind_fits"),
        ),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_paper_upt_id")),
        sa.ForeignKeyConstraint(
            ["upt_order_id"], ["upt_order.id"], name=op.f("fk_paper_upt_order_id")
        ),
        sa.ForeignKeyConstraint(["corrects_id"], ["paper.id"], name=op.f("fk_paper_corrects_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("number", name=op.f("uq_paper_number")),
        sa.UniqueConstraint(
            "upt_id", "kind", "year", "sequence", name=op.f("uq_paper_upt_id_kind_year_sequence")
        ),
        sa.UniqueConstraint(
            "upt_order_id", "kind", "part", name=op.f("uq_paper_upt_order_id_kind_part")
        ),
        sa.UniqueConstraint("token", name=op.f("uq_paper_token")),
    )
    op.create_index("ix_paper_upt", "paper", ["upt_id", "id"])


def _create_saved_address() -> None:
    op.create_table(
        "saved_address",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("label", sa.String(40), nullable=False),
        sa.Column("recipient", sa.String(120), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("street", sa.String(300), nullable=False),
        sa.Column("village_code", sa.String(13), nullable=False),
        sa.Column("postcode", sa.String(5), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_saved_address_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_address")),
    )
    op.create_index("ix_saved_address_user", "saved_address", ["user_id", "id"])
    op.create_index(
        "uq_saved_address_default",
        "saved_address",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("is_default"),
        sqlite_where=sa.text("is_default"),
    )


def _keep_the_series() -> None:
    """Let the database refuse a number that does not follow the last of its series."""
    last = (
        "SELECT COALESCE(MAX(p.sequence), 0) + 1 FROM paper p"
        " WHERE p.upt_id = NEW.upt_id AND p.kind = NEW.kind AND p.year = NEW.year"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION paper_turn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NEW.sequence <> ({last}) THEN"
            " RAISE EXCEPTION 'paper_turn: number %', NEW.sequence USING"
            " ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'paper_turn';"
            " END IF; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER paper_turn BEFORE INSERT ON paper"
            " FOR EACH ROW EXECUTE FUNCTION paper_turn()"
        )
        return
    op.execute(
        f"CREATE TRIGGER paper_turn BEFORE INSERT ON paper WHEN NEW.sequence <> ({last})"
        " BEGIN SELECT RAISE(ABORT, 'paper_turn: the number does not follow'); END"
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
