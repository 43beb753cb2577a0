"""The ledger's speed on PostgreSQL: one trip for a posting, leaner guards and indexes.

The fold trigger keeps its rules; few entries are folded one by one with plans that the session
keeps. A check's text is read anew by every statement that writes, so the long ones are written
shorter with the same meaning. Unique indexes no longer hold the rows that have nothing to be unique
about. SQLite keeps what it has, save for those two indexes.

Source: docs/adr/0017-posting-in-one-trip.md.
"""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

TRIGGERS = Path(__file__).parents[1] / "triggers"
FUNCTIONS = ("stock_post", "stock_post_lines", "stock_post_line")

OUTSIDE = "production, opening, supplier, customer, loss, found, sample, consumed, other_upt, plan"
LIST = ", ".join(f"'{name}'" for name in OUTSIDE.split(", "))
CHECKS = {
    ("stock_balance", "ck_stock_balance_guarded"): (
        f"account IN ({LIST}) OR in_posted - out_posted - out_pending >= 0",
        (
            "in_posted - out_posted - out_pending >= 0"
            f" OR account = ANY ('{{{OUTSIDE.replace(' ', '')}}}'::text[])"
        ),
    ),
    ("stock_balance", "ck_stock_balance_counters"): (
        "in_posted >= 0 AND out_posted >= 0 AND in_pending >= 0 AND out_pending >= 0",
        "least(in_posted, out_posted, in_pending, out_pending) >= 0",
    ),
    ("stock_entry", "ck_stock_entry_phase"): (
        (
            "(phase IN ('post', 'void', 'keep') AND hold_id IS NOT NULL)"
            " OR (phase = 'hold' AND hold_id IS NULL) OR phase = 'move'"
        ),
        (
            "phase = 'move' OR phase = ANY (CASE WHEN hold_id IS NULL THEN '{hold}'::text[]"
            " ELSE '{post,void,keep}'::text[] END)"
        ),
    ),
}
"""Each check as it was and as it is."""

INDEXES = {
    "uq_stock_entry_reverses_id": ("reverses_id", None, "reverses_id IS NOT NULL"),
    "uq_stock_entry_hold_delivered": (
        "hold_id",
        "phase = 'move'",
        "phase = 'move' AND hold_id IS NOT NULL",
    ),
}
"""Column, condition as it was and as it is."""

FILL = {"stock_head": 50, "stock_balance": 80}
"""Room on each page, in percent used, so that a row that changes stays there."""


def upgrade() -> None:
    """Make postings cheaper; what is refused stays the same."""
    _indexes(1)
    if op.get_bind().dialect.name == "postgresql":
        _checks(1)
        _run("0020_stock_postgresql.sql")
        for table, percent in FILL.items():
            op.execute(f"ALTER TABLE {table} SET (fillfactor = {percent})")


def downgrade() -> None:
    """Bring back the former trigger, checks and indexes."""
    if op.get_bind().dialect.name == "postgresql":
        for table in FILL:
            op.execute(f"ALTER TABLE {table} RESET (fillfactor)")
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}")
        fold = (TRIGGERS / "0008_stock_postgresql.sql").read_text().split("\n-- next\n")[1]
        op.execute(fold.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
        _checks(0)
    _indexes(0)


def _indexes(which: int) -> None:
    for name, (column, *conditions) in INDEXES.items():
        where = None if conditions[which] is None else sa.text(conditions[which])
        op.drop_index(name, "stock_entry")
        op.create_index(
            name, "stock_entry", [column], unique=True, postgresql_where=where, sqlite_where=where
        )


def _checks(which: int) -> None:
    for (table, name), rules in CHECKS.items():
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, rules[which])


def _run(file: str) -> None:
    for statement in (TRIGGERS / file).read_text().split("\n-- next\n"):
        op.execute(sa.text(re.sub(r"(?<!:):(?=[A-Z])", r"\\:", statement)))
