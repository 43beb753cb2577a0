"""Indonesian words: parsing a query, stems with our exceptions, synonyms, the nearest word.

Both sides of search, the goods and the question, go through ``terms_of``; whatever it does is
right as long as it does the same to both. The stemmer is Snowball's; it takes off affixes by
their letters, so craft words that merely begin or end like an affix are kept by a table.
"""

from __future__ import annotations

import math
import re
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import snowballstemmer

from app.domain.search.types import QUERY_LENGTH_MAX, TERMS_MAX, ParsedQuery, ProductDocument
from app.kernel.text import fold

_WORD: Final = re.compile(r"[a-z0-9]+")
_HAS_DIGIT: Final = re.compile(r"\d")
_WORD_LENGTH_MAX: Final = 40


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP_WORDS: Final = _words(
    """
    ada adalah agar akan antara apa atau bagi bagai bahwa beberapa belum bisa boleh buat cara cari
    dalam dan dapat dari dengan di dia hal hanya harus hingga ia ini itu jadi jika juga kami kalau
    karena ke kepada kita lagi lain lalu lebih maka mana masih mau mereka oleh pada para paling per
    pun saat saja sama sampai sangat saya se sebagai secara seperti serta setiap suatu sudah supaya
    tak tanpa telah tentang tetapi tiap tidak untuk yaitu yang
    """
)
"""Words that carry nothing; dropped unless the query has no other."""

STEM_KEPT: Final = _words(
    # begin like a prefix: ke-, pe-, me-, ber-, ter-, di-
    """
    berlian diorama kebaya kecapi kecipir kecombrang kedelai kelambu kelapa kelinci kemeja kemenyan
    kemiri kemoceng kenanga kenari kepiting kerai keranjang kerikil keripik kerudung kerupuk ketela
    ketumbar ketupat melati melinjo mentega mentimun merica pelampung pelangi pelepah pelita peluit
    peneduh penggaris peniti perahu perisai perkakas permadani terakota terasi teripang terompah
    """
    # end like a suffix: -an, -i
    """
    bantalan bingkai bonsai cabai camilan durian gamelan kaligrafi lemari pantai petai selai seledri
    seprai serai talenan tapai timbangan tirai
    """
)
"""Words that keep their letters: what looks like an affix belongs to the word."""

STEM_GIVEN: Final = {
    "cetakan": "cetak",
    "perajin": "rajin",
    "perabotan": "perabot",
}
"""Words whose stem the stemmer gets wrong."""

SYNONYMS: Final = {
    "kripik": "keripik",
    "snack": "camilan",
    "snek": "camilan",
    "cemilan": "camilan",
    "kudapan": "camilan",
    "jajan": "camilan",
    "cookies": "kering",
    "cookie": "kering",
    "kukis": "kering",
    "biskuit": "kering",
    "cake": "kue",
    "bread": "roti",
    "furnitur": "mebel",
    "furniture": "mebel",
    "meubel": "mebel",
    "perabot": "mebel",
    "bangku": "kursi",
    "gorden": "tirai",
    "korden": "tirai",
    "hordeng": "tirai",
    "krey": "tirai",
    "kerai": "tirai",
    "coir": "sabut",
    "bakul": "keranjang",
    "basket": "keranjang",
    "kapal": "perahu",
    "crochet": "rajut",
    "knit": "rajut",
    "woven": "anyam",
    "herba": "herbal",
    "jamu": "herbal",
    "bag": "tas",
    "beanie": "topi",
    "kupluk": "topi",
    "scarf": "syal",
    "chess": "catur",
    "craft": "rajin",
    "kriya": "rajin",
    "mangkok": "mangkuk",
    "bowl": "mangkuk",
    "tempurung": "batok",
    "sambel": "sambal",
    "tissue": "tisu",
    "lembaga": "lapas",
    "pemasyarakatan": "lapas",
}
"""One word for several that buyers use for the same thing, by stem."""

