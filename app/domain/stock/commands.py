"""What people type about stock, checked once at the edge."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from app.domain.stock.types import LOT_CODE_MAX, NOTE_MAX, AdjustReason
from app.kernel.commands import Command, Text, Whole
from app.kernel.quantity import QUANTITY_MAX

EntryKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
"""Random key that a page was rendered with; the same key twice is the same entry."""

Quantity = Annotated[Whole, Field(ge=1, le=QUANTITY_MAX)]
Note = Annotated[Text, StringConstraints(max_length=NOTE_MAX)]
LotCode = Annotated[
    Text, StringConstraints(max_length=LOT_CODE_MAX, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./_-]*$")
]


class Direction(StrEnum):
    """Whether an adjustment adds or takes."""

    PLUS = "plus"
    MINUS = "minus"


class ReceiveStock(Command):
    """Finished goods that enter the store."""

    variant_id: Annotated[Whole, Field(ge=1, le=2**62)]
    quantity: Quantity
    lot_code: LotCode | None = None
    produced_on: date | None = None
    expires_on: date | None = None
    happened_on: date | None = None
    note: Note = ""
    entry_key: EntryKey

    @field_validator("expires_on")
    @classmethod
    def _after_production(cls, value: date | None, info: ValidationInfo) -> date | None:
        produced_on = info.data.get("produced_on")
        if value and produced_on and value < produced_on:
            raise ValueError("stock.lot_dates_unfit")
        return value


class AdjustStock(Command):
    """Pieces added or taken by hand, with a reason."""

    variant_id: Annotated[Whole, Field(ge=1, le=2**62)]
    direction: Direction
    quantity: Quantity
    reason: AdjustReason
    lot_id: Annotated[Whole, Field(ge=1, le=2**62)] | None = None
    happened_on: date | None = None
    note: Note = ""
    entry_key: EntryKey

    @property
    def quantity_delta(self) -> int:
        """Return the change with its sign."""
        return self.quantity if self.direction is Direction.PLUS else -self.quantity


class ReverseStock(Command):
    """An entry to be taken back, with the reason in words."""

    note: Annotated[Note, StringConstraints(min_length=1)]
    entry_key: EntryKey


class CloseMonth(Command):
    """A month to be closed, by its first day."""

    month: date
    entry_key: EntryKey


class HandleIncident(Command):
    """What a person says about a difference in the ledger."""

    deed: Literal["acknowledge", "resolve"]
    note: Annotated[Note, StringConstraints(min_length=3)]
