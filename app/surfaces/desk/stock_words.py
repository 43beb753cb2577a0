"""Short words for what stands in the ledger: kinds of entries, accounts, reasons, names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import VariantBrief
from app.domain.identity import queries as identity_queries
from app.domain.stock.types import (
    Account,
    AdjustReason,
    CardRow,
    EntryKind,
    LotBalance,
    StockFilter,
)

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
    EntryKind.PARCEL_LOST: "Paket hilang di jalan",
    EntryKind.RETURNED: "Dikembalikan pembeli",
    EntryKind.REVERSED: "Pembalikan",
    EntryKind.PURCHASED: "Barang dibeli",
    EntryKind.MOVED: "Pindah tempat",
    EntryKind.SOLD: "Terjual",
    EntryKind.FAIR_SENT: "Dibawa ke pameran",
    EntryKind.FAIR_RETURNED: "Kembali dari pameran",
    EntryKind.FAIR_LOST: "Hilang atau rusak di pameran",
    EntryKind.TRANSFER_SENT: "Dikirim ke UPT lain",
    EntryKind.TRANSFER_DONE: "Diterima UPT lain",
    EntryKind.TRANSFER_RECEIVED: "Datang dari UPT lain",
    EntryKind.TRANSFER_LOST: "Hilang atau rusak di jalan",
    EntryKind.TRANSFER_RETURNED: "Kiriman kembali",
    EntryKind.CAPACITY_OPENED: "Jatah kerja dibuka",
    EntryKind.CAPACITY_CLOSED: "Jatah kerja ditutup",
}

ACCOUNTS: Final[Mapping[Account, str]] = {
    Account.AVAILABLE: "Gudang",
    Account.GALLERY: "Rak galeri",
    Account.SECOND_GRADE: "Mutu kedua",
    Account.QUARANTINE: "Karantina",
    Account.RETURNED: "Retur",
    Account.FAIR: "Di pameran",
    Account.TRANSIT_UPT: "Di jalan ke UPT lain",
    Account.TRANSIT_CUSTOMER: "Di jalan ke pembeli",
    Account.CAPACITY: "Jatah kerja",
    Account.PRODUCTION: "Bengkel kerja",
    Account.OPENING: "Saldo awal",
    Account.CUSTOMER: "Pembeli",
    Account.LOSS: "Susut",
    Account.FOUND: "Temuan",
    Account.SAMPLE: "Contoh",
    Account.CONSUMED: "Pemakaian sendiri",
    Account.SUPPLIER: "Pemasok",
    Account.OTHER_UPT: "UPT lain",
    Account.PLAN: "Rencana kerja",
}

PLACES: Final[Mapping[str, Account]] = {
    "gudang": Account.AVAILABLE,
    "rak": Account.GALLERY,
    "mutu-dua": Account.SECOND_GRADE,
    "karantina": Account.QUARANTINE,
    "retur": Account.RETURNED,
    "pameran": Account.FAIR,
    "jalan": Account.TRANSIT_UPT,
}
"""Places by their word in addresses, in the order of the table."""

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


def place_options(accounts: Sequence[Account]) -> list[tuple[str, str]]:
    """Return places as the options of a select."""
    return [(account.value, ACCOUNTS[account]) for account in accounts]


def way(row: CardRow) -> str:
    """Return from where to where a line of the stock card went, in words."""
    return f"{ACCOUNTS[row.from_account]} → {ACCOUNTS[row.to_account]}"


def pick_first(lots: Sequence[LotBalance], *, on: date) -> tuple[LotBalance, str] | None:
    """Return the lot to take first, with a word why; blocked and expired lots are passed over."""
    free = [
        lot
        for lot in lots
        if lot.is_open
        and lot.on_hand > lot.held
        and (lot.expires_on is None or lot.expires_on >= on)
    ]
    if not free:
        return None
    first = free[0]
    if len({lot.lot_id for lot in free}) == 1:
        return first, "satu-satunya lot yang bebas"
    if first.expires_on is not None:
        return first, "paling dulu kedaluwarsa"
    return first, "lot tertua"


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
