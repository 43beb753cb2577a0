"""Sentences for people, places, units and the register."""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "identity.wrong_credentials": "Surel atau kata sandi tidak cocok.",
    "identity.too_many_attempts": (
        "Terlalu banyak percobaan. Tunggu {wait_min} menit, lalu coba lagi."
    ),
    "identity.email_taken": "Surel ini sudah punya akun. Silakan masuk.",
    "identity.email_shape": "Tulis alamat surel yang benar, contoh nama@contoh.id.",
    "identity.phone_shape": "Tulis nomor telepon dengan angka, contoh 0812 3456 7890.",
    "identity.password_too_short": "Kata sandi paling sedikit 10 huruf.",
    "identity.password_too_long": "Kata sandi paling banyak 128 huruf.",
    "identity.password_too_easy": (
        "Kata sandi ini mudah ditebak. Pakai beberapa kata yang tidak berhubungan."
    ),
    "identity.wrong_password": "Kata sandi yang sekarang tidak cocok.",
    "identity.last_national_admin": (
        "Ini admin nasional terakhir. Beri peran itu kepada orang lain dulu."
    ),
    "identity.own_grant": "Peran dan akun sendiri hanya dapat diubah oleh orang lain.",
    "identity.beyond_own_powers": "Peran ini melebihi wewenang yang boleh Anda berikan.",
    "identity.grant_exists": "Orang ini sudah memegang peran itu untuk lingkup yang sama.",
    "identity.grant_ended": "Peran ini sudah dicabut.",
    "identity.scope_not_for_role": "Peran ini tidak memakai lingkup itu. Kosongkan.",
    "identity.grant_in_the_past": "Tanggal mulai tidak boleh sebelum hari ini.",
    "identity.grant_ends_before_it_begins": "Tanggal akhir tidak boleh sebelum tanggal mulai.",
    "identity.signed_out": "Anda sudah keluar.",
    "identity.welcome": "Selamat datang, {name}.",
    "identity.user_created": "Akun {name} dibuat. Sekarang beri perannya.",
    "identity.user_opened": "Akun {name} dibuka kembali.",
    "identity.user_closed": "Akun {name} ditutup dan semua sesinya diakhiri.",
    "identity.sessions_ended": "Semua sesi {name} diakhiri.",
    "identity.role_granted": "Peran diberikan.",
    "identity.role_revoked": "Peran dicabut. Berlaku sejak sekarang.",
    "upt.slug_taken": "Alamat ini sudah dipakai UPT lain.",
    "upt.slug_shape": "Pakai huruf kecil, angka, dan tanda hubung, contoh lapas-indramayu.",
    "upt.kanwil_code_taken": "Kode ini sudah dipakai kanwil lain.",
    "upt.province_taken": "Provinsi ini sudah dilayani kanwil lain: {provinces}.",
    "upt.province_unknown": "Kode provinsi tidak dikenal: {codes}.",
    "upt.regency_unknown": "Kode kabupaten/kota tidak dikenal.",
    "upt.village_unknown": "Desa atau kelurahan tidak dikenal.",
    "upt.village_unclear": (
        "Beberapa tempat cocok, atau tidak ada. Tambahkan nama kecamatan atau kode pos."
    ),
    "upt.village_elsewhere": "Desa ini bukan di kabupaten/kota yang dipilih.",
    "upt.postcode_shape": "Kode pos terdiri atas 5 angka.",
    "upt.name_before_present": (
        "Nama ini berlaku lebih awal daripada nama yang sekarang tercatat."
    ),
    "upt.too_many_aliases": "Nama lain paling banyak 20.",
    "upt.alias_too_long": "Nama lain paling banyak 200 huruf.",
    "upt.saved": "{name} disimpan.",
    "upt.kanwil_saved": "{name} disimpan.",
    "upt.register_unreadable": "Berkas ini tidak dapat dibaca sebagai daftar UPT.",
    "upt.register_refused": "Daftar ini masih berisi {count} sel yang salah. Tidak ada yang diubah.",
    "upt.register_applied": "{added} UPT ditambahkan, {changed} diperbarui, {unchanged} tetap.",
    "register.file_missing": "Pilih berkas CSV atau XLSX.",
    "register.file_gone": "Berkas pratinjau sudah tidak ada. Unggah lagi.",
    "register.file_empty": "Berkas ini kosong.",
    "register.file_too_big": "Berkas ini terlalu besar. Paling besar 2 MB.",
    "register.file_too_many_rows": "Berkas ini berisi terlalu banyak baris. Paling banyak 2.000.",
    "register.file_too_many_columns": "Berkas ini berisi terlalu banyak kolom.",
    "register.file_old_excel": "Format .xls lama tidak didukung. Simpan sebagai .xlsx atau .csv.",
    "register.file_not_a_table": "Isi berkas ini bukan tabel CSV atau XLSX.",
    "register.file_damaged": "Berkas ini rusak atau terpotong.",
    "register.no_heading": "Baris pertama harus berisi judul kolom.",
    "register.no_rows": "Tidak ada baris di bawah judul kolom.",
    "register.too_many_rows": "Terlalu banyak baris. Paling banyak 2.000.",
    "register.unknown_column": "Judul kolom ini tidak dikenal.",
    "register.repeated_column": "Judul kolom ini muncul dua kali.",
    "register.missing_column": "Kolom ini tidak ada.",
    "register.too_many_cells": "Baris ini punya lebih banyak sel daripada judul kolom.",
    "register.cell_too_long": "Isi sel terlalu panjang.",
    "register.formula": "Isi sel tidak boleh diawali =, +, -, atau @.",
    "register.kind_unknown": "Jenis tidak dikenal. Pakai lapas, rutan, lpka, bapas, atau rs.",
    "register.kind_left_ministry": (
        "Rupbasan sudah pindah ke Kejaksaan, jadi tidak dicatat di sini."
    ),
    "register.subkind_unknown": (
        "Kekhususan tidak dikenal. Pakai umum, perempuan, narkotika, pemuda, terbuka, atau khusus."
    ),
    "register.class_unknown": "Kelas tidak dikenal. Pakai I, IIA, IIB, II, atau III.",
    "register.kanwil_unknown": "Kode kanwil tidak dikenal.",
    "register.regency_shape": "Kode kabupaten/kota berbentuk 32.12.",
    "register.regency_outside_kanwil": "Kabupaten/kota ini di luar wilayah kanwil tersebut.",
    "register.timezone_unknown": (
        "Zona waktu tidak dikenal. Pakai Asia/Jakarta, Asia/Makassar, atau Asia/Jayapura."
    ),
    "register.timezone_elsewhere": "Zona waktu ini bukan zona provinsinya.",
    "register.day_too_early": "Tanggal ini sebelum 17 Agustus 1945.",
    "register.day_too_late": "Tanggal ini lebih dari setahun lagi.",
    "register.slug_with_class": "Alamat jangan memuat kelas, supaya tautan tetap berlaku.",
    "register.repeated_unit": "UPT ini sudah ada di baris sebelumnya.",
    "register.alias_of_another": "Nama lain ini milik UPT lain.",
}
