"""The Whoosh engine over a small corpus: hits, facets, suggestions, writing, swapping, damage."""

from __future__ import annotations

import gc
import threading
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from app.domain.search import rules
from app.domain.search.adapters.whoosh_engine import WhooshEngine
from app.domain.search.errors import RebuildRunning, SearchUnavailable
from app.domain.search.ports import SearchEngine
from app.domain.search.types import (
    EngineQuery,
    FacetCounts,
    IndexStatus,
    ProductDocument,
    RebuildReport,
    SearchFilter,
    SearchOrder,
    SuggestionKind,
    UptHit,
)
from tests.domain.search.corpus import UPTS, all_products, make_engine, product

EVERYTHING = frozenset(range(1, 8))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "search"


@pytest.fixture
def engine(root: Path) -> WhooshEngine:
    return make_engine(root)


def ask(engine: WhooshEngine, text: str, **more: object) -> tuple[int, ...]:
    return engine.search(EngineQuery(rules.parse(text).terms, **more)).product_ids  # type: ignore[arg-type]


def folders(root: Path) -> list[str]:
    return sorted(entry.name for entry in root.iterdir() if entry.is_dir())


def test_stands_behind_the_port(engine: WhooshEngine) -> None:
    assert isinstance(engine, SearchEngine)


def test_finds_by_stem_and_puts_the_name_before_the_text(engine: WhooshEngine) -> None:
    assert ask(engine, "menganyam") == (2, 3)
    assert ask(engine, "tirai") == (1, 7)
    assert ask(engine, "sabut") == (1, 7)


def test_every_term_must_fit_unless_any_will_do(engine: WhooshEngine) -> None:
    assert ask(engine, "eceng tas") == (3,)
    assert ask(engine, "tas kursi") == ()
    assert set(ask(engine, "tas kursi", is_any=True)) == {3, 6}


def test_finds_by_upt_and_town(engine: WhooshEngine) -> None:
    assert set(ask(engine, "lapas pamekasan")) == {4, 5, 6}
    assert ask(engine, "kue pamekasan") == (4,)


def test_orders_by_newness_and_price(engine: WhooshEngine) -> None:
    assert ask(engine, "lapas", order=SearchOrder.NEWEST) == (7, 6, 5, 4, 3, 2, 1)
    assert ask(engine, "lapas", order=SearchOrder.CHEAPEST)[:3] == (7, 4, 2)
    assert ask(engine, "lapas", order=SearchOrder.DEAREST)[:2] == (6, 5)


def test_pages_join_without_gap_or_repeat(engine: WhooshEngine) -> None:
    whole = ask(engine, "lapas")
    parts = [ask(engine, "lapas", offset=offset, size=3) for offset in (0, 3, 6, 9)]
    assert whole == tuple(one for part in parts for one in part)
    assert parts[3] == ()


def test_counts_each_facet_under_the_other_filters(engine: WhooshEngine) -> None:
    chosen = SearchFilter(province_number=32, category_id=1)
    hits = engine.search(EngineQuery(rules.parse("lapas").terms, filter=chosen))
    assert hits.total == 4
    assert hits.facets == FacetCounts(
        categories={11: 2, 12: 2},
        root_categories={1: 4},
        provinces={32: 4, 35: 1},
        upts={1: 4},
    )


def test_narrows_by_category_or_all_below_it_and_by_price(engine: WhooshEngine) -> None:
    assert set(ask(engine, "lapas", filter=SearchFilter(category_id=12))) == {2, 3}
    assert set(ask(engine, "lapas", filter=SearchFilter(category_id=1))) == {1, 2, 3, 5, 7}
    assert set(ask(engine, "lapas", filter=SearchFilter(upt_id=2))) == {4, 5, 6}
    narrow = SearchFilter(price_idr_min=65_000, price_idr_max=145_000)
    assert set(ask(engine, "lapas", filter=narrow)) == {2, 3, 4}


def test_finds_upts_by_name(engine: WhooshEngine) -> None:
    hit = UptHit(1, "lapas-indramayu", "Lapas Indramayu", "Kab. Indramayu", "Jawa Barat")
    assert engine.find_upts(rules.parse("indramayu").terms, limit=3) == (hit,)
    assert len(engine.find_upts(rules.parse("lapas").terms, limit=3)) == 2
    assert engine.find_upts(rules.parse("iib").terms, limit=3) == (hit,)
    assert engine.find_upts((), limit=3) == ()


