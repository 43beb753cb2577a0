"""Sentences of cart, checkout, orders, account, and the desk's orders and payments."""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "cart.quantity_too_large": "Paling banyak {quantity_max} buah untuk satu barang.",
    "cart.full": "Keranjang sudah penuh: paling banyak {lines_max} macam barang sekali pesan.",
    "cart.not_sold_online": "{product_name} tidak dijual lewat keranjang. Hubungi galerinya langsung.",
    "cart.added": "{name} masuk keranjang.",
    "cart.changed": "Jumlah {name} menjadi {quantity}.",
    "cart.removed": "{name} dikeluarkan dari keranjang.",
    "cart.restored": "{name} kembali ke keranjang.",
    "cart.quantity_wrong": "Isi jumlah dengan angka bulat dari 1 sampai 999.",
    "cart.line_gone": "Barang itu sudah tidak ada di keranjang.",
}
