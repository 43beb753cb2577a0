"""What the forms of units and offices take."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.upt.commands import SaveKanwil, SaveUpt
from app.kernel.errors import Invalid

GOOD = {
    "kind": "lapas",
    "place": "Indramayu",
    "full_name": "Lembaga Pemasyarakatan Kelas IIB Indramayu",
    "valid_from": "2025-01-01",
    "kanwil_id": "1",
    "regency_code": "32.12",
}


def wrong(**changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        SaveUpt.parse({**GOOD, **changes})
    return [(error.field, error.code) for error in refused.value.errors]


def test_the_least_is_enough() -> None:
    found = SaveUpt.parse(GOOD)
    assert (found.slug, found.subkind.value, found.upt_class, found.is_active) == (
        "", "umum", "", False
    )  # fmt: skip
    assert (found.timezone, found.aliases) == ("Asia/Jakarta", ())


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"slug": "Lapas X"}, "slug", "upt.slug_shape"),
        ({"slug": "a--b"}, "slug", "upt.slug_shape"),
        ({"slug": "a" * 81}, "slug", "field.too_long"),
        ({"kind": "rupbasan"}, "kind", "field.choice"),
        ({"subkind": "x"}, "subkind", "field.choice"),
        ({"upt_class": "IV"}, "upt_class", "field.choice"),
        ({"place": " "}, "place", "field.required"),
        ({"full_name": "x" * 201}, "full_name", "field.too_long"),
        ({"valid_from": "1/1/2025"}, "valid_from", "field.date"),
        ({"kanwil_id": "satu"}, "kanwil_id", "field.whole_number"),
        ({"timezone": "Europe/Paris"}, "timezone", "field.choice"),
        ({"postcode": "1234"}, "postcode", "upt.postcode_shape"),
        ({"aliases": "\n".join(str(n) for n in range(21))}, "aliases", "upt.too_many_aliases"),
        ({"aliases": "x" * 201}, "aliases", "upt.alias_too_long"),
        ({"is_active": "mungkin"}, "is_active", "field.choice"),
        ({"about": "a\x00"}, "about", "field.control_signs"),
    ],
)
def test_each_wrong_field_is_named(changes: dict[str, str], field: str, code: str) -> None:
    assert wrong(**changes) == [(field, code)]


def test_aliases_come_as_lines_or_as_a_list_and_nothing_else() -> None:
    assert SaveUpt.parse({**GOOD, "aliases": " A \n\nB  C\na"}).aliases == ("A", "B C")
    assert SaveUpt.parse({**GOOD, "aliases": ["A", "B"]}).aliases == ("A", "B")
    assert wrong(aliases=5) == [("aliases", "field.invalid")]


def test_provinces_come_as_words_or_as_a_list() -> None:
    values = {"code": "papua", "name": "Papua"}
    for given in ("91 93", ["91", "93"]):
        assert SaveKanwil.parse({**values, "province_codes": given}).province_codes == ("91", "93")
    assert SaveKanwil.parse(values).province_codes == ()
    with pytest.raises(Invalid):
        SaveKanwil.parse({**values, "code": "Papua Barat"})


def test_given_addresses_and_postcodes_pass() -> None:
    found = SaveUpt.parse({**GOOD, "slug": "lapas-indramayu", "postcode": "45212"})
    assert (found.slug, found.postcode) == ("lapas-indramayu", "45212")
    assert SaveUpt.parse({**GOOD, "postcode": "", "slug": ""}).slug == ""


def test_a_unit_is_not_a_wrong_time_zone() -> None:
    assert SaveUpt.parse({**GOOD, "timezone": "Asia/Jayapura"}).timezone == "Asia/Jayapura"
