"""Orders in lists of the desk: the words of the address, the clocks, the tabs with their counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import url_for

from app.domain.orders.types import WAITING_FOR_UPT, UptOrderRow, UptOrderState
from app.domain.shipping.types import DeliveryMethod
from app.kernel import clock
from app.surfaces.web import order_words

_S = UptOrderState

BOARD: Final = "papan"
SEARCH_MAX: Final = 60

BOARD_STATES: Final = (*WAITING_FOR_UPT, _S.PART_SHIPPED)
"""States in which the UPT has goods to send."""

FILTERS: Final[Mapping[str, tuple[str, tuple[UptOrderState, ...]]]] = {
    BOARD: ("Papan", BOARD_STATES),
    "perlu-diterima": ("Perlu diterima", (_S.PLACED,)),
    "perlu-disiapkan": ("Perlu disiapkan", (_S.ACCEPTED,)),
    "perlu-dikirim": ("Perlu dikirim", (_S.PREPARING, _S.PART_SHIPPED)),
    "dalam-perjalanan": ("Di jalan", (_S.SHIPPED,)),
    "selesai": ("Selesai", (_S.DELIVERED, _S.COMPLETED)),
    "belum-dibayar": ("Belum dibayar", (_S.HELD,)),
    "batal": ("Batal", (_S.CANCELLED, _S.EXPIRED)),
    "semua": ("Semua", ()),
}
"""Word in the address, label, states; no states means all."""


@dataclass(frozen=True, slots=True)
class Row:
    """One order in a list or on the board."""

    row: UptOrderRow
    label: str
    tone: str
    goods: str
    destination: str
    due_text: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the board."""

    title: str
    rows: tuple[Row, ...]


def search_text(typed: str) -> str:
    """Return what was searched for, shortened and without signs that no number or name has."""
    return " ".join(typed.split())[:SEARCH_MAX].replace("\x00", "")


def make_row(row: UptOrderRow, *, at: datetime, timezone: str) -> Row:
    """Return an order of a list with its words and its clock, in the UPT's own calendar."""
    more = f" + {row.line_count - 1} macam" if row.line_count > 1 else ""
    is_pickup = row.delivery_method is DeliveryMethod.PICKUP
    due = row.act_by_at if row.state in BOARD_STATES else None
    return Row(
        row=row,
        label=order_words.DESK_LABELS[row.state],
        tone=order_words.TONES[row.state],
        goods=f"{row.quantity_total} × {row.first_product_name}{more}"
        if not more
        else f"{row.first_product_name}{more}, {row.quantity_total} buah",
        destination="Diambil di galeri" if is_pickup else row.regency,
        due_text=_due_text(row, due, at=at, timezone=timezone) if due else "",
        is_late=due is not None and due < at,
    )


def _due_text(row: UptOrderRow, due: datetime, *, at: datetime, timezone: str) -> str:
    verb = "Jawab" if row.state is UptOrderState.PLACED else "Kirim"
    days = (
        row.promised_on or clock.local_date(at=due, timezone=timezone)
    ).toordinal() - clock.local_date(at=at, timezone=timezone).toordinal()
    if due < at:
        return f"{verb}: lewat {-days} hari" if days < 0 else f"{verb}: sudah lewat"
    if days == 0:
        return f"{verb} hari ini"
    if days == 1:
        return f"{verb} paling lambat besok"
    return f"{verb} dalam {days} hari"


def columns(rows: tuple[Row, ...]) -> tuple[Column, ...]:
    """Return the board: one column for each state in which the UPT must act."""
    return tuple(
        Column(order_words.DESK_LABELS[state], tuple(one for one in rows if one.row.state is state))
        for state in BOARD_STATES
    )


def tabs(
    chosen: str, counts: Mapping[UptOrderState, int]
) -> tuple[tuple[str, str, bool, int], ...]:
    """Return the views of the order list with their addresses and counts."""
    shown = []
    for word, (text, states) in FILTERS.items():
        count = sum(counts.get(state, 0) for state in states or tuple(counts))
        href = url_for("desk.orders.index", keadaan=None if word == BOARD else word)
        shown.append((text, href, word == chosen, count))
    return tuple(shown)
