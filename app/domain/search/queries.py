"""Questions to search, and the documents that the index is made of.

The index may be missing or damaged at any time; then names are compared in the database, and the
page says so. Hits are ids only: the surface reads the cards from the catalogue, so a product that
was withdrawn a moment ago is never shown, whatever the index still says.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.queries import names as catalog_names
from app.domain.catalog.types import ProductPage
from app.domain.search import rules
from app.domain.search.errors import SearchUnavailable
from app.domain.search.ports import SearchEngine
from app.domain.search.types import (
    PAGE_NUMBER_MAX,
    PAGE_SIZE,
    QUERY_LENGTH_MAX,
    SUGGESTIONS_MAX,
    UPT_HITS_MAX,
    EngineHits,
    EngineQuery,
    ParsedQuery,
    ProductDocument,
    SearchFilter,
    SearchOrder,
    SearchPage,
    Suggestion,
    SuggestionKind,
    UptDocument,
)
from app.domain.upt import queries as upt_queries
from app.domain.upt.types import UptBrief
from app.infra import ports
from app.kernel import ids

EVERYTHING = SearchFilter()


def engine() -> SearchEngine:
    """Return the engine that bootstrap plugged in."""
    return cast(SearchEngine, ports.plugged("search"))


def search(
    *,
    text: str,
    chosen: SearchFilter = EVERYTHING,
    order: SearchOrder = SearchOrder.RELEVANCE,
    number: int = 1,
) -> SearchPage:
    """Return a page of products for a query.

    A query that finds nothing is tried again with its typos corrected, then with any of its
    words; the page says which it was. Without an index, names that begin with the text are found.

    Args:
        text: As typed; only the first hundred signs and eight words count.
        chosen: Choices that narrow the hits.
        order: How hits are ordered.
        number: Page, from 1; a number beyond the last gives an empty page.
    """
    number = max(1, min(number, PAGE_NUMBER_MAX))
    parsed = rules.parse(text)
    if not parsed.terms:
        return SearchPage(product_ids=(), total=0, number=number)
    try:
        return _ask_engine(parsed, chosen=chosen, order=order, number=number)
    except SearchUnavailable:
        return _ask_database(text, number=number)


def _ask_engine(
    parsed: ParsedQuery, *, chosen: SearchFilter, order: SearchOrder, number: int
) -> SearchPage:
    used, words, is_partial = parsed, parsed.words, False
    hits = _hits(parsed, chosen=chosen, order=order, number=number)
    if not hits.total and not _finds_anything(parsed, chosen=chosen):
        words = engine().correct(parsed.words)
        used = rules.parse(" ".join(words))
        if words != parsed.words:
            hits = _hits(used, chosen=chosen, order=order, number=number)
        if not hits.total and not _finds_anything(used, chosen=chosen) and len(used.terms) > 1:
            is_partial = True
            hits = _hits(used, chosen=chosen, order=order, number=number, is_any=True)
    is_first = number == 1 and chosen.is_empty
    upt_hits = engine().find_upts(used.terms, limit=UPT_HITS_MAX) if is_first else ()
    is_corrected = words != parsed.words and bool(hits.total or upt_hits)
    return SearchPage(
        product_ids=hits.product_ids,
        total=hits.total,
        number=number,
        facets=hits.facets,
        upt_hits=upt_hits,
        used_text=" ".join(words if is_corrected else parsed.words),
        corrected_from=" ".join(parsed.words) if is_corrected else None,
        is_partial=is_partial and bool(hits.total),
    )


def _hits(
    parsed: ParsedQuery,
    *,
    chosen: SearchFilter,
    order: SearchOrder,
    number: int,
    is_any: bool = False,
) -> EngineHits:
    return engine().search(
        EngineQuery(
            terms=parsed.terms,
            filter=chosen,
            order=order,
            offset=(number - 1) * PAGE_SIZE,
            size=PAGE_SIZE,
            is_any=is_any,
        )
    )


def _finds_anything(parsed: ParsedQuery, *, chosen: SearchFilter) -> bool:
    if chosen.is_empty:
        return False
    return engine().search(EngineQuery(terms=parsed.terms, size=0)).total > 0


def _ask_database(text: str, *, number: int) -> SearchPage:
    found = catalog_names.list_ids_by_name(text=text[:QUERY_LENGTH_MAX], limit=PAGE_SIZE)
    return SearchPage(
        product_ids=found if number == 1 else (),
        total=len(found),
        number=number,
        used_text=" ".join(rules.words_of(text[:QUERY_LENGTH_MAX])),
        is_degraded=True,
    )


def suggest(*, text: str, limit: int = SUGGESTIONS_MAX) -> tuple[Suggestion, ...]:
    """Return names for what was typed so far: of products first, then of UPT."""
    parsed = rules.parse(text)
    if not any(len(word) > 1 for word in parsed.words):
        return ()
    words = tuple(word for word in parsed.words if len(word) > 1)
    try:
        return engine().suggest(words, limit=limit)
    except SearchUnavailable:
        found = catalog_names.list_ids_by_name(text=text[:QUERY_LENGTH_MAX], limit=limit)
        cards = catalog_queries.listings(product_ids=found)
        return tuple(
            Suggestion(SuggestionKind.PRODUCT, card.name, card.upt_short_name, card.slug)
            for product_id in found
            if (card := cards.get(product_id))
        )


def list_documents(*, after_product_id: int, limit: int) -> tuple[ProductDocument, ...]:
    """Return the documents of published products by rising id."""
    pages = catalog_queries.list_product_pages(after_product_id=after_product_id, limit=limit)
    return tuple(map(_document, pages))


def documents(*, product_ids: Collection[int]) -> tuple[ProductDocument, ...]:
    """Return the documents of those of the products that are published."""
    pages = catalog_queries.product_pages(product_ids=product_ids)
    return tuple(map(_document, pages.values()))


def _document(page: ProductPage) -> ProductDocument:
    content = page.content
    prices = [variant.price_idr for variant in content.variants]
    texts = (
        content.summary,
        content.description,
        content.story,
        content.maker_credit,
        content.name_en,
    )
    unstamped = ProductDocument(
        product_id=page.product_id,
        slug=page.slug,
        name=content.name,
        upt_id=page.upt_id,
        upt_name=page.upt_short_name,
        town=page.town,
        category_id=content.category_id,
        root_category_id=page.trail[0].category_id if page.trail else content.category_id,
        category_names=tuple(category.name for category in page.trail),
        province_number=province_number(code=page.province_code),
        price_idr=min(prices, default=0),
        published_number=int(page.published_at.timestamp()),
        materials=content.materials,
        text=" ".join(texts),
        stamp="",
    )
    return unstamped.stamped(ids.digest(repr(unstamped))[:16])


def province_number(*, code: str) -> int:
    """Return a province code as the number that the index keeps, 0 when it is none."""
    return int(code) if code.isdecimal() and len(code) <= 4 else 0


def list_upt_documents() -> tuple[UptDocument, ...]:
    """Return the documents of every active UPT."""
    briefs = upt_queries.list_all()
    aliases = upt_queries.aliases_by_upt(upt_ids=[brief.upt_id for brief in briefs])
    return tuple(_upt_document(brief, aliases.get(brief.upt_id, ())) for brief in briefs)


def _upt_document(brief: UptBrief, aliases: tuple[str, ...]) -> UptDocument:
    facts = (brief.slug, brief.short_name, brief.town, brief.province_name, aliases)
    return UptDocument(
        upt_id=brief.upt_id,
        slug=brief.slug,
        name=brief.short_name,
        town=brief.town,
        province_name=brief.province_name,
        aliases=aliases,
        stamp=ids.digest(repr(facts))[:16],
    )
