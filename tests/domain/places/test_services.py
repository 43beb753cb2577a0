"""Loading and finding places on a real database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.places import queries, services
from app.domain.places.types import NamedPlace, PlaceRecord, VillageRow
from app.infra import db
from tests.factories import people
from tests.factories.people import AT

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def _places(app: Any) -> None:
    people.make_places()


def names(text: str, limit: int = 10) -> list[str]:
    return [place.village for place in queries.search(text=text, limit=limit)]


def test_a_village_is_found_by_code_with_all_above_it() -> None:
    assert queries.find_village(code="32.12.15.1006") == PlaceRecord(
        village_code="32.12.15.1006",
        village="Lemahabang",
        district="Indramayu",
        regency="Kab. Indramayu",
        regency_code="32.12",
        province="Jawa Barat",
        province_code="32",
        postcode="45212",
    )


@pytest.mark.parametrize("code", ["", "32", "32.12.15.9999", "' OR 1=1 --"])
def test_an_unknown_code_is_none(code: str) -> None:
    assert queries.find_village(code=code) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("45212", ["Lemahabang"]),
        ("452", ["Margadadi", "Lemahabang", "Panyindangan Kulon", "Sindang"]),
        ("99", []),
        ("sindang", ["Sindang", "Sindang Anyar", "Panyindangan Kulon"]),
        ("SINDANG  ANYAR", ["Sindang Anyar"]),
        ("sindang indramayu", ["Sindang", "Panyindangan Kulon"]),
        ("sindang, jawa timur", ["Sindang Anyar"]),
        ("sindang 45222", ["Sindang"]),
        ("senayan, jakarta selatan", ["Senayan"]),
        ("kebayoran", ["Senayan"]),
        ("indramayu", ["Margadadi", "Lemahabang"]),
        ("dago, indramayu", []),
        ("%", []),
        ("s%", []),
        ("", []),
    ],
)
def test_places_are_found_as_people_type_them(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(("limit", "count"), [(1, 1), (0, 1), (-5, 1), (1000, 4)])
def test_the_limit_is_kept_within_bounds(limit: int, count: int) -> None:
    assert len(names("452", limit)) == count


def test_upper_places_are_listed_by_name() -> None:
    provinces = [name for _, name in queries.list_provinces()]
    assert provinces == ["DKI Jakarta", "Jawa Barat", "Jawa Timur", "Sulawesi Tengah"]
    assert queries.list_regencies(province_code="32") == (
        ("32.12", "Kab. Indramayu"),
        ("32.73", "Kota Bandung"),
    )
    assert len(queries.list_regencies()) == 5
    assert queries.get_regency_names(codes=["32.12", "00.00"]) == {"32.12": "Kab. Indramayu"}
    assert queries.find_province_name(code="35") == "Jawa Timur"
    assert queries.find_province_name(code="00") is None


def test_loading_again_changes_nothing() -> None:
    before = queries.count_places()
    with db.unit_of_work():
        changed = services.load_upper_places(
            provinces=people.PROVINCES, regencies=people.REGENCIES, districts=people.DISTRICTS
        )
        changed += services.load_villages(villages=people.VILLAGES)
    assert changed == 0
    assert queries.count_places() == before == (4, 5, 6, 9)


def test_a_later_edition_corrects_and_adds_but_removes_nothing() -> None:
    corrected = replace(people.VILLAGES[0], name="Lemah Abang", postcode="45299")
    added = VillageRow("32.12.15.1099", "32.12.15", "Desa Baru", "45288")
    district = NamedPlace("32.12.15", "32.12", "Indramayu Kota")
    with db.unit_of_work():
        changed = services.load_villages(villages=(corrected, added))
        changed += services.load_upper_places(provinces=(), regencies=(), districts=(district,))
    assert changed == 3
    assert names("45299") == ["Lemah Abang"]
    assert names("45288") == ["Desa Baru"]
    assert queries.count_places() == (4, 5, 6, 10)


def test_an_empty_batch_is_nothing() -> None:
    with db.unit_of_work():
        assert services.load_villages(villages=()) == 0


def test_an_edition_is_noted_once() -> None:
    assert not queries.is_loaded(version="1")
    for _ in range(2):
        with db.unit_of_work():
            services.finish_release(version="1", at=AT)
    assert queries.is_loaded(version="1")


def test_searches_walk_an_index(database_kind: str) -> None:
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            statements.append((statement, parameters))

    sa.event.listen(db.db.engine, "before_cursor_execute", note)
    try:
        names("452")
        names("sindang kulon progo")
    finally:
        sa.event.remove(db.db.engine, "before_cursor_execute", note)
    session = db.read_session()
    if database_kind == "postgres":
        session.execute(sa.text("SET enable_seqscan = off"))
    explain = "EXPLAIN " if database_kind == "postgres" else "EXPLAIN QUERY PLAN "
    connection = session.connection()
    for statement, parameters in statements:
        rows = connection.exec_driver_sql(explain + statement, parameters).all()
        plan = "\n".join(str(row) for row in rows)
        assert any(
            name in plan
            for name in ("ix_village_search_name", "ix_village_postcode", "ix_district_search_name")
        ), plan
        assert "Seq Scan" not in plan
        assert "SCAN village" not in plan
