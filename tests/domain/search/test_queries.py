"""Questions to search over a real catalogue, and how the index keeps in step with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.domain.catalog import services as catalog_services
from app.domain.search import flows, handlers, queries
from app.domain.search.errors import RebuildRunning
from app.domain.search.types import SearchFilter, SearchPage, SuggestionKind
from app.domain.upt.models import Upt
from app.infra import db, jobs, ports
from tests.factories import browse, goods, people
from tests.factories.browse import Shop


@pytest.fixture
def shop(app: Flask) -> Shop:
    return browse.make_shop()


def found(text: str, **more: object) -> tuple[int, ...]:
    return queries.search(text=text, **more).product_ids  # type: ignore[arg-type]


def withdraw(product_id: int, at: datetime = goods.AT) -> None:
    with db.unit_of_work():
        catalog_services.withdraw(actor=goods.SYSTEM, product_id=product_id, at=at)


def count_writes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    counts: list[int] = []
    engine = queries.engine()
    original = engine._write  # type: ignore[attr-defined]

    def counting(folder: str, *, products: list[object], upts: object, gone: object) -> None:
        counts.append(len(products))
        original(folder, products=products, upts=upts, gone=gone)

    monkeypatch.setattr(engine, "_write", counting)
    return counts


def test_finds_published_goods_only(shop: Shop) -> None:
    assert found("tirai") == (shop.shade_id,)
    assert found("sabut")[0] == shop.shade_id
    assert set(found("sabut")) == {shop.shade_id, shop.table_id, shop.wash_id}
    assert found("rahasia") == ()
    assert found("cookies") == (shop.cookies_id,)


def test_tells_a_corrected_query_from_a_partial_one(shop: Shop) -> None:
    corrected = queries.search(text="Natsar")
    assert (corrected.used_text, corrected.corrected_from) == ("nastar", "natsar")
    assert corrected.is_partial is False
    partial = queries.search(text="tirai nastar")
    assert partial.is_partial is True
    assert partial.corrected_from is None
    assert partial.total == 2


def test_nothing_is_corrected_when_the_filter_is_what_leaves_nothing(shop: Shop) -> None:
    page = queries.search(text="nastar", chosen=SearchFilter(province_number=32))
    assert page == SearchPage(
        product_ids=(), total=0, number=1, facets=page.facets, used_text="nastar"
    )
    assert page.facets.provinces == {35: 1}


def test_nothing_is_found_without_words(shop: Shop) -> None:
    assert queries.search(text=" *? ") == SearchPage(product_ids=(), total=0, number=1)
    assert queries.suggest(text="t") == ()
    assert queries.suggest(text="") == ()


def test_suggests_from_the_index_and_without_it(app: Flask, shop: Shop) -> None:
    from_index = queries.suggest(text="tirai sa")
    shutil.rmtree(Path(app.instance_path) / "search")
    assert queries.suggest(text="tirai sa") == from_index
    assert [(one.kind, one.text) for one in from_index] == [
        (SuggestionKind.PRODUCT, "Tirai sabut kelapa")
    ]


def test_province_codes_become_numbers() -> None:
    assert queries.province_number(code="32") == 32
    assert queries.province_number(code="32.12") == 0
    assert queries.province_number(code="") == 0


def test_a_published_product_enters_and_a_withdrawn_one_leaves(
    shop: Shop, drain: Callable[[], int]
) -> None:
    with db.unit_of_work():
        catalog_services.publish(actor=goods.SYSTEM, product_id=shop.draft_id, at=goods.AT)
    drain()
    assert found("rahasia bengkel") == (shop.draft_id,)
    withdraw(shop.draft_id)
    drain()
    assert found("rahasia bengkel") == ()


def test_one_job_takes_along_what_waits_behind_it(
    shop: Shop, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    drain()
    counts = count_writes(monkeypatch)
    upt_id = people.make_upt("lapas-indramayu").upt_id
    made = [goods.make_product(upt_id, name=f"Sapu ijuk {number}") for number in range(5)]
    drain()
    assert counts == [5]
    assert set(found("sapu")) == set(made)


def test_the_first_product_makes_the_index(app: Flask, drain: Callable[[], int]) -> None:
    upt_id = people.make_upt("lapas-indramayu").upt_id
    product_id = goods.make_product(upt_id, name="Sapu ijuk")
    assert queries.search(text="sapu").is_degraded
    drain()
    assert found("sapu") == (product_id,)


def test_a_job_waits_when_the_index_is_being_made(
    app: Flask, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    goods.make_product(people.make_upt("lapas-indramayu").upt_id)

    def busy(*_args: object, **_more: object) -> None:
        raise RebuildRunning

    monkeypatch.setattr(queries.engine(), "rebuild", busy)
    while jobs.run_one(at=at):
        pass
    assert jobs.count_waiting() > 0
    assert jobs.list_waiting(handlers=["search.index_product"], at=at, limit=5) == ()
    later = at + timedelta(minutes=5)
    assert len(jobs.list_waiting(handlers=["search.index_product"], at=later, limit=5)) == 1


def test_reconciling_mends_whatever_no_job_told(shop: Shop) -> None:
    assert flows.reconcile() == 0
    engine = queries.engine()
    engine.apply(gone_product_ids=[shop.shade_id])
    withdraw(shop.cookies_id)
    with db.unit_of_work():
        row = db.session().query(Upt).filter_by(slug="lapas-indramayu").one()
        row.short_name = "Lapas Indramayu Baru"
        catalog_services.refresh_listings(upt_id=row.id, at=goods.AT)
    assert flows.reconcile() == 3
    assert found("tirai baru") == (shop.shade_id,)
    assert found("tirai") == (shop.shade_id,)
    assert found("nastar") == ()
    assert queries.search(text="indramayu baru").upt_hits[0].name == "Lapas Indramayu Baru"
    assert flows.reconcile() == 0


def test_many_differences_are_mended_by_a_rebuild(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries.engine().apply(gone_product_ids=[shop.shade_id, shop.cookies_id])
    monkeypatch.setattr(flows, "REBUILD_ABOVE", 1)
    assert flows.reconcile() == 2
    assert found("tirai") == (shop.shade_id,)


def test_the_clock_makes_a_missing_index(app: Flask, shop: Shop, at: datetime) -> None:
    shutil.rmtree(Path(app.instance_path) / "search")
    handlers.reconcile(at)
    assert found("tirai") == (shop.shade_id,)


def test_a_rebuild_gives_the_same_set_as_the_database(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flows, "CHUNK", 2)
    monkeypatch.setattr(flows, "ID_CHUNK", 2)
    assert flows.rebuild().products == 4
    expected = {shop.shade_id, shop.cookies_id, shop.table_id, shop.wash_id}
    assert queries.engine().status().product_ids == expected
    assert flows.reconcile() == 0


def test_makes_sure_of_an_index_at_start(app: Flask, shop: Shop) -> None:
    told: list[str] = []
    flows.ensure_index(progress=told.append)
    shutil.rmtree(Path(app.instance_path) / "search")
    flows.ensure_index(progress=told.append)
    assert told == [
        "indeks pencarian siap, 0 dokumen diperbarui",
        "indeks pencarian dibuat: 4 produk, 2 UPT",
    ]


def test_rebuild_and_reconcile_by_hand(app: Flask, shop: Shop) -> None:
    runner = app.test_cli_runner()
    rebuilt = runner.invoke(args=["search", "rebuild"])
    assert (rebuilt.exit_code, rebuilt.output) == (0, "4 produk dan 2 UPT di indeks baru.\n")
    same = runner.invoke(args=["search", "reconcile"])
    assert (same.exit_code, same.output) == (0, "Indeks sudah sama dengan basis data.\n")


def test_a_refused_rebuild_says_why(
    app: Flask, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_args: object, **_more: object) -> None:
        raise RebuildRunning

    monkeypatch.setattr(queries.engine(), "rebuild", busy)
    answer = app.test_cli_runner().invoke(args=["search", "rebuild"])
    assert answer.exit_code == 1
    assert "sedang dibuat ulang" in answer.output


def test_a_port_without_implementation_is_named(app: Flask) -> None:
    with pytest.raises(LookupError, match="'paper'"):
        ports.plugged("paper")
