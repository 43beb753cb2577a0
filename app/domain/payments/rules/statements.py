"""Reading bank statements: which line is the headings, what a day and an amount mean, row by row."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from app.domain.payments.types import CheckedStatement, Columns, RowFault, StatementRow
from app.kernel.money import AMOUNT_IDR_MAX

_HEADINGS_WITHIN: Final = 30
_DESCRIPTION_MAX: Final = 500

_SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "date": ("tanggal", "tgl", "date", "post date", "posting date", "transaction date", "waktu"),
    "description": (
        "keterangan",
        "uraian",
        "description",
        "deskripsi",
        "berita",
        "remark",
        "rincian",
    ),
    "amount": ("kredit", "credit", "masuk", "jumlah", "mutasi", "amount", "nominal", "nilai"),
    "reference": ("referensi", "reference", "no ref", "nomor transaksi", "no transaksi", "jurnal"),
    "direction": ("d/k", "db/cr", "cr/db", "d/c", "tipe", "jenis", "dk", "type"),
}
_FOOTERS: Final = (
    "saldo", "mutasi", "total", "jumlah", "opening", "closing", "ending", "pend", "beginning",
)  # fmt: skip
_IN: Final = frozenset({"cr", "k", "c", "kr", "kredit", "credit", "masuk", "in"})
_OUT: Final = frozenset({"db", "d", "dr", "debet", "debit", "keluar", "out"})
_MONTHS: Final[Mapping[str, int]] = {
    name: number
    for number, names in enumerate(
        ("jan", "feb peb", "mar", "apr", "mei may", "jun", "jul", "agu ags aug agt", "sep",
         "okt oct", "nov nop", "des dec"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_AMOUNT: Final = re.compile(
    r"(?P<sign>[-+(]?)(?:(?:rp|idr)\.?\s*)?(?P<sign2>[-+]?)(?P<digits>\d[\d.,\s]*)\)?\s*(?P<mark>[a-z]*)"
)
_NUMERIC_DAY: Final = re.compile(r"(\d{1,2})[/\-. ](\d{1,2})(?:[/\-. ](\d{4}|\d{2}))?(?:[ T,].*)?")
_ISO_DAY: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T].*)?")
_WORD_DAY: Final = re.compile(
    r"(\d{1,2})[ \-/]([A-Za-z]{3})[A-Za-z]*[ \-/](\d{4}|\d{2})(?:[ T,].*)?"
)


def guess_columns(*, headings: Sequence[str]) -> Columns:
    """Return which heading most likely stands over what, by the words that banks use."""
    found: dict[str, str] = {}
    for field, words in _SYNONYMS.items():
        for word in words:
            match = next(
                (
                    heading
                    for heading in headings
                    if _plain(heading).startswith(word) and heading not in found.values()
                ),
                None,
            )
            if match is not None:
                found[field] = match
                break
    return Columns(**found)


def check_statement(
    *, rows: Sequence[Sequence[str]], first_line: int, columns: Columns, today: date
) -> CheckedStatement:
    """Return every row of money in, and every cell that cannot be read.

    Args:
        first_line: Number of the first row as people count the lines of the file.
        columns: What was chosen; guessed from the headings while it is incomplete.
    """
    place, headings, chosen = _find_headings(rows, columns)
    if not headings or not chosen.is_complete:
        return CheckedStatement(headings, chosen)
    at = {name: headings.index(name) for name in headings}
    found: list[StatementRow] = []
    faults: list[RowFault] = []
    rows_out = 0
    counts: Counter[str] = Counter()
    for number, cells in enumerate(rows[place + 1 :], start=first_line + place + 1):
        values = {
            field: _cell(cells, at.get(heading))
            for field, heading in (
                ("date", chosen.date), ("description", chosen.description),
                ("amount", chosen.amount), ("reference", chosen.reference),
                ("direction", chosen.direction),
            )
        }  # fmt: skip
        if _is_passed_over(values):
            continue
        wrong, amount_idr, day = _read(number, values, chosen, today)
        if wrong:
            faults += wrong
        elif amount_idr is None or day is None:
            rows_out += 1
        else:
            found.append(_row(number, values, amount_idr, day, counts))
    return CheckedStatement(headings, chosen, tuple(found), tuple(faults), rows_out)


def _find_headings(
    rows: Sequence[Sequence[str]], columns: Columns
) -> tuple[int, tuple[str, ...], Columns]:
    """Return the place of the headings, the headings, and the columns under them."""
    wanted = {name for name in (columns.date, columns.description, columns.amount) if name}
    fallback: tuple[int, tuple[str, ...], Columns] | None = None
    for place, cells in enumerate(rows[:_HEADINGS_WITHIN]):
        headings = tuple(" ".join(cell.split()) for cell in cells)
        if columns.is_complete and wanted <= set(headings):
            return place, headings, columns
        guessed = guess_columns(headings=headings)
        if not columns.is_complete and guessed.is_complete:
            return place, headings, guessed
        if fallback is None and sum(bool(heading) for heading in headings) >= 3:
            fallback = place, headings, guessed
    return fallback or (0, (), Columns())


def _cell(cells: Sequence[str], place: int | None) -> str:
    if place is None or place >= len(cells):
        return ""
    return " ".join(cells[place].split()).removeprefix("'").strip()


def _is_passed_over(values: Mapping[str, str]) -> bool:
    if not values["date"]:
        is_sum = values["description"].lower().startswith(_FOOTERS)
        return is_sum or not (values["amount"] or values["description"])
    return values["date"].lower().startswith(_FOOTERS)


def _read(
    number: int, values: Mapping[str, str], columns: Columns, today: date
) -> tuple[list[RowFault], int | None, date | None]:
    faults = []
    amount_idr, day = None, None
    try:
        amount_idr = read_amount_idr(text=values["amount"], direction=values["direction"])
    except ValueError as error:
        faults.append(RowFault(number, columns.amount, values["amount"], str(error)))
    if amount_idr is None and not faults:
        return [], None, None
    try:
        day = read_day(text=values["date"], today=today)
    except ValueError as error:
        faults.append(RowFault(number, columns.date, values["date"], str(error)))
    return faults, amount_idr, day


def _row(
    number: int, values: Mapping[str, str], amount_idr: int, day: date, counts: Counter[str]
) -> StatementRow:
    description, reference = values["description"][:_DESCRIPTION_MAX], values["reference"][:80]
    text = "\x1f".join((day.isoformat(), str(amount_idr), description.upper(), reference.upper()))
    counts[text] += 1
    digest = hashlib.sha256(f"{text}\x1f{counts[text]}".encode()).hexdigest()
    return StatementRow(number, day, amount_idr, description, reference, digest)


def read_amount_idr(*, text: str, direction: str = "") -> int | None:
    """Return rupiah that came in, or None for money that went out.

    ``1.250.000,00`` and ``1,250,000.00`` mean the same; a sign below zero, brackets, DB or an empty
    cell mean money out.

    Raises:
        ValueError: A message code: no amount, a fraction of a rupiah, or more than we count.
    """
    if not text.strip() or text.strip() in {"-", "--"}:
        return None
    match = _AMOUNT.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError("payments.statement_amount_shape")
    mark = _direction(match["mark"])
    given = _direction(_plain(direction)) if direction else True
    whole = _whole_idr(match["digits"].strip())
    is_in = "-" not in match["sign"] + match["sign2"] and "(" not in match["sign"]
    if whole == 0 or not (is_in and mark and given):
        return None
    if whole > AMOUNT_IDR_MAX:
        raise ValueError("payments.statement_amount_shape")
    return whole


def _direction(mark: str) -> bool:
    if mark in _OUT:
        return False
    if mark and mark not in _IN:
        raise ValueError("payments.statement_direction")
    return True


def _whole_idr(digits: str) -> int:
    digits = digits.replace(" ", "")
    decimal = max(digits.rfind("."), digits.rfind(","))
    tail = digits[decimal + 1 :]
    has_both = "." in digits and "," in digits
    if decimal >= 0 and (has_both or len(tail) != 3) and digits.count(digits[decimal]) == 1:
        whole, cents = digits[:decimal], tail
    else:
        whole, cents = digits, ""
    if cents.strip("0"):
        raise ValueError("payments.statement_fraction")
    groups = re.split(r"[.,]", whole)
    if len({sign for sign in whole if not sign.isdigit()}) > 1 or (
        len(groups) > 1 and (len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:]))
    ):
        raise ValueError("payments.statement_amount_shape")
    return int("".join(groups) or "0")


def read_day(*, text: str, today: date) -> date:
    """Return the day that a bank wrote; without a year, the last such day.

    Raises:
        ValueError: A message code: no day, or one that has not come.
    """
    text = text.strip()
    try:
        day = _day(text, today)
    except ValueError:
        raise ValueError("payments.statement_day_shape") from None
    if day > today:
        raise ValueError("payments.statement_day_future")
    return day


def _day(text: str, today: date) -> date:
    if match := _ISO_DAY.fullmatch(text):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _WORD_DAY.fullmatch(text):
        return date(_year(match[3]), _MONTHS.get(match[2].lower(), 0), int(match[1]))
    match = _NUMERIC_DAY.fullmatch(text)
    if match is None:
        raise ValueError
    if match[3]:
        return date(_year(match[3]), int(match[2]), int(match[1]))
    this_year = date(today.year, int(match[2]), int(match[1]))
    return this_year if this_year <= today else this_year.replace(year=today.year - 1)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9/]+", " ", text.lower()).strip()
