"""Sentences about stock: refusals, and what was done."""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "stock.lot_unfit": "Lot itu diblokir atau sudah lewat tanggalnya, jadi tidak bisa dijual atau dikirim.",
    "stock.unique_taken": "Ini karya satu-satunya dan sudah tercatat satu buah; tidak bisa ditambah.",
    "stock.move_unfit": "Barang tidak bisa berpindah dengan cara itu.",
    "stock.insufficient": "Stok tidak cukup.",
    "stock.hold_closed": "Penahanan stok ini sudah selesai atau sudah lewat waktunya.",
    "stock.not_reversible": "Catatan ini tidak dapat dibalik, atau sudah pernah dibalik.",
    "stock.owned_by_document": "Catatan ini milik sebuah dokumen (kasir, opname, kiriman, pameran, impor, rencana bengkel, atau pesanan). Batalkan dari dokumen itu; kalau tidak bisa lagi, sesuaikan stok dengan sebabnya.",
    "stock.lot_mismatch": "Kode lot ini sudah dipakai dengan tanggal lain. Pakai kode lain atau samakan tanggalnya.",
    "stock.ledger_changed": "Buku stok baru saja berubah. Coba sekali lagi.",
    "stock.quantity_out_of_range": "Isi dengan angka bulat dari 1 sampai 1.000.000.",
    "stock.reason_unfit": "Alasan ini tidak cocok dengan penambahan atau pengurangan yang dipilih.",
    "stock.lot_dates_unfit": "Tanggalnya tidak masuk akal: kedaluwarsa sebelum dibuat, atau dibuat di masa depan.",
    "stock.made_after_receipt": "Tanggal dibuat sesudah tanggal diterima.",
    "stock.happened_in_future": "Waktu kejadian tidak boleh di masa depan.",
    "stock.too_few": "Hanya {available} yang bebas dari {wanted} yang hendak dikurangi.",
    "stock.received_done": "{quantity} buah {name} masuk ke {place}. Bisa dijual sekarang {available}.",
    "stock.adjusted_done": "{quantity} buah {name} {done} {place}: {reason}. Bisa dijual sekarang {available}.",
    "stock.reversed_done": "Catatan nomor {sequence} dibalik dengan catatan baru.",
}
