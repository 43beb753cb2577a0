"""Which order a bank row may pay: by the code in its text, the amount, the day and the name.

Source: docs/algorithms/bank-statements.md.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from app.domain.payments.types import (
    LINK_WINDOW,
    PATIENCE,
    BankRowRecord,
    Candidate,
    Offer,
    RecordedMoney,
    RowOffers,
    Why,
)
from app.kernel.ids import READABLE_ALPHABET

_SIGNS: Final = 8
_MISREAD: Final[Mapping[str, str]] = {"0": "QD", "O": "QD", "1": "LJ", "I": "LJ"}
"""Signs that no code has, and what a hurried reader takes for them."""

_MISREAD_MAX: Final = 3
_OFFERS_MAX: Final = 5
_KNOWN: Final = frozenset(READABLE_ALPHABET) | frozenset(_MISREAD)


def readings(*, text: str) -> dict[str, bool]:
    """Return every code that a text may hold, and whether it stands there exactly as written.

    Spaces and hyphens do not part a code; up to three signs that no code has are read as what they
    were taken for.
    """
    signs = re.sub(r"[^A-Z0-9]", "", text.upper())
    found: dict[str, bool] = {}
    for start in range(len(signs) - _SIGNS + 1):
        gram = signs[start : start + _SIGNS]
        misread = sum(sign in _MISREAD for sign in gram)
        if misread > _MISREAD_MAX or not _KNOWN.issuperset(gram):
            continue
        for reading in itertools.product(*(_MISREAD.get(sign, sign) for sign in gram)):
            code = "".join(reading)
            found[code] = found.get(code, False) or misread == 0
    return found


def wanted_references(*, rows: Sequence[BankRowRecord]) -> frozenset[str]:
    """Return every code that any of the rows may hold."""
    return frozenset(code for row in rows for code in _codes(row))


def suggest(
    *,
    rows: Sequence[BankRowRecord],
    candidates: Sequence[Candidate],
    recorded: Sequence[RecordedMoney] = (),
) -> tuple[RowOffers, ...]:
    """Return what may be offered for each row.

    An offer is sure when exactly one code stands in the row, its payment waits for exactly this
    amount, and no earlier row claims the same payment. So no payment is sure for two rows.
    """
    by_code = {candidate.reference: candidate for candidate in candidates}
    by_amount: dict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.is_open:
            by_amount[candidate.missing_idr].append(candidate)
    claimed: set[int] = set()
    found: dict[int, RowOffers] = {}
    for row in sorted(rows, key=lambda row: (row.happened_on, row.row_id)):
        offers = _offers(row, by_code, by_amount)
        sure = next((offer for offer in offers if offer.is_sure), None)
        if sure is not None and sure.candidate.payment_id in claimed:
            doubted = replace(sure, is_sure=False, why=(*sure.why, Why.OTHER_ROW))
            offers = [doubted if offer is sure else offer for offer in offers]
        elif sure is not None:
            claimed.add(sure.candidate.payment_id)
        found[row.row_id] = RowOffers(row.row_id, tuple(offers), _recorded(row, recorded))
    return tuple(found[row.row_id] for row in rows)


def _codes(row: BankRowRecord) -> dict[str, bool]:
    """Return the codes of both cells; the two never make one code together."""
    found = readings(text=row.bank_reference)
    for code, is_exact in readings(text=row.description).items():
        found[code] = found.get(code, False) or is_exact
    return found


def _offers(
    row: BankRowRecord,
    by_code: Mapping[str, Candidate],
    by_amount: Mapping[int, Sequence[Candidate]],
) -> list[Offer]:
    codes = {code: exact for code, exact in _codes(row).items() if code in by_code}
    offers = [
        _by_code(row, by_code[code], is_exact=exact, is_only=len(codes) == 1)
        for code, exact in codes.items()
    ]
    named = {offer.candidate.payment_id for offer in offers}
    for candidate in by_amount.get(row.amount_idr, ()):
        if candidate.payment_id in named or not _is_in_time(row, candidate):
            continue
        why = (Why.AMOUNT, Why.NAME) if _has_name(row, candidate) else (Why.AMOUNT, Why.DAY)
        offers.append(Offer(candidate, why))
    offers.sort(key=_rank)
    return offers[:_OFFERS_MAX]


def _by_code(row: BankRowRecord, candidate: Candidate, *, is_exact: bool, is_only: bool) -> Offer:
    why = [Why.CODE if is_exact else Why.CODE_MISREAD]
    fits = candidate.missing_idr == row.amount_idr
    why.append(Why.AMOUNT if fits else Why.OTHER_AMOUNT)
    if not candidate.is_open:
        why.append(Why.CLOSED)
    if not is_only:
        why.append(Why.TWO_CODES)
    return Offer(candidate, tuple(why), is_sure=fits and candidate.is_open and is_only)


def _rank(offer: Offer) -> tuple[bool, bool, bool, bool, int]:
    has_code = Why.CODE in offer.why or Why.CODE_MISREAD in offer.why
    return (
        not offer.is_sure,
        not has_code,
        Why.NAME not in offer.why,
        Why.AMOUNT not in offer.why,
        offer.candidate.payment_id,
    )


def _is_in_time(row: BankRowRecord, candidate: Candidate) -> bool:
    return candidate.placed_on <= row.happened_on <= candidate.pay_by_on + PATIENCE


def _has_name(row: BankRowRecord, candidate: Candidate) -> bool:
    """Say whether the buyer's name stands in the text; a bank may cut its last word off."""
    words = [
        word for word in re.findall(r"[A-Z]+", candidate.contact_name.upper()) if len(word) > 2
    ]
    if not words:
        return False
    text = Counter(re.findall(r"[A-Z]+", row.description.upper()))
    hits = sum(any(part == word or _is_cut(part, word) for part in text) for word in words)
    return hits >= min(2, len(words))


def _is_cut(part: str, word: str) -> bool:
    return len(part) >= 4 and word.startswith(part)


def _recorded(row: BankRowRecord, recorded: Sequence[RecordedMoney]) -> tuple[RecordedMoney, ...]:
    fits = [
        money
        for money in recorded
        if money.amount_idr == row.amount_idr
        and abs(money.happened_on - row.happened_on) <= LINK_WINDOW
    ]
    codes = _codes(row)
    fits.sort(key=lambda money: (money.reference not in codes, money.entry_id))
    return tuple(fits[:_OFFERS_MAX])
