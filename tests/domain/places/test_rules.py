"""Names and searches as people type them: no database."""

from __future__ import annotations

import pytest

from app.domain.places import rules
from app.domain.places.types import PlaceRecord


@pytest.mark.parametrize(
    ("official", "short"),
    [
        ("Kabupaten Indramayu", "Kab. Indramayu"),
        ("Kota Palu", "Kota Palu"),
        ("Kabupaten Administrasi Kepulauan Seribu", "Kab. Kepulauan Seribu"),
        ("Kota Administrasi Jakarta Selatan", "Kota Jakarta Selatan"),
        ("Daerah Khusus Ibukota Jakarta", "DKI Jakarta"),
        ("Daerah Istimewa Yogyakarta", "DI Yogyakarta"),
        ("Jawa Barat", "Jawa Barat"),
    ],
)
def test_official_names_become_everyday_ones(official: str, short: str) -> None:
    assert rules.short_name(official) == short


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Regapu’u", "regapuu"),
        ("Sua-Sua", "sua sua"),
        ("  Gn.  Bintang Awai ", "gn bintang awai"),
        ("Udek Du'en", "udek duen"),
        ("KEBAYORAN  BARU", "kebayoran baru"),
    ],
)
def test_names_are_folded_for_search(name: str, key: str) -> None:
    assert rules.search_key(name) == key


@pytest.mark.parametrize(
    ("text", "postcode", "splits"),
    [
        ("", "", ()),
        ("   ,  ", "", ()),
        ("4", "", ()),
        ("45", "45", ()),
        ("45212", "45212", ()),
        ("452123", "", (("452123", ()),)),
        ("a", "", ()),
        ("Sindang", "", (("sindang", ()),)),
        ("Desa Sindang", "", (("sindang", ()),)),
        ("Kel. Dago", "", (("dago", ()),)),
        ("kota", "", (("kota", ()),)),
        ("kec. kota baru", "", (("baru", ()),)),
        ("sindang indramayu", "", (("sindang indramayu", ()), ("sindang", ("indramayu",)))),
        ("Sindang, Kab. Indramayu", "", (("sindang", ("indramayu",)),)),
        (
            "muara enim, muara enim",
            "",
            (("muara enim", ("muara", "enim")), ("muara", ("enim", "muara", "enim"))),
        ),
        ("Lemahabang 45212", "45212", (("lemahabang", ()),)),
        ("45212, Indramayu", "45212", (("indramayu", ()),)),
        ("a sindang", "", (("a sindang", ()),)),
        ("% _ '", "", ()),
    ],
)
def test_typed_words_become_a_search(
    text: str, postcode: str, splits: tuple[tuple[str, tuple[str, ...]], ...]
) -> None:
    found = rules.parse_search(text)
    assert (found.postcode, found.splits) == (postcode, splits)


def test_long_text_is_cut() -> None:
    assert rules.parse_search("b" * 500).splits == (("b" * 80, ()),)


def test_the_end_of_a_prefix_comes_after_all_that_begin_so() -> None:
    assert "sindang zz" < rules.prefix_end("sindang") < "sindb"


def test_a_place_reads_like_an_address() -> None:
    place = PlaceRecord(
        "32.12.17.2005",
        "Sindang",
        "Sindang",
        "Kab. Indramayu",
        "32.12",
        "Jawa Barat",
        "32",
        "45222",
    )
    assert place.label == "Sindang, Kec. Sindang, Kab. Indramayu, Jawa Barat 45222"
