"""What each row means, or everything that is wrong with it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from app.domain.catalog.types import PRICE_IDR_MAX
from app.domain.imports.rules import cells
from app.domain.imports.rules.cells import BadCell
from app.domain.imports.types import (
    CELL_SHOWN_MAX,
    COUNT_NOTE_MAX,
    DOCUMENT_MAX,
    MODE_WORDS,
    ORIGIN_WORDS,
    PLACE_NAMES,
    PLACE_WORDS,
    RECEIPT_PLACES,
    CellError,
    Good,
    LotDates,
    Mode,
    Origin,
    RowState,
    StagedRow,
    Table,
)
from app.domain.stock import rules as stock_rules
from app.domain.stock.types import NOTE_MAX, Account
from app.kernel.quantity import QUANTITY_MAX
from app.kernel.text import fold

_HINTS_MAX: Final = 20
"""For how many unknown codes a similar one is looked for; it costs a walk through all codes."""

_LOTS_MAX: Final = 1_000
"""How many lots of one day are tried before a row is left without a name of its own."""

_SPACES: Final = re.compile(r"[\s_]+")

Goods = Mapping[str, Good]
Lots = Mapping[tuple[int, str], LotDates]


class _Reader:
    """One row: gives its cells by column and gathers what is wrong with them."""

    def __init__(self, table: Table, number: int, row: tuple[str, ...]) -> None:
        self._columns = table.columns
        self._row = row
        self.number = number
        self.errors: list[CellError] = []

    def text(self, column: str) -> str:
        place = self._columns.get(column)
        if place is None or place >= len(self._row):
            return ""
        return cells.plain(self._row[place])

    def take(self, column: str, parse: Callable[[str], Any], *, blank: Any = None) -> Any:
        text = self.text(column)
        try:
            return parse(text)
        except BadCell as bad:
            self.wrong(column, bad.code, text, bad.hint)
            return blank

    def wrong(self, column: str, code: str, value: str = "", hint: str = "") -> None:
        self.errors.append(CellError(column, code, value[:CELL_SHOWN_MAX], hint))


class _Codes:
    """Finds goods by code; for the first unknown codes also one that looks alike."""

    def __init__(self, goods: Goods, target: str) -> None:
        self.target = target
        self._goods = goods
        self._bare = {sku.lstrip("0"): sku for sku in goods}
        self._hints = 0

    def find(self, row: _Reader) -> tuple[str, Good | None]:
        sku = row.take("kode", cells.sku, blank="")
        good = self._goods.get(sku)
        if sku and good is None:
            row.wrong("kode", "imports.sku_unknown", row.text("kode"), self._hint(sku))
        return sku, good

    def _hint(self, sku: str) -> str:
        close = self._bare.get(sku.lstrip("0"))
        if close is None and self._hints < _HINTS_MAX:
            self._hints += 1
            close = next(iter(difflib.get_close_matches(sku, self._goods, n=1, cutoff=0.75)), None)
        return f" (mungkin maksudnya {close})" if close else ""


def judge(*, table: Table, goods: Goods, today: date) -> tuple[StagedRow, ...]:
    """Return every row of a table as understood, in the order of the file.

    Args:
        goods: Variants of the UPT by code.
        today: The local date; nothing can have happened later.
    """
    codes = _Codes(goods, table.target)
    read = {Mode.RECEIPTS: _receipt, Mode.COUNT: _counted, Mode.PRICES: _price}[table.mode]
    found = []
    for number, cells_ in table.rows:
        row = _Reader(table, number, cells_)
        staged = read(row, codes, today)
        if any(cell.strip() for cell in cells_[table.width :]):
            row.wrong("", "imports.too_many_cells")
        said = row.text("mode")
        if said and MODE_WORDS.get(fold(said)) is not table.mode:
            row.wrong("mode", "imports.row_mode", said)
        errors = tuple(row.errors)
        found.append(replace(staged, errors=errors, state=RowState.WRONG) if errors else staged)
    return tuple(found)


def _receipt(row: _Reader, codes: _Codes, today: date) -> StagedRow:
    sku, good = codes.find(row)
    produced_on = row.take("dibuat", cells.day)
    expires_on = row.take("baik_sampai", cells.day)
    happened_on = row.take("tanggal", cells.day)
    for column, value in (("dibuat", produced_on), ("tanggal", happened_on)):
        if value is not None and value > today:
            row.wrong(column, "imports.date_future", row.text(column))
    if produced_on and expires_on and expires_on < produced_on:
        row.wrong("baik_sampai", "imports.dates_unfit", row.text("baik_sampai"))
    return StagedRow(
        number=row.number,
        state=RowState.READY,
        sku=sku or row.text("kode")[:CELL_SHOWN_MAX],
        variant_id=good.variant_id if good else None,
        quantity=row.take("jumlah", lambda text: cells.quantity(text, least=1, most=QUANTITY_MAX)),
        place=_place(row, RECEIPT_PLACES) or Account.AVAILABLE.value,
        origin=row.take("asal", _origin),
        lot_code=row.take("lot", cells.lot, blank=""),
        produced_on=produced_on,
        expires_on=expires_on,
        happened_on=happened_on,
        document=row.take(
            "no_bukti", lambda text: cells.words(text, length_max=DOCUMENT_MAX), blank=""
        ),
        note=row.take("catatan", lambda text: cells.words(text, length_max=NOTE_MAX), blank=""),
    )


def _origin(text: str) -> Origin:
    found = ORIGIN_WORDS.get(_word(text)) if text else Origin.PRODUCTION
    if found is None:
        raise BadCell("imports.origin_unknown")
    return found


def _place(row: _Reader, allowed: Collection[Account]) -> str:
    text = row.text("tempat")
    found = PLACE_WORDS.get(_word(text))
    if text and found not in allowed:
        names = ", ".join(PLACE_NAMES[place] for place in allowed)
        row.wrong("tempat", "imports.place_unknown", text, names)
    return found.value if found else ""


def _word(text: str) -> str:
    return _SPACES.sub(" ", fold(text)).strip()


def _counted(row: _Reader, codes: _Codes, _today: date) -> StagedRow:
    sku, good = codes.find(row)
    return StagedRow(
        number=row.number,
        state=RowState.READY,
        sku=sku or row.text("kode")[:CELL_SHOWN_MAX],
        variant_id=good.variant_id if good else None,
        quantity=row.take(
            "dihitung", lambda text: cells.quantity(text, least=0, most=QUANTITY_MAX)
        ),
        place=_place(row, tuple(PLACE_NAMES)),
        lot_code=row.take("lot", cells.lot, blank=""),
        document=_sheet(row, codes.target),
        note=row.take(
            "catatan", lambda text: cells.words(text, length_max=COUNT_NOTE_MAX), blank=""
        ),
    )


def _sheet(row: _Reader, target: str) -> str:
    """Return the count sheet that a row names; one file speaks of one sheet."""
    text = row.text("lembar")
    if text and fold(text) != fold(target):
        row.wrong("lembar", "imports.row_target", text, target)
    return ""


def _price(row: _Reader, codes: _Codes, today: date) -> StagedRow:
    sku, good = codes.find(row)
    price_idr = row.take("harga", lambda text: cells.price(text, most=PRICE_IDR_MAX))
    starts_on = row.take("berlaku", cells.day)
    if starts_on is not None and starts_on > today:
        row.wrong("berlaku", "imports.price_later", row.text("berlaku"))
    before_idr = good.price_idr if good else None
    is_same = price_idr is not None and price_idr == before_idr
    return StagedRow(
        number=row.number,
        state=RowState.SAME if is_same else RowState.READY,
        sku=sku or row.text("kode")[:CELL_SHOWN_MAX],
        variant_id=good.variant_id if good else None,
        price_idr=price_idr,
        before_idr=before_idr,
        happened_on=starts_on,
    )


def refuse_twins(*, rows: Sequence[StagedRow], mode: Mode) -> tuple[StagedRow, ...]:
    """Return the rows, those marked wrong that speak of the same goods as an earlier one.

    Pieces can be received twice, and a count sheet knows its own rows; a price there is only once.
    """
    if mode is not Mode.PRICES:
        return tuple(rows)
    seen: dict[int, int] = {}
    return tuple(_not_twice(row, seen) for row in rows)


def _not_twice(row: StagedRow, seen: dict[int, int]) -> StagedRow:
    if row.variant_id is None:
        return row
    first = seen.setdefault(row.variant_id, row.number)
    if first == row.number:
        return row
    return with_error(row, CellError("kode", "imports.row_twice", row.sku, str(first)))


def with_error(row: StagedRow, error: CellError) -> StagedRow:
    """Return the row with one thing more that is wrong with it."""
    return replace(row, state=RowState.WRONG, errors=(*row.errors, error))


def settle_lots(*, rows: Iterable[StagedRow], lots: Lots, today: date) -> tuple[StagedRow, ...]:
    """Return received rows with the lot that each enters.

    A row that names a lot and gives it other dates than the books, or than a row before, is wrong. A
    row that names none gets a lot called after its day and its last day, so that goods that spoil at
    different times never share one.

    Args:
        lots: Dates of the lots that the books know, by variant and code.
    """
    known = dict(lots)
    found = []
    for row in rows:
        if row.variant_id is not None:
            row = _named(row, known) if row.lot_code else _unnamed(row, known, today=today)
        found.append(row)
    return tuple(found)


def _named(row: StagedRow, known: dict[tuple[int, str], LotDates]) -> StagedRow:
    key = (row.variant_id or 0, row.lot_code)
    dates = known.setdefault(key, LotDates(row.produced_on, row.expires_on))
    for column, mine, theirs in (
        ("dibuat", row.produced_on, dates.produced_on),
        ("baik_sampai", row.expires_on, dates.expires_on),
    ):
        if mine is not None and mine != theirs:
            hint = theirs.isoformat() if theirs else "tanpa tanggal"
            row = with_error(row, CellError(column, "imports.lot_dates", str(mine), hint))
    return row


def _unnamed(row: StagedRow, known: dict[tuple[int, str], LotDates], *, today: date) -> StagedRow:
    code = stock_rules.lot_code(made_on=row.produced_on or row.happened_on or today)
    if row.expires_on is not None:
        code += f"-{row.expires_on:%y%m%d}"
    wanted = LotDates(row.produced_on, row.expires_on)
    for number in range(1, _LOTS_MAX):
        tried = code if number == 1 else f"{code}-{number}"
        if known.setdefault((row.variant_id or 0, tried), wanted) == wanted:
            return replace(row, lot_code=tried)
    return row


def refuse_seconds(
    *, rows: Iterable[StagedRow], unique: Collection[int], there: Mapping[int, int]
) -> tuple[StagedRow, ...]:
    """Return received rows, those marked wrong that bring a second piece of a one-of-a-kind product.

    Args:
        unique: Variants of which there is one only.
        there: Pieces in the books by variant.
    """
    pieces = dict(there)
    found = []
    for row in rows:
        variant_id = row.variant_id or 0
        if variant_id in unique and row.quantity and row.state is RowState.READY:
            pieces[variant_id] = pieces.get(variant_id, 0) + row.quantity
            if pieces[variant_id] > 1:
                row = with_error(row, CellError("jumlah", "imports.unique", str(row.quantity)))
        found.append(row)
    return tuple(found)
