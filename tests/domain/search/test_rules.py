"""Words: parsing, stems, synonyms, weights, the nearest word."""

from __future__ import annotations

import pytest
import snowballstemmer
from hypothesis import given
from hypothesis import strategies as st

from app.domain.search import rules
from app.domain.search.types import QUERY_LENGTH_MAX, TERMS_MAX, ProductDocument


def document(**changes: object) -> ProductDocument:
    values = {
        "product_id": 1,
        "slug": "tirai-sabut",
        "name": "Tirai sabut kelapa",
        "upt_id": 1,
        "upt_name": "Lapas Indramayu",
        "town": "Kab. Indramayu",
        "category_id": 2,
        "root_category_id": 1,
        "category_names": ("Kriya", "Serat alam"),
        "province_number": 32,
        "price_idr": 185_000,
        "published_number": 1,
        "materials": "Serat sabut kelapa",
        "text": "Peneduh teras dari tali sabut",
        "stamp": "s",
    }
    return ProductDocument(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("menganyam", "anyaman"),
        ("rajutan", "rajut"),
        ("perajin", "kerajinan"),
        ("pengrajin", "kerajinan"),
        ("lukisan", "melukis"),
        ("minuman", "minum"),
        ("cookies", "kering"),
        ("gorden", "tirai"),
        ("kerai", "tirai"),
        ("cemilan", "camilan"),
        ("kapal", "perahu"),
        ("mangkok", "mangkuk"),
        ("kripik", "keripik"),
    ],
)
def test_brings_words_for_one_thing_to_one_term(one: str, other: str) -> None:
    assert rules.stem(one) == rules.stem(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("kemeja", "meja"), ("keranjang", "ranjang"), ("kelapa", "lapar"), ("tirai", "tira")],
)
def test_keeps_words_apart_that_only_look_alike(one: str, other: str) -> None:
    assert rules.stem(one) != rules.stem(other)


def test_the_table_of_kept_words_holds_only_words_that_need_it() -> None:
    stemmer = snowballstemmer.stemmer("indonesian")
    assert {word for word in rules.STEM_KEPT if stemmer.stemWord(word) == word} == set()
    assert {
        word for word, stem in rules.STEM_GIVEN.items() if stemmer.stemWord(word) == stem
    } == set()
    assert len(rules.STEM_KEPT) >= 60


def test_synonyms_lead_to_a_term_that_stays() -> None:
    assert {word for word in rules.SYNONYMS.values() if rules.stem(word) != word} == set()


def test_reads_at_most_eight_words_and_drops_those_that_carry_nothing() -> None:
    parsed = rules.parse("tirai untuk teras dan kebun yang panas sekali di rumah kami semua")
    assert parsed.words == ("tirai", "untuk", "teras", "dan", "kebun", "yang", "panas", "sekali")
    assert parsed.terms == ("tirai", "teras", "kebun", "panas", "sekal")


def test_keeps_empty_words_when_there_is_no_other() -> None:
    assert rules.parse("yang untuk").terms == ("yang", "untuk")


def test_knows_no_operators() -> None:
    parsed = rules.parse('name:tirai OR (a*b?) AND NOT "x^2" ~ [1 TO 9]')
    assert parsed.words == ("name", "tirai", "or", "a", "b", "and", "not", "x")


def test_finds_no_words_in_signs_alone() -> None:
    assert rules.parse("*?:()\"'%_\\").terms == ()


def test_folds_accents_and_capitals() -> None:
    assert rules.parse("KRÈY").terms == rules.parse("krey").terms == ("tirai",)


@given(st.text(max_size=20_000))
def test_parses_anything_within_its_limits(text: str) -> None:
    parsed = rules.parse(text)
    assert len(parsed.words) <= TERMS_MAX
    assert len(parsed.terms) <= TERMS_MAX
    assert sum(map(len, parsed.words)) <= QUERY_LENGTH_MAX * 4


def test_weighs_the_name_over_maker_over_category_over_text() -> None:
    weights = rules.weigh(document(materials="rotan", text="teras teras teras teras teras teras"))
    assert weights["tirai"] == rules.WEIGHT_NAME
    assert weights["indramayu"] == rules.WEIGHT_MAKER
    assert weights["alam"] == rules.WEIGHT_CATEGORY
    assert weights["rot" if "rot" in weights else "rotan"] == rules.WEIGHT_MATERIALS
    assert weights["teras"] == 4 * rules.WEIGHT_TEXT


def test_more_weight_and_rarer_terms_score_higher() -> None:
    assert 0 < rules.saturate(1) < rules.saturate(8) < 1
    assert rules.rarity(carriers=1, documents=100) > rules.rarity(carriers=50, documents=100) > 0
    assert rules.rarity(carriers=5, documents=0) > 0


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [
        ("tirai", "tirai", 0),
        ("tirai", "tiria", 1),
        ("keranjang", "kerangjang", 1),
        ("sabut", "sabt", 1),
        ("sabut", "kabut", 1),
        ("nastar", "natsra", 2),
        ("roti", "kopi", 2),
        ("tirai", "perahu", 3),
        ("a", "abcdef", 3),
    ],
)
def test_counts_edits_up_to_a_limit(left: str, right: str, distance: int) -> None:
    assert rules.edit_distance(left, right, limit=2) == distance
    assert rules.edit_distance(right, left, limit=2) == distance


def test_finds_the_nearest_word_and_prefers_frequent_ones() -> None:
    words = rules.Vocabulary([("tirai", 3), ("tiram", 9), ("keranjang", 2), ("nastar", 1)])
    assert words.nearest("tirak") == "tiram"
    assert words.nearest("krajang") == "keranjang"
    assert words.nearest("natsar") == "nastar"
    assert words.nearest("zzz") is None
    assert words.knows("nastar")
    assert not words.knows("natsar")


def test_short_words_may_differ_by_one_edit_only() -> None:
    words = rules.Vocabulary([("meja", 1)])
    assert words.nearest("mejo") == "meja"
    assert words.nearest("mojo") is None


def test_the_vocabulary_of_a_product_holds_plain_words() -> None:
    found = rules.vocabulary_of(document(name="Pot 20 cm", materials="Serat"))
    assert "pot" in found
    assert "indramayu" in found
    assert not found & {"20", "cm"}


def test_a_stem_too_short_to_tell_is_not_taken() -> None:
    assert all(len(rules.stem(word)) >= 3 for word in ("berair", "beribu", "keairan", "peaian"))
