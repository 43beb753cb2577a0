"""What a scanner read: a SKU, or the address on one of our labels, with or without a lot.

Shelf and carton labels carry ``{base}/s/{upt_slug}/{sku}``, and ``#`` with the code of the lot where
there is one. People type the SKU alone, or SKU and lot with ``#`` between them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

_ADDRESS: Final = re.compile(
    r"(?:https?://[^/\s?#]+)?/s/([^/?#]+)/([^/?#]+)/?(?:\?[^#]*)?(?:#(.*))?"
)


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan taken apart.

    Attributes:
        sku: The code of the goods, or whatever words were typed.
        lot_code: Code of a lot, when the scan names one.
        upt_slug: The UPT that the label belongs to; None for typed codes.
    """

    sku: str
    lot_code: str | None = None
    upt_slug: str | None = None


def parse_scan(text: str) -> Scanned:
    """Return what a scan or a typed code stands for; never refuses."""
    clean = text.strip()
    found = _ADDRESS.fullmatch(clean)
    if found:
        slug, sku, lot = (unquote(part).strip() if part else "" for part in found.groups())
        return Scanned(sku, lot or None, slug)
    sku, _, lot = (part.strip() for part in clean.partition("#"))
    return Scanned(sku, lot or None)


def scan_path(*, upt_slug: str, sku: str, lot_code: str | None = None) -> str:
    """Return the path that a label carries behind the shop's address."""
    lot = f"#{quote(lot_code, safe='')}" if lot_code else ""
    return f"/s/{quote(upt_slug, safe='')}/{quote(sku, safe='')}{lot}"
