"""Sentences for codes of the kernel and for wrong fields in general."""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "error.unknown": "Terjadi kesalahan yang belum kami kenali.",
    "input.invalid": "Ada isian yang perlu diperbaiki.",
    "resource.not_found": "Halaman atau data ini tidak ditemukan.",
    "actor.not_allowed": "Anda belum diberi wewenang untuk tindakan ini.",
    "state.conflict": "Keadaannya sudah berubah. Muat ulang halaman lalu coba lagi.",
    "state.expired": "Batas waktunya sudah lewat.",
    "service.busy": "Sistem sedang sibuk. Tunggu sebentar lalu coba lagi.",
    "idempotency.mismatch": "Formulir ini sudah pernah dikirim dengan isi lain. Muat ulang halaman lalu isi kembali.",
    "request.csrf": "Formulir ini sudah terlalu lama terbuka. Muat ulang halaman lalu kirim lagi.",
    "field.required": "Wajib diisi.",
    "field.invalid": "Isian ini tidak dapat dipakai.",
    "field.unknown": "Isian ini tidak dikenal.",
    "field.too_short": "Terlalu pendek, paling sedikit {min_length} huruf.",
    "field.too_long": "Terlalu panjang, paling banyak {max_length} huruf.",
    "field.pattern": "Bentuknya tidak sesuai.",
    "field.text_required": "Isi dengan teks.",
    "field.whole_number": "Isi dengan angka bulat tanpa koma.",
    "field.too_small": "Angkanya terlalu kecil.",
    "field.too_large": "Angkanya terlalu besar.",
    "field.choice": "Pilih salah satu yang tersedia.",
    "field.date": "Isi tanggal dengan benar, contoh 2026-11-21.",
    "field.too_many": "Isian ini dikirim lebih dari sekali.",
    "jobs.revived": "Pekerjaan dijadwalkan ulang.",
    "field.control_signs": "Ada tanda yang tidak dapat dibaca. Ketik ulang isian ini.",
}
