"""Forms come back as typed, with every error beside its field."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from werkzeug.datastructures import MultiDict

from app.kernel.commands import Command, Text, Whole
from app.kernel.errors import FieldError, Invalid
from app.surfaces.web import forms


class Save(Command):
    name: Annotated[Text, Field(min_length=1, max_length=10)]
    quantity: Annotated[Whole, Field(ge=1)]
    note: Text | None = None
    scopes: list[str] = []


def test_a_good_form_becomes_a_command() -> None:
    command, form = forms.bind(
        Save,
        MultiDict(
            [
                ("name", " Tas "),
                ("quantity", "2"),
                ("note", " "),
                ("csrf_token", "x"),
                ("scopes", "a"),
                ("scopes", "b"),
            ]
        ),
    )
    assert command == Save(name="Tas", quantity=2, scopes=["a", "b"])
    assert not form.has_errors


def test_a_bad_form_returns_as_typed_with_every_error() -> None:
    command, form = forms.bind(
        Save, MultiDict([("name", "nama yang panjang"), ("quantity", "1e9")])
    )
    assert command is None
    assert form.value("name") == "nama yang panjang"
    assert form.value("quantity") == "1e9"
    assert form.errors("name") == ("Terlalu panjang, paling banyak 10 huruf.",)
    assert form.errors("quantity") == ("Isi dengan angka bulat tanpa koma.",)
    assert [name for name, _ in form.all_errors] == ["name", "quantity"]


def test_blank_counts_as_missing() -> None:
    _, form = forms.bind(Save, MultiDict([("name", "  "), ("quantity", "")]))
    assert form.errors("name") == ("Wajib diisi.",)
    assert form.errors("quantity") == ("Wajib diisi.",)


def test_one_value_sent_twice_is_an_error() -> None:
    command, form = forms.bind(
        Save, MultiDict([("name", "Tas"), ("quantity", "1"), ("quantity", "2")])
    )
    assert command is None
    assert form.errors("quantity") == ("Isian ini dikirim lebih dari sekali.",)


def test_fixed_values_come_from_the_surface() -> None:
    command, _ = forms.bind(Save, MultiDict([("name", "Tas"), ("quantity", "9")]), quantity=3)
    assert command == Save(name="Tas", quantity=3)


def test_a_form_starts_with_initial_values() -> None:
    form = forms.blank(name="Tas", note=None, scopes=["a", "b"], quantity=3)
    assert (form.value("name"), form.value("note"), form.value("quantity")) == ("Tas", "", "3")
    assert form.values("scopes") == ("a", "b")


def test_a_refusal_of_the_service_stands_beside_its_field() -> None:
    form = forms.blank(name="Tas").with_errors(Invalid(FieldError("name", "field.choice")))
    assert form.value("name") == "Tas"
    assert form.errors("name") == ("Pilih salah satu yang tersedia.",)
    assert form.with_error("", "state.conflict").all_errors == (
        ("", "Keadaannya sudah berubah. Muat ulang halaman lalu coba lagi."),
    )
