"""What a clerk types at the counter, checked once at the edge."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import (
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from app.domain.till.types import REASON_MAX, REFERENCE_MAX, Grade, PayMethod
from app.kernel.commands import Command, Text, Whole
from app.kernel.money import AMOUNT_IDR_MAX
from app.kernel.quantity import CART_QUANTITY_MAX

_AMOUNT: Final = re.compile(r"(?:Rp\.?\s*)?(\d{1,3}(?:[.\s]\d{3})+|\d+)(?:,-|,00)?", re.IGNORECASE)


def _plain_amount(value: object) -> object:
    """Turn ``Rp 50.000`` into digits; anything else is left to be refused."""
    if not isinstance(value, str):
        return value
    found = _AMOUNT.fullmatch(value.strip())
    return re.sub(r"[.\s]", "", found[1]) if found else value


EntryKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
Amount = Annotated[Whole, BeforeValidator(_plain_amount), Field(ge=0, le=AMOUNT_IDR_MAX)]
Price = Annotated[Whole, BeforeValidator(_plain_amount), Field(ge=1, le=AMOUNT_IDR_MAX)]
Reference = Annotated[Text, StringConstraints(max_length=REFERENCE_MAX)]
Reason = Annotated[Text, StringConstraints(max_length=REASON_MAX)]
NeededReason = Annotated[Text, StringConstraints(min_length=3, max_length=REASON_MAX)]


class ScanGoods(Command):
    """What a scanner read or a clerk typed."""

    q: Annotated[Text, StringConstraints(min_length=1, max_length=400)]
    grade: Grade = Grade.FIRST
    entry_key: EntryKey


class SetQuantity(Command):
    """Pieces of one line; zero takes it off the counter."""

    quantity: Annotated[Whole, Field(ge=0, le=CART_QUANTITY_MAX)]


class PaySale(Command):
    """How the buyer pays, and the amount that was agreed to."""

    method: PayMethod
    total_idr: Amount
    given_idr: Annotated[Amount | None, Field(validate_default=True)] = None
    reference: Annotated[Reference, Field(validate_default=True)] = ""
    is_seen: Annotated[bool, Field(validate_default=True)] = False
    entry_key: EntryKey

    @field_validator("given_idr")
    @classmethod
    def _given(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is None and info.data.get("method") is PayMethod.CASH:
            raise ValueError("till.given_required")
        return value

    @field_validator("reference")
    @classmethod
    def _referred(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.data.get("method") is PayMethod.TRANSFER:
            raise ValueError("till.reference_required")
        return value

    @field_validator("is_seen")
    @classmethod
    def _proven(cls, value: bool, info: ValidationInfo) -> bool:
        is_qris = info.data.get("method") is PayMethod.QRIS
        if is_qris and not value and not info.data.get("reference"):
            raise ValueError("till.qris_unproven")
        return value


class UndoSale(Command):
    """Why a sale is taken back, and how the money returns."""

    reason: NeededReason
    method: PayMethod
    entry_key: EntryKey


class CloseDrawer(Command):
    """What was counted in the drawer, and what stays in it."""

    counted_idr: Amount
    left_idr: Amount
    expected_idr: Annotated[Whole, BeforeValidator(_plain_amount)]
    reason: Reason = ""
    entry_key: EntryKey


class SetSecondPrice(Command):
    """What a second-grade piece costs."""

    price_idr: Price
