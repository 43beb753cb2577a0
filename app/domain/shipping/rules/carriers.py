"""The carriers we know: how each weighs, what it takes, and where a number is looked up.

Prices are data and come from rate tables; how a carrier weighs is a rule and stands here, beside
its tests. ``kurir``, ``kargo`` and ``truk`` stand for whoever a UPT has an agreement with.

Source: docs/algorithms/delivery.md, section "Carriers".
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from app.domain.shipping.types import Carrier, Rounding
from app.kernel.text import fold

_PARCEL_SIDE_MM: Final = 1_500
_PARCEL_G: Final = 50_000

CARRIERS: Final[dict[str, Carrier]] = {
    one.code: one
    for one in (
        Carrier("kurir", "Kurir", 6000, Rounding.TOLERANCE, 300, 1_000, _PARCEL_G, _PARCEL_SIDE_MM),
        Carrier("kargo", "Kargo", 5000, Rounding.UP, 0, 1_000, 500_000, 4_000),
        Carrier("truk", "Truk", 4000, Rounding.UP, 0, 10_000, 5_000_000, 6_000),
        Carrier(
            "jne", "JNE", 6000, Rounding.TOLERANCE, 300, 1_000, _PARCEL_G, _PARCEL_SIDE_MM,
            "https://jne.co.id/tracking-package", ("jne express", "jne reguler", "jne reg"),
        ),
        Carrier(
            "jnt", "J&T Express", 6000, Rounding.TOLERANCE, 300, 1_000, _PARCEL_G, _PARCEL_SIDE_MM,
            "https://jet.co.id/track", ("j&t", "jnt express", "j&t express"),
        ),
        Carrier(
            "jnt-kargo", "J&T Cargo", 5000, Rounding.NONE, 0, 0, 500_000, 4_000,
            "https://www.jtcargo.id", ("j&t cargo", "j&t kargo", "jnt cargo"),
        ),
        Carrier(
            "pos", "Pos Indonesia", 6000, Rounding.UP, 0, 1_000, _PARCEL_G, _PARCEL_SIDE_MM,
            "https://www.posindonesia.co.id/id/tracking", ("pos indonesia", "posindo"),
        ),
        Carrier(
            "sicepat", "SiCepat", 6000, Rounding.HALF, 0, 1_000, _PARCEL_G, _PARCEL_SIDE_MM,
            "https://www.sicepat.com/checkAwb?awb={number}", ("si cepat", "sicepat ekspres"),
        ),
    )
}  # fmt: skip

_NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./-]{3,59}")


def carrier_of(*, code: str) -> Carrier:
    """Return a carrier; one that is no longer known weighs as ``kurir`` does."""
    return CARRIERS.get(code, CARRIERS["kurir"])


def find_carrier(*, name: str) -> Carrier | None:
    """Return the carrier that staff mean by a typed name, or None."""
    folded = fold(name)
    for carrier in CARRIERS.values():
        if folded in (carrier.code, fold(carrier.name), *carrier.aliases):
            return carrier
    return None


def tracking_link(*, carrier_name: str, number: str) -> str:
    """Return where a buyer looks a number up; empty when the carrier has no such page."""
    carrier = find_carrier(name=carrier_name)
    if carrier is None or not carrier.tracking_url or not _NUMBER.fullmatch(number):
        return ""
    return carrier.tracking_url.replace("{number}", quote(number, safe=""))
