"""Pure decisions of a count: what is on a sheet, what differs, what may be posted.

Source: docs/algorithms/stock-count.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from app.domain.counts.errors import CountChanged, CountClosed, OwnCount
from app.domain.counts.types import (
    COUNTABLE,
    NOTE_MAX,
    PLACE_WORDS,
    SOURCE_KIND,
    CountState,
    DifferenceReason,
    DifferenceRow,
    Scope,
    ScopeKind,
    SheetLine,
    StuckRow,
    Totals,
    TypedRow,
    TypedRowError,
)
from app.domain.stock.types import (
    LOT_CODE_MAX,
    Account,
    EntryKind,
    EntrySource,
    LotChoice,
    Move,
)
from app.kernel.quantity import QUANTITY_MAX
from app.kernel.text import has_control_signs

Goods = tuple[int, str, Account]
"""Variant, code of the lot and place: what makes a row of a sheet unique."""

Where = tuple[int, int, Account]
"""Variant, lot and place: one balance of the ledger."""

_MOVING: Final = ("move", "post")


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A row of the sheet as typed rows are matched against it."""

    row_id: int
    goods: Goods
    lot_id: int | None
    sku: str
    quantity: int | None
    note: str
    version: int


@dataclass(frozen=True, slots=True)
class KnownGoods:
    """A variant of the UPT that a row may be added for."""

    variant_id: int
    sku: str
    name: str
    price_idr: int | None


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row that is not on the sheet yet."""

    goods: KnownGoods
    account: Account
    lot_code: str
    quantity: int
    note: str


@dataclass(frozen=True, slots=True)
class Matched:
    """Typed rows sorted out: numbers for rows of the sheet, new rows, and everything wrong."""

    known: tuple[tuple[KnownRow, TypedRow], ...]
    new: tuple[NewRow, ...]
    errors: tuple[TypedRowError, ...]
    unchanged: int


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


def find_place(text: str) -> Account | None:
    """Return the place that a word of a file means."""
    word = " ".join(text.casefold().replace("_", " ").split())
    known: dict[str, Account] = {place.value.replace("_", " "): place for place in COUNTABLE}
    return {**known, **PLACE_WORDS}.get(word)


def unknown_lot_code(*, on: date) -> str:
    """Return the code for found pieces without a label: one for each day of counting."""
    return f"OPNAME-{on:%Y%m%d}"


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


def largest_first(rows: Iterable[DifferenceRow]) -> list[DifferenceRow]:
    """Return the rows by what is at stake: unpriced differences first, then value, then pieces."""
    return sorted(
        rows,
        key=lambda row: (
            row.difference == 0,
            row.value_idr is not None,
            -abs(row.value_idr or 0),
            -abs(row.difference),
            row.number,
        ),
    )


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


def match(
    *,
    typed: Sequence[TypedRow],
    sheet: Sequence[KnownRow],
    goods: Mapping[str, KnownGoods],
    places: Collection[Account],
    allowed: Collection[int] | None,
    on: date,
    is_replacing: bool,
) -> Matched:
    """Find for each typed row the row of the sheet it means, collecting everything that is wrong.

    Args:
        goods: Variants of the UPT by folded code.
        places: Where rows may be added.
        allowed: Variants that the scope covers; None all.
        on: Day of counting, for pieces without a label.
        is_replacing: Whether numbers that somebody counted already may be written over.
    """
    by_sku: dict[str, list[KnownRow]] = {}
    for row in sheet:
        by_sku.setdefault(row.sku.casefold(), []).append(row)
    known: list[tuple[KnownRow, TypedRow]] = []
    new: list[NewRow] = []
    errors: list[TypedRowError] = []
    seen: set[Goods] = set()
    unchanged = 0
    for row in typed:
        problem = _shape_error(row)
        found: KnownRow | NewRow | TypedRowError
        found = problem or _find(
            row, by_sku.get(row.sku.strip().casefold(), ()), goods, places, allowed, on
        )
        if isinstance(found, TypedRowError):
            errors.append(found)
            continue
        key = found.goods if isinstance(found, KnownRow) else _goods(found)
        if key in seen:
            errors.append(TypedRowError(row.row_number, "sku", "counts.row_twice", row.sku))
            continue
        seen.add(key)
        if isinstance(found, NewRow):
            new.append(found)
        elif found.quantity == row.quantity:
            unchanged += 1
        elif found.quantity is not None and not is_replacing:
            value = f"{found.quantity}"
            errors.append(
                TypedRowError(row.row_number, "quantity", "counts.row_counted_already", value)
            )
        else:
            known.append((found, replace(row, note=row.note.strip() or found.note)))
    return Matched(tuple(known), tuple(new), tuple(errors), unchanged)


def _goods(row: NewRow) -> Goods:
    return (row.goods.variant_id, row.lot_code, row.account)


def _shape_error(row: TypedRow) -> TypedRowError | None:
    if not 0 <= row.quantity <= QUANTITY_MAX:
        return TypedRowError(row.row_number, "quantity", "counts.quantity_unfit", f"{row.quantity}")
    if len(row.note) > NOTE_MAX or has_control_signs(row.note):
        return TypedRowError(row.row_number, "note", "counts.note_unfit", row.note[:40])
    if len(row.lot_code) > LOT_CODE_MAX or has_control_signs(row.lot_code):
        return TypedRowError(row.row_number, "lot", "counts.lot_unfit", row.lot_code[:40])
    return None


def _find(
    row: TypedRow,
    candidates: Sequence[KnownRow],
    goods: Mapping[str, KnownGoods],
    places: Collection[Account],
    allowed: Collection[int] | None,
    on: date,
) -> KnownRow | NewRow | TypedRowError:
    """Return the row meant, a new one, or what is wrong; a lot or place may be left out when clear."""
    account = None
    if row.place.strip():
        account = find_place(row.place)
        if account is None or account not in places:
            return TypedRowError(row.row_number, "place", "counts.place_unknown", row.place[:40])
    lot = row.lot_code.strip()
    fits = [
        known
        for known in candidates
        if account in (None, known.goods[2]) and lot.casefold() in ("", known.goods[1].casefold())
    ]
    if len(fits) == 1:
        return fits[0]
    if len(fits) > 1:
        has_lots = len({known.goods[1] for known in fits}) > 1
        column, code = (
            ("lot", "counts.lot_wanted") if has_lots else ("place", "counts.place_wanted")
        )
        return TypedRowError(row.row_number, column, code, row.sku[:40])
    found = goods.get(row.sku.strip().casefold())
    if found is None:
        return TypedRowError(row.row_number, "sku", "counts.sku_unknown", row.sku[:40])
    if allowed is not None and found.variant_id not in allowed:
        return TypedRowError(row.row_number, "sku", "counts.goods_outside", row.sku[:40])
    if account is None:
        if len(places) > 1:
            return TypedRowError(row.row_number, "place", "counts.place_wanted", row.sku[:40])
        account = next(iter(places))
    return NewRow(found, account, lot or unknown_lot_code(on=on), row.quantity, row.note.strip())


def counted_at(*, told: datetime | None, opened_at: datetime) -> datetime | None:
    """Return up to when moves belong to a number: None for one that is told as of the sheet."""
    return told if told is not None and told > opened_at else None
