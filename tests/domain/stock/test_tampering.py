"""Every single forgery of a small ledger is found and named: each cell, row, pair and cut in turn.

The rows are read once and forged in memory, as somebody who owns the machine would on disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from app.domain.stock import queries, rules, services
from app.domain.stock.types import (
    GENESIS_HASH,
    Account,
    AdjustReason,
    EntryKind,
    HeadRecord,
    LotChoice,
    Move,
)
from tests.factories import ledger
from tests.factories.stock_steps import AT, adjust, entry_ids, on_holds, post, receive, reverse

pytestmark = pytest.mark.usefixtures("app")

Row = tuple[Any, ...]
ID, SEQUENCE, NOTE, PREVIOUS, HASH = 0, 1, 16, 21, 22


class Written:
    """A ledger with every phase in it, as read from the database."""

    def __init__(self) -> None:
        shelf = ledger.make_shelf()
        receive(shelf, 20, lot=LotChoice("A"), note="tab\there \\n and\nline")
        move = Move(shelf.upt_id, shelf.variant_id, EntryKind.MOVED, Account.AVAILABLE,
                    Account.GALLERY, 4)  # fmt: skip
        post(move)
        holds = [ledger.reserve(shelf.upt_id, shelf.variant_id, 2) for _ in range(3)]
        on_holds(services.keep, shelf, holds[0], expires_at=AT + timedelta(days=2))
        on_holds(services.ship, shelf, holds[0], quantities={holds[0][0].hold_id: 1})
        on_holds(services.deliver, shelf, holds[0])
        on_holds(services.release, shelf, holds[1], reason="cancelled")
        adjust(shelf, -1, AdjustReason.DAMAGED)
        reverse(shelf, entry_ids()[-1])
        self.upt_id = shelf.upt_id
        self.rows: list[Row] = [tuple(row) for row in queries.stream_entries(upt_id=self.upt_id)]
        self.head = queries.list_heads()[self.upt_id]
        self.balances = queries.read_balances(upt_id=self.upt_id)
        self.holds = queries.read_holds(upt_id=self.upt_id)

    def faults(
        self, rows: Sequence[Row], *, head: HeadRecord | None = None, published: Sequence[int] = ()
    ) -> list[tuple[int | None, str]]:
        """Return what verification says about these rows beside everything else as it was."""
        found = rules.Replay(self.upt_id)
        marks = rules.merge_marks((n, self.rows[n - 1][HASH], "the file") for n in published)
        rules.replay_entries(upt_id=self.upt_id, rows=rules.watch(rows, marks, found), found=found)
        rules.beyond(marks, found)
        rules.compare(found=found, head=head or self.head, balances=self.balances, holds=self.holds)
        return [(fault.sequence, fault.code) for fault in found.faults]


@pytest.fixture
def written(app: object) -> Written:
    return Written()


def other(value: object) -> object:
    """Return something else of the same kind."""
    if isinstance(value, int):
        return value + 1
    text = str(value or "2026-11-22T03:00:00.000000Z")
    place = max(i for i, sign in enumerate(text) if sign.isalnum() and sign != "Z")
    return f"{text[:place]}{'1' if text[place] != '1' else '2'}{text[place + 1 :]}"


def changed(row: Row, column: int, value: object) -> Row:
    return (*row[:column], value, *row[column + 1 :])


def test_untouched_rows_are_whole(written: Written) -> None:
    assert len(written.rows) == 11
    assert written.faults(written.rows, published=range(1, 12)) == []


def test_every_cell_of_every_entry_is_watched(written: Written) -> None:
    tried = 0
    for place, row in enumerate(written.rows):
        for column, value in enumerate(row):
            as_id = column in (11, 12)
            forged = changed(row, column, 1 if as_id and value is None else other(value))
            rows = [*written.rows[:place], forged, *written.rows[place + 1 :]]
            found = written.faults(rows)
            expected = {ID: "id", SEQUENCE: "gap"}.get(column, "hash")
            assert (place + 1, expected) in found, (row, column)
            tried += 1
    assert tried == 11 * 23


def test_every_missing_entry_is_named(written: Written) -> None:
    for place in range(len(written.rows)):
        rows = written.rows[:place] + written.rows[place + 1 :]
        is_last = place == len(written.rows) - 1
        assert written.faults(rows)[0] == (place + 1, "tail" if is_last else "gap")


def test_every_cut_of_the_end_is_named_and_again_by_what_was_published(written: Written) -> None:
    for length in range(len(written.rows)):
        found = written.faults(written.rows[:length])
        assert (length + 1, "tail") in found
        last = written.rows[length - 1]
        head = HeadRecord(written.upt_id, length, last[HASH] if length else GENESIS_HASH, None)
        assert (length + 1, "published") in written.faults(
            written.rows[:length], head=head, published=[len(written.rows)]
        )


def test_every_two_entries_that_change_places_are_named(written: Written) -> None:
    count = len(written.rows)
    for first in range(count):
        for second in range(first + 1, count):
            rows = list(written.rows)
            rows[first] = (*written.rows[first][:2], *written.rows[second][2:])
            rows[second] = (*written.rows[second][:2], *written.rows[first][2:])
            assert {(first + 1, "hash"), (second + 1, "hash")} <= set(written.faults(rows))
            rows[first], rows[second] = written.rows[second], written.rows[first]
            assert (first + 1, "gap") in written.faults(rows)


def test_every_entry_slipped_in_a_second_time_is_named(written: Written) -> None:
    for place, row in enumerate(written.rows):
        rows = [*written.rows[: place + 1], row, *written.rows[place + 1 :]]
        assert (place + 2, "gap") in written.faults(rows)


def rewritten(rows: Sequence[Row], place: int) -> list[Row]:
    """Return the ledger with another note in one entry and every hash after it made to fit."""
    found = list(rows)
    previous = found[place - 1][HASH] if place else GENESIS_HASH
    for number in range(place, len(found)):
        row = changed(found[number], PREVIOUS, previous)
        if number == place:
            row = changed(row, NOTE, "forged")
        text = rules.replay._text(
            f"{rules.FORMAT}\t{row[ID] >> 40}\t", row, rules.replay._Instants()
        )
        previous = hashlib.sha256(text).hexdigest()
        found[number] = changed(row, HASH, previous)
    return found


def test_a_chain_rewritten_from_any_entry_is_named_by_the_next_published_head(
    written: Written,
) -> None:
    published = [4, 9]
    for place in range(len(written.rows)):
        rows = rewritten(written.rows, place)
        assert (11, "head") in written.faults(rows), "while the head was not rewritten too"
        head = HeadRecord(written.upt_id, 11, rows[-1][HASH], None)
        found = written.faults(rows, head=head, published=published)
        after = [(mark, "published") for mark in published if mark > place]
        assert found == after, "only what came after the last publication rests on the next one"
