"""Where goods may go, as buyers and staff type it: a province, a regency or city, or a postcode."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import session as cookie

from app.domain.places import queries as places_queries
from app.infra.memo import Memo
from app.kernel.text import fold

MATCHES_MAX: Final = 12
_HOUR: Final = 3600.0
_COOKIE: Final = "tujuan"
_POSTCODE: Final = re.compile(r"[1-9][0-9]{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """A province or regency.

    Attributes:
        code: Two signs for a province, five for a regency.
    """

    code: str
    name: str

    @property
    def province_code(self) -> str:
        """Return the province it is or lies in."""
        return self.code[:2]

    @property
    def regency_code(self) -> str:
        """Return its code when it is a regency, else an empty text."""
        return self.code if len(self.code) > 2 else ""


@dataclass(frozen=True, slots=True)
class Found:
    """What typed words may mean.

    Attributes:
        place: The one that is meant; None while it is open.
        matches: Those to choose from.
        code: Message code when there is no one place.
    """

    place: Place | None = None
    matches: tuple[Place, ...] = ()
    code: str = ""


_memo: Final[Memo[Mapping[str, str]]] = Memo("web.destinations", seconds=_HOUR)


def names() -> Mapping[str, str]:
    """Return the name of every province and regency by code."""
    return _memo.get("all", _read)


def _read() -> Mapping[str, str]:
    return dict((*places_queries.list_provinces(), *places_queries.list_regencies()))


def provinces() -> list[tuple[str, str]]:
    """Return (code, name) of every province, by name."""
    return [(code, name) for code, name in names().items() if len(code) == 2]


def find(text: str) -> Found:
    """Return the province or regency that typed words mean.

    Understands a code, a postcode, and any part of a name; ``Bandung`` is both a regency and a city,
    so both come back.
    """
    typed = text.strip()[:80]
    known = names()
    if typed in known:
        return Found(Place(typed, known[typed]))
    if _POSTCODE.fullmatch(typed):
        codes = {one.regency_code for one in places_queries.search(text=typed, limit=50)}
    else:
        words = fold(typed)
        codes = {code for code, name in known.items() if words and words in fold(name)}
        exact = {code for code in codes if fold(known[code]) == words}
        codes = exact or codes
    matches = tuple(Place(code, known[code]) for code in sorted(codes) if code in known)
    if len(matches) == 1:
        return Found(matches[0])
    code = "shipping.place_many" if matches else "shipping.place_none"
    return Found(None, matches[:MATCHES_MAX], code)


def remembered() -> Place | None:
    """Return the destination that this visitor chose last, if it is known."""
    code = cookie.get(_COOKIE, "")
    name = names().get(code) if isinstance(code, str) and code else None
    return Place(code, name) if name else None


def remember(place: Place) -> None:
    """Keep the destination for the pages that follow."""
    if cookie.get(_COOKIE) != place.code:
        cookie[_COOKIE] = place.code
