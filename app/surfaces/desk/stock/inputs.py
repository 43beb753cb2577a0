"""What the stock pages ask for beyond the ledger's own commands: places, rows, lots."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from app.domain.stock.commands import AdjustStock, EntryKey, LotCode, Note, Quantity
from app.domain.stock.types import PLACES, Account, LotState, ReceiptOrigin
from app.kernel.commands import Command, Text, Whole

RECEIPT_ROWS_MAX: Final = 30
RECEIPT_PLACES: Final = (Account.AVAILABLE, Account.GALLERY, Account.QUARANTINE)
ROW_FIELDS: Final = ("variant_id", "quantity", "lot_code", "produced_on", "expires_on")

RowId = Annotated[Whole, Field(ge=1, le=2**62)]


def _inside(value: Account) -> Account:
    if value not in PLACES:
        raise ValueError("field.choice")
    return value


class ReceiptRow(Command):
    """Goods of one lot that come in."""

    variant_id: RowId
    quantity: Quantity
    lot_code: LotCode | None = None
    produced_on: date | None = None
    expires_on: date | None = None

    @field_validator("expires_on")
    @classmethod
    def _after_production(cls, value: date | None, info: ValidationInfo) -> date | None:
        produced_on = info.data.get("produced_on")
        if value and produced_on and value < produced_on:
            raise ValueError("stock.lot_dates_unfit")
        return value


class ReceiveGoods(Command):
    """A receipt: where from, where to, and its rows."""

    origin: ReceiptOrigin = ReceiptOrigin.PRODUCTION
    supplier: Annotated[Text, StringConstraints(max_length=80), Field(validate_default=True)] = ""
    place: Account = Account.AVAILABLE
    happened_on: date | None = None
    note: Annotated[Text, StringConstraints(max_length=200)] = ""
    lines: Annotated[tuple[ReceiptRow, ...], Field(min_length=1, max_length=RECEIPT_ROWS_MAX)]
    entry_key: EntryKey

    @field_validator("supplier")
    @classmethod
    def _named(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.data.get("origin") is ReceiptOrigin.PURCHASE:
            raise ValueError("stock.supplier_required")
        return value

    @field_validator("place")
    @classmethod
    def _enters(cls, value: Account) -> Account:
        if value not in RECEIPT_PLACES:
            raise ValueError("field.choice")
        return value

    @property
    def words(self) -> str:
        """Return the note that the ledger keeps, with the supplier where there is one."""
        told = f"Pemasok: {self.supplier}" if self.origin is ReceiptOrigin.PURCHASE else ""
        return "; ".join(part for part in (told, self.note) if part)


class AdjustPlace(AdjustStock):
    """Pieces added or taken by hand in one place."""

    place: Account = Account.AVAILABLE

    _checked = field_validator("place")(_inside)


class MoveGoods(Command):
    """Pieces that go from one place of the UPT to another."""

    from_place: Account
    to_place: Account
    quantity: Quantity
    lot_id: RowId | None = None
    happened_on: date | None = None
    note: Note = ""
    entry_key: EntryKey

    _from = field_validator("from_place")(_inside)

    @field_validator("to_place")
    @classmethod
    def _elsewhere(cls, value: Account, info: ValidationInfo) -> Account:
        if value == info.data.get("from_place"):
            raise ValueError("stock.same_place")
        return _inside(value)


class SwitchLot(Command):
    """A lot held back from sale, or released, with the reason."""

    state: LotState
    note: Annotated[Note, StringConstraints(min_length=1)]


class UndoPosting(Command):
    """Takes back the posting that was just made."""

    posted_key: EntryKey
    entry_key: EntryKey
