"""What staff may ask of a child order."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from app.domain.orders.types import RefuseReason
from app.kernel.commands import Command, Text, Whole

Version = Annotated[Whole, Field(ge=1, le=2**31 - 1)]
Note = Annotated[Text, StringConstraints(max_length=500)]


class AcceptOrder(Command):
    """Promise a day by which the goods leave the unit."""

    expected_version: Version
    promised_on: date


class PrepareOrder(Command):
    """Start packing."""

    expected_version: Version


class ShipOrder(Command):
    """Hand the parcel to a courier."""

    expected_version: Version
    carrier: Annotated[Text, StringConstraints(min_length=2, max_length=60)]
    tracking_number: Annotated[
        Text,
        StringConstraints(min_length=4, max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./-]+$"),
    ]


class HandOverOrder(Command):
    """Give the goods to the buyer at the gallery."""

    expected_version: Version


class RefuseOrder(Command):
    """Say that the unit cannot fulfil a paid order; the money goes back."""

    expected_version: Version
    reason: RefuseReason
    note: Note = ""
