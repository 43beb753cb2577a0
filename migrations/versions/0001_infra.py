"""Jobs, periodic jobs, and the function behind append-only tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables of the ground floor."""
    op.create_table(
        "job_event",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_event")),
    )
    op.create_table(
        "job_delivery",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("event_id", BIG_ID, nullable=False),
        sa.Column("handler", sa.String(120), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_at", INSTANT, nullable=False),
        sa.Column("locked_until", INSTANT, nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["job_event.id"], name=op.f("fk_job_delivery_event_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_delivery")),
        sa.UniqueConstraint("event_id", "handler", name=op.f("uq_job_delivery_event_id_handler")),
    )
    op.create_index("ix_job_delivery_due", "job_delivery", ["state", "run_at"])
    op.create_table(
        "job_periodic",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("next_run_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_periodic")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """
            CREATE FUNCTION karyabina_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'append_only: %', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """
        )


def downgrade() -> None:
    """Drop everything again."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION karyabina_refuse_change()")
    op.drop_table("job_periodic")
    op.drop_index("ix_job_delivery_due", table_name="job_delivery")
    op.drop_table("job_delivery")
    op.drop_table("job_event")
