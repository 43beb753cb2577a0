"""Short Indonesian words for counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.domain.catalog import queries as catalog_queries
from app.domain.counts.types import (
    COUNTABLE,
    CountState,
    DifferenceFilter,
    DifferenceReason,
    EventKind,
    RowFilter,
    Scope,
    ScopeKind,
)
from app.domain.stock.types import Account

STATES: Final[Mapping[CountState, str]] = {
    CountState.COUNTING: "Sedang dihitung",
    CountState.HANDED_IN: "Menunggu persetujuan",
    CountState.APPROVED: "Disetujui dan dibukukan",
    CountState.CANCELLED: "Dibatalkan",
}
NOT_STARTED: Final = "Belum mulai"

TONES: Final[Mapping[CountState, str]] = {
    CountState.COUNTING: "info",
    CountState.HANDED_IN: "warning",
    CountState.APPROVED: "success",
    CountState.CANCELLED: "neutral",
}

PLACES: Final[Mapping[Account, str]] = {
    Account.AVAILABLE: "Gudang",
    Account.GALLERY: "Rak galeri",
    Account.SECOND_GRADE: "Mutu kedua",
    Account.QUARANTINE: "Karantina",
    Account.RETURNED: "Retur",
}

SCOPES: Final[Mapping[ScopeKind, tuple[str, str]]] = {
    ScopeKind.WHOLE: ("Seluruh UPT", "Semua tempat dan semua barang."),
    ScopeKind.PLACE: ("Satu tempat", "Misalnya hanya rak galeri."),
    ScopeKind.CATEGORY: ("Satu kategori", "Semua tempat, barang dalam kategori itu saja."),
    ScopeKind.GOODS: ("Barang pilihan", "Untuk hitungan kecil yang sering."),
}

REASONS: Final[Mapping[DifferenceReason, str]] = {
    DifferenceReason.NOT_RECORDED: "Belum dicatat (jual, pakai, atau terima)",
    DifferenceReason.MISPLACED: "Salah tempat",
    DifferenceReason.WRONG_LOT: "Tertukar lot",
    DifferenceReason.BROKEN: "Rusak dan sudah dibuang",
    DifferenceReason.MISSING: "Hilang",
    DifferenceReason.EARLIER_MISTAKE: "Salah hitung sebelumnya",
    DifferenceReason.UNKNOWN: "Tidak diketahui",
}

EVENTS: Final[Mapping[EventKind, str]] = {
    EventKind.OPENED: "Lembar dibuka",
    EventKind.HANDED_IN: "Hitungan diserahkan",
    EventKind.SENT_BACK: "Dikembalikan",
    EventKind.APPROVED: "Disetujui dan dibukukan",
    EventKind.CANCELLED: "Dibatalkan",
}

ROW_FILTERS: Final[Mapping[RowFilter, str]] = {
    RowFilter.LEFT: "Belum dihitung",
    RowFilter.DONE: "Sudah dihitung",
    RowFilter.ALL: "Semua",
}

DIFFERENCE_FILTERS: Final[Mapping[DifferenceFilter, str]] = {
    DifferenceFilter.DIFFERING: "Yang berbeda",
    DifferenceFilter.REASON: "Perlu alasan",
    DifferenceFilter.ALL: "Semua baris",
}


def scope(chosen: Scope) -> str:
    """Return what a sheet covers, in words."""
    if chosen.kind is ScopeKind.PLACE and chosen.place:
        return PLACES[chosen.place]
    if chosen.kind is ScopeKind.CATEGORY:
        names = {record.category_id: record.name for record in catalog_queries.list_categories()}
        return f"Kategori {names.get(chosen.category_id or 0, '')}".strip()
    if chosen.kind is ScopeKind.GOODS:
        return f"{len(chosen.variant_ids)} barang pilihan"
    return SCOPES[chosen.kind][0]


def place_options() -> list[tuple[str, str]]:
    """Return the places that can be counted, for a choice."""
    return [(place.value, PLACES[place]) for place in COUNTABLE]


def category_options() -> list[tuple[int, str]]:
    """Return the categories, for a choice."""
    return [
        (record.category_id, f"– {record.name}" if record.parent_id else record.name)
        for record in catalog_queries.list_categories()
    ]
