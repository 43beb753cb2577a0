"""Sentences about workshops and their weeks."""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "capacity.name_taken": "Sudah ada bengkel dengan nama ini.",
    "capacity.changed": "Rencana bengkel ini baru saja diubah orang lain. Lihat isinya sekarang, lalu ubah lagi.",
    "capacity.over_allotted": "Jatah barang {allotted} satuan, sedangkan bengkel hanya sanggup {units} sepekan.",
    "capacity.not_made_to_order": "Barang ini tidak dibuat sesuai pesanan.",
    "capacity.saved": "Rencana {name} disimpan. Pekan-pekannya sudah disesuaikan.",
    "capacity.paused_done": "Pekan {week} diliburkan. Yang sudah dijanjikan tetap dikerjakan.",
    "capacity.resumed_done": "Pekan {week} dibuka lagi.",
}
