"""What the treasurer types."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

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
