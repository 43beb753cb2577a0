"""Replaying a ledger from its first entry: what the chain, the balances and the holds must be.

Written for speed in one loop over plain tuples, without the helpers that write entries, so that a
fault there is not repeated here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.domain.stock.rules.chain import FORMAT, escape
from app.domain.stock.types import GENESIS_HASH, SEQUENCE_BITS, UNGUARDED, Fault, HeadRecord

FAULTS_MAX: Final = 50
"""Faults named for one UPT; more would only repeat the first ones."""

_TABS: Final = 22
"""Separators between the previous hash and the 22 fields of a canonical line."""

_INSTANTS_MAX: Final = 10_000
"""Spelt instants kept at a time."""

_SEQUENCE_MASK: Final = (1 << SEQUENCE_BITS) - 1
_UNGUARDED: Final = frozenset(str(account) for account in UNGUARDED)

BalanceKey = tuple[int, int, str]
"""Variant id, lot id, account."""

Counters = tuple[int, int, int, int]
HoldFacts = tuple[int, int, str, str, int, int, str | None, str]
"""Variant, lot, from, to, quantity, posted, end as text, state."""


@dataclass(slots=True)
class Replay:
    """What a ledger says, entry by entry.

    Attributes:
        entries: Entries read.
        sequence: Number of the last one.
        hash: Hash of the last one.
        balances: In posted, out posted, in pending, out pending by balance.
        holds: Facts of every hold by its entry id.
        faults: What is wrong, in the order of the ledger.
        written_at: When the last one was written, as text.
    """

    upt_id: int
    entries: int = 0
    sequence: int = 0
    hash: str = GENESIS_HASH
    balances: dict[BalanceKey, list[int]] = field(default_factory=dict)
    holds: dict[int, list[Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    written_at: str = ""

    def fault(self, sequence: int | None, code: str, what: str) -> None:
        """Note something wrong."""
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(Fault(self.upt_id, sequence, code, what))


def replay_entries(*, upt_id: int, rows: Iterable[Any], found: Replay | None = None) -> Replay:
    """Replay one UPT's entries in the order of their sequence.

    Args:
        rows: Columns in the order of ``_text``; instants as canonical text.
        found: What earlier entries said, to go on from; None begins at the first entry.
    """
    found = found or Replay(upt_id)
    sha256, instants, first_id = hashlib.sha256, _Instants(), upt_id << SEQUENCE_BITS
    prefix = f"{FORMAT}\t{upt_id}\t"
    last_sequence, last_hash, last_written = found.sequence, found.hash, found.written_at
    for row in rows:
        found.entries += 1
        entry_id, sequence, written_at = row[:3]
        previous_hash, stored = row[21:]
        if sha256(_text(prefix, row, instants)).hexdigest() != stored:
            found.fault(sequence, "hash", f"entry {sequence} is not what was hashed")
        if sequence != last_sequence + 1:
            missing = last_sequence + 1
            found.fault(missing, "gap", f"entry {missing} is missing before entry {sequence}")
        elif previous_hash != last_hash:
            found.fault(sequence, "link", f"entry {sequence} does not follow entry {last_sequence}")
        if written_at < last_written:
            found.fault(sequence, "time", f"entry {sequence} is dated before the one before it")
        if entry_id != first_id + sequence:
            found.fault(sequence, "id", f"entry {sequence} carries the id {entry_id}")
        last_sequence, last_hash, last_written = sequence, stored, written_at
        _fold(found, row)
    found.sequence, found.hash, found.written_at = last_sequence, last_hash, last_written
    return found


def canonical_instant(text: str | None) -> str | None:
    """Return an instant as canonical lines have it, from PostgreSQL's spelling or ready-made."""
    if text is None or text[-1] == "Z":
        return text
    return f"{text[:10]}T{text[11:19]}.{text[20:]:0<6}Z"


class _Instants(dict[str | None, str]):
    """Instants as canonical lines have them: a posting's entries share theirs, spelt once."""

    def __missing__(self, text: str | None) -> str:
        if len(self) >= _INSTANTS_MAX:
            self.clear()
        spelt = self[text] = canonical_instant(text) or ""
        return spelt


def published_line(*, upt_id: int, row: Any) -> str:
    """Return the canonical line of an entry as it stands in the database now."""
    return _text(f"{FORMAT}\t{upt_id}\t", row, _Instants()).decode().partition("\t")[2]


