"""The product form: rows of variants that grow, what was typed kept, drafts turned into fields."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from werkzeug.datastructures import MultiDict

from app.domain.catalog import rules as catalog_rules
from app.domain.catalog.commands import SaveProduct, SaveVariant
from app.domain.catalog.types import (
    VARIANTS_MAX,
    CategoryRecord,
    ProductDraft,
    ProductKind,
    ProductState,
)
from app.kernel.errors import FieldError
from app.surfaces.web import forms, messages
from app.surfaces.web.forms import Form

_FIELD: Final = re.compile(r"variants\.(\d{1,3})\.([a-z_]+)", re.ASCII)
_TYPED: Final = tuple(name for name in SaveVariant.model_fields if name != "is_active")

KINDS: Final = (
    ("ready", "Siap kirim", "Ada di rak galeri dan berstok."),
    ("made_to_order", "Dibuat sesuai pesanan", "Dikerjakan setelah dipesan; isi lama pengerjaan."),
    ("unique", "Satu-satunya", "Hanya ada satu buah, tidak diulang."),
    ("service", "Jasa", "Tidak dikirim dan belum dapat dipesan di sini."),
)
KIND_LABELS: Final = {ProductKind(value): label for value, label, _ in KINDS}
STATE_LABELS: Final = {
    ProductState.DRAFT: ("Draf", "neutral"),
    ProductState.PUBLISHED: ("Terbit", "success"),
    ProductState.WITHDRAWN: ("Ditarik", "warning"),
}
FIELD_LABELS: Final = {
    "name": "Nama",
    "name_en": "Nama (Inggris)",
    "category_id": "Kategori",
    "kind": "Jenis",
    "summary": "Ringkasan",
    "description": "Penjelasan",
    "materials": "Bahan",
    "story": "Cerita",
    "maker_credit": "Pembuat",
    "lead_time_days": "Lama pengerjaan",
    "shelf_life_days": "Masa simpan",
}
MEASURE_LABELS: Final = (
    ("sku", "kode"),
    ("name", "nama"),
    ("price_idr", "harga"),
    ("weight_g", "berat"),
    ("length_mm", "panjang"),
    ("width_mm", "lebar"),
    ("height_mm", "tinggi"),
)
PICTURE_LABELS: Final = {"picture": "Gambar baru", "alt": "Apa yang tampak pada gambar"}
_ANCHORS: Final = {
    catalog_rules.MISSING_SUMMARY: "f-summary",
    catalog_rules.MISSING_DESCRIPTION: "f-description",
    catalog_rules.MISSING_LEAD_TIME: "f-lead_time_days",
    catalog_rules.MISSING_PICTURE: "gambar",
}
_ROW_FIELDS: Final = {
    catalog_rules.MISSING_PRICE: ("price_idr",),
    catalog_rules.MISSING_WEIGHT: ("weight_g",),
    catalog_rules.MISSING_SIZE: ("length_mm", "width_mm", "height_mm"),
}
_FORM_FIELDS: Final = {
    catalog_rules.MISSING_SUMMARY: "summary",
    catalog_rules.MISSING_DESCRIPTION: "description",
    catalog_rules.MISSING_LEAD_TIME: "lead_time_days",
}


@dataclass(frozen=True, slots=True)
class VariantRow:
    """One row of the form.

    Attributes:
        prefix: What the names of its fields begin with, for example ``variants.0.``.
        number: Its place, counted from one.
        is_saved: It is a variant already, not a new one.
    """

    prefix: str
    number: int
    is_saved: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the saved product and the form say differently."""

    label: str
    typed: str
    saved: str


@dataclass(frozen=True, slots=True)
class NamedErrors:
    """The errors of a form for its summary, each with the name of its field."""

    all_errors: tuple[tuple[str, str], ...]

    @property
    def has_errors(self) -> bool:
        """Say whether anything is wrong."""
        return bool(self.all_errors)


@dataclass(frozen=True, slots=True)
class MissingLink:
    """One thing that a product lacks, with the place where it is entered."""

    text: str
    href: str