def test_suggests_names_from_their_beginnings(engine: WhooshEngine) -> None:
    def texts(*words: str) -> list[str]:
        return [one.text for one in engine.suggest(words, limit=8)]

    assert texts("ke") == [
        "Keranjang eceng gondok",
        "Kue kering nastar",
        "Tirai sabut kelapa",
    ]
    assert texts("eceng", "ke") == ["Keranjang eceng gondok"]
    assert texts("keranjangx") == []
    assert texts("keranjang") == ["Keranjang eceng gondok"]
    assert texts("zz") == []
    first = engine.suggest(("indra",), limit=8)[0]
    assert (first.kind, first.slug) == (SuggestionKind.UPT, "lapas-indramayu")


def test_corrects_unknown_words_only(engine: WhooshEngine) -> None:
    assert engine.correct(("kerangjang", "natsar", "anyam")) == ("keranjang", "nastar", "anyam")
    assert engine.correct(("zzzzzz", "ku")) == ("zzzzzz", "ku")


def test_writes_and_removes_in_one_step(engine: WhooshEngine) -> None:
    engine.apply(
        products=[product(1, name="Layar bambu", stamp="new"), product(8, name="Sapu ijuk")],
        gone_product_ids=[2, 99],
    )
    assert ask(engine, "tirai") == (7,)
    assert ask(engine, "sapu") == (8,)
    assert ask(engine, "keranjang") == ()
    assert engine.status().product_ids == EVERYTHING - {2} | {8}


def test_a_repeat_writes_nothing(engine: WhooshEngine, root: Path) -> None:
    engine.apply(products=[product(8)])
    before = (root / "current").stat().st_ino
    engine.apply(products=[product(8)], gone_product_ids=[99], gone_upt_ids=[9])
    assert (root / "current").stat().st_ino == before


def test_another_process_sees_what_was_written(engine: WhooshEngine, root: Path) -> None:
    other = WhooshEngine(root)
    assert ask(other, "sapu") == ()
    engine.apply(products=[product(8, name="Sapu ijuk")])
    assert ask(other, "sapu") == (8,)


def test_keeps_upts_in_step(engine: WhooshEngine) -> None:
    engine.apply(upts=[], gone_upt_ids=[1])
    assert engine.status().upt_stamps == {2: "u2"}


def test_a_rebuild_swaps_in_a_new_folder_and_drops_the_old(
    engine: WhooshEngine, root: Path
) -> None:
    assert folders(root) == ["index-000001"]
    report = engine.rebuild(all_products()[:3], UPTS, refresh=lambda _ids: ())
    assert report == RebuildReport(products=3, upts=2)
    assert folders(root) == ["index-000002"]
    assert engine.status().product_ids == {1, 2, 3}


def test_searches_go_on_while_a_rebuild_runs(engine: WhooshEngine, root: Path) -> None:
    seen: list[tuple[int, ...]] = []

    def slowly() -> object:
        for one in all_products()[:2]:
            seen.append(ask(engine, "kursi"))
            yield one

    engine.rebuild(slowly(), UPTS, refresh=lambda _ids: ())  # type: ignore[arg-type]
    assert seen == [(6,), (6,)]
    assert ask(engine, "kursi") == ()


def test_a_rebuild_misses_nothing_that_changed_meanwhile(engine: WhooshEngine) -> None:
    asked: list[frozenset[int]] = []

    def changing() -> object:
        yield product(1)
        yield product(2)
        engine.apply(products=[product(8, name="Sapu ijuk")], gone_product_ids=[2])
        yield product(3)

    def refresh(product_ids: Collection[int]) -> list[ProductDocument]:
        asked.append(frozenset(product_ids))
        return [product(8, name="Sapu ijuk")]

    report = engine.rebuild(changing(), UPTS, refresh=refresh)  # type: ignore[arg-type]
    assert asked == [frozenset({2, 8})]
    assert engine.status().product_ids == {1, 3, 8}
    assert report.products == 3


def test_a_failed_rebuild_leaves_the_old_index_in_force(engine: WhooshEngine, root: Path) -> None:
    def failing() -> object:
        yield product(1)
        raise RuntimeError("the source dried up")

    with pytest.raises(RuntimeError):
        engine.rebuild(failing(), UPTS, refresh=lambda _ids: ())  # type: ignore[arg-type]
    assert folders(root) == ["index-000001"]
    assert engine.status().product_ids == EVERYTHING
    assert not (root / "changed").exists()


def test_two_rebuilds_at_once_are_refused(engine: WhooshEngine) -> None:
    def inside() -> object:
        with pytest.raises(RebuildRunning):
            engine.rebuild([], UPTS, refresh=lambda _ids: ())
        yield product(1)

    engine.rebuild(inside(), UPTS, refresh=lambda _ids: ())  # type: ignore[arg-type]
    assert engine.status().product_ids == {1}


