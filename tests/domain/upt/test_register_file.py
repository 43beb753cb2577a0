"""Register files of every kind that people have, and the ones that are refused in words."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date, datetime

import pytest

from app.domain.upt.adapters import register_file
from app.domain.upt.errors import RegisterUnreadable
from app.domain.upt.types import REGISTER_BYTES_MAX, REGISTER_ROWS_MAX
from app.infra import sheets
from tests.factories.spreadsheets import workbook


def reason(content: bytes) -> str:
    with pytest.raises(RegisterUnreadable) as refused:
        register_file.read_rows(content)
    return refused.value.reason


@pytest.mark.parametrize(
    "content",
    [
        b"kind,place\nlapas,Indramayu\n",
        b"\xef\xbb\xbfkind,place\r\nlapas,Indramayu\r\n",
        b"kind;place\nlapas;Indramayu\n",
        b"kind\tplace\nlapas\tIndramayu",
        b"sep=;\nkind;place\nlapas;Indramayu\n",
        b'"kind","place"\n"lapas","Indramayu"\n',
    ],
)
def test_the_dialects_of_csv_read_alike(content: bytes) -> None:
    assert register_file.read_rows(content) == (("kind", "place"), ("lapas", "Indramayu"))


def test_quoted_cells_keep_signs_and_old_windows_text_is_read() -> None:
    rows = register_file.read_rows('a,b\n"x, ""y""",caf\u00e9\n'.encode("cp1252"))
    assert rows[1] == ('x, "y"', "caf\u00e9")


def test_empty_lines_keep_their_number() -> None:
    assert register_file.read_rows(b"a,b\n\n1,2\n") == (("a", "b"), (), ("1", "2"))


def test_a_spreadsheet_becomes_what_a_person_would_have_typed() -> None:
    content = workbook(
        [["kind", "code", "day", "flag", "number"], ["lapas", 32.12, date(2025, 1, 31), True, 7]]
    )
    assert register_file.read_rows(content) == (
        ("kind", "code", "day", "flag", "number"),
        ("lapas", "32.12", "2025-01-31", "ya", "7"),
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (False, "tidak"), (3.0, "3"), (datetime(2025, 1, 1, 8, 30), "2025-01-01 08:30:00"),
        (datetime(2025, 1, 1), "2025-01-01"), ("x", "x"),
    ],
)  # fmt: skip
def test_each_kind_of_cell_has_its_text(value: object, text: str) -> None:
    assert sheets.cell_text(value) == text


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "register.file_empty"),
        (b" \n ", "register.file_empty"),
        (b"a,b\n" + b"x" * REGISTER_BYTES_MAX, "register.file_too_big"),
        (b"just some words\nand more", "register.file_not_a_table"),
        (b"a,b\n\x00\x01", "register.file_not_a_table"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "register.file_not_a_table"),
        (b'a,b\n"never closed', "register.file_damaged"),
        (b"a,b\n" + b"1,2\n" * (REGISTER_ROWS_MAX + 600), "register.file_too_many_rows"),
        (b",".join([b"a"] * 61), "register.file_too_many_columns"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "register.file_old_excel"),
        (b"PK\x03\x04" + b"\x00" * 100, "register.file_damaged"),
        (workbook([["a", "b"]])[:400], "register.file_damaged"),
    ],
)
def test_files_that_are_no_register_are_refused_in_words(content: bytes, code: str) -> None:
    assert reason(content) == code


def test_another_archive_is_not_a_spreadsheet() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "x")
    assert reason(stream.getvalue()) == "register.file_not_a_table"


def test_a_broken_sheet_inside_a_whole_archive_is_damaged() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<no")
    assert reason(stream.getvalue()) == "register.file_damaged"


def test_a_bomb_is_refused_at_once() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(64):
                sheet.write(b" " * 1024 * 1024)
    started = time.process_time()
    assert reason(stream.getvalue()) == "register.file_too_big"
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("xl/workbook.bin", b"x", "register.file_not_a_table"),
        ("content.xml", b"x", "register.file_not_a_table"),
        (
            "xl/elsewhere.xml",
            b"<sheetData><c r='XFD1048576'/></sheetData>",
            "register.file_too_many_rows",
        ),
        ("xl/elsewhere.xml", "<c r='XFD1'/>".encode("utf-16"), "register.file_damaged"),
    ],
)
def test_ways_around_the_look_at_cells_are_closed(name: str, content: bytes, code: str) -> None:
    stream = io.BytesIO(workbook([["a", "b"]]))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(name, content)
    assert reason(stream.getvalue()) == code


def test_wide_and_long_sheets_are_refused() -> None:
    assert reason(workbook([["a"] * 61])) == "register.file_too_many_columns"
    tall = [["a", "b"]] * (REGISTER_ROWS_MAX + 600)
    assert reason(workbook(tall)) == "register.file_too_many_rows"


@pytest.mark.parametrize("place", ["XFD1048576", "A1048576", "ZZ1", "xfd9", "A99999999"])
def test_a_cell_in_the_far_corner_is_refused_before_it_takes_all_memory(place: str) -> None:
    near = workbook([["a", "b"]])
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(near)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                far = f"<row><c r='{place}'><v>1</v></c></row></sheetData>".encode()
                content = content.replace(b"</sheetData>", far)
            target.writestr(name, content)
    started = time.process_time()
    assert reason(stream.getvalue()).startswith("register.file_too_many")
    assert time.process_time() - started < 0.5
