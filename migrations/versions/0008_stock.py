"""The stock ledger: heads, lots, entries, and the triggers that fold entries into balances.

The application inserts into ``stock_entry``; the database checks that each entry continues its UPT's
chain, then moves balances, holds and head itself. Entries cannot be changed, removed or replaced.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

RESOLVED = sa.text("phase IN ('post', 'void')")
MOVED = sa.text("phase = 'move'")
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Create the tables of the ledger and their guards."""
    _create_heads_and_lots()
    _create_entries()
    _create_balances_and_holds()
    statements = POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE
    for statement in statements:
        op.execute(statement)


def _create_heads_and_lots() -> None:
    op.create_table(
        "stock_head",
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("written_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_stock_head_upt_id")),
        sa.PrimaryKeyConstraint("upt_id", name=op.f("pk_stock_head")),
    )
    op.create_table(
        "stock_lot",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("produced_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["upt_id"], ["upt.id"], name=op.f("fk_stock_lot_upt_id")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variant.id"], name=op.f("fk_stock_lot_variant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_lot")),
        sa.UniqueConstraint(
            "upt_id", "variant_id", "code", name=op.f("uq_stock_lot_upt_id_variant_id_code")
        ),
        sa.UniqueConstraint(
            "id", "upt_id", "variant_id", name=op.f("uq_stock_lot_id_upt_id_variant_id")
        ),
    )
    op.create_index(op.f("ix_stock_lot_variant_id"), "stock_lot", ["variant_id"])


