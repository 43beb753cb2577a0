"""Words of the reports: causes, places, days, amounts, who did it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, TypeVar

from app.domain.identity import queries as identity_queries
from app.domain.reports.types import EntryRow, Scope
from app.surfaces.desk import stock_words
from app.surfaces.web import filters

SCOPES: Final[Mapping[Scope, str]] = {
    Scope.SELLABLE: "Gudang dan galeri",
    Scope.ALL: "Semua tempat",
    Scope.STORE: "Gudang",
    Scope.GALLERY: "Rak galeri",
    Scope.SECOND_GRADE: "Mutu kedua",
    Scope.QUARANTINE: "Karantina",
    Scope.RETURNED: "Retur",
    Scope.FAIR: "Di pameran",
    Scope.TRANSIT_UPT: "Di jalan ke UPT lain",
    Scope.TRANSIT_CUSTOMER: "Di jalan ke pembeli",
    Scope.CAPACITY: "Janji kerja",
}

Word = TypeVar("Word", bound=str)

_ACCOUNTS: Final[Mapping[str, str]] = {
    "fair": "Pameran",
    "transit_upt": "Perjalanan ke UPT lain",
    "capacity": "Janji kerja",
    "supplier": "Pemasok",
    "other_upt": "UPT lain",
    "plan": "Rencana kerja",
}


def kind(name: str) -> str:
    """Return a kind of entry in words."""
    return _lookup(stock_words.KINDS, name) or name.replace("_", " ").capitalize()


def account(name: str) -> str:
    """Return an account in words."""
    return _lookup(stock_words.ACCOUNTS, name) or _ACCOUNTS.get(name, name)


def _lookup(words: Mapping[Word, str], name: str) -> str | None:
    return next((text for key, text in words.items() if key == name), None)


def cause(*, kind_name: str, from_account: str, to_account: str, is_in: bool) -> str:
    """Return a cause in words: what happened, and where the pieces came from or went."""
    words = kind(kind_name)
    other = account(from_account if is_in else to_account).lower()
    if other in words.lower() or kind_name in ("produced", "opening", "lost", "damaged", "found"):
        return words
    return f"{words} ({'dari' if is_in else 'ke'} {other})"


def actors(rows: Iterable[EntryRow]) -> Mapping[str, str]:
    """Return who wrote the entries, in words; buyers stay unnamed."""
    found: dict[str, str] = {}
    user_ids: set[int] = set()
    for row in rows:
        kind_name, _, rest = row.actor.partition(":")
        if kind_name == "user" and rest.isdecimal():
            user_ids.add(int(rest))
        elif kind_name == "system":
            found[row.actor] = "Sistem"
    names = identity_queries.staff_names(user_ids=user_ids)
    found.update({f"user:{user_id}": name for user_id, name in names.items()})
    return found


def short_day(day: date) -> str:
    """Return a day such as ``7 Nov``."""
    return f"{day.day} {filters.MONTHS[day.month - 1][:3]}"


def long_day(day: date) -> str:
    """Return a day such as ``7 November 2026``."""
    return filters.local_date(day)


def month(day: date) -> str:
    """Return a month such as ``November 2026``."""
    return f"{filters.MONTHS[day.month - 1]} {day.year}"


def idr_short(amount_idr: int) -> str:
    """Return rupiah in few signs, such as ``Rp1,2 jt``; the full amount stands in the table."""
    for unit, word in ((1_000_000_000, "M"), (1_000_000, "jt"), (1_000, "rb")):
        if amount_idr >= unit:
            tenths = amount_idr * 10 // unit
            whole, rest = divmod(tenths, 10)
            return f"Rp{filters.integer(whole)}" + (f",{rest}" if rest else "") + f" {word}"
    return filters.idr(amount_idr)
