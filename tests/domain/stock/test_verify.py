"""Tampering behind the triggers: each kind is found, and the entry is named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Connection, NullPool, create_engine, select, text

from app.domain.stock import flows, rules, services
from app.domain.stock.models import StockEntry
from app.domain.stock.types import GENESIS_HASH, AdjustReason, LotChoice
from app.infra import db
from tests.factories import ledger
from tests.factories.ledger import Shelf
from tests.factories.stock_steps import AT, adjust, on_holds, receive, reverse

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def shelf() -> Shelf:
    """Give a ledger with one entry of every kind and a text full of separators."""
    made = ledger.make_shelf()
    receive(made, 20, lot=LotChoice("A"), note="tab\there \\n and\nline")
    holds = [ledger.reserve(made.upt_id, made.variant_id, 2) for _ in range(3)]
    on_holds(services.keep, made, holds[0], expires_at=AT + timedelta(days=2))
    on_holds(services.ship, made, holds[0], quantities={holds[0][0].hold_id: 1})
    on_holds(services.deliver, made, holds[0])
    on_holds(services.release, made, holds[1], reason="cancelled")
    adjust(made, -1, AdjustReason.DAMAGED)
    reverse(made, rules.entry_id(upt_id=made.upt_id, sequence=9))
    with db.unit_of_work():
        services.expire_lapsed(at=AT + timedelta(days=1))
    return made


@contextmanager
def tampering(database_kind: str) -> Iterator[Connection]:
    """Open the database as somebody who owns the machine: no triggers, no foreign keys."""
    db.db.session.remove()
    engine = create_engine(db.db.engine.url, poolclass=NullPool)
    with engine.begin() as connection:
        if database_kind == "postgres":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for name in connection.scalars(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection


def faults() -> list[tuple[int | None, str]]:
    return [(fault.sequence, fault.code) for fault in flows.verify().faults]


def test_an_untouched_ledger_is_whole_and_counted(shelf: Shelf) -> None:
    report = flows.verify()
    assert report.faults == ()
    assert (report.entries, report.chains, report.balances, report.holds) == (11, 1, 5, 3)
    assert flows.verify(upt_id=shelf.upt_id) == report
    assert flows.verify(upt_id=999).chains == 0


EDITS = {
    "phase": "'hold'",
    "kind": "'found'",
    "variant_id": "variant_id + 1",
    "lot_id": "lot_id + 1",
    "from_account": "'found'",
    "to_account": "'gallery'",
    "quantity": "quantity + 1",
    "expires_at": "happened_at",
    "actor": "'user:1'",
    "reason": "'found'",
    "note": "'tab here'",
    "source_kind": "'order'",
    "source_key": "'other'",
    "source_line": "5",
    "fingerprint": "'0000000000000000'",
    "hash": f"'{'a' * 64}'",
    "previous_hash": f"'{'b' * 64}'",
}


@pytest.mark.parametrize("column", EDITS)
def test_one_changed_column_is_found_at_its_entry(
    shelf: Shelf, database_kind: str, column: str
) -> None:
    with tampering(database_kind) as forger:
        forger.execute(
            text(f"UPDATE stock_entry SET {column} = {EDITS[column]} WHERE sequence = 1")
        )
    assert (1, "hash") in faults()


@pytest.mark.parametrize("column", ["happened_at", "written_at"])
def test_a_changed_time_is_found_at_its_entry(
    shelf: Shelf, database_kind: str, column: str
) -> None:
    with tampering(database_kind) as forger:
        forger.execute(
            text(f"UPDATE stock_entry SET {column} = :at WHERE sequence = 4"),
            {"at": (AT + timedelta(microseconds=1)).replace(tzinfo=None).isoformat(sep=" ")
             if database_kind == "sqlite" else AT + timedelta(microseconds=1)},
        )  # fmt: skip
    found = faults()
    assert found[0] == (4, "hash")
    assert ((5, "time") in found) is (column == "written_at")


def test_a_changed_hold_reference_is_found(shelf: Shelf, database_kind: str) -> None:
    with tampering(database_kind) as forger:
        forger.execute(text("UPDATE stock_entry SET hold_id = hold_id + 1 WHERE sequence = 5"))
    assert faults()[0] == (5, "hash")


def test_a_removed_entry_is_named(shelf: Shelf, database_kind: str) -> None:
    with tampering(database_kind) as forger:
        forger.execute(text("DELETE FROM stock_entry WHERE sequence = 9"))
    assert faults()[0] == (9, "gap")


def test_a_removed_first_entry_is_named(shelf: Shelf, database_kind: str) -> None:
    with tampering(database_kind) as forger:
        forger.execute(text("DELETE FROM stock_hold"))
        forger.execute(text("DELETE FROM stock_entry WHERE sequence = 1"))
    assert faults()[0] == (1, "gap")


def test_a_cut_off_tail_is_named(shelf: Shelf, database_kind: str) -> None:
    with tampering(database_kind) as forger:
        forger.execute(text("DELETE FROM stock_entry WHERE sequence > 9"))
    found = flows.verify().faults
    assert found[0].code == "tail"
    assert (found[0].sequence, "10 to 11" in found[0].what) == (10, True)


def test_two_entries_that_changed_places_are_found(shelf: Shelf, database_kind: str) -> None:
    base = rules.entry_id(upt_id=shelf.upt_id, sequence=0)
    moves = ((9, 900), (10, 9), (900, 10))
    with tampering(database_kind) as forger:
        for old, new in moves:
            forger.execute(
                text("UPDATE stock_entry SET sequence = :new, id = :id WHERE sequence = :old"),
                {"old": old, "new": new, "id": base + new},
            )
    found = faults()
    assert found[:2] == [(9, "hash"), (9, "link")]
    assert (10, "hash") in found


def test_an_inserted_entry_is_found(shelf: Shelf, database_kind: str) -> None:
    columns = [column.name for column in StockEntry.__table__.columns]
    changed = {"id": "id + 11", "sequence": "12", "source_key": "'extra'"}
    chosen = ", ".join(changed.get(name, name) for name in columns)
    with tampering(database_kind) as forger:
        forger.execute(
            text(f"INSERT INTO stock_entry SELECT {chosen} FROM stock_entry WHERE sequence = 1")
        )
    assert {(12, "hash"), (12, "link")} <= set(faults())


def rehash(forger: Connection, *, from_sequence: int) -> str:
    """Make every later hash fit again, as a patient forger would; return the last one."""
    previous = GENESIS_HASH
    for row in (
        forger.execute(select(*StockEntry.__table__.columns).order_by(StockEntry.id))
        .mappings()
        .all()
    ):
        if row["sequence"] >= from_sequence:
            line = rules.canonical_line(dict(row))
            hashed = hashlib.sha256(f"{previous}\t{line}".encode()).hexdigest()
            forger.execute(
                text(
                    "UPDATE stock_entry SET previous_hash = :previous, hash = :hash WHERE id = :id"
                ),
                {"previous": previous, "hash": hashed, "id": row["id"]},
            )
            previous = hashed
        else:
            previous = row["hash"]
    return previous


def test_a_rewritten_chain_is_found_by_head_and_balances(shelf: Shelf, database_kind: str) -> None:
    with tampering(database_kind) as forger:
        forger.execute(text("UPDATE stock_entry SET quantity = 19 WHERE sequence = 1"))
        last = rehash(forger, from_sequence=1)
    found = faults()
    assert found[0] == (11, "head")
    assert (None, "balance") in found
    with tampering(database_kind) as forger:
        forger.execute(text("UPDATE stock_head SET hash = :last"), {"last": last})
    assert {code for _, code in faults()} == {"balance"}


def test_changed_balances_holds_and_heads_are_found(shelf: Shelf, database_kind: str) -> None:
    attacks = {
        "UPDATE stock_balance SET in_posted = in_posted + 1 WHERE account = 'available'": [
            (None, "balance")
        ],
        "UPDATE stock_balance SET in_posted = in_posted - 1 WHERE account = 'available'": [],
        "UPDATE stock_hold SET quantity = 3 WHERE state = 'posted'": [(2, "hold_state")],
        "UPDATE stock_hold SET quantity = 2 WHERE state = 'posted'": [],
        "UPDATE stock_head SET sequence = 10": [(11, "head")],
        "UPDATE stock_head SET sequence = 13": [(12, "tail")],
        "DELETE FROM stock_head": [(None, "head")],
    }
    for attack, expected in attacks.items():
        with tampering(database_kind) as forger:
            forger.execute(text(attack))
        assert faults() == expected, attack


def test_a_balance_below_zero_on_the_way_is_found(shelf: Shelf, database_kind: str) -> None:
    with tampering(database_kind) as forger:
        forger.execute(text("UPDATE stock_entry SET quantity = 1 WHERE sequence = 1"))
        rehash(forger, from_sequence=1)
    assert (2, "negative") in faults()


def test_a_hold_resolved_twice_is_found(shelf: Shelf, database_kind: str) -> None:
    with tampering(database_kind) as forger:
        forger.execute(text("DROP INDEX uq_stock_entry_hold_resolved"))
        forger.execute(
            text("UPDATE stock_entry SET hold_id = hold_id - 1 WHERE sequence IN (8, 11)")
        )
    found = faults()
    assert {(8, "hash"), (8, "hold")} <= set(found)
    assert (4, "hold_state") in found


def test_the_command_counts_and_leaves_with_success(app: Flask, shelf: Shelf) -> None:
    answer = app.test_cli_runner().invoke(args=["stock", "verify"])
    assert answer.exit_code == 0, answer.output
    assert "11 entri dalam 1 rantai, 5 saldo, 3 penahanan" in answer.output
    assert "Buku stok utuh." in answer.output


def test_the_command_names_upt_and_entry_and_fails(
    app: Flask, shelf: Shelf, database_kind: str
) -> None:
    with tampering(database_kind) as forger:
        forger.execute(text("UPDATE stock_entry SET quantity = 21 WHERE sequence = 1"))
    answer = app.test_cli_runner().invoke(args=["stock", "verify", "--upt", "lapas-contoh"])
    assert answer.exit_code == 1
    assert "SALAH lapas-contoh #1 [hash]" in answer.output
