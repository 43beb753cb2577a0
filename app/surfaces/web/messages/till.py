"""Sentences of the till, receipts and labels."""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "till.unsellable": "Barang ini tidak dapat dijual di kasir.",
    "till.unknown_goods": "Tidak ada barang dengan kode atau nama “{text}” di UPT ini.",
    "till.foreign_label": "Label ini milik UPT lain, jadi tidak dapat dijual di sini.",
    "till.is_service": "{name} adalah jasa. Kasir hanya menjual barang dari stok.",
    "till.inactive": "{name} sudah tidak dijual.",
    "till.no_price": "{name} belum berharga. Isi harganya di halaman produk.",
    "till.no_second_price": "Harga mutu kedua untuk {name} belum ditetapkan.",
    "till.lot_unknown": "Lot {lot_code} tidak dikenal untuk barang ini.",
    "till.lot_expired": "Yang tersisa sudah lewat tanggal baiknya, jadi tidak boleh dijual.",
    "till.lot_blocked": "Lot yang tersisa sedang diblokir, jadi tidak boleh dijual.",
    "till.in_quarantine": "Yang tersisa sedang dikarantina, jadi tidak boleh dijual.",
    "till.only_second": "Yang tersisa hanya mutu kedua. Centang “mutu kedua” untuk menjualnya.",
    "till.all_promised": "Yang tersisa sudah dipesan lewat toko.",
    "till.sold_out": "Habis: tidak ada lagi di rak maupun di gudang.",
    "till.only_left": "Tinggal {left}, dan semuanya sudah ada di daftar.",
    "till.line_full": "Paling banyak {quantity_max} buah dalam satu baris.",
    "till.draft_full": "Paling banyak {lines_max} baris dalam satu penjualan. Bayar dulu yang ini.",
    "till.draft_empty": "Belum ada barang di daftar.",
    "till.draft_short": "Sebagian barang baru saja terjual. Sesuaikan jumlahnya, lalu bayar lagi.",
    "till.draft_changed": "Jumlahnya berubah dari {shown} menjadi {now}. Periksa daftarnya, lalu bayar lagi.",
    "till.cash_too_little": "Uangnya kurang {missing}.",
    "till.given_required": "Isi uang yang diterima dari pembeli.",
    "till.qris_unproven": "Ketik nomor rujukan pembayar, atau centang bahwa uangnya sudah terlihat masuk.",
    "till.reference_required": "Ketik nomor rujukan transfernya.",
    "till.second_price_unfit": "Harga mutu kedua harus di bawah harga utuhnya, {price}.",
    "till.already_undone": "Penjualan ini sudah dibatalkan, atau memang sebuah pembatalan.",
    "till.drawer_moved": "Ada penjualan tunai saat laci dihitung. Hitung sekali lagi dengan angka yang baru.",
    "till.difference_unexplained": "Ada selisih {difference}. Tulis sebabnya.",
    "till.left_too_much": "Uang yang ditinggal tidak boleh lebih dari yang dihitung.",
    "till.number_out_of_turn": "Nomor struknya baru saja terpakai. Coba sekali lagi.",
    "till.undone_done": "Penjualan {number} dibatalkan. Barangnya kembali ke tempat semula.",
    "till.closed_done": "Laci ditutup. Terhitung {counted}, ditinggal {left} untuk besok.",
    "till.second_price_done": "Harga mutu kedua {name} sekarang {price}.",
    "till.range_too_long": "Paling lama {days} hari dalam satu berkas.",
    "labels.none_chosen": "Isi jumlah lembar untuk paling sedikit satu barang.",
    "labels.too_many": "Paling banyak {most} label sekali cetak.",
}
