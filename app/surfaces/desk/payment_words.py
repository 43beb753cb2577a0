"""Money in words: states, why a transfer is held and what can be done, kinds of money rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.domain.payments.types import (
    AttemptState,
    GatewayDifference,
    MoneyEntryRecord,
    MoneyKind,
    PaymentPage,
    PaymentState,
    RefundState,
    ReviewReason,
    ReviewRecord,
    RunState,
)
from app.surfaces.web.filters import idr

STATES: Final[Mapping[PaymentState, str]] = {
    PaymentState.NONE: "Ditutup tanpa pembayaran",
    PaymentState.PENDING: "Menunggu transfer",
    PaymentState.PART_PAID: "Kurang bayar",
    PaymentState.PAID: "Lunas",
    PaymentState.OVERPAID: "Lebih bayar",
    PaymentState.PART_REFUNDED: "Sebagian dikembalikan",
    PaymentState.REFUNDED: "Dikembalikan",
}

TONES: Final[Mapping[PaymentState, str]] = {
    PaymentState.NONE: "neutral",
    PaymentState.PENDING: "warning",
    PaymentState.PART_PAID: "danger",
    PaymentState.PAID: "success",
    PaymentState.OVERPAID: "danger",
    PaymentState.PART_REFUNDED: "info",
    PaymentState.REFUNDED: "info",
}

KINDS: Final[Mapping[MoneyKind, str]] = {
    MoneyKind.RECEIVED: "Uang masuk",
    MoneyKind.SETTLED: "Dibagikan ke UPT",
    MoneyKind.REFUND_DUE: "Harus dikembalikan",
    MoneyKind.REFUNDED: "Sudah dikembalikan",
}


TRIES: Final[Mapping[AttemptState, tuple[str, str]]] = {
    AttemptState.OPEN: ("Terbuka", "warning"),
    AttemptState.SUCCEEDED: ("Terbayar", "success"),
    AttemptState.EXPIRED: ("Lewat waktu", "neutral"),
    AttemptState.CANCELLED: ("Ditutup", "neutral"),
}

SENT_BACK: Final[Mapping[RefundState, tuple[str, str]]] = {
    RefundState.OPEN: ("Sedang dikirim", "warning"),
    RefundState.SUCCEEDED: ("Sampai", "success"),
    RefundState.FAILED: ("Gagal", "danger"),
}

RUNS: Final[Mapping[RunState, tuple[str, str]]] = {
    RunState.SAME: ("Sama", "success"),
    RunState.DIFFERS: ("Berbeda", "danger"),
    RunState.FAILED: ("Tidak jadi", "warning"),
}

_DIFFERENCES: Final[Mapping[str, str]] = {
    "the provider took it, our books lack it": "Penyedia menerima uang ini; buku kita belum memuatnya.",
    "in our books, not in the provider's list": "Ada di buku kita, tidak ada di daftar penyedia.",
}


def difference(found: GatewayDifference) -> str:
    """Return in words what does not agree."""
    return _DIFFERENCES.get(found.what, f"Jumlahnya berbeda ({found.what}).")


_MISMATCH: Final = (
    "Penyedia menyebut uang dengan kunci, mata uang, atau lingkungan lain, jadi belum dibukukan. "
    "Lihat uang itu di halaman penyedia; kembalikan dari sana bila perlu, lalu tutup pemeriksaan."
)


@dataclass(frozen=True, slots=True)
class Review:
    """Money held, with what is wrong and what may be done about it."""

    record: ReviewRecord
    title: str
    text: str
    can_settle: bool
    settle_text: str
    refund_text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One money row in words."""

    record: MoneyEntryRecord
    kind: str
    for_whom: str


@dataclass(frozen=True, slots=True)
class Due:
    """Money to be sent back out of one share, or out of money that was never settled."""

    upt_order_number: str
    label: str
    due_idr: int


def review(record: ReviewRecord) -> Review:
    """Return a review in plain words."""
    held, expected = record.unsettled_idr, record.expected_idr
    surplus = held - expected
    title, text = {
        ReviewReason.WRONG_AMOUNT: (
            f"Kurang {idr(-surplus)}" if surplus < 0 else f"Lebih {idr(surplus)}",
            f"Uang yang ada {idr(held)}, tagihannya {idr(expected)}.",
        ),
        ReviewReason.LATE: (
            "Datang setelah pesanan ditutup",
            f"Uang yang ada {idr(held)}, tagihannya {idr(expected)}. Stoknya sudah kembali dijual.",
        ),
        ReviewReason.DUPLICATE: (
            "Pesanan sudah lunas",
            f"Uang {idr(held)} ini datang untuk pesanan yang sudah dibayar.",
        ),
        ReviewReason.MISMATCH: (
            "Uang kartu tidak cocok",
            _MISMATCH,
        ),
    }[record.reason]
    can_settle = record.reason is not ReviewReason.DUPLICATE and surplus >= 0
    settle_text = "Nyatakan lunas"
    if surplus > 0:
        settle_text = f"Nyatakan lunas, kembalikan {idr(surplus)}"
    refund_text = f"Kembalikan {idr(held)}" if held else "Tutup pemeriksaan"
    return Review(record, title, text, can_settle, settle_text, refund_text)


def entry(record: MoneyEntryRecord) -> Entry:
    """Return a money row in words."""
    return Entry(record, KINDS[record.kind], record.upt_order_number or "seluruh pesanan")


def dues(page: PaymentPage) -> tuple[Due, ...]:
    """Return what must still go back, share by share, then money that was never settled."""
    found = [
        Due(share.upt_order_number, share.upt_order_number, share.owed_idr - share.refunded_idr)
        for share in page.shares
        if share.owed_idr > share.refunded_idr
    ]
    sums = page.payment.sums
    unsettled_idr = sums.owed_unsettled_idr - sums.refunded_unsettled_idr
    if unsettled_idr > 0:
        found.append(Due("", "Uang yang tidak dibagikan", unsettled_idr))
    return tuple(found)
