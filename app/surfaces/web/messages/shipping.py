"""Words about delivery."""

from __future__ import annotations

from typing import Final

MESSAGES: Final = {
    "checkout.no_route": "Dari {name} tidak ada kurir ke alamat ini. Pilih ambil di galeri.",
    "shipping.too_big": "Barang terlalu besar atau terlalu berat untuk layanan ini.",
    "shipping.too_slow": "Perjalanannya terlalu lama untuk makanan segar ini.",
    "shipping.slot_required": "Pilih waktu mengambil barang.",
    "shipping.slot_unavailable": "Waktu itu sudah penuh atau sudah lewat. Pilih waktu lain.",
    "shipping.slot_moved": "Waktu pengambilan sudah diganti.",
    "shipping.slot_not_needed": "Pesanan ini tidak menunggu diambil.",
    "shipping.rates_unreadable": "Berkas ini tidak dapat dibaca sebagai tabel ongkos kirim.",
    "shipping.rates_refused": "Ada {count} sel yang salah, jadi belum ada tarif yang disimpan.",
    "shipping.plan_changed": (
        "Jadwal ini baru saja diubah orang lain. Lihat isinya sekarang, lalu ubah lagi."
    ),
    "shipping.plan_saved": "Jadwal pengambilan disimpan.",
    "shipping.rule_saved": "Gratis ongkir disimpan.",
    "shipping.rule_ended": "Gratis ongkir dihentikan.",
    "shipping.rate_ended": "Tarif dihentikan; mulai hari ini tidak dipakai lagi.",
    "shipping.rates_loaded": "{new} tarif baru disimpan; {known} sudah ada sebelumnya.",
    "shipping.clock": "Tulis jam seperti 08:30.",
    "shipping.days_in_order": "Hari terakhir tidak boleh sebelum hari pertama.",
    "shipping.hours_in_order": "Jam tutup harus setelah jam buka, cukup untuk satu waktu.",
    "shipping.file_missing": "Pilih berkas CSV atau XLSX dulu.",
    "shipping.file_gone": "Berkas itu sudah tidak ada. Unggah sekali lagi.",
    "shipping.file_empty": "Berkas ini kosong.",
    "shipping.file_too_big": "Berkas terlalu besar: paling besar 2 MB.",
    "shipping.file_too_many_rows": "Baris terlalu banyak: paling banyak 5.000.",
    "shipping.file_too_many_columns": "Kolom terlalu banyak.",
    "shipping.file_not_a_table": "Berkas ini bukan tabel CSV atau XLSX.",
    "shipping.file_damaged": "Berkas ini rusak. Simpan ulang dari aslinya, lalu unggah lagi.",
    "shipping.file_old_excel": "Simpan dulu sebagai XLSX atau CSV; bentuk lama tidak dibaca.",
    "shipping.column_missing": "Kolom ini tidak ada di berkas.",
    "shipping.column_unknown": "Kolom ini tidak dikenal.",
    "shipping.column_twice": "Kolom ini ada dua kali.",
    "shipping.origin_unknown": "Kosongkan (UPT ini), atau tulis kode provinsi dua angka.",
    "shipping.origin_not_yours": "Tarif untuk seluruh provinsi hanya diisi dari pusat.",
    "shipping.destination_unknown": "Kode provinsi (31) atau kabupaten/kota (31.74) tidak dikenal.",
    "shipping.carrier_unknown": "Kurir ini tidak dikenal. Lihat daftar di bawah.",
    "shipping.service_pattern": "Pakai huruf kecil, angka, dan tanda hubung, paling panjang 24.",
    "shipping.amount": "Tulis rupiah bulat tanpa titik, koma, atau Rp.",
    "shipping.number": "Tulis bilangan bulat yang wajar.",
    "shipping.days": "Tulis jumlah hari 0 sampai 120.",
    "shipping.tiers": "Tulis jenjang naik, misalnya 20=4000|50=3500.",
    "shipping.day_wrong": "Tulis tanggal seperti 2026-11-30 atau 30/11/2026.",
    "shipping.row_twice": "Tujuan, kurir, layanan, dan hari pertama ini sudah ada di baris lain.",
    "shipping.rate_differs": (
        "Tarif ini sudah ada dengan angka lain. Beri hari pertama yang baru, jangan menimpa."
    ),
    "shipping.place_many": "Ada beberapa tempat. Pilih salah satu.",
    "shipping.place_none": "Tempat itu tidak ditemukan. Coba nama kabupaten, kota, atau kode pos.",
}
