"""Reading an index: one opened state of it, with the facts of every document in memory.

Whoosh keeps the postings on disk; the terms that were asked lately stay here as ready scores, so a
common question costs set arithmetic only. A reader is shared by the threads of a process behind a
lock: decoding postings holds the interpreter anyway.
"""

from __future__ import annotations

import heapq
import struct
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from whoosh import index as whoosh_index
from whoosh.reading import TermNotFound

from app.domain.search import rules
from app.domain.search.types import (
    PREFIX_LENGTH_MAX,
    EngineHits,
    EngineQuery,
    FacetCounts,
    SearchFilter,
    SearchOrder,
    Suggestion,
    SuggestionKind,
    UptHit,
)

FACTS: Final = struct.Struct("!IIIHIqq")
"""Product, category, topmost category, province, UPT, price and publication of a document."""

_SCORES_KEPT_MAX: Final = 120_000
_SUGGESTIONS_KEPT_MAX: Final = 512
_CANDIDATES_MAX: Final = 300
_UPT_SUGGESTIONS_MAX: Final = 3


class Facts(NamedTuple):
    """The columns of every document, by document number."""

    products: list[int]
    categories: list[int]
    roots: list[int]
    provinces: list[int]
    upts: list[int]
    prices: list[int]
    published: list[int]


Scores = Mapping[int, float]


