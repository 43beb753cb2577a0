"""Sentences of the treasurer's desk: bank statements, proofs of transfer, refunds, comparisons."""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "payments.statement_refused": "Berkas ini tidak dapat dibaca sebagai rekening koran.",
    "payments.statement_missing": "Pilih berkas rekening koran dahulu.",
    "payments.statement_empty": "Berkas ini kosong.",
    "payments.statement_too_big": "Berkas ini terlalu besar. Paling besar 4 MB; unduh per bulan.",
    "payments.statement_too_many_rows": "Berkas ini berisi lebih dari 20.000 baris. Unduh per bulan.",
    "payments.statement_too_many_columns": "Berkas ini berisi lebih dari 40 kolom.",
    "payments.statement_not_a_table": "Isi berkas ini bukan tabel. Unduh mutasi sebagai CSV.",
    "payments.statement_damaged": "Berkas ini rusak atau terpotong. Unduh ulang dari bank.",
    "payments.statement_old_excel": "Format .xls lama tidak dapat dibaca. Simpan sebagai .csv atau .xlsx.",
    "payments.statement_locked": "Berkas ini dikunci kata sandi. Buka kuncinya, simpan, lalu kirim lagi.",
    "payments.statement_not_ready": "Berkas ini belum dapat dimasukkan: masih ada kesalahan, kolomnya belum dipilih, atau sudah diputuskan.",
    "payments.statement_under_way": "Rekening koran yang sama sedang dimasukkan. Tekan sekali lagi.",
    "payments.statement_amount_shape": "Bukan jumlah rupiah, contoh 185.000,00.",
    "payments.statement_fraction": "Jumlah ini bersen; bank tidak mengirim pecahan rupiah.",
    "payments.statement_direction": "Arah uang tidak dikenal; yang dikenal CR, DB, K, dan D.",
    "payments.statement_day_shape": "Bukan tanggal, contoh 22/11/2026.",
    "payments.statement_day_future": "Tanggal ini belum tiba.",
    "payments.statement_imported": "{rows} baris uang masuk ditambahkan.",
    "payments.statement_nothing_new": "Semua baris berkas ini sudah ada; tidak ada yang ditambahkan.",
    "payments.statement_discarded": "Berkas dibuang; tidak ada yang masuk.",
    "payments.columns_chosen": "Kolom dipakai. Periksa hasil bacanya.",
    "payments.account_required": "Pilih rekening, atau tulis nama bank dan nomor rekening yang baru.",
    "payments.row_taken": "Baris ini sudah diputuskan orang lain; tidak ada yang berubah.",
    "payments.entry_unfit": "Transfer yang dicatat tangan itu bukan uang dari baris ini.",
    "payments.row_linked": "Baris ditautkan ke transfer yang sudah dicatat tangan.",
    "payments.row_ignored": "Baris disisihkan.",
    "payments.row_reopened": "Baris kembali ke daftar yang belum dikenali.",
    "payments.row_no_longer_sure": "Tidak lagi pasti; putuskan satu per satu.",
    "payments.rows_not_chosen": "Tandai dahulu baris yang akan dicocokkan.",
    "payments.reason_required": "Tulis mengapa baris ini disisihkan.",
}
