"""What is on a sheet, what differs, and which moves bring the book to the shelf.

Source: docs/algorithms/stock-count.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from app.domain.counts.errors import CountChanged, CountClosed, OwnCount
from app.domain.counts.types import (
    COUNTABLE,
    SOURCE_KIND,
    CountState,
    DifferenceReason,
    DifferenceRow,
    Scope,
    ScopeKind,
    SheetLine,
    StuckRow,
    Totals,
)
from app.domain.stock.types import (
    Account,
    EntryKind,
    EntrySource,
    LotChoice,
    Move,
)

Where = tuple[int, int, Account]
"""Variant, lot and place: one balance of the ledger."""

_MOVING: Final = ("move", "post")


def places_of(scope: Scope) -> tuple[Account, ...]:
    """Return the places that a scope covers."""
    return (scope.place,) if scope.kind is ScopeKind.PLACE and scope.place else COUNTABLE


def everything() -> Scope:
    """Return the scope of a whole UPT."""
    return Scope(ScopeKind.WHOLE)


def is_narrow(scope: Scope) -> bool:
    """Say whether a scope leaves goods out, wherever they lie."""
    return scope.kind in (ScopeKind.CATEGORY, ScopeKind.GOODS)


def in_walking_order(lines: Iterable[SheetLine]) -> list[SheetLine]:
    """Return the lines as one walks: place by place, goods by name, what expires first first."""
    return sorted(
        lines,
        key=lambda line: (
            COUNTABLE.index(line.account),
            line.name.casefold(),
            line.sku,
            line.expires_on or date.max,
            line.lot_code,
        ),
    )


def goods_key(line: SheetLine) -> tuple[int, str, Account]:
    """Return what makes a row of a sheet unique."""
    return (line.variant_id, line.lot_code, line.account)


def ensure_state(*, found: CountState, wanted: Collection[CountState]) -> None:
    """Refuse unless the sheet is in one of these states.

    Raises:
        CountClosed: It is not.
    """
    if found not in wanted:
        raise CountClosed


def ensure_version(*, found: int, given: int | None) -> None:
    """Refuse when the sheet changed since the page was shown.

    Raises:
        CountChanged: It did.
    """
    if given is not None and given != found:
        raise CountChanged


def ensure_second_person(*, user_id: int | None, makers: Collection[int]) -> None:
    """Refuse an approval by the system, or by anybody who made the count.

    Raises:
        OwnCount: It is one.
    """
    if user_id is None or user_id in makers:
        raise OwnCount


def net_moves(rows: Iterable[tuple[int, int, str, str, str, int]]) -> dict[Where, int]:
    """Return what came minus what went, by balance.

    Args:
        rows: Variant, lot, phase, from-account, to-account and pieces; other phases move nothing.
    """
    found: dict[Where, int] = {}
    for variant_id, lot_id, phase, from_account, to_account, quantity in rows:
        if phase not in _MOVING:
            continue
        for account, pieces in ((from_account, -quantity), (to_account, quantity)):
            key = (variant_id, lot_id, Account(account))
            found[key] = found.get(key, 0) + pieces
    return found


def total(rows: Iterable[DifferenceRow]) -> Totals:
    """Return the sums of a sheet."""
    count = differing = more = less = gain = loss = unpriced = missing = 0
    for row in rows:
        count += 1
        if not row.difference:
            continue
        differing += 1
        more += max(row.difference, 0)
        less += max(-row.difference, 0)
        gain += max(row.value_idr or 0, 0)
        loss += max(-(row.value_idr or 0), 0)
        unpriced += row.value_idr is None
        missing += row.needs_reason and row.reason is None
    return Totals(count, differing, more, less, gain, loss, unpriced, missing)


def find_stuck(*, rows: Iterable[DifferenceRow], free: Mapping[Where, int]) -> tuple[StuckRow, ...]:
    """Return the losses that exceed what is free now, in the order of the sheet."""
    stuck = []
    for row in rows:
        if row.difference >= 0:
            continue
        left = free.get((row.variant_id, row.lot_id, row.account), 0) if row.lot_id else 0
        if left < -row.difference:
            stuck.append(
                StuckRow(
                    row.row_id, row.number, row.name, row.lot_code, row.account,
                    wanted=-row.difference, free=max(left, 0),
                )
            )  # fmt: skip
    return tuple(stuck)


@dataclass(frozen=True, slots=True)
class Step:
    """One move of the posting and the rows that it settles, each for all or for a part."""

    row_ids: tuple[int, ...]
    move: Move


def plan(*, upt_id: int, rows: Sequence[DifferenceRow]) -> tuple[Step, ...]:
    """Return the moves that bring the book to what was counted, in the order of the sheet.

    What is missing in one place and found in another, of the same lot, was moved: it becomes one move
    between the places, neither a loss nor a find. The rest is found or lost.
    """
    missing: dict[tuple[int, int], list[DifferenceRow]] = {}
    for row in rows:
        if row.difference < 0 and row.lot_id:
            missing.setdefault((row.variant_id, row.lot_id), []).append(row)
    left = {row.row_id: abs(row.difference) for row in rows}
    steps: list[Step] = []
    for row in rows:
        if row.difference <= 0 or not row.lot_id:
            continue
        for source in missing.get((row.variant_id, row.lot_id), ()):
            pieces = min(left[row.row_id], left[source.row_id])
            if not pieces:
                continue
            left[row.row_id] -= pieces
            left[source.row_id] -= pieces
            steps.append(
                Step(
                    (source.row_id, row.row_id),
                    Move(
                        upt_id, row.variant_id, EntryKind.MOVED, source.account, row.account,
                        pieces, lot_id=row.lot_id,
                    ),
                )
            )  # fmt: skip
    for row in rows:
        if left[row.row_id]:
            steps.append(Step((row.row_id,), _single(upt_id, row, left[row.row_id])))
    return tuple(steps)


def _single(upt_id: int, row: DifferenceRow, pieces: int) -> Move:
    is_more = row.difference > 0
    return Move(
        upt_id=upt_id,
        variant_id=row.variant_id,
        kind=EntryKind.COUNTED_MORE if is_more else EntryKind.COUNTED_LESS,
        from_account=Account.FOUND if is_more else row.account,
        to_account=row.account if is_more else Account.LOSS,
        quantity=pieces,
        lot_id=row.lot_id,
        lot=None if row.lot_id else LotChoice(row.lot_code, None, row.expires_on),
    )


def source_of(code: str) -> EntrySource:
    """Return the source of a sheet's posting: unique in the ledger, so that it posts once."""
    return EntrySource(SOURCE_KIND, code)


def reason_of(text: str) -> DifferenceReason | None:
    """Return the reason that a stored word means."""
    return DifferenceReason(text) if text else None


def counted_at(*, told: datetime | None, opened_at: datetime) -> datetime | None:
    """Return up to when moves belong to a number: None for one that is told as of the sheet."""
    return told if told is not None and told > opened_at else None
