"""Depth of orders: parcels, quantities of lines by fate, notes, alerts, returns, a ceiling on refunds.

Orders that were sent whole before become orders with one parcel.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
OPEN_RETURN = sa.text("state IN ('asked', 'approved', 'received')")

QUANTITIES = ("quantity_cancelled", "quantity_shipped", "quantity_lost", "quantity_returned")
QUANTITY_RULE = (
    "quantity_cancelled >= 0 AND quantity_shipped >= 0 AND quantity_lost >= 0"
    " AND quantity_returned >= 0 AND quantity_cancelled + quantity_shipped <= quantity"
    " AND quantity_lost + quantity_returned <= quantity_shipped"
)
SENT = "('shipped', 'delivered', 'completed')"
OVER_SHARE = (
    "coalesce((SELECT sum(amount_idr) FROM money_entry WHERE upt_order_id = NEW.upt_order_id"
    " AND kind = 'refund_due'), 0) > coalesce((SELECT sum(amount_idr) FROM money_entry"
    " WHERE upt_order_id = NEW.upt_order_id AND kind = 'settled'), 0)"
)


def upgrade() -> None:
    """Create the tables, tell old lines what became of them, and guard refunds."""
    _create_parcels()
    _create_notes_and_alerts()
    _create_returns()
    _add_quantities()
    _carry_over()
    _forbid_change("order_note")
    _limit_refunds()


def downgrade() -> None:
    """Drop them again; the links to holds of sent pieces come back."""
    op.execute(
        "INSERT INTO order_line_hold (order_line_id, hold_id, quantity)"
        " SELECT order_line_id, hold_id, quantity FROM order_parcel_piece"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER money_entry_refund_ceiling ON money_entry")
        op.execute("DROP FUNCTION money_entry_refund_ceiling()")
    else:
        op.execute("DROP TRIGGER money_entry_refund_ceiling")
    for name in reversed(QUANTITIES):
        op.execute(f"ALTER TABLE order_line DROP COLUMN {name}")
    for table in (
        "order_return_photo", "order_return_piece", "order_return_line", "order_return",
        "order_alert", "order_note", "order_parcel_piece", "order_parcel",
    ):  # fmt: skip
        op.drop_table(table)


def _create_parcels() -> None:
    op.create_table(
        "order_parcel",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_order_id", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("carrier", sa.String(60), nullable=False),
        sa.Column("tracking_number", sa.String(60), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('sent', 'delivered', 'lost')", name=op.f("ck_order_parcel_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["upt_order_id"], ["upt_order.id"], name=op.f("fk_order_parcel_upt_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_parcel")),
        sa.UniqueConstraint(
            "upt_order_id", "position", name=op.f("uq_order_parcel_upt_order_id_position")
        ),
    )
    op.create_table(
        "order_parcel_piece",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("parcel_id", BIG_ID, nullable=False),
        sa.Column("order_line_id", BIG_ID, nullable=False),
        sa.Column("hold_id", BIG_ID, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_order_parcel_piece_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["parcel_id"], ["order_parcel.id"], name=op.f("fk_order_parcel_piece_parcel_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("fk_order_parcel_piece_order_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["stock_hold.entry_id"], name=op.f("fk_order_parcel_piece_hold_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_parcel_piece")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_order_parcel_piece_hold_id")),
    )
    op.create_index("ix_order_parcel_piece_parcel", "order_parcel_piece", ["parcel_id"])
    op.create_index("ix_order_parcel_piece_line", "order_parcel_piece", ["order_line_id"])


def _create_notes_and_alerts() -> None:
    op.create_table(
        "order_note",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_order_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("actor_kind", sa.String(12), nullable=False),
        sa.Column("actor_user_id", BIG_ID, nullable=True),
        sa.Column("actor_label", sa.String(200), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("entry_key", sa.String(80), nullable=False),
        sa.CheckConstraint("kind IN ('staff', 'help')", name=op.f("ck_order_note_kind_known")),
        sa.ForeignKeyConstraint(
            ["upt_order_id"], ["upt_order.id"], name=op.f("fk_order_note_upt_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_note")),
        sa.UniqueConstraint("entry_key", name=op.f("uq_order_note_entry_key")),
    )
    op.create_index("ix_order_note_upt_order", "order_note", ["upt_order_id", "id"])
    op.create_table(
        "order_alert",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_order_id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["upt_order_id"], ["upt_order.id"], name=op.f("fk_order_alert_upt_order_id")
        ),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_order_alert_upt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_alert")),
        sa.UniqueConstraint(
            "upt_order_id", "kind", "due_at", name=op.f("uq_order_alert_upt_order_id_kind_due_at")
        ),
    )
    op.create_index("ix_order_alert_upt", "order_alert", ["upt_id", "id"])


def _create_returns() -> None:
    op.create_table(
        "order_return",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_order_id", BIG_ID, nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("entry_key", sa.String(80), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("act_by_at", INSTANT, nullable=True),
        sa.Column("approved_by", BIG_ID, nullable=True),
        sa.Column("refund_idr", BIG_ID, nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'approved', 'received', 'settled', 'refused')",
            name=op.f("ck_order_return_state_known"),
        ),
        sa.CheckConstraint("refund_idr >= 0", name=op.f("ck_order_return_refund_not_negative")),
        sa.ForeignKeyConstraint(
            ["upt_order_id"], ["upt_order.id"], name=op.f("fk_order_return_upt_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_return")),
        sa.UniqueConstraint("number", name=op.f("uq_order_return_number")),
        sa.UniqueConstraint("entry_key", name=op.f("uq_order_return_entry_key")),
    )
    op.create_index(
        "uq_order_return_open", "order_return", ["upt_order_id"], unique=True,
        postgresql_where=OPEN_RETURN, sqlite_where=OPEN_RETURN,
    )  # fmt: skip
    op.create_index("ix_order_return_due", "order_return", ["state", "act_by_at"])
    op.create_table(
        "order_return_line",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("return_id", BIG_ID, nullable=False),
        sa.Column("order_line_id", BIG_ID, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("sellable", sa.Integer(), nullable=False),
        sa.Column("second_grade", sa.Integer(), nullable=False),
        sa.Column("damaged", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "quantity >= 1 AND received BETWEEN 0 AND quantity AND sellable >= 0"
            " AND second_grade >= 0 AND damaged >= 0"
            " AND sellable + second_grade + damaged <= received",
            name=op.f("ck_order_return_line_within"),
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["order_return.id"], name=op.f("fk_order_return_line_return_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("fk_order_return_line_order_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_return_line")),
        sa.UniqueConstraint(
            "return_id", "order_line_id", name=op.f("uq_order_return_line_return_id_order_line_id")
        ),
    )
    op.create_table(
        "order_return_piece",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("return_id", BIG_ID, nullable=False),
        sa.Column("order_line_id", BIG_ID, nullable=False),
        sa.Column("hold_id", BIG_ID, nullable=False),
        sa.Column("lot_id", BIG_ID, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_order_return_piece_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["return_id"], ["order_return.id"], name=op.f("fk_order_return_piece_return_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_line.id"], name=op.f("fk_order_return_piece_order_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["stock_hold.entry_id"], name=op.f("fk_order_return_piece_hold_id")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["stock_lot.id"], name=op.f("fk_order_return_piece_lot_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_return_piece")),
        sa.UniqueConstraint(
            "return_id", "hold_id", name=op.f("uq_order_return_piece_return_id_hold_id")
        ),
    )
    op.create_index("ix_order_return_piece_hold", "order_return_piece", ["hold_id"])
    op.create_table(
        "order_return_photo",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("return_id", BIG_ID, nullable=False),
        sa.Column("asset_id", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["return_id"], ["order_return.id"], name=op.f("fk_order_return_photo_return_id")
        ),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["asset.id"], name=op.f("fk_order_return_photo_asset_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_return_photo")),
        sa.UniqueConstraint(
            "return_id", "asset_id", name=op.f("uq_order_return_photo_return_id_asset_id")
        ),
    )


def _add_quantities() -> None:
    for name in QUANTITIES:
        rule = ""
        if name == QUANTITIES[-1]:
            rule = f" CONSTRAINT ck_order_line_quantities_within CHECK ({QUANTITY_RULE})"
        op.execute(f"ALTER TABLE order_line ADD COLUMN {name} INTEGER NOT NULL DEFAULT 0{rule}")


def _carry_over() -> None:
    op.execute(
        "INSERT INTO order_parcel (upt_order_id, position, state, carrier, tracking_number,"
        " sent_at, closed_at, note)"
        " SELECT id, 1, CASE WHEN state = 'shipped' THEN 'sent' ELSE 'delivered' END, carrier,"
        " tracking_number, coalesce(shipped_at, delivered_at), delivered_at, '' FROM upt_order"
        f" WHERE state IN {SENT} AND coalesce(shipped_at, delivered_at) IS NOT NULL"
    )
    op.execute(
        "INSERT INTO order_parcel_piece (parcel_id, order_line_id, hold_id, quantity)"
        " SELECT p.id, l.id, h.hold_id, h.quantity FROM order_parcel p"
        " JOIN order_line l ON l.upt_order_id = p.upt_order_id"
        " JOIN order_line_hold h ON h.order_line_id = l.id"
    )
    op.execute(
        "UPDATE order_line SET quantity_shipped = quantity WHERE upt_order_id IN"
        f" (SELECT id FROM upt_order WHERE state IN {SENT})"
    )
    op.execute(
        "UPDATE order_line SET quantity_cancelled = quantity WHERE upt_order_id IN"
        " (SELECT id FROM upt_order WHERE state IN ('cancelled', 'expired'))"
    )
    op.execute(
        "DELETE FROM order_line_hold WHERE order_line_id IN (SELECT l.id FROM order_line l"
        " JOIN upt_order o ON o.id = l.upt_order_id"
        " WHERE o.state IN ('shipped', 'delivered', 'completed', 'cancelled', 'expired'))"
    )


def _limit_refunds() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION money_entry_refund_ceiling() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN IF {OVER_SHARE} THEN"
            " RAISE EXCEPTION 'refund_ceiling: child order %', NEW.upt_order_id"
            " USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'refund_ceiling';"
            " END IF; RETURN NULL; END $$"
        )
        op.execute(
            "CREATE TRIGGER money_entry_refund_ceiling AFTER INSERT ON money_entry FOR EACH ROW"
            " WHEN (NEW.kind = 'refund_due' AND NEW.upt_order_id IS NOT NULL)"
            " EXECUTE FUNCTION money_entry_refund_ceiling()"
        )
        return
    op.execute(
        "CREATE TRIGGER money_entry_refund_ceiling AFTER INSERT ON money_entry"
        " WHEN NEW.kind = 'refund_due' AND NEW.upt_order_id IS NOT NULL"
        " BEGIN SELECT RAISE(ABORT, 'refund_ceiling: more than the share')"
        f" WHERE {OVER_SHARE}; END"
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
