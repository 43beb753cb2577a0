"""Tables in and out: arbitrary text comes back, formulas never live, and files that are none stay out."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.infra import sheets
from app.infra.sheets import Column, ColumnKind, Limits, SheetUnreadable

LIMITS = Limits(bytes_max=1 << 20, unpacked_max=8 << 20, rows_max=1_000, columns_max=60)
TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20
)
CELLS = st.lists(
    st.tuples(TEXT, st.sampled_from("=+-@' ")).map("".join) | TEXT, min_size=2, max_size=4
)


def written(rows: list[list[str]], kind: str, delimiter: str = ";") -> bytes:
    columns = [Column(f"kolom {number}") for number in range(4)]
    full = [[*row, *[""] * (4 - len(row))] for row in rows]
    if kind == "xlsx":
        return b"".join(sheets.write_xlsx(columns=columns, rows=full, sheet="Uji"))
    return b"".join(sheets.write_csv(columns=columns, rows=full, delimiter=delimiter))


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(CELLS, min_size=1, max_size=5), delimiter=st.sampled_from(";,\t"))
def test_any_text_that_goes_out_as_csv_comes_back(rows: list[list[str]], delimiter: str) -> None:
    found = sheets.read(written(rows, "csv", delimiter), limits=LIMITS)
    assert found.delimiter == delimiter
    for row, cells in zip(rows, found.rows[1:], strict=True):
        assert [sheets.unguard(cell) for cell in cells[: len(row)]] == row
        assert not any(cell[:1] in ("=", "+", "-", "@") for cell in cells)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(CELLS, min_size=1, max_size=4))
def test_any_text_that_goes_out_as_xlsx_comes_back_as_text(rows: list[list[str]]) -> None:
    content = written(rows, "xlsx")
    found = sheets.read(content, limits=LIMITS)
    for row, cells in zip(rows, found.rows[1:], strict=False):
        assert list(cells[: len(row)]) == row[: len(cells)]
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet


@given(text=st.text(max_size=30))
def test_the_guard_is_taken_off_exactly(text: str) -> None:
    guarded = sheets.guard(text)
    assert sheets.unguard(guarded) == text
    assert guarded[:1] not in ("=", "+", "-", "@", "\t", "\r")


@pytest.mark.parametrize(
    "content",
    [
        "kode;nama\r\nA;Café\r\n".encode("utf-8-sig"),
        "kode;nama\nA;Café\n".encode("cp1252"),
        "kode\tnama\nA\tCafé\n".encode("utf-16"),
        b"sep=;\nkode;nama\nA;Caf\xe9\n",
    ],
)
def test_old_and_new_codings_read_alike(content: bytes) -> None:
    assert sheets.read(content, limits=LIMITS).rows == (("kode", "nama"), ("A", "Café"))


def test_values_keep_their_kind_in_a_workbook() -> None:
    columns = [
        Column("a", ColumnKind.WHOLE), Column("b", ColumnKind.DATE), Column("c", ColumnKind.MONEY),
        Column("d"),
    ]  # fmt: skip
    row = [1_240, date(2026, 11, 22), 185_000, "0012"]
    content = b"".join(
        sheets.write_xlsx(columns=columns, rows=[row], sheet="x", head=[("mode", "x")])
    )
    found = sheets.read(content, limits=LIMITS)
    assert found.rows[2] == ("1240", "2026-11-22", "185000", "0012")
    assert found.rows[0][:2] == ("mode", "x")
    moment = [[None, datetime(2026, 11, 22, 8, 30), None, "x\x01y"]]  # noqa: DTZ001  # local time
    line = b"".join(sheets.write_csv(columns=columns, rows=moment, delimiter=","))
    assert line.decode("utf-8-sig").splitlines()[1] == ",2026-11-22 08:30,,x\x01y"
    sheets.read(b"".join(sheets.write_xlsx(columns=columns, rows=moment, sheet="x")), limits=LIMITS)


def reason(content: bytes) -> str:
    with pytest.raises(SheetUnreadable) as refused:
        sheets.read(content, limits=LIMITS)
    return refused.value.reason


def archive(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("xl/workbook.xml", b"<workbook/>")
        for name, content in parts.items():
            target.writestr(f"xl/{name}.xml", content)
    return stream.getvalue()


def test_bombs_and_far_cells_are_refused_with_little_memory_and_time() -> None:
    bombs = {
        "too_big": [archive(sheet1=b" " * (9 << 20))],
        "too_many_rows": [archive(sheet1=b"<sheetData><row r='1001'/></sheetData>")],
        "too_many_columns": [archive(sheet1=b"<sheetData>" + b"<c r='XFD1'/>" + b"</sheetData>")],
    }
    padded = b"<sheetData>" + b"<x/>" * 262_140 + b"<c r='A99999'/></sheetData>"
    bombs["too_many_rows"].append(archive(sheet1=padded))
    began = time.process_time()
    tracemalloc.start()
    for wanted, contents in bombs.items():
        for content in contents:
            assert reason(content) == wanted
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 << 20
    assert time.process_time() - began < 5
    assert reason(archive(theme1=b"<a:fillToRect r='50000'/>")) == "damaged"
    assert reason(b"\xff\xfe\x00") == "damaged"
    assert reason(b"a;b\n" + b'"' + b"x" * 40_000 + b'";1\n') == "damaged"
    empty = b"".join(sheets.write_xlsx(columns=[], rows=[], sheet="x"))
    assert reason(empty) == "empty"
    assert reason(b"\n\n") == "empty"
