"""What the treasurer types."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.domain.payments.types import ReviewDecision
from app.kernel.commands import Command, Text, Whole
from app.kernel.ids import READABLE_ALPHABET
from app.kernel.money import AMOUNT_IDR_MAX


def _reference(text: str) -> str:
    """Return the eight signs of a reference typed with spaces, hyphens or in lower case."""
    signs = text.upper().replace(" ", "").replace("-", "")
    if len(signs) != 8 or any(sign not in READABLE_ALPHABET for sign in signs):
        raise ValueError("payments.reference_format")
    return signs


Reference = Annotated[Text, StringConstraints(max_length=20), AfterValidator(_reference)]
EntryKey = Annotated[Text, StringConstraints(min_length=16, max_length=80)]
Amount = Annotated[Whole, Field(ge=1, le=AMOUNT_IDR_MAX)]
BankReference = Annotated[Text, StringConstraints(min_length=1, max_length=80)]


class ConfirmTransfer(Command):
    """Record a transfer as the bank shows it."""

    entry_key: EntryKey
    reference: Reference
    received_idr: Amount
    received_on: date
    bank_reference: BankReference


class ResolveReview(Command):
    """Decide about money that was held for review."""

    outcome: ReviewDecision


class RecordRefund(Command):
    """Record money that went back to a buyer.

    ``upt_order_number`` is empty for money that was never settled.
    """

    entry_key: EntryKey
    reference: Reference
    upt_order_number: Annotated[Text, StringConstraints(max_length=28)] = ""
    amount_idr: Amount
    refunded_on: date
    bank_reference: BankReference


class UploadStatement(Command):
    """Send a bank statement: for an account that is known, or for a new one."""

    entry_key: EntryKey
    account_id: Annotated[Whole, Field(ge=1)] | None = None
    bank: Annotated[Text, StringConstraints(max_length=60)] = ""
    number: Annotated[Text, StringConstraints(max_length=40)] = ""

    @model_validator(mode="after")
    def _has_account(self) -> Self:
        if self.account_id is None and not (self.bank and self.number):
            raise ValueError("payments.account_required")
        return self


Heading = Annotated[Text, StringConstraints(max_length=200)]


class ChooseColumns(Command):
    """Say under which headings a bank writes what."""

    date: Annotated[Heading, StringConstraints(min_length=1)]
    description: Annotated[Heading, StringConstraints(min_length=1)]
    amount: Annotated[Heading, StringConstraints(min_length=1)]
    reference: Heading = ""
    direction: Heading = ""


class MatchRow(Command):
    """Say which order a bank row pays."""

    reference: Reference


class IgnoreRow(Command):
    """Put a bank row aside that pays no order."""

    reason: Annotated[Text, StringConstraints(min_length=3, max_length=200)]