def _create_entries() -> None:
    op.create_table(
        "stock_entry",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("phase", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=False),
        sa.Column("lot_id", BIG_ID, nullable=False),
        sa.Column("from_account", sa.String(20), nullable=False),
        sa.Column("to_account", sa.String(20), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("hold_id", BIG_ID, nullable=True),
        sa.Column("reverses_id", BIG_ID, nullable=True),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("source_kind", sa.String(20), nullable=False),
        sa.Column("source_key", sa.String(80), nullable=False),
        sa.Column("source_line", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.CheckConstraint(
            "id = upt_id * 1099511627776 + sequence", name=op.f("ck_stock_entry_id")
        ),
        sa.CheckConstraint(
            "sequence BETWEEN 1 AND 1099511627775", name=op.f("ck_stock_entry_sequence")
        ),
        sa.CheckConstraint(
            "quantity BETWEEN 1 AND 1000000000", name=op.f("ck_stock_entry_quantity")
        ),
        sa.CheckConstraint("from_account <> to_account", name=op.f("ck_stock_entry_accounts")),
        sa.CheckConstraint(
            "(phase IN ('post', 'void', 'keep') AND hold_id IS NOT NULL)"
            " OR (phase = 'hold' AND hold_id IS NULL) OR phase = 'move'",
            name=op.f("ck_stock_entry_phase"),
        ),
        sa.CheckConstraint(
            "reverses_id IS NULL OR (phase = 'move' AND hold_id IS NULL)",
            name=op.f("ck_stock_entry_reversal"),
        ),
        sa.CheckConstraint(
            "length(hash) = 64 AND length(previous_hash) = 64", name=op.f("ck_stock_entry_hash")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id", "upt_id", "variant_id"],
            ["stock_lot.id", "stock_lot.upt_id", "stock_lot.variant_id"],
            name=op.f("fk_stock_entry_lot_id_upt_id_variant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["stock_entry.id"], name=op.f("fk_stock_entry_hold_id")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["stock_entry.id"], name=op.f("fk_stock_entry_reverses_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_entry")),
        sa.UniqueConstraint(
            "upt_id",
            "source_kind",
            "source_key",
            "source_line",
            name=op.f("uq_stock_entry_source"),
        ),
    )
    op.create_index(
        "uq_stock_entry_hold_resolved",
        "stock_entry",
        ["hold_id"],
        unique=True,
        postgresql_where=RESOLVED,
        sqlite_where=RESOLVED,
    )
    op.create_index(
        "uq_stock_entry_hold_delivered",
        "stock_entry",
        ["hold_id"],
        unique=True,
        postgresql_where=MOVED,
        sqlite_where=MOVED,
    )
    op.create_index("uq_stock_entry_reverses_id", "stock_entry", ["reverses_id"], unique=True)
    op.create_index("ix_stock_entry_variant_id_id", "stock_entry", ["variant_id", "id"])


def _create_balances_and_holds() -> None:
    op.create_table(
        "stock_balance",
        sa.Column("upt_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("variant_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("lot_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("account", sa.String(20), nullable=False),
        sa.Column("in_posted", sa.BigInteger(), nullable=False),
        sa.Column("out_posted", sa.BigInteger(), nullable=False),
        sa.Column("in_pending", sa.BigInteger(), nullable=False),
        sa.Column("out_pending", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "account IN ('production', 'opening', 'customer', 'loss', 'found', 'sample',"
            " 'consumed') OR in_posted - out_posted - out_pending >= 0",
            name=op.f("ck_stock_balance_guarded"),
        ),
        sa.CheckConstraint(
            "in_posted >= 0 AND out_posted >= 0 AND in_pending >= 0 AND out_pending >= 0",
            name=op.f("ck_stock_balance_counters"),
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["stock_lot.id"], name=op.f("fk_stock_balance_lot_id")
        ),
        sa.PrimaryKeyConstraint(
            "upt_id", "variant_id", "lot_id", "account", name=op.f("pk_stock_balance")
        ),
    )
    op.create_index(
        "ix_stock_balance_variant_id_account", "stock_balance", ["variant_id", "account"]
    )
    op.create_table(
        "stock_hold",
        sa.Column("entry_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("upt_id", BIG_ID, nullable=False),
        sa.Column("variant_id", BIG_ID, nullable=False),
        sa.Column("lot_id", BIG_ID, nullable=False),
        sa.Column("from_account", sa.String(20), nullable=False),
        sa.Column("to_account", sa.String(20), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("quantity_posted", sa.Integer(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["stock_entry.id"], name=op.f("fk_stock_hold_entry_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_stock_hold")),
    )
    op.create_index(
        "ix_stock_hold_open_variant",
        "stock_hold",
        ["variant_id"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index(
        "ix_stock_hold_open_expires_at",
        "stock_hold",
        ["expires_at"],
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )


POSTGRESQL = (
    """
    CREATE FUNCTION stock_refuse(rule text, entry bigint) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '%: entry %', rule, entry
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = rule;
    END $$
    """,
    # 1. each entry continues its UPT's chain
    """
    CREATE FUNCTION stock_entry_fold() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        wrong bigint;
        touched bigint;
        chains bigint;
    BEGIN
        SELECT link.id INTO wrong
          FROM (SELECT e.id, e.upt_id, e.sequence, e.previous_hash,
                       lag(e.sequence) OVER chain AS before_sequence,
                       lag(e.hash) OVER chain AS before_hash
                  FROM fresh e
                WINDOW chain AS (PARTITION BY e.upt_id ORDER BY e.sequence)) link
          LEFT JOIN stock_head h ON h.upt_id = link.upt_id
         WHERE link.sequence IS DISTINCT FROM coalesce(link.before_sequence, h.sequence) + 1
            OR link.previous_hash IS DISTINCT FROM coalesce(link.before_hash, h.hash)
         LIMIT 1;
        IF FOUND THEN PERFORM stock_refuse('stock_chain', wrong); END IF;

        IF EXISTS (SELECT FROM fresh WHERE hold_id IS NOT NULL) THEN
            SELECT f.id INTO wrong
              FROM fresh f LEFT JOIN stock_hold h ON h.entry_id = f.hold_id
             WHERE f.hold_id IS NOT NULL
               AND NOT coalesce(
                   h.upt_id = f.upt_id AND h.variant_id = f.variant_id AND h.lot_id = f.lot_id
                   AND CASE
                       WHEN f.phase = 'move' THEN
                           h.state = 'posted' AND f.from_account = h.to_account
                           AND f.quantity = h.quantity_posted
                       ELSE
                           h.state = 'open' AND f.from_account = h.from_account
                           AND f.to_account = h.to_account AND f.quantity <= h.quantity
                           AND (f.phase = 'post' OR f.quantity = h.quantity)
                       END, false)
             LIMIT 1;
            IF FOUND THEN PERFORM stock_refuse('stock_hold_closed', wrong); END IF;
        END IF;

        IF EXISTS (SELECT FROM fresh WHERE reverses_id IS NOT NULL) THEN
            SELECT f.id INTO wrong
              FROM fresh f LEFT JOIN stock_entry o ON o.id = f.reverses_id
             WHERE f.reverses_id IS NOT NULL
               AND NOT coalesce(
                   o.upt_id = f.upt_id AND o.variant_id = f.variant_id AND o.lot_id = f.lot_id
                   AND o.from_account = f.to_account AND o.to_account = f.from_account
                   AND f.quantity <= o.quantity AND o.phase IN ('move', 'post')
                   AND o.reverses_id IS NULL, false)
             LIMIT 1;
            IF FOUND THEN PERFORM stock_refuse('stock_reversal', wrong); END IF;
        END IF;

        INSERT INTO stock_balance
        SELECT f.upt_id, f.variant_id, f.lot_id, side.account, 0, 0, 0, 0
          FROM fresh f CROSS JOIN LATERAL (VALUES (f.from_account), (f.to_account)) side (account)
         WHERE f.phase IN ('move', 'hold')
         ORDER BY 1, 2, 3, 4
        ON CONFLICT DO NOTHING;

        UPDATE stock_balance b
           SET in_posted = b.in_posted + delta.in_posted,
               out_posted = b.out_posted + delta.out_posted,
               in_pending = b.in_pending + delta.in_pending,
               out_pending = b.out_pending + delta.out_pending
          FROM (SELECT f.upt_id, f.variant_id, f.lot_id, side.account,
                       sum(side.is_to * f.posted) AS in_posted,
                       sum((1 - side.is_to) * f.posted) AS out_posted,
                       sum(side.is_to * f.pending) AS in_pending,
                       sum((1 - side.is_to) * f.pending) AS out_pending
                  FROM (SELECT e.upt_id, e.variant_id, e.lot_id, e.from_account, e.to_account,
                               CASE WHEN e.phase IN ('move', 'post') THEN e.quantity ELSE 0 END
                                   AS posted,
                               CASE e.phase WHEN 'hold' THEN e.quantity
                                            WHEN 'void' THEN -e.quantity
                                            WHEN 'post' THEN
                                   -(SELECT h.quantity FROM stock_hold h
                                      WHERE h.entry_id = e.hold_id)
                                            ELSE 0 END AS pending
                          FROM fresh e WHERE e.phase <> 'keep') f
                 CROSS JOIN LATERAL
                       (VALUES (f.from_account, 0), (f.to_account, 1)) side (account, is_to)
                 GROUP BY 1, 2, 3, 4) delta
         WHERE b.upt_id = delta.upt_id AND b.variant_id = delta.variant_id
           AND b.lot_id = delta.lot_id AND b.account = delta.account;

        INSERT INTO stock_hold
        SELECT f.id, f.upt_id, f.variant_id, f.lot_id, f.from_account, f.to_account, f.quantity,
               0, f.expires_at, 'open'
          FROM fresh f WHERE f.phase = 'hold' ORDER BY f.id;

        IF EXISTS (SELECT FROM fresh WHERE phase IN ('post', 'void', 'keep')) THEN
            UPDATE stock_hold h
               SET state = CASE WHEN f.phase = 'post' THEN 'posted'
                                WHEN f.phase = 'keep' THEN 'open'
                                WHEN f.kind = 'expired' THEN 'expired' ELSE 'voided' END,
                   quantity_posted = CASE WHEN f.phase = 'post' THEN f.quantity ELSE 0 END,
                   expires_at = CASE WHEN f.phase = 'keep' THEN f.expires_at
                                     ELSE h.expires_at END
              FROM fresh f
             WHERE h.entry_id = f.hold_id AND f.phase IN ('post', 'void', 'keep');
        END IF;

        UPDATE stock_head h
           SET sequence = tail.sequence, hash = tail.hash, written_at = tail.written_at
          FROM (SELECT DISTINCT ON (f.upt_id) f.upt_id, f.sequence, f.hash, f.written_at,
                       count(*) OVER (PARTITION BY f.upt_id) AS added
                  FROM fresh f ORDER BY f.upt_id, f.sequence DESC) tail
         WHERE h.upt_id = tail.upt_id AND h.sequence = tail.sequence - tail.added;
        GET DIAGNOSTICS touched = ROW_COUNT;
        SELECT count(DISTINCT upt_id) INTO chains FROM fresh;
        IF touched <> chains THEN PERFORM stock_refuse('stock_chain', 0); END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER stock_entry_fold AFTER INSERT ON stock_entry
        REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION stock_entry_fold()
    """,
    """
    CREATE TRIGGER stock_entry_append_only BEFORE UPDATE OR DELETE ON stock_entry
        FOR EACH ROW EXECUTE FUNCTION karyabina_refuse_change()
    """,
    """
    CREATE TRIGGER stock_entry_no_truncate BEFORE TRUNCATE ON stock_entry
        FOR EACH STATEMENT EXECUTE FUNCTION karyabina_refuse_change()
    """,
)

_FREE = """(SELECT in_posted - out_posted - out_pending FROM stock_balance
             WHERE upt_id = NEW.upt_id AND variant_id = NEW.variant_id AND lot_id = NEW.lot_id
               AND account = NEW.from_account)"""

_HELD = "(SELECT quantity FROM stock_hold WHERE entry_id = NEW.hold_id)"

_POSTED = "(CASE WHEN NEW.phase IN ('move', 'post') THEN NEW.quantity ELSE 0 END)"

_PENDING = f"""(CASE NEW.phase WHEN 'hold' THEN NEW.quantity WHEN 'void' THEN -NEW.quantity
                WHEN 'post' THEN -{_HELD} ELSE 0 END)"""


def _sqlite_side(account: str, direction: str) -> str:
    key = f"""upt_id = NEW.upt_id AND variant_id = NEW.variant_id AND lot_id = NEW.lot_id
              AND account = NEW.{account}"""
    return f"""
        INSERT INTO stock_balance
        SELECT NEW.upt_id, NEW.variant_id, NEW.lot_id, NEW.{account}, 0, 0, 0, 0
         WHERE NEW.phase IN ('move', 'hold')
           AND NOT EXISTS (SELECT 1 FROM stock_balance WHERE {key});
        UPDATE stock_balance
           SET {direction}_posted = {direction}_posted + {_POSTED},
               {direction}_pending = {direction}_pending + {_PENDING}
         WHERE NEW.phase <> 'keep' AND {key};
    """


SQLITE = (
    # RAISE stands whatever conflict clause the outer statement carries; a CHECK alone would not
    f"""
    CREATE TRIGGER stock_entry_fold AFTER INSERT ON stock_entry BEGIN
        SELECT RAISE(ABORT, 'stock_chain: the entry does not continue the chain')
         WHERE NOT EXISTS (
            SELECT 1 FROM stock_head WHERE upt_id = NEW.upt_id
               AND sequence = NEW.sequence - 1 AND hash = NEW.previous_hash);
        SELECT RAISE(ABORT, 'stock_hold_closed: the hold is not open')
         WHERE NEW.hold_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM stock_hold h WHERE h.entry_id = NEW.hold_id
               AND h.upt_id = NEW.upt_id AND h.variant_id = NEW.variant_id
               AND h.lot_id = NEW.lot_id
               AND CASE WHEN NEW.phase = 'move' THEN
                       h.state = 'posted' AND NEW.from_account = h.to_account
                       AND NEW.quantity = h.quantity_posted
                   ELSE
                       h.state = 'open' AND NEW.from_account = h.from_account
                       AND NEW.to_account = h.to_account AND NEW.quantity <= h.quantity
                       AND (NEW.phase = 'post' OR NEW.quantity = h.quantity)
                   END);
        SELECT RAISE(ABORT, 'stock_reversal: the entry cannot be reversed')
         WHERE NEW.reverses_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM stock_entry o WHERE o.id = NEW.reverses_id
               AND o.upt_id = NEW.upt_id AND o.variant_id = NEW.variant_id
               AND o.lot_id = NEW.lot_id AND o.from_account = NEW.to_account
               AND o.to_account = NEW.from_account AND NEW.quantity <= o.quantity
               AND o.phase IN ('move', 'post') AND o.reverses_id IS NULL);
        SELECT RAISE(ABORT, 'ck_stock_balance_guarded: not enough pieces')
         WHERE NEW.phase IN ('move', 'hold')
           AND NEW.from_account NOT IN ('production', 'opening', 'customer', 'loss', 'found',
                                        'sample', 'consumed')
           AND coalesce({_FREE}, 0) < NEW.quantity;
        {_sqlite_side("from_account", "out")}
        {_sqlite_side("to_account", "in")}
        INSERT INTO stock_hold
        SELECT NEW.id, NEW.upt_id, NEW.variant_id, NEW.lot_id, NEW.from_account, NEW.to_account,
               NEW.quantity, 0, NEW.expires_at, 'open'
         WHERE NEW.phase = 'hold';
        UPDATE stock_hold
           SET state = CASE WHEN NEW.phase = 'post' THEN 'posted'
                            WHEN NEW.phase = 'keep' THEN 'open'
                            WHEN NEW.kind = 'expired' THEN 'expired' ELSE 'voided' END,
               quantity_posted = CASE WHEN NEW.phase = 'post' THEN NEW.quantity ELSE 0 END,
               expires_at = CASE WHEN NEW.phase = 'keep' THEN NEW.expires_at
                                 ELSE expires_at END
         WHERE entry_id = NEW.hold_id AND NEW.phase IN ('post', 'void', 'keep');
        UPDATE stock_head
           SET sequence = NEW.sequence, hash = NEW.hash, written_at = NEW.written_at
         WHERE upt_id = NEW.upt_id;
    END
    """,
    """
    CREATE TRIGGER stock_entry_no_update BEFORE UPDATE ON stock_entry
    BEGIN SELECT RAISE(ABORT, 'append_only: stock_entry'); END
    """,
    """
    CREATE TRIGGER stock_entry_no_delete BEFORE DELETE ON stock_entry
    BEGIN SELECT RAISE(ABORT, 'append_only: stock_entry'); END
    """,
    """
    CREATE TRIGGER stock_entry_no_replace BEFORE INSERT ON stock_entry
    WHEN EXISTS (SELECT 1 FROM stock_entry WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'append_only: stock_entry'); END
    """,
)


def downgrade() -> None:
    """Drop the ledger again."""
    op.drop_table("stock_hold")
    op.drop_table("stock_balance")
    op.drop_table("stock_entry")
    op.drop_table("stock_lot")
    op.drop_table("stock_head")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION stock_entry_fold()")
        op.execute("DROP FUNCTION stock_refuse(text, bigint)")
