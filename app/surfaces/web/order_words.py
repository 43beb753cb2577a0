"""Orders in words: what a state is called, how urgent it looks, and the steps behind and ahead.

Buyers and staff read different words for the same state; both come from here, so that a page, a
list and a notice never disagree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.domain.orders.types import (
    AlertKind,
    OrderEventRecord,
    ParcelState,
    RefuseReason,
    ReturnReason,
    ReturnState,
    UptOrderRecord,
    UptOrderState,
)
from app.domain.shipping.types import DeliveryMethod
from app.surfaces.web import filters

_S = UptOrderState

BUYER_LABELS: Final[Mapping[UptOrderState, str]] = {
    _S.DRAFT: "Keranjang",
    _S.HELD: "Menunggu pembayaran",
    _S.PLACED: "Menunggu konfirmasi unit",
    _S.ACCEPTED: "Dikonfirmasi",
    _S.PREPARING: "Disiapkan",
    _S.PART_SHIPPED: "Sebagian dikirim",
    _S.SHIPPED: "Dikirim",
    _S.DELIVERED: "Diterima",
    _S.COMPLETED: "Selesai",
    _S.CANCELLED: "Dibatalkan",
    _S.EXPIRED: "Kedaluwarsa",
}
"""Source: COMMERCE, child-order states, label for buyers."""

DESK_LABELS: Final[Mapping[UptOrderState, str]] = {
    **BUYER_LABELS,
    _S.PLACED: "Perlu diterima",
    _S.ACCEPTED: "Perlu disiapkan",
    _S.PREPARING: "Perlu dikirim",
    _S.SHIPPED: "Dalam perjalanan",
}

TONES: Final[Mapping[UptOrderState, str]] = {
    _S.DRAFT: "neutral",
    _S.HELD: "warning",
    _S.PLACED: "info",
    _S.ACCEPTED: "info",
    _S.PREPARING: "info",
    _S.PART_SHIPPED: "info",
    _S.SHIPPED: "success",
    _S.DELIVERED: "success",
    _S.COMPLETED: "success",
    _S.CANCELLED: "danger",
    _S.EXPIRED: "danger",
}

REASON_LABELS: Final[Mapping[RefuseReason, str]] = {
    RefuseReason.OUT_OF_STOCK: "Barang ternyata tidak ada",
    RefuseReason.DAMAGED: "Barang rusak sebelum dikirim",
    RefuseReason.CANNOT_DELIVER: "Alamat tidak terjangkau pengiriman",
    RefuseReason.UNIT_CLOSED: "Bengkel sedang tutup",
    RefuseReason.BUYER_ASKED: "Pembeli meminta batal",
    RefuseReason.UNANSWERED: "Unit tidak menjawab tepat waktu",
    RefuseReason.OTHER: "Sebab lain",
}

STAFF_REASONS: Final[Mapping[RefuseReason, str]] = {
    reason: text for reason, text in REASON_LABELS.items() if reason is not RefuseReason.UNANSWERED
}
"""Reasons that staff may give; the clock gives the other one."""

PARCEL_LABELS: Final[Mapping[ParcelState, str]] = {
    ParcelState.SENT: "Di jalan",
    ParcelState.DELIVERED: "Sampai",
    ParcelState.LOST: "Hilang",
}

PARCEL_TONES: Final[Mapping[ParcelState, str]] = {
    ParcelState.SENT: "info",
    ParcelState.DELIVERED: "success",
    ParcelState.LOST: "danger",
}

RETURN_LABELS: Final[Mapping[ReturnState, str]] = {
    ReturnState.ASKED: "Menunggu jawaban unit",
    ReturnState.APPROVED: "Menunggu barang kembali",
    ReturnState.RECEIVED: "Barang diperiksa",
    ReturnState.SETTLED: "Selesai",
    ReturnState.REFUSED: "Ditolak",
}

RETURN_TONES: Final[Mapping[ReturnState, str]] = {
    ReturnState.ASKED: "warning",
    ReturnState.APPROVED: "info",
    ReturnState.RECEIVED: "info",
    ReturnState.SETTLED: "success",
    ReturnState.REFUSED: "danger",
}

RETURN_REASONS: Final[Mapping[ReturnReason, str]] = {
    ReturnReason.DAMAGED: "Barang rusak",
    ReturnReason.WRONG_ITEM: "Barang keliru",
    ReturnReason.NOT_AS_SHOWN: "Tidak sesuai foto atau keterangan",
    ReturnReason.INCOMPLETE: "Tidak lengkap",
    ReturnReason.OTHER: "Sebab lain",
}

ALERT_LABELS: Final[Mapping[AlertKind, str]] = {
    AlertKind.REMINDER: "Tenggatnya besok",
    AlertKind.UNANSWERED: "Belum dijawab unit",
    AlertKind.STILL_UNANSWERED: "Tetap belum dijawab, segera dibatalkan",
    AlertKind.LATE: "Lewat tanggal janji",
    AlertKind.RETURN_UNANSWERED: "Pengembalian belum dijawab atau diperiksa",
}

EVENT_LABELS: Final[Mapping[str, str]] = {
    "check_out": "Pesanan dibuat",
    "confirm_payment": "Pembayaran diterima",
    "confirm_late_payment": "Pembayaran diterima terlambat",
    "expire": "Batas waktu bayar lewat",
    "cancel_unpaid": "Dibatalkan sebelum dibayar",
    "accept": "Diterima oleh unit",
    "refuse": "Ditolak oleh unit",
    "cancel": "Dibatalkan",
    "prepare": "Mulai disiapkan",
    "ship_part": "Sebagian diserahkan ke kurir",
    "ship": "Diserahkan ke kurir",
    "refuse_part": "Sebagian tidak bisa dipenuhi",
    "refuse_rest": "Sisanya tidak bisa dipenuhi",
    "deliver_part": "Sebagian sampai di pembeli",
    "resend_part": "Sebagian disiapkan ulang",
    "lose_part": "Satu paket dinyatakan hilang",
    "hand_over": "Diserahkan kepada pembeli",
    "resend": "Disiapkan ulang",
    "close_lost": "Paket dinyatakan hilang",
    "deliver": "Diterima pembeli",
    "complete": "Pesanan selesai",
}

STEP_LABELS: Final[Mapping[UptOrderState, str]] = {
    _S.HELD: "Dipesan",
    _S.PLACED: "Dibayar",
    _S.ACCEPTED: "Dikonfirmasi unit",
    _S.PREPARING: "Mulai disiapkan",
    _S.SHIPPED: "Dikirim",
    _S.DELIVERED: "Diterima",
}

COURIER_STEPS: Final = (_S.HELD, _S.PLACED, _S.ACCEPTED, _S.PREPARING, _S.SHIPPED, _S.DELIVERED)
PICKUP_STEPS: Final = (_S.HELD, _S.PLACED, _S.ACCEPTED, _S.PREPARING, _S.DELIVERED)

_WAITING_NOTES: Final[Mapping[UptOrderState, str]] = {
    _S.HELD: "Kami menunggu transfer Anda.",
    _S.PLACED: "Unit memeriksa barang lalu menjanjikan tanggal.",
    _S.ACCEPTED: "Giliran barang Anda segera tiba.",
    _S.PREPARING: "Barang sedang dikemas.",
    _S.PART_SHIPPED: "Sisanya sedang dikemas.",
    _S.SHIPPED: "Paket dalam perjalanan.",
}
"""What happens between a state and the step after it."""

_POSITION: Final = {
    _S.DRAFT: -1,
    _S.HELD: 0,
    _S.PLACED: 1,
    _S.ACCEPTED: 2,
    _S.PREPARING: 3,
    _S.PART_SHIPPED: 3,
    _S.SHIPPED: 4,
    _S.DELIVERED: 5,
    _S.COMPLETED: 6,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a timeline; ``state`` is done, now, next or failed."""

    label: str
    at_text: str
    state: str
    note: str = ""


