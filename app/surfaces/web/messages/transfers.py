"""Sentences about transfers between units and loans to fairs: refusals, and what was done."""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "transfers.illegal_transition": "Langkah ini tidak cocok dengan keadaan kirimannya sekarang.",
    "transfers.changed": "Dokumen ini baru saja diubah orang lain. Lihat isinya sekarang, lalu ulangi bila masih perlu.",
    "transfers.more_than_sent": "Jumlahnya melebihi yang masih terbuka ({left}). Barang lebih tidak dicatat di sini; minta pengirim membuat kiriman untuk kelebihannya.",
    "transfers.nothing_written": "Isi paling sedikit satu baris barang.",
    "transfers.no_published_version": "Pengirim belum pernah menerbitkan karya ini, jadi belum bisa disalin. Buat karyanya sendiri lalu pilih di sini.",
    "transfers.number_taken": "Nomor dokumen bentrok. Kirim sekali lagi.",
    "transfers.other_unit": "Pilih UPT lain sebagai tujuan.",
    "transfers.variant_required": "Pilih barang Anda yang sama dengan ini.",
    "transfers.reason_required": "Tulis sebab selisihnya.",
    "transfers.before_sent": "Tanggal tiba mendahului tanggal kirim.",
    "transfers.created": "Rancangan kiriman {number} disimpan. Stok belum berkurang sampai dikirim.",
    "transfers.saved": "Rancangan {number} diperbarui.",
    "transfers.discarded": "Rancangan {number} dibatalkan.",
    "transfers.sent": "Kiriman {number} berangkat: {pieces} buah kini di jalan.",
    "transfers.received": "Penerimaan dicatat di kedua buku stok. Masih di jalan: {left} buah.",
    "transfers.settled": "Kiriman {number} selesai. Kedua buku stok cocok.",
    "transfers.recalled_back": "Sisa kiriman {number} kembali ke gudang.",
    "transfers.recalled_off": "Sisa kiriman {number} dihapuskan dengan alasan.",
    "transfers.copied": "Karya disalin sebagai draf ke katalog UPT ini. Barisnya sudah terpilih di bawah.",
    "transfers.already_here": "Kode barang itu sudah ada di katalog UPT ini. Pilih dari daftar.",
    "transfers.scan_unknown": "Kode {text} tidak dikenal di UPT ini.",
    "transfers.short": "Hanya {available} yang bebas dari {wanted} yang hendak dibawa.",
    "fairs.illegal_transition": "Langkah ini tidak cocok dengan keadaan pamerannya sekarang.",
    "fairs.unsettled": "Masih ada {left} buah di pameran. Catat dulu terjual, kembali, atau hilangnya.",
    "fairs.ends_before_start": "Tanggal selesai mendahului tanggal mulai.",
    "fairs.price_required": "Isi harga jual per buah.",
    "fairs.paid_by_required": "Pilih cara pembeli membayar.",
    "fairs.created": "Rancangan pameran {number} disimpan. Stok belum berkurang sampai dibawa.",
    "fairs.saved": "Rancangan {number} diperbarui.",
    "fairs.discarded": "Rancangan {number} dibatalkan.",
    "fairs.sent": "{pieces} buah kini di pameran dan tidak dijual di tempat lain.",
    "fairs.settled": "Hasil pameran dicatat. Masih di pameran: {left} buah.",
    "fairs.undone": "Catatan nomor {sequence} dibatalkan; barangnya kembali tercatat di pameran.",
    "fairs.closed": "Pameran {number} ditutup: terjual, kembali, dan selisih sama dengan yang dibawa.",
}
