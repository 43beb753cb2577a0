"""What people type about transfers and fairs, checked once at the edge."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator

from app.domain.stock.commands import EntryKey, Note, Quantity
from app.domain.stock.types import Account
from app.domain.transfers.types import (
    ARRIVAL_PLACES,
    LINES_MAX,
    Arrival,
    FairResult,
    PaidBy,
    RecallChoice,
    WantedLine,
)
from app.kernel.commands import Command, Text, Whole
from app.kernel.money import AMOUNT_IDR_MAX
from app.kernel.quantity import QUANTITY_MAX

RowId = Annotated[Whole, Field(ge=1, le=2**62)]
Version = Annotated[Whole, Field(ge=1, le=2**31 - 1)]
PRICE_IDR_MAX: Final = AMOUNT_IDR_MAX // QUANTITY_MAX


def _zero_when_blank(value: object) -> object:
    return 0 if value is None or (isinstance(value, str) and not value.strip()) else value


def _rupiah(value: object) -> object:
    if isinstance(value, str):
        cleaned = value.strip().removeprefix("Rp").strip()
        return cleaned.replace(".", "") if cleaned else None
    return value


Count = Annotated[Whole, Field(ge=0, le=QUANTITY_MAX), BeforeValidator(_zero_when_blank)]
Price = Annotated[Annotated[Whole, Field(ge=0, le=PRICE_IDR_MAX)] | None, BeforeValidator(_rupiah)]
ShortText = Annotated[Text, StringConstraints(max_length=80)]


class SendLine(Command):
    """One row of a draft."""

    variant_id: RowId
    quantity: Quantity
    from_place: Account = Account.AVAILABLE
    lot_id: RowId | None = None
    price_idr: Price = None

    def wanted(self) -> WantedLine:
        """Return the row as the services take it."""
        return WantedLine(
            self.variant_id, self.quantity, self.from_place, self.lot_id, self.price_idr
        )


Lines = Annotated[tuple[SendLine, ...], Field(max_length=LINES_MAX)]


class SaveTransfer(Command):
    """A transfer as its form shows it while it is a draft."""

    receiver_upt_id: RowId
    carrier: ShortText = ""
    note: Note = ""
    due_on: date | None = None
    lines: Lines = ()
    expected_version: Version | None = None
    entry_key: EntryKey


class StepDocument(Command):
    """A step that needs nothing but the page it was taken from."""

    expected_version: Version
    entry_key: EntryKey


class ArrivalRow(Command):
    """What was counted of one line."""

    line_id: RowId
    variant_id: RowId | None = None
    received: Count = 0
    lost: Count = 0
    damaged: Count = 0
    not_sent: Count = 0
    reason: Annotated[Text, StringConstraints(max_length=300)] = ""

    def arrival(self) -> Arrival:
        """Return the row as the services take it."""
        return Arrival(
            self.line_id, self.variant_id, self.received, self.lost, self.damaged,
            self.not_sent, self.reason,
        )  # fmt: skip


class ReceiveTransfer(Command):
    """An arrival, in whole or in part."""

    lines: Annotated[tuple[ArrivalRow, ...], Field(max_length=LINES_MAX)] = ()
    place: Account = Account.AVAILABLE
    happened_on: date | None = None
    note: Note = ""
    expected_version: Version
    entry_key: EntryKey

    @field_validator("place")
    @classmethod
    def _inside(cls, value: Account) -> Account:
        if value not in ARRIVAL_PLACES:
            raise ValueError("field.choice")
        return value


class RecallTransfer(Command):
    """Ends a transfer on the way: back into the store, or written off."""

    choice: RecallChoice
    note: Annotated[Note, StringConstraints(min_length=1)]
    expected_version: Version
    entry_key: EntryKey


class SaveFair(Command):
    """A loan as its form shows it while it is a draft."""

    name: Annotated[Text, StringConstraints(min_length=1, max_length=120)]
    place: Annotated[Text, StringConstraints(min_length=1, max_length=120)]
    starts_on: date
    ends_on: date
    responsible: Annotated[Text, StringConstraints(min_length=1, max_length=80)]
    note: Note = ""
    lines: Lines = ()
    expected_version: Version | None = None
    entry_key: EntryKey

    @field_validator("ends_on")
    @classmethod
    def _after_start(cls, value: date, info: ValidationInfo) -> date:
        starts_on = info.data.get("starts_on")
        if starts_on and value < starts_on:
            raise ValueError("fairs.ends_before_start")
        return value


class SendMore(Command):
    """Pieces that follow while the fair goes on."""

    lines: Lines = ()
    expected_version: Version
    entry_key: EntryKey


class FairResultRow(Command):
    """What became of one line since the last time."""

    line_id: RowId
    sold: Count = 0
    price_idr: Price = None
    returned: Count = 0
    damaged: Count = 0
    lost: Count = 0

    def result(self) -> FairResult:
        """Return the row as the services take it."""
        return FairResult(
            self.line_id, self.sold, self.returned, self.damaged, self.lost, self.price_idr
        )


class SettleFair(Command):
    """Sales, returns and gaps of a fair."""

    lines: Annotated[tuple[FairResultRow, ...], Field(max_length=LINES_MAX)] = ()
    paid_by: PaidBy | None = None
    place: Account = Account.AVAILABLE
    reason: Annotated[Text, StringConstraints(max_length=300)] = ""
    happened_on: date | None = None
    expected_version: Version
    entry_key: EntryKey

    @field_validator("place")
    @classmethod
    def _inside(cls, value: Account) -> Account:
        if value not in ARRIVAL_PLACES:
            raise ValueError("field.choice")
        return value
