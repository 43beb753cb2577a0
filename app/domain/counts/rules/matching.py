"""Which row of a sheet each typed row means, with everything that is wrong with any of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.domain.counts.types import (
    COUNTABLE,
    NOTE_MAX,
    PLACE_WORDS,
    TypedRow,
    TypedRowError,
)
from app.domain.stock.types import (
    LOT_CODE_MAX,
    Account,
)
from app.kernel.quantity import QUANTITY_MAX
from app.kernel.text import has_control_signs

Goods = tuple[int, str, Account]
"""Variant, code of the lot and place: what makes a row of a sheet unique."""


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
    is_added: bool = False


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


def find_place(text: str) -> Account | None:
    """Return the place that a word of a file means."""
    word = " ".join(text.casefold().replace("_", " ").split())
    known: dict[str, Account] = {place.value.replace("_", " "): place for place in COUNTABLE}
    return {**known, **PLACE_WORDS}.get(word)


def unknown_lot_code(*, on: date) -> str:
    """Return the code for found pieces without a label: one for each day of counting."""
    return f"OPNAME-{on:%Y%m%d}"


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
    for listed in sheet:
        by_sku.setdefault(listed.sku.casefold(), []).append(listed)
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
    listed = [known for known in fits if not known.is_added]
    if len(fits) == 1 or len(listed) == 1:
        return listed[0] if listed else fits[0]
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
