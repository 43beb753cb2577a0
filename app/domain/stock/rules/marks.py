"""Points that a replay must pass: published heads and closed months, with their hashes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.domain.stock.rules.replay import BalanceKey, Counters, HoldFacts, Replay
from app.domain.stock.types import GENESIS_HASH, PeriodRecord

Marks = Mapping[int, Sequence[tuple[str, str]]]
"""By number of the entry: (hash it must have, where that was written down)."""


def merge_marks(points: Iterable[tuple[int, str, str]]) -> dict[int, list[tuple[str, str]]]:
    """Return points (number, hash, where) by number."""
    found: dict[int, list[tuple[str, str]]] = {}
    for sequence, hash_, where in points:
        found.setdefault(sequence, []).append((hash_, where))
    return found


def watch(rows: Iterable[Any], marks: Marks, found: Replay) -> Iterator[Any]:
    """Yield entries on their way into a replay, comparing those at marks with what was published."""
    for hash_, where in marks.get(0, ()):
        if hash_ != GENESIS_HASH:
            found.fault(None, "published", f"the empty ledger published in {where} is another one")
    for row in rows:
        points = marks.get(row[1])
        if points:
            for hash_, where in points:
                if hash_ != row[22]:
                    found.fault(
                        row[1], "published",
                        f"entry {row[1]} is not the one of {where}: the ledger was rewritten",
                    )  # fmt: skip
        yield row


def beyond(marks: Marks, found: Replay) -> None:
    """Note every published head that the ledger no longer reaches."""
    for sequence in sorted(marks):
        if sequence > found.sequence:
            where = marks[sequence][0][1]
            found.fault(
                found.sequence + 1, "published",
                f"entries up to {sequence} were published in {where},"
                f" the ledger ends at {found.sequence}",
            )  # fmt: skip
            return


def begin_at(
    *,
    period: PeriodRecord,
    balances: Mapping[BalanceKey, Counters],
    holds: Mapping[int, HoldFacts],
) -> Replay:
    """Return a replay that goes on from a closed month."""
    return Replay(
        period.upt_id,
        sequence=period.sequence,
        hash=period.hash,
        balances={key: list(counters) for key, counters in balances.items()},
        holds={hold_id: list(facts) for hold_id, facts in holds.items()},
    )


def compare_period(
    *,
    found: Replay,
    period: PeriodRecord,
    balances: Mapping[BalanceKey, Counters],
    holds: Mapping[int, HoldFacts],
) -> None:
    """Note where a closed month differs from the replay at its position."""
    where = f"{period.month:%Y-%m}"
    if (found.sequence, found.hash) != (period.sequence, period.hash):
        found.fault(period.sequence, "period", f"the month {where} was closed at another entry")
        return
    zero = (0, 0, 0, 0)
    for key in sorted(found.balances.keys() | balances.keys()):
        replayed, kept = tuple(found.balances.get(key, zero)), balances.get(key, zero)
        if replayed != kept:
            found.fault(
                period.sequence, "period", f"the month {where} has another balance of variant"
                f" {key[0]}, lot {key[1]}, {key[2]}: {kept}, replayed {replayed}",
            )  # fmt: skip
    still_open = {hold_id for hold_id, facts in found.holds.items() if facts[7] == "open"}
    for hold_id in sorted(still_open | holds.keys()):
        facts = found.holds.get(hold_id)
        if facts is None or hold_id not in holds or tuple(facts) != holds[hold_id]:
            found.fault(period.sequence, "period", f"the month {where} has another promise")
