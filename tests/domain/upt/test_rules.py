"""Names of units and every kind of bad row that a register can hold: no database."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.upt import rules
from app.domain.upt.types import (
    REGISTER_COLUMNS,
    REGISTER_ROWS_MAX,
    RegisterContext,
    RegisterPreview,
    RegisterRow,
    RowError,
    UptKind,
    UptSubkind,
)

TODAY = date(2026, 11, 22)
CONTEXT = RegisterContext(
    kanwil_provinces={
        "jawa-barat": frozenset({"32"}),
        "sulawesi-tengah": frozenset({"72"}),
        "kalimantan-timur": frozenset({"64", "65"}),
    },
    regency_codes=frozenset({"32.12", "32.10", "72.71", "64.71", "65.71"}),
    names_from={"lapas-indramayu": date(2025, 1, 1)},
    aliases={"lapas dermayu": "lapas-indramayu"},
)
GOOD = {
    "slug": "lapas-majalengka",
    "kind": "lapas",
    "subkind": "umum",
    "class": "IIB",
    "place": "Majalengka",
    "full_name": "Lembaga Pemasyarakatan Kelas IIB Majalengka",
    "kanwil_code": "jawa-barat",
    "regency_code": "32.10",
    "timezone": "Asia/Jakarta",
    "valid_from": "2025-01-01",
    "aliases": "Lapas Majalengka|LP Majalengka",
    "source": "surat contoh",
}


def read(*rows: dict[str, str], heading: tuple[str, ...] = REGISTER_COLUMNS) -> RegisterPreview:
    table = [heading, *(tuple(row.get(name, "") for name in heading) for row in rows)]
    return rules.read_register(rows=table, context=CONTEXT, today=TODAY)


def errors(**changes: str) -> list[tuple[int, str, str, str]]:
    found = read({**GOOD, **changes})
    assert found.rows == () or not found.errors
    return [(e.row_number, e.column, e.code, e.value) for e in found.errors]


def test_a_good_row_is_read_whole() -> None:
    assert read(GOOD) == RegisterPreview(
        (
            RegisterRow(
                row_number=2,
                slug="lapas-majalengka",
                kind=UptKind.LAPAS,
                subkind=UptSubkind.UMUM,
                upt_class="IIB",
                place="Majalengka",
                full_name="Lembaga Pemasyarakatan Kelas IIB Majalengka",
                kanwil_code="jawa-barat",
                regency_code="32.10",
                timezone="Asia/Jakarta",
                valid_from=date(2025, 1, 1),
                aliases=("Lapas Majalengka", "LP Majalengka"),
                source="surat contoh",
                is_new=True,
            ),
        ),
        (),
    )


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"kind": ""}, "kind", "field.required"),
        ({"kind": "penjara"}, "kind", "register.kind_unknown"),
        ({"kind": "Rupbasan"}, "kind", "register.kind_left_ministry"),
        ({"subkind": "anak"}, "subkind", "register.subkind_unknown"),
        ({"class": "IV"}, "class", "register.class_unknown"),
        ({"class": "IIC"}, "class", "register.class_unknown"),
        ({"place": ""}, "place", "field.required"),
        ({"place": "x" * 81}, "place", "register.cell_too_long"),
        ({"full_name": ""}, "full_name", "field.required"),
        ({"full_name": "x" * 201}, "full_name", "register.cell_too_long"),
        ({"source": "x" * 301}, "source", "register.cell_too_long"),
        ({"source": "x" * 1001}, "source", "register.cell_too_long"),
        ({"kanwil_code": ""}, "kanwil_code", "field.required"),
        ({"kanwil_code": "jabar"}, "kanwil_code", "register.kanwil_unknown"),
        ({"regency_code": ""}, "regency_code", "field.required"),
        ({"regency_code": "Majalengka"}, "regency_code", "register.regency_shape"),
        ({"regency_code": "32.99"}, "regency_code", "upt.regency_unknown"),
        (
            {"regency_code": "72.71", "timezone": ""},
            "regency_code",
            "register.regency_outside_kanwil",
        ),
        ({"timezone": "WIB"}, "timezone", "register.timezone_unknown"),
        ({"timezone": "Asia/Makassar"}, "timezone", "register.timezone_elsewhere"),
        ({"valid_from": ""}, "valid_from", "field.required"),
        ({"valid_from": "kemarin"}, "valid_from", "field.date"),
        ({"valid_from": "2025-02-30"}, "valid_from", "field.date"),
        ({"valid_from": "01-13-2025"}, "valid_from", "field.date"),
        ({"valid_from": "1945-08-16"}, "valid_from", "register.day_too_early"),
        ({"valid_from": "2028-01-01"}, "valid_from", "register.day_too_late"),
        ({"slug": "Lapas Majalengka"}, "slug", "upt.slug_shape"),
        ({"slug": "a" * 81}, "slug", "upt.slug_shape"),
        ({"slug": "lapas-kelas-iib-majalengka"}, "slug", "register.slug_with_class"),
        ({"slug": "lapas-iib-majalengka"}, "slug", "register.slug_with_class"),
        (
            {"slug": "lapas-indramayu", "valid_from": "2024-01-01"},
            "valid_from",
            "upt.name_before_present",
        ),
        ({"aliases": "|".join(f"nama {n}" for n in range(21))}, "aliases", "upt.too_many_aliases"),
        ({"aliases": "x" * 201}, "aliases", "upt.alias_too_long"),
        ({"aliases": "LAPAS  Dermayu"}, "aliases", "register.alias_of_another"),
        ({"full_name": "=HYPERLINK(1)"}, "full_name", "register.formula"),
        ({"full_name": "@cmd"}, "full_name", "register.formula"),
        ({"source": "-1+1"}, "source", "register.formula"),
        ({"place": "Maja\x07lengka"}, "place", "field.control_signs"),
    ],
)
def test_each_kind_of_bad_cell_is_named(changes: dict[str, str], column: str, code: str) -> None:
    found = errors(**changes)
    assert [(row, name, what) for row, name, what, _ in found] == [(2, column, code)]
    assert found[0][3] == rules.shown(" ".join(changes.get(column, "").split(" ")).strip()) or (
        column == "aliases"
    )


def test_all_wrong_cells_of_a_row_come_at_once() -> None:
    found = errors(kind="x", regency_code="y", valid_from="z", full_name="")
    assert {(column, code) for _, column, code, _ in found} == {
        ("kind", "register.kind_unknown"),
        ("regency_code", "register.regency_shape"),
        ("valid_from", "field.date"),
        ("full_name", "field.required"),
    }


def test_values_are_shown_short_and_visible() -> None:
    assert rules.shown("x" * 100) == "x" * 59 + "…"
    assert rules.shown("a\x00b") == "a·b"


def test_a_unit_twice_is_named_in_its_second_row() -> None:
    found = read(GOOD, {**GOOD, "aliases": ""}, {**GOOD, "slug": "", "aliases": ""})
    assert [(e.row_number, e.column, e.code) for e in found.errors] == [
        (3, "slug", "register.repeated_unit"),
        (4, "place", "register.repeated_unit"),
    ]
    assert [row.row_number for row in found.rows] == [2]


def test_an_alias_of_an_earlier_row_is_named() -> None:
    found = read(GOOD, {**GOOD, "slug": "lapas-lain", "place": "Lain"})
    assert [(e.row_number, e.code) for e in found.errors] == [(3, "register.alias_of_another")]


@pytest.mark.parametrize(
    ("heading", "column", "code"),
    [
        (("kind", "kind"), "kind", "register.repeated_column"),
        (("kind", "warna"), "warna", "register.unknown_column"),
    ],
)
def test_a_wrong_heading_is_named_once(heading: tuple[str, ...], column: str, code: str) -> None:
    found = read(
        GOOD, heading=(*heading, "place", "full_name", "kanwil_code", "regency_code", "valid_from")
    )
    assert found == RegisterPreview((), (RowError(1, column, code, column),))


def test_every_missing_column_is_named() -> None:
    found = read(GOOD, heading=("slug", "class"))
    assert [(e.row_number, e.column, e.code) for e in found.errors] == [
        (1, name, "register.missing_column")
        for name in ("kind", "place", "full_name", "kanwil_code", "regency_code", "valid_from")
    ]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "register.no_heading"),
        ([("", " ")], "register.no_heading"),
        ([REGISTER_COLUMNS], "register.no_rows"),
        ([REGISTER_COLUMNS, ("", "")], "register.no_rows"),
        ([REGISTER_COLUMNS] + [("x",)] * (REGISTER_ROWS_MAX + 1), "register.too_many_rows"),
    ],
)
def test_files_without_a_usable_table_are_refused(rows: list[tuple[str, ...]], code: str) -> None:
    found = rules.read_register(rows=rows, context=CONTEXT, today=TODAY)
    assert (found.rows, [e.code for e in found.errors]) == ((), [code])


def test_cells_beyond_the_heading_are_named_and_empty_ones_are_not() -> None:
    good = tuple(GOOD.values())
    table = [REGISTER_COLUMNS, (*good, "", " "), (*good, "lebih")]
    found = rules.read_register(rows=table, context=CONTEXT, today=TODAY)
    assert [(e.row_number, e.code) for e in found.errors] == [
        (3, "register.too_many_cells"),
        (3, "register.repeated_unit"),
    ]


def test_row_numbers_count_empty_lines_and_short_rows_are_padded() -> None:
    table = [
        ("Kind", "place", "FULL NAME", "kanwil_code", "regency_code", "valid_from"),
        (),
        ("lapas",),
    ]
    found = rules.read_register(rows=table, context=CONTEXT, today=TODAY)
    assert {e.row_number for e in found.errors} == {3}
    assert {e.column for e in found.errors} == {
        "place", "full_name", "kanwil_code", "regency_code", "valid_from"
    }  # fmt: skip


def test_only_the_required_columns_are_enough() -> None:
    heading = ("kind", "place", "full_name", "kanwil_code", "regency_code", "valid_from")
    (row,) = read(GOOD, heading=heading).rows
    assert (row.slug, row.upt_class, row.timezone, row.aliases) == (
        "lapas-majalengka", "", "Asia/Jakarta", ()
    )  # fmt: skip


def test_known_units_are_told_from_new_ones() -> None:
    found = read(
        GOOD, {**GOOD, "slug": "lapas-indramayu", "place": "Indramayu", "aliases": "Lapas Dermayu"}
    )
    assert [row.is_new for row in found.rows] == [True, False]
    assert (found.count_new, found.count_known) == (1, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IIA", "IIA"), ("iia", "IIA"), ("Kelas II A", "IIA"), ("Klas IIB", "IIB"),
        ("Kelas 2A", "IIA"), ("Kelas 1", "I"), ("I", "I"), ("III", "III"), ("II", "II"),
        ("", ""), ("-", ""), ("IIIB", None), ("IA", None), ("Kelas I Ambarawa", None), ("X", None),
    ],
)  # fmt: skip
def test_classes_are_read_in_their_many_spellings(text: str, expected: str | None) -> None:
    assert rules.parse_class(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("32.10", "32.10"), ("3210", "32.10"), ("32,10", "32.10"), ("32.1", "32.10"),
        ("321", "32.10"), ("32", None), ("32.123", None), ("ab.cd", None), ("32.12.15", None),
    ],
)  # fmt: skip
def test_regency_codes_survive_spreadsheets(text: str, expected: str | None) -> None:
    assert rules.parse_regency_code(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-01-31", date(2025, 1, 31)), ("2025-01-31 00:00:00", date(2025, 1, 31)),
        ("31/01/2025", date(2025, 1, 31)), ("1.2.2025", date(2025, 2, 1)),
        ("31-01-2025", date(2025, 1, 31)), ("2025-01-31 10:00", None), ("45678", None),
        ("31/13/2025", None), ("", None),
    ],
)  # fmt: skip
def test_days_are_read_as_people_write_them(text: str, expected: date | None) -> None:
    assert rules.parse_day(text) == expected


@pytest.mark.parametrize(
    ("regency", "zone"),
    [("32.12", "Asia/Jakarta"), ("61.71", "Asia/Jakarta"), ("51.71", "Asia/Makassar"),
     ("64.71", "Asia/Makassar"), ("81.71", "Asia/Jayapura"), ("94.01", "Asia/Jayapura")],
)  # fmt: skip
def test_time_zones_follow_the_province(regency: str, zone: str) -> None:
    assert rules.timezone_of(regency) == zone


@pytest.mark.parametrize(
    ("kind", "subkind", "place", "name", "slug"),
    [
        (UptKind.LAPAS, UptSubkind.UMUM, "Indramayu", "Lapas Indramayu", "lapas-indramayu"),
        (
            UptKind.LAPAS,
            UptSubkind.PEREMPUAN,
            "Palembang",
            "Lapas Perempuan Palembang",
            "lapas-perempuan-palembang",
        ),
        (UptKind.LPKA, UptSubkind.UMUM, "Bandung", "LPKA Bandung", "lpka-bandung"),
        (
            UptKind.RS,
            UptSubkind.UMUM,
            "Cipinang",
            "RS Pengayoman Cipinang",
            "rs-pengayoman-cipinang",
        ),
    ],
)
def test_short_names_and_addresses_leave_the_class_out(
    kind: UptKind, subkind: UptSubkind, place: str, name: str, slug: str
) -> None:
    assert rules.short_name(kind=kind, subkind=subkind, place=place) == name
    assert rules.default_slug(kind=kind, subkind=subkind, place=place) == slug


def test_columns_without_a_heading_are_passed_over() -> None:
    table = [(*REGISTER_COLUMNS, ""), (*GOOD.values(), "catatan")]
    found = rules.read_register(rows=table, context=CONTEXT, today=TODAY)
    assert (len(found.rows), found.errors) == (1, ())


def test_a_row_without_address_or_kind_is_still_judged() -> None:
    found = errors(slug="", kind="")
    assert found == [(2, "kind", "field.required", "")]
