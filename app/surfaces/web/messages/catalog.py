"""Sentences for products and pictures."""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "media.picture_refused": "Gambar ini tidak dapat dipakai.",
    "media.picture_empty": "Pilih berkas gambar dahulu.",
    "media.picture_too_large": "Berkas gambar terlalu besar. Paling besar 10 MB.",
    "media.picture_unknown_format": "Berkas ini bukan gambar JPEG, PNG, atau WebP.",
    "media.picture_too_many_pixels": "Ukuran gambar terlalu besar. Paling besar 25 megapiksel.",
    "media.picture_too_small": "Gambar terlalu kecil. Sisi terpendek paling sedikit 200 piksel.",
    "media.picture_animated": "Gambar bergerak tidak dapat dipakai. Pilih gambar diam.",
    "media.picture_damaged": "Berkas gambar rusak atau terpotong. Simpan ulang gambarnya lalu coba lagi.",
    "catalog.not_publishable": "Karya ini belum lengkap untuk ditampilkan kepada umum.",
    "catalog.product_changed": "Karya ini sudah diubah orang lain sejak formulir dibuka. Bandingkan lalu pilih.",
    "catalog.wrong_state": "Keadaan karya ini sudah berubah. Muat ulang halaman.",
    "catalog.too_many_images": "Satu karya paling banyak memuat {limit} gambar.",
    "catalog.too_many_variants": "Satu karya paling banyak memuat {limit} varian.",
    "catalog.sku_taken": "Kode barang ini sudah dipakai di UPT ini. Pakai kode lain.",
    "catalog.sku_shape": "Kode barang hanya berisi huruf, angka, titik, garis, dan garis miring.",
    "catalog.slug_taken": "Alamat karya ini baru saja dipakai. Simpan sekali lagi.",
    "catalog.alt_required": "Jelaskan apa yang tampak pada gambar, untuk orang yang tidak melihatnya.",
    "catalog.missing_summary": "Tulis ringkasan satu atau dua kalimat.",
    "catalog.missing_description": "Tulis penjelasan tentang karya ini.",
    "catalog.missing_lead_time": "Isi lama pengerjaan dalam hari.",
    "catalog.missing_variant": "Tambahkan paling sedikit satu varian yang dijual.",
    "catalog.missing_price": "Isi harga setiap varian yang dijual.",
    "catalog.missing_weight": "Isi berat setiap varian yang dijual.",
    "catalog.missing_size": "Isi panjang, lebar, dan tinggi setiap varian yang dijual.",
    "catalog.missing_picture": "Tambahkan paling sedikit satu gambar.",
    "catalog.created": "Draf disimpan. Sekarang tambahkan gambar.",
    "catalog.saved": "Perubahan disimpan.",
    "catalog.saved_public": "Perubahan disimpan dan langsung tampil di toko.",
    "catalog.published": "Karya ini sekarang tampil di toko.",
    "catalog.withdrawn": "Karya ini tidak lagi tampil di toko.",
    "catalog.image_added": "Gambar disimpan. Ukurannya untuk toko sedang disiapkan.",
    "catalog.images_saved": "Keterangan dan urutan gambar disimpan.",
    "catalog.image_removed": "Gambar dilepas dari karya ini.",
}
