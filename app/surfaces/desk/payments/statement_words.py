"""Bank rows in words: their states, why an order is offered, what a confirmation led to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.domain.payments.types import Offer, RowState, TransferResult, Why
from app.surfaces.web.filters import idr

STATES: Final[Mapping[RowState, str]] = {
    RowState.NEW: "Belum dikenali",
    RowState.MATCHED: "Sudah cocok",
    RowState.IGNORED: "Disisihkan",
}

TONES: Final[Mapping[RowState, str]] = {
    RowState.NEW: "warning",
    RowState.MATCHED: "success",
    RowState.IGNORED: "neutral",
}

OUTCOMES: Final[Mapping[TransferResult, tuple[str, str]]] = {
    TransferResult.SETTLED: ("success", "Pesanan lunas."),
    TransferResult.HELD_FOR_REVIEW: (
        "warning",
        "Dicatat; jumlahnya lain, ditahan untuk diperiksa.",
    ),
    TransferResult.LATE: ("warning", "Dicatat; pesanannya sudah ditutup, ditahan untuk diperiksa."),
    TransferResult.DUPLICATE: (
        "warning",
        "Dicatat; pesanannya sudah lunas, ditahan untuk diperiksa.",
    ),
}

_WHY: Final[Mapping[Why, str]] = {
    Why.CODE: "kode sama",
    Why.CODE_MISREAD: "kode sama, satu tanda salah baca",
    Why.AMOUNT: "jumlah tepat",
    Why.DAY: "tanggal cocok",
    Why.NAME: "nama cocok",
    Why.CLOSED: "pesanan sudah ditutup",
    Why.TWO_CODES: "ada dua kode",
    Why.OTHER_ROW: "baris lain memakai kode yang sama",
}


def why(offer: Offer) -> str:
    """Return in words what speaks for an offer and what against it."""
    words = []
    for reason in offer.why:
        if reason is Why.OTHER_AMOUNT:
            words.append(f"yang ditunggu {idr(offer.candidate.missing_idr)}")
        else:
            words.append(_WHY[reason])
    return ", ".join(words)
