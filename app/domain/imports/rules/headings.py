"""What a file is for and which column is which: a line ``mode``, a column ``mode``, headings in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from app.domain.imports.errors import FileUnreadable, ModeMismatch, ModeUnclear
from app.domain.imports.rules import cells
from app.domain.imports.rules.cells import plain
from app.domain.imports.types import (
    CELL_SHOWN_MAX,
    MODE_NAMES,
    MODE_WORDS,
    ROWS_MAX,
    TARGET_MAX,
    Mode,
    Table,
)
from app.kernel.text import fold

SKU: Final = "kode"
MODE: Final = "mode"
ERRORS: Final = "kesalahan"
_TARGET: Final = "lembar"
_POSITION: Final = "posisi"
_LINES_ABOVE: Final = 20
_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")

_SHARED: Final = {
    "kode": "kode kode_barang sku kode_sku",
    "nama": "nama nama_barang barang produk nama_produk",
    "varian": "varian ukuran",
    "mode": "mode",
    "kesalahan": "kesalahan",
}
_NAMES: Final[Mapping[Mode, Mapping[str, str]]] = {
    Mode.RECEIPTS: {
        **_SHARED,
        "jumlah": "jumlah qty banyak banyaknya quantity jml",
        "lot": "lot kode_lot batch",
        "dibuat": "dibuat tanggal_dibuat tgl_dibuat tanggal_produksi produced_on",
        "baik_sampai": "baik_sampai kedaluwarsa kadaluarsa kadaluwarsa exp expired expires_on",
        "tanggal": "tanggal tgl tanggal_masuk tgl_masuk tanggal_terima tanggal_diterima",
        "asal": "asal sumber",
        "tempat": "tempat lokasi",
        "no_bukti": "no_bukti nomor_bukti nomor_surat no_surat no_dokumen",
        "catatan": "catatan keterangan",
    },
    Mode.COUNT: {
        **_SHARED,
        "dihitung": "dihitung hasil_hitung jumlah fisik hitungan qty",
        "lot": "lot kode_lot batch",
        "tempat": "tempat lokasi",
        "lembar": "lembar kode_lembar opname",
        "catatan": "catatan keterangan",
        "dibuat": "dibuat tanggal_dibuat",
        "baik_sampai": "baik_sampai kedaluwarsa kadaluarsa",
        "dipesan": "dipesan",
    },
    Mode.PRICES: {
        **_SHARED,
        "harga": "harga harga_jual harga_satuan price harga_rp",
        "berlaku": "berlaku berlaku_mulai mulai_berlaku",
        "harga_lama": "harga_lama",
        "dijual": "dijual",
    },
}
REQUIRED: Final[Mapping[Mode, tuple[str, ...]]] = {
    Mode.RECEIPTS: ("kode", "jumlah"),
    Mode.COUNT: ("kode", "dihitung"),
    Mode.PRICES: ("kode", "harga"),
}
_SHOWN: Final = frozenset({"kode", "nama", "varian", "mode", "kesalahan"})
_GIVEN: Final[Mapping[Mode, frozenset[str]]] = {
    Mode.RECEIPTS: _SHOWN,
    Mode.COUNT: _SHOWN | {"tempat", "lot", "lembar", "dibuat", "baik_sampai", "dipesan"},
    Mode.PRICES: _SHOWN | {"harga_lama", "dijual"},
}
"""Columns that templates fill in themselves."""

MEANING: Final[Mapping[Mode, Mapping[str, str]]] = {
    mode: {alias: name for name, aliases in names.items() for alias in aliases.split()}
    for mode, names in _NAMES.items()
}
"""Column by folded heading."""


def folded(cell: str) -> str:
    """Return a heading for comparing: ``Tanggal dibuat`` is ``tanggal_dibuat``."""
    return _NOT_WORD.sub("_", fold(cell)).strip("_")


def read_table(*, rows: Sequence[tuple[str, ...]], first_line: int, chosen: Mode | None) -> Table:
    """Return the rows under the headings, and what the line above them says.

    Args:
        first_line: Number of the first row in the file.
        chosen: What the form says; None leaves it to the file.

    Raises:
        ModeUnclear: Neither file nor form says it.
        ModeMismatch: They say different things.
        FileUnreadable: No headings, a heading missing or twice, no rows, or too many.
    """
    place, said = _find_headings(rows)
    headings = [folded(cell) for cell in rows[place]]
    filled = [
        (line, row)
        for line, row in enumerate(rows[place + 1 :], start=first_line + place + 1)
        if any(cell and not cell.isspace() for cell in row)
    ]
    mode = _mode(said.get(MODE) or _first_in_rows(MODE, headings, filled), chosen)
    columns, unread = _columns(mode, rows[place], headings)
    if not filled:
        raise FileUnreadable("imports.file_only_headings")
    if len(filled) > ROWS_MAX:
        raise FileUnreadable("imports.file_too_many_rows")
    kept = [(line, row) for line, row in filled if _is_typed(mode, columns, row)]
    if not kept:
        raise FileUnreadable("imports.file_nothing_filled", heading=REQUIRED[mode][1])
    width = max(number for number, name in enumerate(headings, start=1) if name)
    return Table(
        mode=mode,
        heading_line=first_line + place,
        width=width,
        columns=columns,
        rows=tuple(kept),
        unread=unread,
        rows_blank=len(filled) - len(kept),
        target=(said.get(_TARGET) or _first_in_rows(_TARGET, headings, filled))[:TARGET_MAX],
        target_sequence=cells.whole(said.get(_POSITION, "")),
    )


def _find_headings(rows: Sequence[tuple[str, ...]]) -> tuple[int, dict[str, str]]:
    """Return the place of the headings and what the line ``mode`` above them says."""
    said: dict[str, str] = {}
    for place, row in enumerate(rows[:_LINES_ABOVE]):
        names = [folded(cell) for cell in row]
        if any(MEANING[Mode.RECEIPTS].get(name) == SKU for name in names):
            return place, said
        if names[:1] == [MODE]:
            values = [plain(cell) for cell in row]
            said = dict(zip(names[::2], values[1::2], strict=False))
    raise FileUnreadable("imports.file_no_headings")


def _is_typed(mode: Mode, columns: Mapping[str, int], row: Sequence[str]) -> bool:
    """Say whether somebody filled a row in: templates name goods that stay without a figure.

    A row without its figure that says anything else of its own is a mistake, not a blank.
    """
    own = [columns[name] for name in columns if name not in _GIVEN[mode]]
    return any(place < len(row) and plain(row[place]) for place in own)


def _first_in_rows(
    name: str, headings: Sequence[str], rows: Sequence[tuple[int, tuple[str, ...]]]
) -> str:
    if name not in headings:
        return ""
    place = headings.index(name)
    values = (plain(row[place]) for _, row in rows if len(row) > place)
    return next((value for value in values if value), "")


def _mode(said: str, chosen: Mode | None) -> Mode:
    if not said:
        if chosen is None:
            raise ModeUnclear
        return chosen
    found = MODE_WORDS.get(fold(said))
    if found is None or (chosen is not None and found is not chosen):
        raise ModeMismatch(
            said[:CELL_SHOWN_MAX], MODE_NAMES[chosen] if chosen else "penerimaan, opname, harga"
        )
    return found


def _columns(
    mode: Mode, row: Sequence[str], headings: Sequence[str]
) -> tuple[dict[str, int], tuple[str, ...]]:
    columns: dict[str, int] = {}
    unread: list[str] = []
    for place, name in enumerate(headings):
        known = MEANING[mode].get(name)
        if known is None:
            if name:
                unread.append(plain(row[place])[:40])
            continue
        if known in columns:
            raise FileUnreadable("imports.heading_twice", heading=known)
        columns[known] = place
    missing = [name for name in REQUIRED[mode] if name not in columns]
    if missing:
        raise FileUnreadable(
            "imports.heading_missing", headings=", ".join(missing), mode=MODE_NAMES[mode]
        )
    return columns, tuple(unread)
