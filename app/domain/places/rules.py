"""How typed words become a search, and how official names become ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from app.domain.places.types import SEARCH_TEXT_MAX
from app.kernel.text import fold

PREFIX_MIN: Final = 2

_JOINERS: Final = re.compile(r"['`\u2019\u02bc]")
_NOT_NAME: Final = re.compile(r"[^a-z0-9]+")
_POSTCODE: Final = re.compile(r"[0-9]{2,5}")
_FORMS: Final = re.compile(
    r"^(?:desa|kelurahan|kel|kecamatan|kec|distrik|kabupaten|kab|kota|provinsi|prov)\.? +(?=\S)"
)
_SHORT: Final = (
    ("Kabupaten Administrasi ", "Kab. "),
    ("Kota Administrasi ", "Kota "),
    ("Kabupaten ", "Kab. "),
    ("Daerah Khusus Ibukota ", "DKI "),
    ("Daerah Istimewa ", "DI "),
)


@dataclass(frozen=True, slots=True)
class PlaceSearch:
    """A parsed search.

    Attributes:
        postcode: Two to five digits that the postcode begins with; empty when none were typed.
        splits: Ways to read the words, best first: what the village begins with, and words that
            must stand somewhere in district, regency or province.
    """

    postcode: str
    splits: tuple[tuple[str, tuple[str, ...]], ...]


def search_key(name: str) -> str:
    """Return a name as it is compared: folded, without apostrophes, single spaces."""
    return _NOT_NAME.sub(" ", _JOINERS.sub("", fold(name))).strip()


def short_name(official: str) -> str:
    """Return the everyday form of an official name: ``Kab. Indramayu``, ``DKI Jakarta``."""
    for long, short in _SHORT:
        if official.startswith(long):
            return short + official.removeprefix(long)
    return official


def parse_search(text: str) -> PlaceSearch:
    """Read what a person typed: a postcode, a village, or a village and what lies around it."""
    parts = [key for part in text[:SEARCH_TEXT_MAX].split(",") if (key := _place_key(part))]
    postcode = ""
    kept = []
    for part in parts:
        words = part.split()
        digits = [word for word in words if _POSTCODE.fullmatch(word)]
        postcode = postcode or next(iter(digits), "")
        if rest := " ".join(word for word in words if word not in digits):
            kept.append(rest)
    if not kept:
        return PlaceSearch(postcode, ())
    around = tuple(word for part in kept[1:] for word in part.split())
    words = kept[0].split()
    splits = [
        (" ".join(words[:size]), (*words[size:], *around)) for size in range(len(words), 0, -1)
    ]
    return PlaceSearch(postcode, tuple(split for split in splits if len(split[0]) >= PREFIX_MIN))


def _place_key(part: str) -> str:
    plain = fold(part)
    while stripped := _FORMS.sub("", plain):
        if stripped == plain:
            break
        plain = stripped
    return search_key(plain)


def prefix_end(prefix: str) -> str:
    """Return a text that comes after everything that begins with the prefix."""
    return prefix + "\U0010ffff"
