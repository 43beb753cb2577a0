"""Tables of transfers between UPT and of loans to fairs; what happened to them can only grow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

TRANSFERS = ("transfer", "transfer_line", "transfer_event", "transfer_outcome")
FAIRS = ("fair_loan", "fair_line", "fair_event", "fair_outcome")
APPEND_ONLY = ("transfer_event", "transfer_outcome", "fair_event", "fair_outcome")


def upgrade() -> None:
    """Create documents, lines, events and outcomes of both kinds."""
    _create_transfer()
    _create_transfer_line()
    _create_transfer_event()
    _create_transfer_outcome()
    _create_fair_loan()
    _create_fair_line()
    _create_fair_event()
    _create_fair_outcome()
    for table in APPEND_ONLY:
        _forbid_change(table)


def downgrade() -> None:
    """Drop them again."""
    for table in (*reversed(FAIRS), *reversed(TRANSFERS)):
        op.drop_table(table)


def _create_transfer() -> None:
    op.create_table(
        "transfer",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("sender_upt_id", BIG_ID, nullable=False),
        sa.Column("receiver_upt_id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("carrier", sa.String(80), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("pieces_sent", BIG_ID, nullable=False),
        sa.Column("pieces_settled", BIG_ID, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (state IN ('draft', 'sent', 'part_received'))",
            name=op.f("ck_transfer_ended_has_instant"),
        ),
        sa.CheckConstraint(
            "(sent_at IS NULL) = (state IN ('draft', 'discarded'))",
            name=op.f("ck_transfer_sent_has_instant"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('settled', 'recalled') OR pieces_settled = pieces_sent",
            name=op.f("ck_transfer_ended_is_settled"),
        ),
        sa.CheckConstraint(
            "pieces_settled >= 0 AND pieces_settled <= pieces_sent",
            name=op.f("ck_transfer_settled_within_sent"),
        ),
        sa.CheckConstraint("sender_upt_id <> receiver_upt_id", name=op.f("ck_transfer_two_units")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_transfer_version_positive")),
        sa.ForeignKeyConstraint(
            ["receiver_upt_id"], ["upt.id"], name=op.f("fk_transfer_receiver_upt_id")
        ),
        sa.ForeignKeyConstraint(
            ["sender_upt_id"], ["upt.id"], name=op.f("fk_transfer_sender_upt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("number", name=op.f("uq_transfer_number")),
    )
    op.create_index("ix_transfer_receiver", "transfer", ["receiver_upt_id", "id"])
    op.create_index("ix_transfer_sender", "transfer", ["sender_upt_id", "id"])


def _create_transfer_line() -> None:
    op.create_table(
        "transfer_line",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("transfer_id", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=False),
        sa.Column("from_place", sa.String(20), nullable=False),
        sa.Column("lot_id", BIG_ID, nullable=True),
        sa.Column("lot_code", sa.String(40), nullable=False),
        sa.Column("produced_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("receiver_variant_id", BIG_ID, nullable=True),
        sa.CheckConstraint(
            "quantity BETWEEN 1 AND 1000000", name=op.f("ck_transfer_line_quantity")
        ),
        sa.CheckConstraint(
            "received = 0 OR receiver_variant_id IS NOT NULL",
            name=op.f("ck_transfer_line_received_is_known"),
        ),
        sa.CheckConstraint(
            "received >= 0 AND returned >= 0 AND lost >= 0 AND received + returned + lost <= quantity",
            name=op.f("ck_transfer_line_settled_within_sent"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["stock_lot.id"], name=op.f("fk_transfer_line_lot_id")),
        sa.ForeignKeyConstraint(
            ["receiver_variant_id"],
            ["variant.id"],
            name=op.f("fk_transfer_line_receiver_variant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_line_transfer_id")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_transfer_line_variant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_line")),
        sa.UniqueConstraint(
            "transfer_id", "position", name=op.f("uq_transfer_line_transfer_id_position")
        ),
    )


def _create_transfer_event() -> None:
    op.create_table(
        "transfer_event",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("entry_key", sa.String(80), nullable=False),
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.Column("actor_user_id", BIG_ID, nullable=True),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["transfer.id"], name=op.f("fk_transfer_event_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_event")),
        sa.UniqueConstraint(
            "document_id", "sequence", name=op.f("uq_transfer_event_document_id_sequence")
        ),
        sa.UniqueConstraint("entry_key", name=op.f("uq_transfer_event_entry_key")),
    )


def _create_transfer_outcome() -> None:
    op.create_table(
        "transfer_outcome",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("event_id", BIG_ID, nullable=False),
        sa.Column("line_id", BIG_ID, nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=True),
        sa.Column("lot_id", BIG_ID, nullable=True),
        sa.CheckConstraint(
            "(outcome = 'received') = (lot_id IS NOT NULL)",
            name=op.f("ck_transfer_outcome_received_has_lot"),
        ),
        sa.CheckConstraint(
            "outcome IN ('received', 'called_back') OR length(reason) > 0",
            name=op.f("ck_transfer_outcome_gap_has_reason"),
        ),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_transfer_outcome_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["transfer_event.id"], name=op.f("fk_transfer_outcome_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["transfer_line.id"], name=op.f("fk_transfer_outcome_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["stock_lot.id"], name=op.f("fk_transfer_outcome_lot_id")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_transfer_outcome_variant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_outcome")),
    )
    op.create_index("ix_transfer_outcome_event", "transfer_outcome", ["event_id"])


def _create_fair_loan() -> None:
    op.create_table(
        "fair_loan",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("responsible", sa.String(80), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("pieces_sent", BIG_ID, nullable=False),
        sa.Column("pieces_settled", BIG_ID, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (state IN ('draft', 'out'))",
            name=op.f("ck_fair_loan_ended_has_instant"),
        ),
        sa.CheckConstraint(
            "(sent_at IS NULL) = (state IN ('draft', 'discarded'))",
            name=op.f("ck_fair_loan_sent_has_instant"),
        ),
        sa.CheckConstraint(
            "state <> 'closed' OR pieces_settled = pieces_sent",
            name=op.f("ck_fair_loan_closed_is_settled"),
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_fair_loan_dates_in_order")),
        sa.CheckConstraint(
            "pieces_settled >= 0 AND pieces_settled <= pieces_sent",
            name=op.f("ck_fair_loan_settled_within_sent"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_fair_loan_version_positive")),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_fair_loan_upt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fair_loan")),
        sa.UniqueConstraint("number", name=op.f("uq_fair_loan_number")),
    )
    op.create_index("ix_fair_loan_upt", "fair_loan", ["upt_id", "id"])


def _create_fair_line() -> None:
    op.create_table(
        "fair_line",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("loan_id", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=False),
        sa.Column("from_place", sa.String(20), nullable=False),
        sa.Column("lot_id", BIG_ID, nullable=True),
        sa.Column("lot_code", sa.String(40), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("sold", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("price_idr", BIG_ID, nullable=True),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000", name=op.f("ck_fair_line_quantity")),
        sa.CheckConstraint(
            "sold >= 0 AND returned >= 0 AND lost >= 0 AND sold + returned + lost <= quantity",
            name=op.f("ck_fair_line_settled_within_sent"),
        ),
        sa.ForeignKeyConstraint(["loan_id"], ["fair_loan.id"], name=op.f("fk_fair_line_loan_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["stock_lot.id"], name=op.f("fk_fair_line_lot_id")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_fair_line_variant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fair_line")),
        sa.UniqueConstraint("loan_id", "position", name=op.f("uq_fair_line_loan_id_position")),
    )


def _create_fair_event() -> None:
    op.create_table(
        "fair_event",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("document_id", BIG_ID, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("entry_key", sa.String(80), nullable=False),
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.Column("actor_user_id", BIG_ID, nullable=True),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("undoes_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["fair_loan.id"], name=op.f("fk_fair_event_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["undoes_id"], ["fair_event.id"], name=op.f("fk_fair_event_undoes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fair_event")),
        sa.UniqueConstraint(
            "document_id", "sequence", name=op.f("uq_fair_event_document_id_sequence")
        ),
        sa.UniqueConstraint("entry_key", name=op.f("uq_fair_event_entry_key")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_fair_event_undoes_id")),
    )


def _create_fair_outcome() -> None:
    op.create_table(
        "fair_outcome",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("event_id", BIG_ID, nullable=False),
        sa.Column("line_id", BIG_ID, nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("amount_idr", BIG_ID, nullable=False),
        sa.Column("paid_by", sa.String(8), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'returned') = (length(place) > 0)",
            name=op.f("ck_fair_outcome_returned_has_place"),
        ),
        sa.CheckConstraint(
            "amount_idr >= 0 AND (outcome = 'sold' OR amount_idr = 0) AND (outcome = 'sold') = (length(paid_by) > 0)",
            name=op.f("ck_fair_outcome_money_is_from_sales"),
        ),
        sa.CheckConstraint(
            "outcome IN ('sold', 'returned') OR length(reason) > 0",
            name=op.f("ck_fair_outcome_gap_has_reason"),
        ),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_fair_outcome_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["fair_event.id"], name=op.f("fk_fair_outcome_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["fair_line.id"], name=op.f("fk_fair_outcome_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fair_outcome")),
    )
    op.create_index("ix_fair_outcome_event", "fair_outcome", ["event_id"])


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
