"""The port that every search engine stands behind.

Engines get finished terms (see ``rules``), so that two engines over the same goods answer alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol, runtime_checkable

from app.domain.search.types import (
    EngineHits,
    EngineQuery,
    IndexStatus,
    ProductDocument,
    RebuildReport,
    Suggestion,
    UptDocument,
    UptHit,
)

Refresh = Callable[[Collection[int]], Sequence[ProductDocument]]
"""Read products afresh by id; those not published any more are left out."""


@runtime_checkable
class SearchEngine(Protocol):
    """An index of goods and UPT. Reading methods raise ``SearchUnavailable`` when they cannot."""

    def search(self, query: EngineQuery, /) -> EngineHits:
        """Return the products that carry the terms."""

    def find_upts(self, terms: Sequence[str], /, *, limit: int) -> tuple[UptHit, ...]:
        """Return the UPT whose name, town or province carries every term."""

    def suggest(self, words: Sequence[str], /, *, limit: int) -> tuple[Suggestion, ...]:
        """Return names in which every word begins a word."""

    def correct(self, words: Sequence[str], /) -> tuple[str, ...]:
        """Return the words with every unknown one replaced by the nearest known one."""

    def apply(
        self,
        *,
        products: Sequence[ProductDocument] = (),
        upts: Sequence[UptDocument] = (),
        gone_product_ids: Collection[int] = (),
        gone_upt_ids: Collection[int] = (),
    ) -> None:
        """Write and remove documents in one commit; a repeat changes nothing."""

    def rebuild(
        self,
        products: Iterable[ProductDocument],
        upts: Sequence[UptDocument],
        /,
        *,
        refresh: Refresh,
    ) -> RebuildReport:
        """Build a new index beside the old one and swap it in.

        Products changed while it was being built are read again through ``refresh``.
        """

    def status(self) -> IndexStatus:
        """Return what the index holds; never raises for a damaged one."""
