"""Replaying made-up ledgers: faults that no database would let in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.domain.stock import rules
from app.domain.stock.rules import Line, replay
from app.domain.stock.types import GENESIS_HASH, EntryKind, EntrySource, HeadRecord, Phase
from app.kernel import actor as actors

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
COLUMNS = (
    "id", "sequence", "written_at", "happened_at", "phase", "kind", "variant_id", "lot_id",
    "from_account", "to_account", "quantity", "hold_id", "reverses_id", "expires_at", "actor",
    "reason", "note", "source_kind", "source_key", "source_line", "fingerprint", "previous_hash",
    "hash",
)  # fmt: skip


def line(phase: Phase, quantity: int = 5, hold: int | None = None, **changes: Any) -> Line:
    values: dict[str, Any] = {
        "upt_id": 7, "phase": phase, "kind": EntryKind.HELD, "variant_id": 2, "lot_id": 3,
        "from_account": "available", "to_account": "transit_customer", "quantity": quantity,
        "hold_id": None if hold is None else rules.entry_id(upt_id=7, sequence=hold),
    }  # fmt: skip
    return Line(**{**values, **changes})


RECEIVED = line(Phase.MOVE, 9, from_account="production", to_account="available")


def ledger(*lines: Line) -> rules.Replay:
    posting = rules.posting(
        actor=actors.system("t"), source=EntrySource("t", "k"), content=(), at=AT
    )
    head = HeadRecord(7, 0, GENESIS_HASH, None)
    rows = []
    for row in rules.link(head=head, lines=lines, posting=posting):
        row.update({name: rules.instant(row[name]) for name in ("written_at", "happened_at")})
        rows.append(tuple(row[name] for name in COLUMNS))
    return rules.replay_entries(upt_id=7, rows=rows)


def faults(found: rules.Replay) -> list[tuple[int | None, str]]:
    return [(fault.sequence, fault.code) for fault in found.faults]


def test_counters_follow_every_phase() -> None:
    found = ledger(
        RECEIVED,
        line(Phase.HOLD, 4),
        line(Phase.KEEP, 4, hold=2),
        line(Phase.POST, 3, hold=2),
        line(Phase.HOLD, 2),
        line(Phase.VOID, 2, hold=5),
        line(Phase.MOVE, 3, hold=2, from_account="transit_customer", to_account="customer"),
    )
    assert found.faults == []
    assert found.balances == {
        (2, 3, "production"): [0, 9, 0, 0],
        (2, 3, "available"): [9, 3, 0, 0],
        (2, 3, "transit_customer"): [3, 3, 0, 0],
        (2, 3, "customer"): [3, 0, 0, 0],
    }
    assert [hold[7] for hold in found.holds.values()] == ["posted", "voided"]


def test_an_entry_with_another_id_is_named() -> None:
    posting = rules.posting(
        actor=actors.system("t"), source=EntrySource("t", "k"), content=(), at=AT
    )
    (row,) = rules.link(
        head=HeadRecord(8, 0, GENESIS_HASH, None), lines=[RECEIVED], posting=posting
    )
    row.update({name: rules.instant(row[name]) for name in ("written_at", "happened_at")})
    row["id"] = 12
    found = rules.replay_entries(upt_id=7, rows=[tuple(row[name] for name in COLUMNS)])
    assert faults(found) == [(1, "id")]


def test_holds_that_are_not_there_or_not_ready_are_named() -> None:
    moved = {"from_account": "transit_customer", "to_account": "customer"}
    assert faults(ledger(RECEIVED, line(Phase.VOID, hold=1))) == [(2, "hold")]
    other = line(Phase.VOID, 1, hold=2, lot_id=4)
    assert (3, "hold") in faults(ledger(RECEIVED, line(Phase.HOLD, 1), other))
    early = line(Phase.MOVE, 1, hold=2, **moved)
    assert (3, "hold") in faults(ledger(RECEIVED, line(Phase.HOLD, 1), early))
    beyond = line(Phase.POST, 2, hold=2)
    assert faults(ledger(RECEIVED, line(Phase.HOLD, 1), beyond)) == [(3, "hold")]


def test_taking_more_than_there_was_is_named_at_its_entry() -> None:
    assert faults(ledger(RECEIVED, line(Phase.HOLD, 10))) == [(2, "negative")]


def test_faults_of_one_ledger_are_limited() -> None:
    found = ledger(*[line(Phase.HOLD, 1)] * (replay.FAULTS_MAX + 9))
    assert len(found.faults) == replay.FAULTS_MAX


def test_a_stored_hold_too_many_or_too_few_is_named() -> None:
    found = ledger(RECEIVED, line(Phase.HOLD, 1))
    head = HeadRecord(7, found.sequence, found.hash, AT)
    stored = {key: (c[0], c[1], c[2], c[3]) for key, c in found.balances.items()}
    holds = {5: (2, 3, "available", "transit_customer", 1, 0, None, "open")}
    rules.compare(found=found, head=head, balances=stored, holds=holds)
    assert faults(found) == [(5, "hold_state"), (2, "hold_state")]


def test_instants_of_both_databases_become_canonical() -> None:
    assert rules.canonical_instant(None) is None
    ready = "2026-11-22T03:00:00.000000Z"
    assert rules.canonical_instant(ready) == ready
    assert rules.canonical_instant("2026-11-22 03:00:00") == ready
    assert rules.canonical_instant("2026-11-22 03:00:00.25") == "2026-11-22T03:00:00.250000Z"
