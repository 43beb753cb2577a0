"""Differences between the ledger and what is kept beside it, and the digest of a proven state."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Final

from app.domain.stock.rules.replay import BalanceKey, Counters, HoldFacts, Replay
from app.domain.stock.types import SEQUENCE_BITS, Difference, HeadRecord

DIFFERENCES_MAX: Final = 50
"""Differences raised for one UPT at once; more would only repeat the first ones."""

NOTHING: Final = (0, 0, 0, 0)
CHAIN_CODES: Final = frozenset({"hash", "gap", "link", "id", "time", "tail", "published"})
"""Faults of the entries themselves: no rebuild can mend them, only the right copy of the ledger."""


def state_digest(
    *, balances: Mapping[BalanceKey, Sequence[int]], holds: Mapping[int, Sequence[Any]]
) -> str:
    """Return a digest of all balances that are not empty and all promises that are open."""
    lines = [
        f"{key[0]}/{key[1]}/{key[2]}/{'/'.join(str(counter) for counter in counters)}"
        for key, counters in sorted(balances.items())
        if any(counters)
    ]
    lines += [
        f"{hold_id}/{'/'.join(str(fact) for fact in facts[:5])}"
        for hold_id, facts in sorted(holds.items())
        if facts[7] == "open"
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def undo(
    *,
    rows: Sequence[Any],
    balances: Mapping[BalanceKey, Counters],
    holds: Mapping[int, HoldFacts],
) -> tuple[dict[BalanceKey, list[int]], dict[int, list[Any]]]:
    """Return balances and holds as they were before some entries, which are the last ones.

    Args:
        rows: Entries in order, columns as ``replay_entries`` takes them.
        holds: Open holds, and every hold that the entries made or name.
    """
    before = {key: list(counters) for key, counters in balances.items()}
    promised: dict[int, list[Any]] = {hold_id: list(facts) for hold_id, facts in holds.items()}
    for row in reversed(rows):
        _undo_one(row, before, promised)
    return before, promised


def _undo_one(
    row: Any,
    balances: MutableMapping[BalanceKey, list[int]],
    holds: MutableMapping[int, list[Any]],
) -> None:
    phase, (variant_id, lot_id, from_account, to_account, quantity) = row[4], row[6:11]
    source = balances.setdefault((variant_id, lot_id, from_account), [0, 0, 0, 0])
    target = balances.setdefault((variant_id, lot_id, to_account), [0, 0, 0, 0])
    if phase in {"move", "post"}:
        source[1] -= quantity
        target[0] -= quantity
    if phase == "hold":
        source[3] -= quantity
        target[2] -= quantity
        holds.pop(row[0], None)
    elif phase in {"post", "void"}:
        held = holds.get(row[11])
        if held is not None:
            source[3] += held[4]
            target[2] += held[4]
            held[5], held[7] = 0, "open"


def differences(
    *,
    found: Replay,
    head: HeadRecord | None,
    balances: Mapping[BalanceKey, Sequence[int]],
    holds: Mapping[int, Sequence[Any]],
) -> tuple[Difference, ...]:
    """Return where the stored head, balances and holds differ from a replay; faults come first."""
    wrong = [
        Difference(fault.code, f"entry:{fault.sequence or 0}", fault.what[:200], "")
        for fault in found.faults
    ]
    wrong += _head_differences(found, head)
    for key in sorted(found.balances.keys() | balances.keys()):
        replayed, stored = found.balances.get(key, NOTHING), balances.get(key, NOTHING)
        if tuple(replayed) != tuple(stored):
            wrong.append(balance_difference(key, replayed, stored))
    for hold_id in sorted(found.holds.keys() | holds.keys()):
        facts, kept = found.holds.get(hold_id), holds.get(hold_id)
        if facts is None or kept is None or tuple(facts) != tuple(kept):
            wrong.append(hold_difference(hold_id, facts, kept))
    return tuple(wrong)


def _head_differences(found: Replay, head: HeadRecord | None) -> list[Difference]:
    if head is None:
        return [Difference("head", "head", figure_of_head(found.sequence, found.hash), "")]
    if head.sequence > found.sequence:
        return [
            Difference(
                "tail", f"entry:{found.sequence + 1}", figure_of_head(found.sequence, found.hash),
                figure_of_head(head.sequence, head.hash),
            )
        ]  # fmt: skip
    if (head.sequence, head.hash) != (found.sequence, found.hash):
        return [
            Difference(
                "head", "head", figure_of_head(found.sequence, found.hash),
                figure_of_head(head.sequence, head.hash),
            )
        ]  # fmt: skip
    return []


def figure_of_head(sequence: int, hash_: str) -> str:
    """Return a head in short."""
    return f"{sequence} {hash_[:12]}"


def balance_difference(
    key: BalanceKey, replayed: Sequence[int], stored: Sequence[int]
) -> Difference:
    """Return a difference of one balance: masuk, keluar, promised in, promised out."""
    return Difference(
        "balance", f"balance:{key[0]}/{key[1]}/{key[2]}", _figures(replayed), _figures(stored)
    )


def hold_difference(
    hold_id: int, facts: Sequence[Any] | None, kept: Sequence[Any] | None
) -> Difference:
    """Return a difference of one hold."""
    sequence = hold_id & ((1 << SEQUENCE_BITS) - 1)
    return Difference("hold_state", f"hold:{sequence}", _hold(facts), _hold(kept))


def _hold(facts: Sequence[Any] | None) -> str:
    if facts is None:
        return ""
    return f"{facts[7]} {facts[5]}/{facts[4]} {facts[6] or ''}".strip()


def _figures(counters: Sequence[int]) -> str:
    return "/".join(str(counter) for counter in counters)
