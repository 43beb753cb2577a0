"""What staff may ask about delivery."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.kernel.commands import Command, Text, Whole
from app.kernel.money import AMOUNT_IDR_MAX

EntryKey = Annotated[Text, StringConstraints(min_length=16, max_length=80)]
Weekday = Annotated[Whole, Field(ge=1, le=7)]


def _minute(text: str) -> str:
    head, mark, tail = text.replace(".", ":").partition(":")
    if not (mark and head.isdecimal() and tail.isdecimal() and len(tail) == 2 and text.isascii()):
        raise ValueError("shipping.clock")
    if int(head) > 24 or int(tail) > 59 or int(head) * 60 + int(tail) > 24 * 60:
        raise ValueError("shipping.clock")
    return f"{int(head):02d}:{tail}"


Clock = Annotated[Text, StringConstraints(max_length=5), AfterValidator(_minute)]


class AddFreeRule(Command):
    """From an amount on, to a province or everywhere, until a day or without an end."""

    from_idr: Annotated[Whole, Field(ge=0, le=AMOUNT_IDR_MAX)]
    province_code: Annotated[Text, StringConstraints(pattern=r"^([1-9][0-9])?$")] = ""
    valid_from: date
    valid_to: date | None = None
    entry_key: EntryKey

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("shipping.days_in_order")
        return self


class SavePlan(Command):
    """Days and times at which orders can be fetched."""

    weekdays: tuple[Weekday, ...] = Field(min_length=1, max_length=7)
    opens: Clock
    closes: Clock
    slot_minutes: Annotated[Whole, Field(ge=10, le=480)]
    capacity: Annotated[Whole, Field(ge=1, le=500)]
    lead_hours: Annotated[Whole, Field(ge=0, le=240)]
    days_ahead: Annotated[Whole, Field(ge=1, le=60)]
    version: Annotated[Whole, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.closes_minute - self.opens_minute < self.slot_minutes:
            raise ValueError("shipping.hours_in_order")
        return self

    @property
    def opens_minute(self) -> int:
        """Return minutes after midnight."""
        return _minutes(self.opens)

    @property
    def closes_minute(self) -> int:
        """Return minutes after midnight."""
        return _minutes(self.closes)


def _minutes(clock: str) -> int:
    head, _, tail = clock.partition(":")
    return int(head) * 60 + int(tail)
