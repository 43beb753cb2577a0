"""Sentences about closed months, signed heads and differences in the ledger."""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "stock.period_closed": "Bulan ini sudah ditutup.",
    "stock.period_unfit": "Bulan ini belum dapat ditutup: belum berakhir, atau ada bulan sebelumnya yang belum ditutup.",
    "stock.incident_handled": "Selisih ini sudah diselesaikan.",
    "stock.incident_standing": "Pemeriksaan penuh yang terakhir masih menemukan selisih ini, jadi belum dapat ditutup.",
    "stock.ledger_broken": "Catatan buku stok sendiri tidak utuh. Tidak ada yang dihitung ulang; pulihkan dulu dari salinan yang benar.",
    "stock.heads_differ": "Berkas ujung harian memuat hari yang tidak ada di basis data. Tidak ada yang ditandatangani.",
    "stock.period_done": "{month} ditutup pada catatan nomor {sequence}. Catatan berikutnya masuk bulan berjalan.",
    "stock.incident_noted": "Catatan pemeriksa disimpan.",
    "stock.incident_resolved_done": "Selisih ditutup.",
}
