"""Sentences of saved addresses, data export and erasure."""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "buyers.addresses_full": "Paling banyak {addresses_max} alamat. Hapus satu yang tidak dipakai lagi.",
    "buyers.orders_open": "Akun belum bisa dihapus: pesanan {numbers} masih berjalan atau uangnya belum tuntas.",
    "identity.staff_account": "Akun petugas tidak bisa dihapus sendiri. Hubungi administrator.",
    "account.address_saved": "Alamat disimpan.",
    "account.address_removed": "Alamat dihapus.",
    "account.address_default": "Alamat itu sekarang ditawarkan lebih dulu saat memesan.",
    "account.erased": "Akun Anda sudah dihapus. Terima kasih pernah berbelanja di sini.",
}
