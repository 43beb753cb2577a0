"""The treasurer's desk: bank statements, proofs of transfer, comparisons with the provider."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
NOTICE_INDEXES = (
    ("ix_gateway_event_page", "page_id"),
    ("ix_gateway_event_intent", "intent_id"),
    ("ix_gateway_event_attempt", "attempt_key"),
)


def upgrade() -> None:
    """Create the five tables, and find notices by what they are about."""
    _create_accounts()
    _create_rows()
    _create_proofs()
    _create_runs()
    for name, column in NOTICE_INDEXES:
        op.create_index(name, "gateway_event", [column])


def _create_accounts() -> None:
    op.create_table(
        "bank_account",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("bank", sa.String(60), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
        sa.UniqueConstraint("number", name=op.f("uq_bank_account_number")),
    )
    op.create_table(
        "bank_file",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("entry_key", sa.String(80), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("rows_new", sa.Integer(), nullable=False),
        sa.Column("rows_known", sa.Integer(), nullable=False),
        sa.Column("rows_out", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", BIG_ID, nullable=True),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("imported_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('checked', 'imported', 'discarded')", name=op.f("ck_bank_file_state_known")
        ),
        sa.CheckConstraint(
            "(state = 'checked') = (content IS NOT NULL)", name=op.f("ck_bank_file_content_kept")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["bank_account.id"], name=op.f("fk_bank_file_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_file")),
        sa.UniqueConstraint("entry_key", name=op.f("uq_bank_file_entry_key")),
    )
    op.create_index("ix_bank_file_account", "bank_file", ["account_id", "id"])


def _create_rows() -> None:
    op.create_table(
        "bank_row",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("file_id", BIG_ID, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("amount_idr", BIG_ID, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("bank_reference", sa.String(80), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("money_entry_id", BIG_ID, nullable=True),
        sa.Column("decided_by", BIG_ID, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.CheckConstraint("amount_idr >= 1", name=op.f("ck_bank_row_amount_positive")),
        sa.CheckConstraint(
            "state IN ('new', 'matched', 'ignored')", name=op.f("ck_bank_row_state_known")
        ),
        sa.CheckConstraint(
            "(state = 'matched') = (money_entry_id IS NOT NULL)",
            name=op.f("ck_bank_row_matched_has_money"),
        ),
        sa.CheckConstraint(
            "(state = 'ignored') = (reason <> '')", name=op.f("ck_bank_row_ignored_has_reason")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["bank_account.id"], name=op.f("fk_bank_row_account_id")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["bank_file.id"], name=op.f("fk_bank_row_file_id")),
        sa.ForeignKeyConstraint(
            ["money_entry_id"], ["money_entry.id"], name=op.f("fk_bank_row_money_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_row")),
        sa.UniqueConstraint(
            "account_id", "fingerprint", name=op.f("uq_bank_row_account_id_fingerprint")
        ),
        sa.UniqueConstraint("money_entry_id", name=op.f("uq_bank_row_money_entry_id")),
    )
    op.create_index("ix_bank_row_state", "bank_row", ["account_id", "state", "id"])
    op.create_index("ix_bank_row_file", "bank_row", ["file_id", "state"])


def _create_proofs() -> None:
    op.create_table(
        "transfer_proof",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("payment_id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("seen_by", BIG_ID, nullable=True),
        sa.Column("seen_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "kind IN ('jpg', 'png', 'webp', 'pdf')", name=op.f("ck_transfer_proof_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_transfer_proof_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_proof")),
        sa.UniqueConstraint("public_id", name=op.f("uq_transfer_proof_public_id")),
        sa.UniqueConstraint(
            "payment_id", "sha256", name=op.f("uq_transfer_proof_payment_id_sha256")
        ),
    )
    op.create_index("ix_transfer_proof_seen", "transfer_proof", ["seen_at", "id"])


def _create_runs() -> None:
    op.create_table(
        "reconciliation_run",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("ran_at", INSTANT, nullable=False),
        sa.Column("differences", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('same', 'differs', 'failed')",
            name=op.f("ck_reconciliation_run_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_run")),
    )


def downgrade() -> None:
    """Drop them again."""
    for name, _ in NOTICE_INDEXES:
        op.drop_index(name, table_name="gateway_event")
    op.drop_table("reconciliation_run")
    op.drop_table("transfer_proof")
    op.drop_table("bank_row")
    op.drop_table("bank_file")
    op.drop_table("bank_account")
