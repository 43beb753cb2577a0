"""What stands for the content of files and rows, how rows are cut into postings, which lot they enter."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Final

from app.domain.imports.types import CHUNK_ROWS, Mode, Origin, RowState, StagedRow
from app.domain.stock.types import Account, EntryKind, LotChoice, Move

_CONTENT: Final = (
    "sku", "quantity", "price_idr", "place", "origin", "lot_code", "produced_on", "expires_on",
    "happened_on", "document", "note",
)  # fmt: skip
_KEY_LENGTH: Final = 32


def fingerprint(*, mode: Mode, target: str, rows: Sequence[StagedRow]) -> str:
    """Return what stands for the content of a file, whatever its format, order of columns or dialect.

    Two files with the same rows in the same order have the same fingerprint, in their UPT and mode.
    """
    digest = hashlib.sha256(_line([mode.value, target]))
    for row in rows:
        wrong = [(error.column, error.code, error.value) for error in row.errors]
        digest.update(_line([*(getattr(row, name) for name in _CONTENT), wrong]))
    return digest.hexdigest()


def _line(values: Sequence[object]) -> bytes:
    return json.dumps(values, default=str, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def with_keys(*, rows: Iterable[StagedRow]) -> tuple[StagedRow, ...]:
    """Return the rows with what makes each known again in another file.

    The second of two equal rows in one file has a key of its own, so that a file that grows by rows
    is told from one that repeats them.
    """
    seen: Counter[tuple[object, ...]] = Counter()
    found = []
    for row in rows:
        if row.variant_id is None or row.errors:
            found.append(row)
            continue
        content = (row.variant_id, *(getattr(row, name) for name in _CONTENT[1:-1]))
        seen[content] += 1
        digest = hashlib.sha256(_line([*content, seen[content]]))
        found.append(replace(row, row_key=digest.hexdigest()[:_KEY_LENGTH]))
    return tuple(found)


def mark_known(*, rows: Iterable[StagedRow], known: Collection[str]) -> tuple[StagedRow, ...]:
    """Return the rows, those set aside that an earlier file brought."""
    return tuple(
        replace(row, state=RowState.KNOWN)
        if row.state is RowState.READY and row.row_key and row.row_key in known
        else row
        for row in rows
    )


def chunks(*, rows: Iterable[StagedRow]) -> tuple[tuple[StagedRow, ...], ...]:
    """Cut rows into postings: at most a thousand rows of one day and one kind of origin each.

    The order is that of days and lines, so the same rows are always cut alike.
    """
    ordered = sorted(
        rows, key=lambda row: (row.happened_on or date.max, row.origin or "", row.number)
    )
    found: list[list[StagedRow]] = []
    for row in ordered:
        is_new = (
            not found
            or len(found[-1]) >= CHUNK_ROWS
            or found[-1][0].happened_on != row.happened_on
            or found[-1][0].origin != row.origin
        )
        if is_new:
            found.append([])
        found[-1].append(row)
    return tuple(tuple(chunk) for chunk in found)


_WAYS: Final[Mapping[Origin, tuple[EntryKind, Account]]] = {
    Origin.PRODUCTION: (EntryKind.PRODUCED, Account.PRODUCTION),
    Origin.PURCHASE: (EntryKind.PURCHASED, Account.SUPPLIER),
    Origin.OPENING: (EntryKind.OPENING, Account.OPENING),
}


def moves(*, upt_id: int, rows: Iterable[StagedRow]) -> tuple[Move, ...]:
    """Return what a chunk of receipts does to the ledger, one move a row."""
    found = []
    for row in rows:
        kind, from_account = _WAYS[row.origin or Origin.PRODUCTION]
        found.append(
            Move(
                upt_id=upt_id,
                variant_id=row.variant_id or 0,
                kind=kind,
                from_account=from_account,
                to_account=Account(row.place),
                quantity=row.quantity or 0,
                lot=LotChoice(row.lot_code or None, row.produced_on, row.expires_on),
            )
        )
    return tuple(found)


def write_errors(row: StagedRow) -> str:
    """Return the errors of a row as they are stored."""
    return json.dumps([asdict(error) for error in row.errors], ensure_ascii=False)