def reason_label(code: str) -> str:
    """Return the words for a stored reason code; an empty text when there is none."""
    try:
        return REASON_LABELS[RefuseReason(code)]
    except ValueError:
        return ""


def reached_at(
    order: UptOrderRecord, events: Sequence[OrderEventRecord]
) -> dict[UptOrderState, datetime]:
    """Return when the child order last entered each state, from its own and its group's events."""
    found: dict[UptOrderState, datetime] = {}
    for event in events:
        if event.upt_order_id in (None, order.upt_order_id) and event.to_state in set(_S):
            found[_S(event.to_state)] = event.at
    return found


def steps(
    order: UptOrderRecord, events: Sequence[OrderEventRecord], *, timezone: str
) -> tuple[Step, ...]:
    """Return the steps of a child order: what is done, what happens now, what comes next."""
    times = reached_at(order, events)
    path = PICKUP_STEPS if order.delivery_method is DeliveryMethod.PICKUP else COURIER_STEPS

    def at_text(state: UptOrderState) -> str:
        return filters.local_datetime(times[state], timezone) if state in times else ""

    if order.state in (_S.CANCELLED, _S.EXPIRED):
        done = [
            Step(STEP_LABELS[state], at_text(state), "done") for state in path if state in times
        ]
        failed = Step(
            BUYER_LABELS[order.state],
            at_text(order.state),
            "failed",
            reason_label(order.reason_code),
        )
        return (*done, failed)
    position = _POSITION[order.state]
    if order.state is _S.HELD:
        ahead = "Diambil di galeri" if path is PICKUP_STEPS else "Disiapkan dan dikirim"
        first = (_step(order, state, position, at_text(state)) for state in path[:2])
        return (*first, Step(ahead, "", "next"))
    return tuple(_step(order, state, position, at_text(state)) for state in path)


def _step(order: UptOrderRecord, state: UptOrderState, position: int, at_text: str) -> Step:
    is_pickup = order.delivery_method is DeliveryMethod.PICKUP
    label = "Diambil di galeri" if is_pickup and state is _S.DELIVERED else STEP_LABELS[state]
    place = _POSITION[state]
    if place <= position:
        return Step(label, at_text, "done", _note(order, state))
    is_first_ahead = place == position + 1 or (is_pickup and position == 3)
    if not is_first_ahead:
        return Step(label, "", "next", _promise(order, state))
    waiting = _WAITING_NOTES[order.state]
    if is_pickup and order.state is _S.PREPARING:
        waiting = "Barang disiapkan untuk Anda ambil di galeri."
    return Step(label, "", "now", f"{waiting} {_promise(order, state)}".strip())


def _promise(order: UptOrderRecord, state: UptOrderState) -> str:
    is_leaving = state is _S.SHIPPED or (
        state is _S.DELIVERED and order.delivery_method is DeliveryMethod.PICKUP
    )
    if is_leaving and order.promised_on:
        return f"Dijanjikan paling lambat {filters.local_date(order.promised_on)}."
    return ""


def _note(order: UptOrderRecord, state: UptOrderState) -> str:
    if state is _S.SHIPPED and order.tracking_number:
        return f"{order.carrier}, nomor resi {order.tracking_number}"
    return ""


def delivery_text(order: UptOrderRecord) -> str:
    """Return how the goods reach the buyer, for example ``Kurir reguler``."""
    if order.delivery_method is DeliveryMethod.PICKUP:
        return "Ambil di galeri"
    return f"Kurir {order.delivery_service.replace('-', ' ')}"