def read(form: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return the submitted fields with the rows of variants numbered without gaps.

    Rows in which nothing was typed fall away, so that the row of an error is the row on the page.
    """
    fields: MultiDict[str, str] = MultiDict()
    rows: dict[int, list[tuple[str, str]]] = {}
    for name, values in form.lists():
        if match := _FIELD.fullmatch(name):
            rows.setdefault(int(match[1]), []).extend((match[2], value) for value in values)
        else:
            fields.setlist(name, values)
    typed = [cells for _, cells in sorted(rows.items()) if _is_typed(cells)]
    for number, cells in enumerate(typed):
        for name, value in cells:
            fields.add(f"variants.{number}.{name}", value)
    return fields


def _is_typed(cells: Iterable[tuple[str, str]]) -> bool:
    return any(name in _TYPED and value.strip() for name, value in cells)


def rows(form: Form, fields: Iterable[str], *, spare: int) -> tuple[VariantRow, ...]:
    """Return the rows to show: those in the fields, and some empty ones."""
    numbers = {int(match[1]) for name in fields if (match := _FIELD.fullmatch(name))}
    count = min(len(numbers) + spare, max(VARIANTS_MAX, len(numbers)))
    count = max(count, 1)
    return tuple(
        VariantRow(
            prefix=f"variants.{number}.",
            number=number + 1,
            is_saved=bool(form.value(f"variants.{number}.variant_id")),
        )
        for number in range(count)
    )


def initial(draft: ProductDraft) -> dict[str, object]:
    """Return the fields of a saved product."""
    values: dict[str, object] = {name: getattr(draft, name) for name in FIELD_LABELS}
    values["kind"] = draft.kind.value
    values["expected_version"] = draft.version
    for number, variant in enumerate(draft.variants):
        for name in SaveVariant.model_fields:
            value = getattr(variant, name)
            values[f"variants.{number}.{name}"] = (
                ("1" if value else None) if name == "is_active" else value
            )
    return values


def category_options(categories: Iterable[CategoryRecord]) -> list[tuple[int, str]]:
    """Return the choices of the category field, children under their top category."""
    known = {record.category_id: record for record in categories}
    with_children = {record.parent_id for record in known.values()}
    return [
        (
            record.category_id,
            f"{known[record.root_id].name} › {record.name}" if record.parent_id else record.name,
        )
        for record in known.values()
        if record.category_id not in with_children
    ]


def missing_links(missing: Iterable[str]) -> tuple[MissingLink, ...]:
    """Return sentences for what is missing, each leading to its field."""
    return tuple(
        MissingLink(messages.text(f"catalog.missing_{name}"), "#" + _ANCHORS.get(name, "varian"))
        for name in missing
    )


def missing_errors(missing: Iterable[str], command: SaveProduct) -> list[FieldError]:
    """Return what is missing as errors beside the fields, in the rows that lack something."""
    errors = []
    for name in missing:
        code = f"catalog.missing_{name}"
        row_fields = _ROW_FIELDS.get(name)
        if row_fields is None:
            errors.append(FieldError(_FORM_FIELDS.get(name, ""), code))
            continue
        errors.extend(
            FieldError(f"variants.{number}.{field}", code)
            for number, variant in enumerate(command.variants)
            if variant.is_active
            for field in row_fields
            if getattr(variant, field) is None
        )
    return errors


def named_errors(form: Form) -> NamedErrors:
    """Return all errors of a form, each sentence behind the name of its field."""
    return NamedErrors(tuple((name, _named(name, text)) for name, text in form.all_errors))


def _named(name: str, text: str) -> str:
    if match := _FIELD.fullmatch(name):
        measure = dict(MEASURE_LABELS).get(match[2], "")
        return f"Varian {int(match[1]) + 1}, {measure}: {text}"
    label = FIELD_LABELS.get(name) or PICTURE_LABELS.get(name)
    return f"{label}: {text}" if label else text


def differences(form: Form, saved: ProductDraft) -> tuple[Difference, ...]:
    """Return what the form and the saved product say differently, field by field."""
    current = forms.blank(**initial(saved))
    found = [
        Difference(label, form.value(name).strip(), current.value(name))
        for name, label in FIELD_LABELS.items()
        if form.value(name).split() != current.value(name).split()
    ]
    for number in range(VARIANTS_MAX):
        prefix = f"variants.{number}."
        typed, kept = _summary(form, prefix), _summary(current, prefix)
        if typed != kept:
            found.append(Difference(f"Varian {number + 1}", typed, kept))
    return tuple(found)


def _summary(form: Form, prefix: str) -> str:
    parts = [
        f"{label} {form.value(prefix + name)}"
        for name, label in MEASURE_LABELS
        if form.value(prefix + name)
    ]
    if form.value(prefix + "variant_id") and not form.value(prefix + "is_active"):
        parts.append("tidak dijual")
    return ", ".join(parts)
