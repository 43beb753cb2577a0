"""The chain: canonical lines, hashes, numbers.

The canonical format is published in docs/algorithms/stock-ledger.md, section 3. A change there is a
new format name, never an edit of this one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from app.domain.stock.rules.shapes import Line, Posting
from app.domain.stock.types import SEQUENCE_BITS, HeadRecord

FORMAT: Final = "karyabina-stock-1"
FIELD_SEPARATOR: Final = "\t"


def fingerprint(content: Sequence[object]) -> str:
    """Return sixteen signs that stand for the content of a request."""
    text = FIELD_SEPARATOR.join(escape(str(part)) for part in content)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def entry_id(*, upt_id: int, sequence: int) -> int:
    """Return the id of an entry."""
    return (upt_id << SEQUENCE_BITS) + sequence


def sequence_of(entry_id: int) -> int:
    """Return the sequence number inside an entry's id."""
    return entry_id & ((1 << SEQUENCE_BITS) - 1)


def escape(text: str) -> str:
    r"""Return free text without tabs and line ends: ``\`` ``\t`` ``\n`` ``\r`` are written out."""
    text = text.replace("\\", "\\\\").replace("\t", "\\t")
    return text.replace("\n", "\\n").replace("\r", "\\r")


def instant(at: datetime) -> str:
    """Return an instant as it stands in canonical lines: ``2026-11-22T03:00:00.000000Z``."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def canonical_line(row: Mapping[str, Any]) -> str:
    """Return the published text of an entry; see docs/algorithms/stock-ledger.md, section 3."""
    hold_id, reverses_id = row["hold_id"], row["reverses_id"]
    values = (
        FORMAT,
        row["upt_id"],
        row["sequence"],
        row["written_at"],
        row["happened_at"],
        row["phase"],
        row["kind"],
        row["variant_id"],
        row["lot_id"],
        row["from_account"],
        row["to_account"],
        row["quantity"],
        "" if hold_id is None else sequence_of(hold_id),
        "" if reverses_id is None else sequence_of(reverses_id),
        row["expires_at"] or "",
        row["actor"],
        row["reason"],
        row["note"],
        row["source_kind"],
        row["source_key"],
        row["source_line"],
        row["fingerprint"],
    )
    texts = [instant(value) if isinstance(value, datetime) else str(value) for value in values]
    line = FIELD_SEPARATOR.join(texts)
    if "\\" in line or "\n" in line or "\r" in line or line.count(FIELD_SEPARATOR) >= len(texts):
        return FIELD_SEPARATOR.join(escape(part) for part in texts)
    return line


def entry_hash(*, previous_hash: str, line: str) -> str:
    """Return the SHA-256 of the previous hash, a tab and the canonical line, in hexadecimal."""
    return hashlib.sha256(f"{previous_hash}{FIELD_SEPARATOR}{line}".encode()).hexdigest()


def link(*, head: HeadRecord, lines: Sequence[Line], posting: Posting) -> list[dict[str, Any]]:
    """Return the rows of one UPT for a posting: numbered, dated and chained to the head.

    The time of writing never goes back along a chain, whatever the clocks of servers say.
    """
    written_at = max(posting.at, head.written_at or posting.at)
    previous_hash = head.hash
    rows = []
    for source_line, line in enumerate(lines):
        sequence = head.sequence + 1 + source_line
        row: dict[str, Any] = {
            "id": entry_id(upt_id=line.upt_id, sequence=sequence),
            "upt_id": line.upt_id,
            "sequence": sequence,
            "phase": line.phase.value,
            "kind": line.kind.value,
            "variant_id": line.variant_id,
            "lot_id": line.lot_id,
            "from_account": str(line.from_account),
            "to_account": str(line.to_account),
            "quantity": line.quantity,
            "hold_id": line.hold_id,
            "reverses_id": line.reverses_id,
            "expires_at": line.expires_at,
            "happened_at": posting.happened_at,
            "written_at": written_at,
            "actor": posting.actor,
            "reason": posting.reason,
            "note": posting.note,
            "source_kind": posting.source.kind,
            "source_key": posting.source.key,
            "source_line": source_line,
            "fingerprint": posting.fingerprint,
            "previous_hash": previous_hash,
        }
        previous_hash = entry_hash(previous_hash=previous_hash, line=canonical_line(row))
        row["hash"] = previous_hash
        rows.append(row)
    return rows


def link_all(
    *, heads: Mapping[int, HeadRecord], lines: Sequence[Line], posting: Posting
) -> list[dict[str, Any]]:
    """Return the rows of a posting over several UPT, each chained to its own head."""
    return [
        row
        for upt_id in sorted({line.upt_id for line in lines})
        for row in link(
            head=heads[upt_id],
            lines=[line for line in lines if line.upt_id == upt_id],
            posting=posting,
        )
    ]
