"""Text as people type it: folded for search, slugged for addresses, cleaned at the edge."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

SLUG_MAX: Final = 80

_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")
_SPACES: Final = re.compile(r"\s+")


def fold(text: str) -> str:
    """Return text for comparing: no accents, lower case, single spaces."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return _SPACES.sub(" ", plain).strip().casefold()


def slugify(text: str) -> str:
    """Return an address part such as ``tirai-sabut-kelapa``, at most ``SLUG_MAX`` long."""
    return _NOT_SLUG.sub("-", fold(text)).strip("-")[:SLUG_MAX].strip("-")


def has_control_signs(text: str) -> bool:
    """Say whether text carries control or surrogate signs other than tab and line ends."""
    return any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\t\n\r" for sign in text)
