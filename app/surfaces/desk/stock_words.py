"""Short words for what stands in the ledger: kinds of entries, accounts, reasons, names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import VariantBrief
from app.domain.identity import queries as identity_queries
from app.domain.stock.types import Account, AdjustReason, CardRow, EntryKind, StockFilter

FORM: Final = "form"
"""Kind of source of everything typed at the desk."""

KINDS: Final[Mapping[EntryKind, str]] = {
    EntryKind.OPENING: "Saldo awal",
    EntryKind.PRODUCED: "Hasil produksi",
    EntryKind.FOUND: "Ditemukan",
    EntryKind.COUNTED_MORE: "Hitungan lebih",
    EntryKind.COUNTED_LESS: "Hitungan kurang",
    EntryKind.DAMAGED: "Rusak",
    EntryKind.SPOILED: "Kedaluwarsa atau basi",
    EntryKind.LOST: "Hilang",
    EntryKind.SAMPLED: "Contoh",
    EntryKind.CONSUMED: "Dipakai sendiri",
    EntryKind.HELD: "Dipesan",
    EntryKind.KEPT: "Pesanan diperpanjang",
    EntryKind.VOIDED: "Pesanan batal",
    EntryKind.EXPIRED: "Pesanan lewat waktu",
    EntryKind.SHIPPED: "Dikirim",
    EntryKind.DELIVERED: "Sampai ke pembeli",
    EntryKind.PURCHASED: "Pembelian",
    EntryKind.MOVED: "Pindah tempat",
    EntryKind.SOLD: "Terjual di kasir",
    EntryKind.FAIR_SENT: "Dibawa ke pameran",
    EntryKind.FAIR_RETURNED: "Kembali dari pameran",
    EntryKind.FAIR_LOST: "Hilang di pameran",
    EntryKind.TRANSFER_SENT: "Dikirim ke UPT lain",
    EntryKind.TRANSFER_DONE: "Diterima UPT lain",
    EntryKind.TRANSFER_RECEIVED: "Diterima dari UPT lain",
    EntryKind.TRANSFER_LOST: "Hilang di jalan",
    EntryKind.TRANSFER_RETURNED: "Batal dikirim",
    EntryKind.CAPACITY_OPENED: "Jatah kerja dibuka",
    EntryKind.CAPACITY_CLOSED: "Jatah kerja ditutup",
    EntryKind.REVERSED: "Pembalikan",
}

ACCOUNTS: Final[Mapping[Account, str]] = {
    Account.AVAILABLE: "Gudang",
    Account.SECOND_GRADE: "Mutu kedua",
    Account.QUARANTINE: "Karantina",
    Account.GALLERY: "Rak galeri",
    Account.RETURNED: "Retur",
    Account.TRANSIT_CUSTOMER: "Perjalanan ke pembeli",
    Account.PRODUCTION: "Bengkel kerja",
    Account.OPENING: "Saldo awal",
    Account.CUSTOMER: "Pembeli",
    Account.LOSS: "Susut",
    Account.FOUND: "Temuan",
    Account.SAMPLE: "Contoh",
    Account.CONSUMED: "Pemakaian sendiri",
    Account.FAIR: "Di pameran",
    Account.TRANSIT_UPT: "Di jalan ke UPT lain",
    Account.CAPACITY: "Jatah kerja",
    Account.SUPPLIER: "Pemasok",
    Account.OTHER_UPT: "UPT lain",
    Account.PLAN: "Rencana kerja",
}

REASONS: Final[Mapping[AdjustReason, str]] = {
    AdjustReason.OPENING: "Saldo awal saat mulai memakai aplikasi",
    AdjustReason.FOUND: "Barang ditemukan",
    AdjustReason.COUNT: "Beda hasil hitung fisik",
    AdjustReason.DAMAGED: "Rusak",
    AdjustReason.SPOILED: "Kedaluwarsa atau basi",
    AdjustReason.LOST: "Hilang",
    AdjustReason.SAMPLE: "Contoh atau hadiah",
    AdjustReason.INTERNAL_USE: "Dipakai UPT sendiri",
}

FILTERS: Final[Mapping[StockFilter, str]] = {
    StockFilter.ALL: "Semua",
    StockFilter.LOW: "Menipis",
    StockFilter.OUT: "Habis",
}


def name(variant_id: int) -> str:
    """Return a variant by its full name."""
    brief = catalog_queries.variant_briefs(variant_ids=[variant_id]).get(variant_id)
    return label(brief) if brief else ""


def label(brief: VariantBrief) -> str:
    """Return product, variant and code in one line."""
    words = [brief.product_name, brief.variant_name]
    return ", ".join(word for word in words if word) + f" ({brief.sku})"


def actor_names(rows: tuple[CardRow, ...]) -> Mapping[str, str]:
    """Return who did it, in words; buyers stay unnamed."""
    actors = {row.actor.partition(":")[::2] for row in rows}
    user_ids = {int(rest) for kind, rest in actors if kind == "user"}
    names = identity_queries.staff_names(user_ids=user_ids)
    found = {f"user:{user_id}": name for user_id, name in names.items()}
    found.update({f"system:{rest}": "Sistem" for kind, rest in actors if kind == "system"})
    return found


def line(rows: tuple[CardRow, ...]) -> str:
    """Return the points of a step line of the pieces in the store, oldest first, in 600 x 120."""
    if len(rows) < 2:
        return ""
    heights = [row.on_hand for row in reversed(rows)]
    top = max(heights) or 1
    points: list[str] = []
    before = ""
    for number, height in enumerate(heights):
        across, up = number * 600 // (len(heights) - 1), str(116 - height * 112 // top)
        if before:
            points.append(f"{across},{before}")
        points.append(f"{across},{up}")
        before = up
    return " ".join(points)