def _text(prefix: str, row: Any, instants: _Instants) -> bytes:
    """Return what the hash of an entry covers; written anew here, apart from ``chain``."""
    (
        _, sequence, written_at, happened_at, phase, kind, variant_id, lot_id, from_account,
        to_account, quantity, hold_id, reverses_id, expires_at, actor, reason, note, source_kind,
        source_key, source_line, fingerprint, previous_hash, _,
    ) = row  # fmt: skip
    written_at, happened_at = instants[written_at], instants[happened_at]
    expires_at = instants[expires_at]
    hold = "" if hold_id is None else hold_id & _SEQUENCE_MASK
    reverses = "" if reverses_id is None else reverses_id & _SEQUENCE_MASK
    text = (
        f"{previous_hash}\t{prefix}{sequence}\t{written_at}\t{happened_at}\t{phase}\t{kind}"
        f"\t{variant_id}\t{lot_id}\t{from_account}\t{to_account}\t{quantity}\t{hold}\t{reverses}"
        f"\t{expires_at}\t{actor}\t{reason}\t{note}"
        f"\t{source_kind}\t{source_key}\t{source_line}\t{fingerprint}"
    )
    if text.count("\t") == _TABS and "\\" not in text and "\n" not in text and "\r" not in text:
        return text.encode()
    values = (
        sequence, written_at, happened_at, *row[4:11], hold, reverses, expires_at, actor, reason, note, source_kind,
        source_key, source_line, fingerprint,
    )  # fmt: skip
    line = "\t".join(escape(str(value)) for value in values)
    return f"{previous_hash}\t{prefix}{line}".encode()


def _fold(found: Replay, row: Any) -> None:
    phase = row[4]
    variant_id, lot_id, from_account, to_account, quantity = row[6:11]
    balances = found.balances
    source = balances.get((variant_id, lot_id, from_account))
    if source is None:
        source = balances[variant_id, lot_id, from_account] = [0, 0, 0, 0]
    target = balances.get((variant_id, lot_id, to_account))
    if target is None:
        target = balances[variant_id, lot_id, to_account] = [0, 0, 0, 0]
    if phase == "move":
        source[1] += quantity
        target[0] += quantity
    elif phase == "hold":
        source[3] += quantity
        target[2] += quantity
    if phase != "move" or row[11] is not None:
        _fold_hold(found, row, source, target)
    if source[0] - source[1] - source[3] < 0 and from_account not in _UNGUARDED:
        found.fault(row[1], "negative", f"entry {row[1]} takes more than {from_account} had")


def _fold_hold(found: Replay, row: Any, source: list[int], target: list[int]) -> None:
    entry_id, sequence, phase, kind = row[0], row[1], row[4], row[5]
    quantity, hold_id, expires_at = row[10], row[11], canonical_instant(row[13])
    if phase == "hold":
        found.holds[entry_id] = [*row[6:11], 0, expires_at, "open"]
        return
    hold = found.holds.get(hold_id)
    if hold is None or hold[:2] != list(row[6:8]):
        found.fault(sequence, "hold", f"entry {sequence} names a hold that is not there")
        return
    if phase == "move":
        if hold[7] != "posted":
            found.fault(sequence, "hold", f"entry {sequence} delivers what was not shipped")
        return
    if hold[7] != "open" or quantity > hold[4]:
        found.fault(sequence, "hold", f"entry {sequence} resolves a hold again or beyond it")
        return
    if phase == "keep":
        hold[6] = expires_at
        return
    source[3] -= hold[4]
    target[2] -= hold[4]
    if phase == "post":
        source[1] += quantity
        target[0] += quantity
        hold[5], hold[7] = quantity, "posted"
    else:
        hold[7] = "expired" if kind == "expired" else "voided"


def compare(
    *,
    found: Replay,
    head: HeadRecord | None,
    balances: Mapping[BalanceKey, Counters],
    holds: Mapping[int, HoldFacts],
) -> None:
    """Note where the stored head, balances and holds differ from the replay."""
    if head is None:
        found.fault(None, "head", "the head is missing")
    elif head.sequence > found.sequence:
        missing = found.sequence + 1
        found.fault(missing, "tail", f"entries {missing} to {head.sequence} are missing at the end")
    elif head.sequence < found.sequence or head.hash != found.hash:
        found.fault(
            found.sequence, "head", f"the head says {head.sequence} {head.hash[:12]}, the ledger"
            f" {found.sequence} {found.hash[:12]}",
        )  # fmt: skip
    zero = (0, 0, 0, 0)
    for key in sorted(found.balances.keys() | balances.keys()):
        replayed, stored = tuple(found.balances.get(key, zero)), balances.get(key, zero)
        if replayed != stored:
            variant_id, lot_id, account = key
            found.fault(
                None, "balance", f"variant {variant_id}, lot {lot_id}, {account}: the ledger says"
                f" {_figures(replayed)}, the balance {_figures(stored)}",
            )  # fmt: skip
    for hold_id in sorted(found.holds.keys() | holds.keys()):
        facts = found.holds.get(hold_id)
        if facts is None or tuple(facts) != holds.get(hold_id):
            sequence = hold_id & _SEQUENCE_MASK
            found.fault(sequence, "hold_state", f"the hold of entry {sequence} is not as stored")


def _figures(counters: tuple[int, ...]) -> str:
    return "/".join(str(counter) for counter in counters)
