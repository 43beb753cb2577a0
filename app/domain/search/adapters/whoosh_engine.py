"""The Whoosh engine: an index in a folder, written by the worker, read by every process.

Terms come in finished, with their weight behind a caret, so Whoosh only keeps and finds them.
Whatever Whoosh throws at a damaged index becomes ``SearchUnavailable``; a mark is left for the
worker, which rebuilds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
from whoosh import columns, fields
from whoosh import index as whoosh_index
from whoosh.analysis import DelimitedAttributeFilter, RegexTokenizer

from app.domain.search import rules
from app.domain.search.adapters.whoosh_files import IndexFiles, Pointer
from app.domain.search.adapters.whoosh_reader import FACTS, IndexReader
from app.domain.search.errors import SearchUnavailable
from app.domain.search.ports import Refresh
from app.domain.search.types import (
    PREFIX_LENGTH_MAX,
    PREFIX_LENGTH_MIN,
    EngineHits,
    EngineQuery,
    IndexStatus,
    ProductDocument,
    RebuildReport,
    Suggestion,
    UptDocument,
    UptHit,
)

log = structlog.get_logger("search")

_WRITER_MEMORY_MB: Final = 64
_LOCK_SECONDS: Final = 10

Answer = TypeVar("Answer")


def _schema() -> fields.Schema:
    weighted = RegexTokenizer(r"\S+") | DelimitedAttributeFilter()
    plain = RegexTokenizer(r"\S+")
    beginnings = fields.NGRAMWORDS(
        minsize=PREFIX_LENGTH_MIN, maxsize=PREFIX_LENGTH_MAX, at="start", tokenizer=plain
    )
    beginnings.scorable = False
    return fields.Schema(
        key=fields.ID(unique=True),
        terms=fields.KEYWORD(analyzer=weighted),
        upt_terms=fields.KEYWORD(analyzer=plain),
        starts=beginnings,
        words=fields.KEYWORD(analyzer=plain),
        facts=fields.COLUMN(columns.FixedBytesColumn(FACTS.size)),
        record=fields.STORED(),
    )


class WhooshEngine:
    """A ``SearchEngine`` over an index in a folder."""

    def __init__(self, root: Path) -> None:
        """Use the index under ``root``; a missing one is made by the first rebuild."""
        self._files = IndexFiles(root)
        self._lock = threading.Lock()
        self._opened: tuple[tuple[int, int], IndexReader | None] | None = None

    # Reading

    def _reader(self) -> IndexReader:
        version = self._files.version()
        if version is None:
            raise SearchUnavailable
        opened = self._opened
        if opened is None or opened[0] != version:
            opened = self._reopen(version)
        if opened[1] is None:
            raise SearchUnavailable
        return opened[1]

    def _reopen(self, version: tuple[int, int]) -> tuple[tuple[int, int], IndexReader | None]:
        with self._lock:
            if self._opened is not None and self._opened[0] == version:
                return self._opened
            self._opened = (version, self._open())
            return self._opened

    def _open(self) -> IndexReader | None:
        pointer = self._files.pointer()
        try:
            if pointer is None:
                raise ValueError("the pointer to the index is unreadable")
            return IndexReader(self._files.path(pointer.folder))
        except Exception as error:
            log.error("search_index_unreadable", error=repr(error))
            self._files.mark_damaged()
            return None

    def _ask(self, question: Callable[[IndexReader], Answer]) -> Answer:
        reader = self._reader()
        try:
            return question(reader)
        except Exception as error:
            log.error("search_index_damaged", error=repr(error))
            self._files.mark_damaged()
            with self._lock:
                if self._opened is not None and self._opened[1] is reader:
                    self._opened = (self._opened[0], None)
            raise SearchUnavailable from error

    def search(self, query: EngineQuery, /) -> EngineHits:
        """Return the products that carry the terms."""
        return self._ask(lambda reader: reader.search(query))

    def find_upts(self, terms: Sequence[str], /, *, limit: int) -> tuple[UptHit, ...]:
        """Return the UPT whose name, town or province carries every term."""
        return self._ask(lambda reader: reader.find_upts(terms, limit=limit))

    def suggest(self, words: Sequence[str], /, *, limit: int) -> tuple[Suggestion, ...]:
        """Return names in which every word begins a word."""
        return self._ask(lambda reader: reader.suggest(words, limit=limit))

    def correct(self, words: Sequence[str], /) -> tuple[str, ...]:
        """Return the words with every unknown one replaced by the nearest known one."""

        def nearest(reader: IndexReader, word: str) -> str:
            if len(word) < 3 or reader.knows(word):
                return word
            return reader.vocabulary().nearest(word) or word

        return self._ask(lambda reader: tuple(nearest(reader, word) for word in words))

    def status(self) -> IndexStatus:
        """Return what the index holds; never raises for a damaged one."""
        try:
            if self._files.is_marked_damaged():
                return IndexStatus(is_usable=False)
            return self._ask(
                lambda reader: IndexStatus(
                    is_usable=True,
                    product_ids=reader.product_ids(),
                    upt_stamps=reader.upt_stamps(),
                )
            )
        except SearchUnavailable:
            return IndexStatus(is_usable=False)

    # Writing

    def apply(
        self,
        *,
        products: Sequence[ProductDocument] = (),
        upts: Sequence[UptDocument] = (),
        gone_product_ids: Collection[int] = (),
        gone_upt_ids: Collection[int] = (),
    ) -> None:
        """Write and remove documents in one commit; a repeat changes nothing."""
        with self._files.writing(), self._writing_errors():
            self._files.note_changed([*(one.product_id for one in products), *gone_product_ids])
            pointer = self._files.pointer()
            if pointer is None:
                raise SearchUnavailable
            stamps = self._reader().stamps(
                [
                    *(_product_key(one.product_id) for one in products),
                    *(_upt_key(one.upt_id) for one in upts),
                    *map(_product_key, gone_product_ids),
                    *map(_upt_key, gone_upt_ids),
                ]
            )
            new_products = [
                one for one in products if stamps.get(_product_key(one.product_id)) != one.stamp
            ]
            new_upts = [one for one in upts if stamps.get(_upt_key(one.upt_id)) != one.stamp]
            gone = [key for key in map(_product_key, gone_product_ids) if key in stamps]
            gone += [key for key in map(_upt_key, gone_upt_ids) if key in stamps]
            if not (new_products or new_upts or gone):
                return
            self._write(pointer.folder, products=new_products, upts=new_upts, gone=gone)
            self._files.point_to(Pointer(pointer.folder, pointer.generation + 1))

    def _write(
        self,
        folder: str,
        *,
        products: Iterable[ProductDocument],
        upts: Iterable[UptDocument],
        gone: Collection[str],
    ) -> None:
        opened = whoosh_index.open_dir(str(self._files.path(folder)))
        with opened.writer(limitmb=_WRITER_MEMORY_MB, timeout=_LOCK_SECONDS) as writer:
            for key in gone:
                writer.delete_by_term("key", key)
            for product in products:
                writer.update_document(**_product_fields(product))
            for upt in upts:
                writer.update_document(**_upt_fields(upt))

    def rebuild(
        self,
        products: Iterable[ProductDocument],
        upts: Sequence[UptDocument],
        /,
        *,
        refresh: Refresh,
    ) -> RebuildReport:
        """Build a new index beside the old one and swap it in."""
        with self._files.rebuilding():
            folder = self._files.make_next_folder()
            try:
                with self._writing_errors():
                    count = self._fill(folder, products, upts)
                with self._files.writing():
                    count += self._catch_up(folder, refresh)
                    self._files.point_to(Pointer(folder, 1))
                    self._files.clear_damage()
            except BaseException:
                self._files.remove_folder(folder)
                raise
            self._files.remove_others(folder)
        return RebuildReport(products=count, upts=len(upts))

    def _fill(
        self, folder: str, products: Iterable[ProductDocument], upts: Iterable[UptDocument]
    ) -> int:
        count = 0
        made = whoosh_index.create_in(str(self._files.path(folder)), _schema())
        with made.writer(limitmb=_WRITER_MEMORY_MB) as writer:
            for upt in upts:
                writer.add_document(**_upt_fields(upt))
            for product in products:
                writer.add_document(**_product_fields(product))
                count += 1
        return count

    def _catch_up(self, folder: str, refresh: Refresh) -> int:
        changed = self._files.changed()
        if not changed:
            return 0
        fresh = refresh(changed)
        before = IndexReader(self._files.path(folder))
        known = before.product_ids()
        before.close()
        keys = [_product_key(product_id) for product_id in changed]
        with self._writing_errors():
            self._write(folder, products=fresh, upts=(), gone=keys)
        return len({one.product_id for one in fresh} - known) - len(
            (changed & known) - {one.product_id for one in fresh}
        )

    @contextmanager
    def _writing_errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError, ValueError, KeyError, whoosh_index.IndexError) as error:
            log.error("search_index_not_written", error=repr(error))
            raise SearchUnavailable from error


def _product_key(product_id: int) -> str:
    return f"p{product_id}"


def _upt_key(upt_id: int) -> str:
    return f"u{upt_id}"


def _product_fields(product: ProductDocument) -> dict[str, Any]:
    weights = rules.weigh(product)
    return {
        "key": _product_key(product.product_id),
        "terms": " ".join(f"{term}^{weight}" for term, weight in weights.items()),
        "starts": " ".join(rules.words_of(product.name)),
        "words": " ".join(sorted(rules.vocabulary_of(product))),
        "facts": FACTS.pack(
            product.product_id,
            product.category_id,
            product.root_category_id,
            product.province_number,
            product.upt_id,
            product.price_idr,
            product.published_number,
        ),
        "record": (product.name, product.upt_name, "", product.slug, product.stamp),
    }


def _upt_fields(upt: UptDocument) -> dict[str, Any]:
    text = " ".join((upt.name, upt.town, upt.province_name, *upt.aliases))
    return {
        "key": _upt_key(upt.upt_id),
        "upt_terms": " ".join(dict.fromkeys(rules.terms_of(text))),
        "starts": " ".join(rules.words_of(upt.name)),
        "words": " ".join(sorted({word for word in rules.words_of(upt.name) if len(word) >= 3})),
        "facts": FACTS.pack(0, 0, 0, 0, upt.upt_id, 0, 0),
        "record": (upt.name, upt.town, upt.province_name, upt.slug, upt.stamp),
    }