def test_writers_wait_for_each_other(engine: WhooshEngine, root: Path) -> None:
    def write(start: int) -> None:
        own = WhooshEngine(root)
        for number in range(start, start + 5):
            own.apply(products=[product(number)])

    threads = [threading.Thread(target=write, args=(start,)) for start in (100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    added = {start + step for start in (100, 200, 300) for step in range(5)}
    assert engine.status().product_ids == EVERYTHING | added


def test_without_an_index_it_says_so(root: Path) -> None:
    engine = WhooshEngine(root)
    with pytest.raises(SearchUnavailable):
        engine.search(EngineQuery(("tirai",)))
    with pytest.raises(SearchUnavailable):
        engine.apply(products=[product(1)])
    assert engine.status() == IndexStatus(is_usable=False)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for place in range(0, len(content), 3):
        content[place] ^= 0xFF
    path.write_bytes(bytes(content))


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.fixture
def careless_whoosh() -> Iterator[None]:
    """Whoosh leaves files open when it fails on a damaged one; collect them within this test."""
    yield
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("careless_whoosh")
@pytest.mark.parametrize("harm", [truncate, flip, empty, Path.unlink])
@pytest.mark.parametrize("pattern", ["index-*/*.seg", "index-*/*.toc", "current"])
def test_a_damaged_index_is_refused_and_made_again(root: Path, harm: object, pattern: str) -> None:
    make_engine(root)
    harmed = sorted(root.glob(pattern))
    assert harmed
    for path in harmed:
        harm(path)  # type: ignore[operator]
    engine = WhooshEngine(root)
    for question in (
        lambda: ask(engine, "tirai sabut"),
        lambda: engine.suggest(("ti",), limit=8),
        lambda: engine.correct(("tiria",)),
        lambda: engine.find_upts(("lapas",), limit=3),
    ):
        try:
            question()
        except SearchUnavailable:
            continue
    engine.rebuild(all_products(), UPTS, refresh=lambda _ids: ())
    assert engine.status().is_usable
    assert ask(engine, "tirai") == (1, 7)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("careless_whoosh")
def test_damage_leaves_word_until_the_rebuild(root: Path) -> None:
    make_engine(root)
    for path in root.glob("index-*/*.seg"):
        empty(path)
    reader = WhooshEngine(root)
    with pytest.raises(SearchUnavailable):
        ask(reader, "tirai")
    assert WhooshEngine(root).status() == IndexStatus(is_usable=False)
    reader.rebuild(all_products(), UPTS, refresh=lambda _ids: ())
    assert WhooshEngine(root).status().is_usable


def test_a_fault_while_reading_is_refused_and_left_for_the_worker(
    engine: WhooshEngine, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> object:
        raise IndexError("a posting points nowhere")

    assert ask(engine, "tirai") == (1, 7)
    with monkeypatch.context() as patch:
        patch.setattr("app.domain.search.adapters.whoosh_reader.IndexReader.search", broken)
        with pytest.raises(SearchUnavailable):
            ask(engine, "tirai")
    with pytest.raises(SearchUnavailable):
        ask(engine, "tirai")
    assert WhooshEngine(root).status() == IndexStatus(is_usable=False)
    engine.rebuild(all_products(), UPTS, refresh=lambda _ids: ())
    assert ask(engine, "tirai") == (1, 7)


def test_a_full_disk_leaves_the_index_as_it_was(
    engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(engine, "_write", full)
        with pytest.raises(SearchUnavailable):
            engine.apply(products=[product(8)])
    assert engine.status().product_ids == EVERYTHING


def test_keeps_only_so_many_scores_and_suggestions(
    engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = "app.domain.search.adapters.whoosh_reader"
    monkeypatch.setattr(f"{reader}._SCORES_KEPT_MAX", 3)
    monkeypatch.setattr(f"{reader}._SUGGESTIONS_KEPT_MAX", 1)
    for _turn in range(2):
        assert ask(engine, "tirai") == (1, 7)
        assert ask(engine, "kursi") == (6,)
        assert len(ask(engine, "lapas")) == 7
        assert engine.suggest(("ti",), limit=8)[0].slug == "barang-1"
        assert engine.suggest(("kur",), limit=8)[0].slug == "barang-6"


def test_beginnings_longer_than_those_indexed_are_compared_in_full(engine: WhooshEngine) -> None:
    engine.apply(products=[product(8, name="Perkakasan lengkap"), product(9, name="Perkakasnya")])
    assert [one.text for one in engine.suggest(("perkakasan",), limit=8)] == ["Perkakasan lengkap"]
