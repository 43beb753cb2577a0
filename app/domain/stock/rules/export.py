"""Lines of an export: JSON objects, each with a check of its own; see docs/ledger/FORMAT.md."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from app.domain.stock.rules.chain import FORMAT, instant
from app.domain.stock.rules.heads import line_of_head, line_of_root
from app.domain.stock.rules.replay import BalanceKey, Counters
from app.domain.stock.types import EXPORT_FORMAT, HeadProof, HeadRecord, PeriodRecord

CHECK_LENGTH: Final = 16


def sealed_line(record: Mapping[str, Any]) -> bytes:
    """Return a record as one line that ends with the check of everything before it."""
    body = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
    check = hashlib.sha256(body).hexdigest()[:CHECK_LENGTH]
    return body[:-1] + f',"check":"{check}"}}\n'.encode()


def opening(*, upt_id: int, slug: str, name: str, head: HeadRecord, at: datetime) -> dict[str, Any]:
    """Return the first record: whose ledger, and where it ends."""
    return {
        "type": "export",
        "format": EXPORT_FORMAT,
        "ledger": FORMAT,
        "upt": upt_id,
        "slug": slug,
        "name": name,
        "exported_at": instant(at),
        "sequence": head.sequence,
        "hash": head.hash,
    }


def balance_record(key: BalanceKey, counters: Counters) -> dict[str, Any]:
    """Return one balance."""
    return {
        "type": "balance",
        "variant": key[0],
        "lot": key[1],
        "account": key[2],
        "in_posted": counters[0],
        "out_posted": counters[1],
        "in_pending": counters[2],
        "out_pending": counters[3],
    }


def close_record(period: PeriodRecord) -> dict[str, Any]:
    """Return one closed month."""
    return {
        "type": "close",
        "month": period.label,
        "sequence": period.sequence,
        "hash": period.hash,
        "closed_at": instant(period.closed_at),
    }


def head_record(proof: HeadProof) -> dict[str, Any]:
    """Return one published head with its way to the root of its day."""
    return {
        "type": "head",
        "line": line_of_head(proof.head),
        "signature": proof.head.signature,
        "proof": list(proof.path),
        "root": line_of_root(proof.root),
        "root_signature": proof.root.signature,
        "endorsement": proof.root.endorsement,
    }


def export_line(*, upt_id: int, head: HeadRecord, digest: str) -> str:
    """Return the line that signs a whole export."""
    return "\t".join((EXPORT_FORMAT, str(upt_id), str(head.sequence), head.hash, digest))


def ending(*, lines: int, digest: str, key: str, signature: str) -> dict[str, Any]:
    """Return the last record."""
    return {"type": "end", "lines": lines, "sha256": digest, "key": key, "signature": signature}
