"""Words for parcels, refused pieces, clocks and returns."""

from __future__ import annotations

from typing import Final

MESSAGES: Final = {
    "orders.too_many_pieces": "Jumlahnya melebihi yang ada: paling banyak {left}.",
    "orders.no_pieces": "Isi paling sedikit satu buah.",
    "orders.parcel_closed": "Paket itu sudah sampai atau sudah dinyatakan hilang.",
    "orders.address_fixed": "Alamat tidak bisa diubah lagi karena pesanan sudah diterima unit. Mintalah bantuan di bawah.",
    "orders.address_elsewhere": "Alamat baru harus di kabupaten atau kota yang sama, karena ongkos kirim sudah dihitung untuk sana. Batalkan pesanan lalu pesan lagi untuk tujuan lain.",
    "orders.return_too_late": "Pengembalian hanya bisa diminta dalam 7 hari setelah barang diterima.",
    "orders.return_under_way": "Masih ada pengembalian yang belum selesai untuk bagian ini.",
    "orders.same_hands": "Barang bernilai tinggi dihitung oleh orang lain, bukan yang menyetujui pengembaliannya.",
    "orders.damage_untold": "Ada barang rusak: tulis keterangannya untuk pembeli.",
    "orders.part_shipped": "{pieces} buah dikirim dengan {carrier}, resi {tracking_number}. Sisanya tetap disimpan untuk pembeli.",
    "orders.pieces_refused": "Dicatat. Barangnya kembali tersedia, dan {amount} masuk daftar pengembalian uang.",
    "orders.parcel_delivered": "Paket dicatat sudah sampai.",
    "orders.parcel_lost": "Paket dicatat hilang, dan {amount} masuk daftar pengembalian uang.",
    "orders.parcel_resent": "Paket dicatat hilang. Barang pengganti sudah disisihkan: kemas dan kirim.",
    "orders.note_added": "Catatan disimpan.",
    "orders.note_required": "Tulis pesannya, paling sedikit tiga huruf.",
    "orders.loss_note_required": "Tulis apa yang terjadi, paling sedikit lima huruf.",
    "orders.outcome_required": "Pilih uang kembali atau kirim ulang.",
    "orders.bulk_none": "Pilih paling sedikit satu pesanan.",
    "orders.bulk_done": "{done} pesanan diterima dengan tanggal janji {day}.",
    "orders.bulk_failed": "{why} Karena itu {number} tidak diterima.",
    "order.part_cancelled": "Bagian itu dibatalkan. {amount} akan dikembalikan kepada Anda.",
    "order.help_sent": "Pesan Anda sudah sampai di unit dan kantor wilayahnya.",
    "order.address_changed": "Alamat pengiriman sudah diganti.",
    "returns.asked": "Permintaan pengembalian sudah dikirim. Unit menjawab paling lambat 3 hari.",
    "returns.approved": "Pengembalian disetujui. Pembeli diminta mengirim barangnya dalam 14 hari.",
    "returns.refused": "Pengembalian ditolak dengan alasan Anda.",
    "returns.received": "Barang dicatat di tempat barang kembali. Periksa lalu tentukan mutunya.",
    "returns.settled": "Pengembalian selesai; {amount} masuk daftar pengembalian uang.",
    "returns.reason_required": "Pilih alasan pengembalian.",
    "returns.note_required": "Ceritakan apa yang salah, paling sedikit tiga huruf.",
    "returns.answer_required": "Tulis jawaban untuk pembeli, paling sedikit tiga huruf.",
    "returns.too_many_photos": "Paling banyak tiga foto.",
}
