"""Records of what happens to a part of an order: parcels, notes, alerts, returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.orders.types.words import (
    AlertKind,
    AlertLevel,
    NoteKind,
    ParcelState,
    ReturnReason,
    ReturnState,
)


@dataclass(frozen=True, slots=True, order=True)
class HeldPieces:
    """Pieces of one lot that wait behind a line.

    Attributes:
        lot_code: Code on the label of the lot to pack from; empty where nobody asked for it.
    """

    line_id: int
    hold_id: int
    quantity: int
    lot_code: str = ""


@dataclass(frozen=True, slots=True)
class ParcelPieces:
    """Pieces of one line in a parcel."""

    line_id: int
    hold_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class ParcelRecord:
    """What left together."""

    parcel_id: int
    upt_order_id: int
    position: int
    state: ParcelState
    carrier: str
    tracking_number: str
    sent_at: datetime
    closed_at: datetime | None
    note: str
    pieces: tuple[ParcelPieces, ...]

    @property
    def quantity_total(self) -> int:
        """Return the pieces in it."""
        return sum(part.quantity for part in self.pieces)


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """Something said about an order; never changed."""

    note_id: int
    upt_order_id: int
    kind: NoteKind
    actor_label: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """Somebody above the UPT was told that its clock ran out."""

    alert_id: int
    upt_order_id: int
    number: str
    upt_id: int
    kind: AlertKind
    level: AlertLevel
    at: datetime


@dataclass(frozen=True, slots=True)
class ReturnLineRecord:
    """Pieces of one line on their way back, and what was found.

    Attributes:
        quantity: Pieces asked to be returned.
        received: Pieces counted on arrival.
        sellable: Pieces among them that are as good as new.
        second_grade: Pieces among them with a flaw.
        damaged: Pieces among them that are lost for sale.
    """

    line_id: int
    product_name: str
    sku: str
    unit_price_idr: int
    quantity: int
    received: int
    sellable: int
    second_grade: int
    damaged: int


@dataclass(frozen=True, slots=True)
class ReturnRecord:
    """Goods that a buyer sends back."""

    return_id: int
    number: str
    upt_order_id: int
    state: ReturnState
    reason: ReturnReason
    note: str
    answer: str
    version: int
    asked_at: datetime
    act_by_at: datetime | None
    refund_idr: int
    lines: tuple[ReturnLineRecord, ...]
    photo_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LockedReturn:
    """A return whose row is held until the end of the unit of work."""

    return_id: int
    number: str
    upt_order_id: int
    state: ReturnState
    version: int
    approved_by: int | None
