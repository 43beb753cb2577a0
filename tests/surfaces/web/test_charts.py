"""Charts as geometry: whole numbers, one scale, nothing lost."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import config
from app.surfaces.web import charts


@pytest.mark.parametrize(
    ("amount", "found"), [(0, 0), (1, 1), (3, 5), (6, 10), (10, 10), (11, 20), (501, 1000)]
)
def test_a_scale_ends_at_a_round_number(amount: int, found: int) -> None:
    assert charts.ceiling(amount) == found


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), max_size=12))
def test_every_column_stands_inside_the_drawing(pairs: list[tuple[int, int]]) -> None:
    chart = charts.columns([charts.Amount("a", "a", up, down) for up, down in pairs])
    assert 0 <= chart.zero <= chart.height
    for column in chart.columns:
        assert (column.up is None) == (column.amount.up == 0)
        if column.up:
            assert 0 <= column.up.y < column.up.y + column.up.height == chart.zero
        if column.down:
            assert column.down.y == chart.zero
            assert 0 < column.down.height <= chart.height - chart.zero
        for rect in (column.up, column.down):
            assert rect is None or 0 <= rect.x < rect.x + rect.width <= chart.width
    assert chart.is_empty == (not any(up or down for up, down in pairs))


def test_names_under_a_chart_are_first_middle_and_last() -> None:
    def marks(count: int) -> tuple[str, ...]:
        return charts.columns([charts.Amount("", str(n), 1, 0) for n in range(count)]).marks

    assert marks(2) == ("0", "1")
    assert marks(5) == ("0", "2", "4")


def test_every_regional_office_has_a_place_of_its_own_on_the_map() -> None:
    path = config.ROOT / "app" / "seeds" / "reference" / "kanwil.csv"
    with path.open() as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    assert set(codes) == set(charts.REGIONS)
    places = [(column, row) for column, row, _ in charts.REGIONS.values()]
    assert len(set(places)) == len(places) == 33
    assert len({letters for _, _, letters in charts.REGIONS.values()}) == 33


def test_an_office_without_a_place_stands_in_a_row_below() -> None:
    cells = [("aceh", "Kanwil Aceh", "1", 0, "/a"), ("baru", "Kanwil Ditjenpas Baru", "2", 4, "/b")]
    found = charts.tile_map(cells)
    assert (found.tiles[0].x, found.tiles[0].y) == (0, 0)
    assert (found.tiles[1].code, found.tiles[1].y) == ("BAR", 7 * 48)
    assert found.height == 8 * 48 - 4
    empty = found.tiles[2:]
    assert len(empty) == 32
    assert {(tile.step, tile.href) for tile in empty} == {(None, None)}
    assert charts.step_of(value=25, limits=(1, 25, 50, 80)) == 2
