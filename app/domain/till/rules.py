"""Decisions of the till: which pieces a line takes, change, numbers, what a receipt says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.stock.types import SOURCE_KEY_MAX, Account, LotBalance
from app.domain.till.errors import CashTooLittle
from app.domain.till.types import (
    SOLD_FROM,
    Grade,
    LineShort,
    Payment,
    PayMethod,
    Pick,
    ReceiptLine,
    SaleLine,
    Want,
)

NOTES_IDR: Final = (5_000, 10_000, 20_000, 50_000, 100_000)
"""Bank notes with which people pay."""

QUICK_MAX: Final = 4
KEYS_KEPT: Final = 8
"""How many of the last scans a draft recognises when they come again."""


def plan(
    *, wants: Sequence[Want], lots: Sequence[LotBalance], on: date
) -> tuple[tuple[Pick, ...], tuple[LineShort, ...]]:
    """Share out the pieces of lots among lines: gallery before store, first to expire first.

    Lines that name a lot are served before the others, so that nobody else takes its pieces.

    Args:
        lots: In the order in which they should leave.
        on: Last sellable day is this one or later.

    Returns:
        The picks in the order of the lines, and the lines that are short.
    """
    free = {(lot.lot_id, lot.account): lot.on_hand - lot.held for lot in lots}
    picks: dict[int, list[Pick]] = {want.line_id: [] for want in wants}
    shorts: dict[int, LineShort] = {}
    for want in sorted(wants, key=lambda want: want.lot_id is None):
        missing = want.quantity
        for lot in candidates(want=want, lots=lots, on=on):
            key = (lot.lot_id, lot.account)
            pieces = min(missing, free[key])
            if pieces <= 0:
                continue
            free[key] -= pieces
            missing -= pieces
            picks[want.line_id].append(_pick(want, lot, pieces))
        if missing:
            left = want.quantity - missing
            shorts[want.line_id] = LineShort(want.line_id, want.variant_id, want.quantity, left)
    taken = tuple(pick for want in wants for pick in picks[want.line_id])
    return taken, tuple(shorts[want.line_id] for want in wants if want.line_id in shorts)


def _pick(want: Want, lot: LotBalance, pieces: int) -> Pick:
    return Pick(
        line_id=want.line_id,
        variant_id=want.variant_id,
        lot_id=lot.lot_id,
        account=lot.account,
        lot_code=lot.code,
        expires_on=lot.expires_on,
        quantity=pieces,
    )


def candidates(*, want: Want, lots: Sequence[LotBalance], on: date) -> list[LotBalance]:
    """Return the lots that may serve a line, in the order in which they would."""
    places = SOLD_FROM[want.grade]
    fitting = [
        lot
        for lot in lots
        if lot.variant_id == want.variant_id
        and lot.account in places
        and want.lot_id in (None, lot.lot_id)
        and is_sellable(lot, on=on)
    ]
    return sorted(fitting, key=lambda lot: places.index(lot.account))


def is_sellable(lot: LotBalance, *, on: date) -> bool:
    """Say whether a lot is open and in date."""
    return lot.is_open and (lot.expires_on is None or lot.expires_on >= on)


def why_none(*, grade: Grade, lots: Iterable[LotBalance], on: date) -> str:
    """Return the code of why nothing of these lots can be sold.

    Args:
        lots: Every lot of the goods, or the one that was asked for, wherever it lies.
    """
    here = [lot for lot in lots if lot.account in SOLD_FROM[grade]]
    if any(lot.expires_on is not None and lot.expires_on < on for lot in here):
        return "till.lot_expired"
    if any(not lot.is_open for lot in here):
        return "till.lot_blocked"
    if any(lot.on_hand for lot in here):
        return "till.all_promised"
    accounts = {lot.account for lot in lots}
    if Account.QUARANTINE in accounts:
        return "till.in_quarantine"
    if grade is Grade.FIRST and Account.SECOND_GRADE in accounts:
        return "till.only_second"
    return "till.sold_out"


def pay(*, method: PayMethod, total_idr: int, given_idr: int | None, reference: str) -> Payment:
    """Return the money of a sale with its change.

    Raises:
        CashTooLittle: Less cash was given than the sale comes to.
    """
    if method is not PayMethod.CASH:
        return Payment(method, total_idr, total_idr, 0, reference)
    given = given_idr or 0
    if given < total_idr:
        raise CashTooLittle(total_idr - given)
    return Payment(method, total_idr, given, given - total_idr, "")


def give_back(*, method: PayMethod, total_idr: int) -> Payment:
    """Return the money of a sale that is taken back."""
    return Payment(method, -total_idr, 0, 0, "")


def quick_amounts(*, total_idr: int) -> tuple[int, ...]:
    """Return amounts that a buyer may well hand over: exact, then rounded up to notes."""
    if total_idr <= 0:
        return ()
    rounded = {-(-total_idr // note) * note for note in NOTES_IDR} - {total_idr}
    return (total_idr, *sorted(rounded)[: QUICK_MAX - 1])


def local_day(*, at: datetime, timezone: str) -> date:
    """Return the day that a sale belongs to."""
    return at.astimezone(ZoneInfo(timezone)).date()


def receipt_number(*, upt_slug: str, year: int, sequence: int) -> str:
    """Return a number such as ``K-lapas-indramayu-2026-000123``."""
    return f"K-{upt_slug}-{year}-{sequence:06d}"


def source_key(*, number: str, upt_id: int) -> str:
    """Return the key of a receipt in the ledger: its number, shortened when the name is long."""
    if len(number) <= SOURCE_KEY_MAX:
        return number
    year, sequence = number.rsplit("-", 2)[1:]
    return f"K-{upt_id}-{year}-{sequence}"


def next_number(*, year: int, last_year: int, last_number: int) -> tuple[int, int]:
    """Return year and number of the next receipt; a clock that goes back does not reopen a year."""
    if year > last_year:
        return year, 1
    return last_year, last_number + 1


def keep_key(*, keys: str, key: str) -> str:
    """Return the list of keys with one more, the oldest dropped."""
    return " ".join([*keys.split(), key][-KEYS_KEPT:])


def receipt_lines(lines: Sequence[SaleLine]) -> tuple[ReceiptLine, ...]:
    """Return what a buyer reads: pieces of one kind, grade and price together, with their lots."""
    groups: dict[tuple[int, Grade, int], list[SaleLine]] = {}
    for line in lines:
        groups.setdefault((line.variant_id, line.grade, line.price_idr), []).append(line)
    return tuple(
        ReceiptLine(
            name=group[0].name,
            sku=group[0].sku,
            is_second=group[0].grade is Grade.SECOND,
            quantity=sum(line.quantity for line in group),
            price_idr=group[0].price_idr,
            amount_idr=sum(line.amount_idr for line in group),
            lots=tuple(dict.fromkeys(line.lot_code for line in group)),
        )
        for group in groups.values()
    )


def sum_by_method(rows: Iterable[tuple[str, int]]) -> Mapping[PayMethod, int]:
    """Return amounts by method, zero where there was nothing."""
    sums = dict.fromkeys(PayMethod, 0)
    for method, amount_idr in rows:
        sums[PayMethod(method)] += amount_idr
    return sums
