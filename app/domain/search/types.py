"""What goes into the index, what is asked of it and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

QUERY_LENGTH_MAX: Final = 100
"""Signs of a query that are read; the rest is cut off before anything else happens."""

TERMS_MAX: Final = 8
"""Words of a query that count."""

PAGE_SIZE: Final = 24
PAGE_NUMBER_MAX: Final = 200
SUGGESTIONS_MAX: Final = 8
UPT_HITS_MAX: Final = 3
PREFIX_LENGTH_MIN: Final = 2
PREFIX_LENGTH_MAX: Final = 8
"""Beginnings of words are indexed from two to eight signs; longer ones are compared in full."""


class SearchOrder(StrEnum):
    """How hits are ordered."""

    RELEVANCE = "relevan"
    NEWEST = "baru"
    CHEAPEST = "murah"
    DEAREST = "mahal"


@dataclass(frozen=True, slots=True)
class ProductDocument:
    """One published product as the index knows it.

    Attributes:
        root_category_id: The topmost category; equal to ``category_id`` when it has no parent.
        category_names: Names from the topmost category to the product's own.
        province_number: The two-digit province code as a number, 0 when unknown.
        text: Everything told about the product: summary, description, materials, story, maker.
        published_number: Seconds since 1970, for sorting by newness.
        stamp: Changes whenever anything above changes; equal stamps need no new writing.
    """

    product_id: int
    slug: str
    name: str
    upt_id: int
    upt_name: str
    town: str
    category_id: int
    root_category_id: int
    category_names: tuple[str, ...]
    province_number: int
    price_idr: int
    published_number: int
    materials: str
    text: str
    stamp: str

    def stamped(self, stamp: str) -> ProductDocument:
        """Return the same document with a stamp."""
        return replace(self, stamp=stamp)


@dataclass(frozen=True, slots=True)
class UptDocument:
    """One UPT as the index knows it."""

    upt_id: int
    slug: str
    name: str
    town: str
    province_name: str
    aliases: tuple[str, ...]
    stamp: str


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """Choices that narrow the hits; None leaves a side open.

    Attributes:
        category_id: A category, or a topmost category with everything below it.
    """

    category_id: int | None = None
    province_number: int | None = None
    upt_id: int | None = None
    price_idr_min: int | None = None
    price_idr_max: int | None = None

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is narrowed."""
        return self == SearchFilter()


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query after our own small parser: plain words and their stems, no operators.

    Attributes:
        words: Folded words as typed, at most ``TERMS_MAX``.
        terms: Stems of the words that count, without repeats.
    """

    words: tuple[str, ...]
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EngineQuery:
    """One question to an engine."""

    terms: tuple[str, ...]
    filter: SearchFilter = SearchFilter()
    order: SearchOrder = SearchOrder.RELEVANCE
    offset: int = 0
    size: int = PAGE_SIZE
    is_any: bool = False
    """Hits need only one of the terms instead of all."""


Counts = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """How many hits each choice would leave, every facet counted under the other filters."""

    categories: Counts = field(default_factory=dict)
    root_categories: Counts = field(default_factory=dict)
    provinces: Counts = field(default_factory=dict)
    upts: Counts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EngineHits:
    """Products in order, how many there are in all, and the facets."""

    product_ids: tuple[int, ...]
    total: int
    facets: FacetCounts = FacetCounts()


@dataclass(frozen=True, slots=True)
class UptHit:
    """A UPT whose name or town fits the query."""

    upt_id: int
    slug: str
    name: str
    town: str
    province_name: str


class SuggestionKind(StrEnum):
    """What a suggestion leads to."""

    PRODUCT = "product"
    UPT = "upt"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line under the search field.

    Attributes:
        text: Name of the product or UPT.
        detail: Where it is from.
        slug: Last part of its address.
    """

    kind: SuggestionKind
    text: str
    detail: str
    slug: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of hits and everything the results page says about them.

    Attributes:
        used_text: The words that were searched, other than typed when a typo was corrected.
        corrected_from: What was typed, when ``used_text`` is a correction.
        is_partial: Nothing has all words; these have some of them.
        is_degraded: The index did not answer; names were compared in the database instead.
    """

    product_ids: tuple[int, ...]
    total: int
    number: int
    facets: FacetCounts = FacetCounts()
    upt_hits: tuple[UptHit, ...] = ()
    used_text: str = ""
    corrected_from: str | None = None
    is_partial: bool = False
    is_degraded: bool = False


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What the index on disk holds.

    Attributes:
        is_usable: It could be opened and read.
        upt_stamps: Stamp by UPT id.
    """

    is_usable: bool
    product_ids: frozenset[int] = frozenset()
    upt_stamps: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What a rebuild put into the new index."""

    products: int
    upts: int