class IndexReader:
    """One state of the index, open for reading."""

    def __init__(self, path: Path) -> None:
        """Open the newest state in a folder; raises whatever Whoosh raises for a damaged one."""
        self._reader = whoosh_index.open_dir(str(path), readonly=True).reader()
        self._lock = threading.RLock()
        self._facts = self._load_facts()
        self._product_count = sum(1 for product_id in self._facts.products if product_id)
        self._scores: OrderedDict[str, Scores] = OrderedDict()
        self._scores_kept = 0
        self._suggestions: OrderedDict[tuple[str, ...], tuple[Suggestion, ...]] = OrderedDict()
        self._vocabulary: rules.Vocabulary | None = None

    def _load_facts(self) -> Facts:
        rows: list[tuple[int, ...]] = []
        for leaf, _offset in self._reader.leaf_readers():
            if leaf.doc_count_all():
                packed = b"".join(leaf.column_reader("facts", translate=False))
                rows.extend(FACTS.iter_unpack(packed))
        columns = [list(column) for column in zip(*rows, strict=True)]
        return Facts(*columns) if columns else Facts([], [], [], [], [], [], [])

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._reader.close()

    def _postings(self, field: str, term: str) -> list[tuple[int, float]]:
        try:
            matcher = self._reader.postings(field, term.encode())
        except TermNotFound:
            return []
        found = []
        while matcher.is_active():
            found.append((matcher.id(), matcher.weight()))
            matcher.next()
        return found

    def scores(self, term: str) -> Scores:
        """Return the score of every product that carries the term."""
        with self._lock:
            known = self._scores.get(term)
            if known is not None:
                self._scores.move_to_end(term)
                return known
            postings = self._postings("terms", term)
            rarity = rules.rarity(carriers=len(postings), documents=self._product_count)
            found = {number: rarity * rules.saturate(weight) for number, weight in postings}
            self._scores[term] = found
            self._scores_kept += len(found)
            while self._scores_kept > _SCORES_KEPT_MAX and len(self._scores) > 1:
                _term, dropped = self._scores.popitem(last=False)
                self._scores_kept -= len(dropped)
            return found

    def search(self, query: EngineQuery) -> EngineHits:
        """Answer one question."""
        scored = (
            _any(map(self.scores, query.terms))
            if query.is_any
            else _all(map(self.scores, query.terms))
        )
        hits = self._narrow(scored, query.filter)
        products = self._facts.products
        ordered = self._ordered(hits, scored, query.order) if query.size else []
        page = ordered[query.offset : query.offset + query.size]
        return EngineHits(
            product_ids=tuple(products[number] for number in page),
            total=len(hits),
            facets=self._facets(scored, query.filter, hits) if query.size else FacetCounts(),
        )

    def _ordered(self, hits: Sequence[int], scored: Scores, order: SearchOrder) -> list[int]:
        facts = self._facts
        ordered = sorted(hits, key=facts.published.__getitem__, reverse=True)
        if order is SearchOrder.RELEVANCE:
            ordered.sort(key=scored.__getitem__, reverse=True)
        elif order is not SearchOrder.NEWEST:
            ordered.sort(key=facts.prices.__getitem__, reverse=order is SearchOrder.DEAREST)
        return ordered

    def _narrow(
        self, numbers: Iterable[int], chosen: SearchFilter, *, without: str = ""
    ) -> list[int]:
        facts = self._facts
        kept = list(numbers)
        if chosen.category_id is not None and without != "category":
            own, roots, wanted = facts.categories, facts.roots, chosen.category_id
            kept = [number for number in kept if own[number] == wanted or roots[number] == wanted]
        if chosen.province_number is not None and without != "province":
            provinces, province = facts.provinces, chosen.province_number
            kept = [number for number in kept if provinces[number] == province]
        if chosen.upt_id is not None and without != "upt":
            upts, upt_id = facts.upts, chosen.upt_id
            kept = [number for number in kept if upts[number] == upt_id]
        if chosen.price_idr_min is not None:
            prices, least = facts.prices, chosen.price_idr_min
            kept = [number for number in kept if prices[number] >= least]
        if chosen.price_idr_max is not None:
            prices, most = facts.prices, chosen.price_idr_max
            kept = [number for number in kept if prices[number] <= most]
        return kept

    def _facets(self, scored: Scores, chosen: SearchFilter, hits: list[int]) -> FacetCounts:
        facts = self._facts
        # Where a side is open, leaving it out changes nothing: the hits themselves are counted.
        for_category = for_province = for_upt = hits
        if chosen.category_id is not None:
            for_category = self._narrow(scored, chosen, without="category")
        if chosen.province_number is not None:
            for_province = self._narrow(scored, chosen, without="province")
        if chosen.upt_id is not None:
            for_upt = self._narrow(scored, chosen, without="upt")
        return FacetCounts(
            categories=Counter(map(facts.categories.__getitem__, for_category)),
            root_categories=Counter(map(facts.roots.__getitem__, for_category)),
            provinces=Counter(map(facts.provinces.__getitem__, for_province)),
            upts=Counter(map(facts.upts.__getitem__, for_upt)),
        )

    def find_upts(self, terms: Sequence[str], *, limit: int) -> tuple[UptHit, ...]:
        """Return the UPT that carry every term."""
        with self._lock:
            sets = [{number for number, _ in self._postings("upt_terms", term)} for term in terms]
            numbers = sorted(set.intersection(*sets)) if sets else []
            hits = []
            for number in numbers[:limit]:
                name, town, province, slug, _stamp = self._reader.stored_fields(number)["record"]
                hits.append(UptHit(self._facts.upts[number], slug, name, town, province))
        return tuple(hits)

    def suggest(self, words: Sequence[str], *, limit: int) -> tuple[Suggestion, ...]:
        """Return names in which every word begins a word."""
        key = (*words, str(limit))
        with self._lock:
            known = self._suggestions.get(key)
            if known is None:
                known = self._find_suggestions(words, limit=limit)
                self._suggestions[key] = known
                if len(self._suggestions) > _SUGGESTIONS_KEPT_MAX:
                    self._suggestions.popitem(last=False)
            return known

    def _find_suggestions(self, words: Sequence[str], *, limit: int) -> tuple[Suggestion, ...]:
        begins = [word[:PREFIX_LENGTH_MAX] for word in words]
        sets = [{number for number, _ in self._postings("starts", begin)} for begin in begins]
        if not sets:
            return ()
        typed = " ".join(words)
        ranked: dict[
            tuple[SuggestionKind, str], tuple[tuple[bool, bool, int, str], Suggestion]
        ] = {}
        for number in heapq.nlargest(_CANDIDATES_MAX, set.intersection(*sets)):
            name, detail, _province, slug, _stamp = self._reader.stored_fields(number)["record"]
            known = rules.words_of(name)
            if not all(any(part.startswith(word) for part in known) for word in words):
                continue
            kind = SuggestionKind.PRODUCT if self._facts.products[number] else SuggestionKind.UPT
            rank = (
                not " ".join(known).startswith(typed),
                kind is SuggestionKind.UPT,
                len(name),
                name,
            )
            ranked.setdefault((kind, name), (rank, Suggestion(kind, name, detail, slug)))
        ordered = [
            suggestion for _rank, suggestion in sorted(ranked.values(), key=lambda pair: pair[0])
        ]
        upts = [one for one in ordered if one.kind is SuggestionKind.UPT][:_UPT_SUGGESTIONS_MAX]
        kept = [one for one in ordered if one.kind is SuggestionKind.PRODUCT or one in upts]
        return tuple(kept[:limit])

    def knows(self, word: str) -> bool:
        """Say whether anything carries the word, stemmed or as it stands."""
        return bool(self.scores(rules.stem(word))) or self.vocabulary().knows(word)

    def vocabulary(self) -> rules.Vocabulary:
        """Return the words of all names, made on first use."""
        with self._lock:
            if self._vocabulary is None:
                terms = self._reader.iter_field("words")
                self._vocabulary = rules.Vocabulary(
                    (term.decode(), int(about.doc_frequency())) for term, about in terms
                )
            return self._vocabulary

    def product_ids(self) -> frozenset[int]:
        """Return the products that are not deleted."""
        with self._lock:
            is_deleted: Callable[[int], bool] = self._reader.is_deleted
            return frozenset(
                product_id
                for number, product_id in enumerate(self._facts.products)
                if product_id and not is_deleted(number)
            )

    def stamps(self, keys: Iterable[str]) -> dict[str, str]:
        """Return the stored stamp of each document key that is indexed."""
        found: dict[str, str] = {}
        with self._lock:
            for key in keys:
                for number, _ in self._postings("key", key):
                    record: Any = self._reader.stored_fields(number)["record"]
                    found[key] = str(record[-1])
        return found

    def upt_stamps(self) -> dict[int, str]:
        """Return the stamp of every UPT."""
        with self._lock:
            return {
                upt_id: str(self._reader.stored_fields(number)["record"][-1])
                for number, upt_id in enumerate(self._facts.upts)
                if not self._facts.products[number] and not self._reader.is_deleted(number)
            }


def _all(parts: Iterable[Scores]) -> Scores:
    ordered = sorted(parts, key=len)
    if not ordered:
        return {}
    if len(ordered) == 1:
        return ordered[0]
    first, others = ordered[0], ordered[1:]
    return {
        number: score + sum(other[number] for other in others)
        for number, score in first.items()
        if all(number in other for other in others)
    }


def _any(parts: Iterable[Scores]) -> Scores:
    total: Counter[int] = Counter()  # adds fractions as well
    for part in parts:
        total.update(part)
    return total
