"""Names of fields for the list of errors on top of a form, where the sentence alone says too little."""

from __future__ import annotations

import re
from typing import Final

NAMES: Final = {
    "variant_id": "Barang",
    "quantity": "Jumlah",
    "lot_code": "Kode lot",
    "lot_id": "Lot",
    "produced_on": "Tanggal dibuat",
    "expires_on": "Baik sampai",
    "happened_on": "Tanggal",
    "reason": "Sebab",
    "name": "Nama",
    "place": "Tempat",
    "responsible": "Penanggung jawab",
    "receiver_upt_id": "Dikirim ke",
    "starts_on": "Mulai",
    "ends_on": "Selesai",
    "sold": "Terjual",
    "returned": "Kembali",
    "damaged": "Rusak",
    "lost": "Hilang",
    "received": "Diterima baik",
    "price_idr": "Harga",
}
_ROW: Final = re.compile(r"lines\.(\d{1,3})\.([a-z_]+)", re.ASCII)


def of(field: str) -> str:
    """Return what a sentence about a field begins with: ``Baris 2, Jumlah: ``, or nothing."""
    row = _ROW.fullmatch(field)
    name = NAMES.get(row[2] if row else field, "")
    parts = [f"Baris {int(row[1]) + 1}"] if row else []
    parts += [name] if name else []
    return f"{', '.join(parts)}: " if parts else ""
