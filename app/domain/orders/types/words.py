"""Words of orders: permissions, states, actions, reasons."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

PERMISSION_VIEW: Final = "order.view"
PERMISSION_FULFIL: Final = "order.fulfil"

SERVICE_TIMEZONE: Final = "Asia/Jakarta"
"""Calendar of deadlines that belong to the whole order, not to one UPT."""


class UptOrderState(StrEnum):
    """Where a child order stands. Payment is a separate fact, derived from money rows."""

    DRAFT = "draft"
    HELD = "held"
    PLACED = "placed"
    ACCEPTED = "accepted"
    PREPARING = "preparing"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class UptOrderAction(StrEnum):
    """What moves a child order from state to state."""

    CHECK_OUT = "check_out"
    CONFIRM_PAYMENT = "confirm_payment"
    CONFIRM_LATE_PAYMENT = "confirm_late_payment"
    EXPIRE = "expire"
    CANCEL_UNPAID = "cancel_unpaid"
    ACCEPT = "accept"
    REFUSE = "refuse"
    CANCEL = "cancel"
    PREPARE = "prepare"
    SHIP_PART = "ship_part"
    SHIP = "ship"
    HAND_OVER = "hand_over"
    RESEND = "resend"
    CLOSE_LOST = "close_lost"
    DELIVER = "deliver"
    DELIVER_PART = "deliver_part"
    REFUSE_PART = "refuse_part"
    REFUSE_REST = "refuse_rest"
    RESEND_PART = "resend_part"
    LOSE_PART = "lose_part"
    COMPLETE = "complete"


class RefuseReason(StrEnum):
    """Why a UPT cannot fulfil a paid order."""

    OUT_OF_STOCK = "out_of_stock"
    DAMAGED = "damaged"
    CANNOT_DELIVER = "cannot_deliver"
    UNIT_CLOSED = "unit_closed"
    BUYER_ASKED = "buyer_asked"
    UNANSWERED = "unanswered"
    OTHER = "other"


FINAL_STATES: Final = frozenset(
    {UptOrderState.COMPLETED, UptOrderState.CANCELLED, UptOrderState.EXPIRED}
)
"""States in which nobody has to do anything; only late money reopens ``expired``."""

WAITING_FOR_UPT: Final = (UptOrderState.PLACED, UptOrderState.ACCEPTED, UptOrderState.PREPARING)
"""States in which the UPT must act, in the order in which they come."""

CANCELLABLE_BY_UPT: Final = frozenset(WAITING_FOR_UPT)
"""States in which nothing has left, so that the whole can still be refused or cancelled."""

LEAVES_IN_PARTS: Final = frozenset({*WAITING_FOR_UPT, UptOrderState.PART_SHIPPED})
"""States in which pieces are still held for the buyer, so that a part of them can be refused."""


class ParcelState(StrEnum):
    """Where a parcel is."""

    SENT = "sent"
    DELIVERED = "delivered"
    LOST = "lost"


class LostOutcome(StrEnum):
    """What a buyer gets for a lost parcel."""

    REFUND = "refund"
    RESEND = "resend"


class NoteKind(StrEnum):
    """Who speaks to whom: staff among themselves, or a buyer who asks for help."""

    STAFF = "staff"
    HELP = "help"


class AlertKind(StrEnum):
    """Why somebody above the UPT was told."""

    REMINDER = "reminder"
    UNANSWERED = "unanswered"
    STILL_UNANSWERED = "still_unanswered"
    LATE = "late"
    RETURN_UNANSWERED = "return_unanswered"


class AlertLevel(StrEnum):
    """Who was told."""

    UPT = "upt"
    KANWIL = "kanwil"
    NATIONAL = "national"


class ReturnState(StrEnum):
    """Where a return stands."""

    ASKED = "asked"
    APPROVED = "approved"
    RECEIVED = "received"
    SETTLED = "settled"
    REFUSED = "refused"


class ReturnAction(StrEnum):
    """What moves a return."""

    APPROVE = "approve"
    REFUSE = "refuse"
    RECEIVE = "receive"
    INSPECT = "inspect"


class ReturnReason(StrEnum):
    """Why a buyer sends goods back."""

    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    NOT_AS_SHOWN = "not_as_shown"
    INCOMPLETE = "incomplete"
    OTHER = "other"
