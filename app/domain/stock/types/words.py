"""Words of the ledger: accounts, kinds, states, reasons, permissions and limits."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

STOCK_VIEW: Final = "stock.view"
STOCK_RECEIVE: Final = "stock.receive"
STOCK_ADJUST: Final = "stock.adjust"

LOT_CODE_MAX: Final = 40
NOTE_MAX: Final = 300
SOURCE_KEY_MAX: Final = 80
LOW_STOCK_MAX: Final = 5
"""At or below this many available pieces an item counts as low."""

HAND_MADE: Final = frozenset({"form", "seed"})
"""Kinds of source whose entries stand alone. All others belong to a document, which is the only place
where they can be taken back: its own figures would go on telling of pieces that came back."""

GENESIS_HASH: Final = "0" * 64
"""What the first entry of every UPT names as the hash before it."""

SEQUENCE_BITS: Final = 40
"""An entry's id is its UPT's id, shifted by this many bits, plus its sequence number."""


class Account(StrEnum):
    """Places and conditions of stock; pieces always move from one to another."""

    AVAILABLE = "available"
    SECOND_GRADE = "second_grade"
    QUARANTINE = "quarantine"
    GALLERY = "gallery"
    RETURNED = "returned"
    FAIR = "fair"
    TRANSIT_UPT = "transit_upt"
    TRANSIT_CUSTOMER = "transit_customer"
    CAPACITY = "capacity"
    PRODUCTION = "production"
    OPENING = "opening"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    LOSS = "loss"
    FOUND = "found"
    SAMPLE = "sample"
    CONSUMED = "consumed"
    OTHER_UPT = "other_upt"
    PLAN = "plan"


UNGUARDED: Final = frozenset(
    {
        Account.PRODUCTION,
        Account.OPENING,
        Account.SUPPLIER,
        Account.CUSTOMER,
        Account.LOSS,
        Account.FOUND,
        Account.SAMPLE,
        Account.CONSUMED,
        Account.OTHER_UPT,
        Account.PLAN,
    }
)
"""The world outside the store: where goods come from and go to. All others never fall below zero."""

PLACES: Final = (
    Account.AVAILABLE,
    Account.GALLERY,
    Account.SECOND_GRADE,
    Account.QUARANTINE,
    Account.RETURNED,
)
"""Where pieces lie inside a UPT: store room, gallery shelf, and the corners that are not for sale."""

SELLABLE: Final = (Account.AVAILABLE, Account.GALLERY)
"""Places whose pieces may be promised: one piece on the shelf is within reach of shop and till."""

PROMISED_FROM: Final = (*SELLABLE, Account.CAPACITY)
"""What a promise may draw on: pieces that are there, then work of weeks to come."""


class Phase(StrEnum):
    """What an entry does to the four counters of its two balances."""

    MOVE = "move"
    HOLD = "hold"
    POST = "post"
    VOID = "void"
    KEEP = "keep"


class EntryKind(StrEnum):
    """Why an entry was written."""

    OPENING = "opening"
    PRODUCED = "produced"
    PURCHASED = "purchased"
    FOUND = "found"
    COUNTED_MORE = "counted_more"
    COUNTED_LESS = "counted_less"
    DAMAGED = "damaged"
    SPOILED = "spoiled"
    LOST = "lost"
    SAMPLED = "sampled"
    CONSUMED = "consumed"
    HELD = "held"
    KEPT = "kept"
    VOIDED = "voided"
    EXPIRED = "expired"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    PARCEL_LOST = "parcel_lost"
    RETURNED = "returned"
    MOVED = "moved"
    SOLD = "sold"
    FAIR_SENT = "fair_sent"
    FAIR_RETURNED = "fair_returned"
    FAIR_LOST = "fair_lost"
    TRANSFER_SENT = "transfer_sent"
    TRANSFER_DONE = "transfer_done"
    TRANSFER_RECEIVED = "transfer_received"
    TRANSFER_LOST = "transfer_lost"
    TRANSFER_RETURNED = "transfer_returned"
    CAPACITY_OPENED = "capacity_opened"
    CAPACITY_CLOSED = "capacity_closed"
    REVERSED = "reversed"


class HoldState(StrEnum):
    """What became of a hold."""

    OPEN = "open"
    POSTED = "posted"
    VOIDED = "voided"
    EXPIRED = "expired"


class LotState(StrEnum):
    """Whether pieces of a lot may be promised."""

    OPEN = "open"
    BLOCKED = "blocked"


class AdjustReason(StrEnum):
    """Why staff add or take pieces by hand."""

    OPENING = "opening"
    FOUND = "found"
    COUNT = "count"
    DAMAGED = "damaged"
    SPOILED = "spoiled"
    LOST = "lost"
    SAMPLE = "sample"
    INTERNAL_USE = "internal_use"


class ReceiptOrigin(StrEnum):
    """Where finished pieces come from."""

    PRODUCTION = "production"
    PURCHASE = "purchase"


class StockFilter(StrEnum):
    """What the stock table shows."""

    ALL = "semua"
    LOW = "menipis"
    OUT = "habis"