_stemmer = snowballstemmer.stemmer("indonesian")
_stemmer_lock = threading.Lock()


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the stem of one folded word."""
    if word in STEM_GIVEN:
        found = STEM_GIVEN[word]
    elif word in STEM_KEPT or len(word) < 5 or _HAS_DIGIT.search(word):
        found = word
    else:
        with _stemmer_lock:
            found = str(_stemmer.stemWord(word))
        if len(found) < 3:
            found = word
    return SYNONYMS.get(found, SYNONYMS.get(word, found))


def words_of(text: str) -> list[str]:
    """Return the folded words of a text in order."""
    return [word[:_WORD_LENGTH_MAX] for word in _WORD.findall(fold(text))]


def terms_of(text: str) -> list[str]:
    """Return the stems of the words that count, in order, with repeats."""
    return [stem(word) for word in words_of(text) if word not in STOP_WORDS]


def parse(text: str) -> ParsedQuery:
    """Read a query: cut, fold, split, at most eight words; there are no operators."""
    words = words_of(text[:QUERY_LENGTH_MAX])[:TERMS_MAX]
    counting = [word for word in words if word not in STOP_WORDS] or words
    return ParsedQuery(words=tuple(words), terms=tuple(dict.fromkeys(map(stem, counting))))


WEIGHT_NAME: Final = 8
WEIGHT_MAKER: Final = 4
WEIGHT_CATEGORY: Final = 3
WEIGHT_MATERIALS: Final = 2
WEIGHT_TEXT: Final = 1
_REPEATS_MAX: Final = 4


def weigh(document: ProductDocument) -> dict[str, int]:
    """Return the terms of a product with their weight: its name first, then who makes it."""
    weights: Counter[str] = Counter()
    parts = (
        (document.name, WEIGHT_NAME),
        (f"{document.upt_name} {document.town}", WEIGHT_MAKER),
        (" ".join(document.category_names), WEIGHT_CATEGORY),
        (document.materials, WEIGHT_MATERIALS),
        (document.text, WEIGHT_TEXT),
    )
    for text, weight in parts:
        for term, times in Counter(terms_of(text)).items():
            weights[term] += weight * min(times, _REPEATS_MAX if weight == WEIGHT_TEXT else 1)
    return dict(weights)


def vocabulary_of(document: ProductDocument) -> frozenset[str]:
    """Return the plain words of a product that a typo may be corrected to."""
    text = " ".join(
        (
            document.name,
            document.upt_name,
            document.town,
            *document.category_names,
            document.materials,
        )
    )
    return frozenset(
        word for word in words_of(text) if len(word) >= 3 and not _HAS_DIGIT.search(word)
    )


def edit_distance(left: str, right: str, *, limit: int) -> int:
    """Return the edits from one word to the other, swaps counting one; ``limit`` + 1 when more."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, sign in enumerate(left, 1):
        before, last, row = row, before, [i]
        for j, other in enumerate(right, 1):
            cost = min(_step_cost(before, row, j), before[j - 1] + (sign != other))
            if last and i > 1 and j > 1 and sign == right[j - 2] and left[i - 2] == other:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


def _step_cost(above: Sequence[int], row: Sequence[int], column: int) -> int:
    """Return the cheaper of inserting and deleting at a column of the edit table."""
    return min(above[column], row[column - 1]) + 1


def _pairs(word: str) -> list[str]:
    padded = f"^{word}$"
    return [padded[start : start + 2] for start in range(len(padded) - 1)]


class Vocabulary:
    """The known words, arranged so that the nearest one is found without looking at all."""

    def __init__(self, frequencies: Iterable[tuple[str, int]]) -> None:
        """Take words with the number of goods that carry them."""
        self._frequency = dict(frequencies)
        self._by_pair: dict[str, list[str]] = {}
        for word in self._frequency:
            for pair in set(_pairs(word)):
                self._by_pair.setdefault(pair, []).append(word)

    def knows(self, word: str) -> bool:
        """Say whether the word occurs."""
        return word in self._frequency

    def nearest(self, word: str) -> str | None:
        """Return the closest known word: one edit for short words, two for longer ones."""
        limit = 1 if len(word) <= 4 else 2
        shared: Counter[str] = Counter()
        for pair in set(_pairs(word)):
            shared.update(self._by_pair.get(pair, ()))
        best: tuple[int, int, int, str] | None = None
        for candidate, _count in shared.most_common(60):
            distance = edit_distance(word, candidate, limit=limit)
            if distance > limit:
                continue
            first_differs = int(word[0] != candidate[0])
            rank = (distance, first_differs, -self._frequency[candidate], candidate)
            best = rank if best is None or rank < best else best
        return best[3] if best else None


_HALF_WEIGHT: Final = 6.0


def saturate(weight: float) -> float:
    """Return the share of a full score that a term's weight earns; much more of it adds little."""
    return weight / (weight + _HALF_WEIGHT)


def rarity(*, carriers: int, documents: int) -> float:
    """Return how telling a term is: rare ones count more."""
    return math.log1p((max(documents, carriers) - carriers + 0.5) / (carriers + 0.5))
