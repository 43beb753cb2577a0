"""What leaves the places package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SEARCH_LIMIT: Final = 10
SEARCH_LIMIT_MAX: Final = 50
SEARCH_TEXT_MAX: Final = 80

VILLAGE_COUNT: Final = 83_762
"""Villages in the reference data; see ``adapters/lokal_source.py``."""


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """A village with everything above it."""

    village_code: str
    village: str
    district: str
    regency: str
    regency_code: str
    province: str
    province_code: str
    postcode: str

    @property
    def label(self) -> str:
        """Return ``Sindang, Kec. Sindang, Kab. Indramayu, Jawa Barat 45222``."""
        return (
            f"{self.village}, Kec. {self.district}, {self.regency}, {self.province} {self.postcode}"
        )


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A province, regency or district as it comes from the reference data.

    Attributes:
        code: Official code with dots, for example ``32.12``.
        parent_code: Code of the place above; empty for provinces.
    """

    code: str
    parent_code: str
    name: str


@dataclass(frozen=True, slots=True)
class VillageRow:
    """A village as it comes from the reference data."""

    code: str
    district_code: str
    name: str
    postcode: str
