"""Names beside filters: UPT, provinces and categories, at most a minute old in each process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.queries import AvailableFilter
from app.domain.catalog.types import CategoryRecord, Facets, ListingFilter, ListingOrder
from app.domain.places import queries as places_queries
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.infra.memo import Memo
from app.kernel import clock
from app.surfaces.web.filters import DEFAULT_TIMEZONE

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
EVERYTHING: Final = ListingFilter()


@dataclass(frozen=True, slots=True)
class Labels:
    """Every active UPT, by id and by address, and the provinces that have one."""

    upts: Mapping[int, UptBrief]
    upts_by_slug: Mapping[str, UptBrief]
    provinces: Mapping[str, str]


_labels: Final[Memo[Labels]] = Memo("browse.labels", seconds=_MINUTE)
_facets: Final[Memo[Facets]] = Memo("browse.facets", seconds=_MINUTE / 2, size=512)
_provinces: Final[Memo[tuple[tuple[str, str], ...]]] = Memo("browse.provinces", seconds=_HOUR)


def get() -> Labels:
    """Return the names of UPT and of the provinces that have one."""
    return _labels.get("all", _read)


def _read() -> Labels:
    briefs = upt_queries.list_all()
    names = sorted({(brief.province_name, brief.province_code) for brief in briefs})
    return Labels(
        upts={brief.upt_id: brief for brief in briefs},
        upts_by_slug={brief.slug: brief for brief in briefs},
        provinces={code: name for name, code in names},
    )


def all_provinces() -> tuple[tuple[str, str], ...]:
    """Return (code, name) of every province, for choosing a destination."""
    return _provinces.get("all", places_queries.list_provinces)


def categories() -> Mapping[int, CategoryRecord]:
    """Return every category by id, in the order of the shop."""
    return {one.category_id: one for one in catalog_queries.list_categories()}


def facets(
    narrowed: ListingFilter = EVERYTHING, available: AvailableFilter | None = None
) -> Facets:
    """Return the counts beside the filters of a list, added up at most twice a minute."""
    return _facets.get(
        replace(narrowed, order=ListingOrder.NEWEST),
        lambda: catalog_queries.facet_counts(filter=narrowed, available_variant_filter=available),
    )


def today(at: datetime) -> date:
    """Return the date in the capital, on which names are looked up."""
    return clock.local_date(at=at, timezone=DEFAULT_TIMEZONE)
