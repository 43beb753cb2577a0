"""What staff may ask of a child order."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Final, Protocol, Self

from pydantic import Field, StringConstraints, model_validator

from app.domain.orders.types import LostOutcome, RefuseReason, ReturnReason
from app.kernel.commands import Command, Text, Whole

Version = Annotated[Whole, Field(ge=1, le=2**31 - 1)]
Note = Annotated[Text, StringConstraints(max_length=500)]
Said = Annotated[Text, StringConstraints(min_length=3, max_length=1000)]
EntryKey = Annotated[Text, StringConstraints(min_length=16, max_length=64)]
Pieces = Annotated[Whole, Field(ge=0, le=1_000_000)]

_PIECES_FIELD: Final = re.compile(r"(pieces|sellable|second_grade|damaged)\.([0-9]{1,15})")


class Fields(Protocol):
    """A submitted form, as far as it is read here."""

    def keys(self) -> Any:
        """Return the names of the fields."""

    def getlist(self, key: str, /) -> list[str]:
        """Return all values of a field."""


class PiecesCommand(Command):
    """A command about pieces of lines, whose form names them ``pieces.<line>``."""

    @classmethod
    def read_form(cls, form: Fields) -> dict[str, Any]:
        """Return the filled fields of a form that belong here; blank pieces are none."""
        values: dict[str, Any] = {}
        for name in dict.fromkeys(form.keys()):
            given = [value for value in form.getlist(name) if value.strip()]
            match = _PIECES_FIELD.fullmatch(name)
            if match and match[1] in cls.model_fields:
                values.setdefault(match[1], {})[match[2]] = given[0] if given else 0
            elif given and name in cls.model_fields:
                values[name] = given[0] if len(given) == 1 else given
        return values


class AcceptOrder(Command):
    """Promise a day by which the goods leave the unit."""

    expected_version: Version
    promised_on: date


class PrepareOrder(Command):
    """Start packing."""

    expected_version: Version


class ShipOrder(PiecesCommand):
    """Hand a parcel to a courier: the pieces named by line, or all that wait."""

    expected_version: Version
    carrier: Annotated[Text, StringConstraints(min_length=2, max_length=60)]
    tracking_number: Annotated[
        Text,
        StringConstraints(min_length=4, max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./-]+$"),
    ]
    pieces: dict[int, Pieces] | None = None


class HandOverOrder(Command):
    """Give the goods to the buyer at the gallery."""

    expected_version: Version


class RefuseOrder(Command):
    """Say that the unit cannot fulfil a paid order; the money goes back."""

    expected_version: Version
    reason: RefuseReason
    note: Note = ""


class RefusePieces(PiecesCommand):
    """Say that the unit cannot send some pieces; the order goes on with the rest."""

    expected_version: Version
    reason: RefuseReason
    note: Note = ""
    pieces: dict[int, Pieces]


class LoseParcel(Command):
    """Say that a parcel never arrived, and what the buyer gets for it."""

    expected_version: Version
    note: Annotated[Text, StringConstraints(min_length=5, max_length=300)]
    outcome: LostOutcome


class AddNote(Command):
    """Say something about an order; the same entry key twice is one note."""

    entry_key: EntryKey
    text: Said


class AskReturn(PiecesCommand):
    """Ask to send pieces back."""

    entry_key: EntryKey
    reason: ReturnReason
    note: Said
    pieces: dict[int, Pieces]


class AnswerReturn(Command):
    """Approve or refuse a return, with words for the buyer."""

    expected_version: Version
    answer: Said


class ReceiveReturn(PiecesCommand):
    """Count what came back, by line."""

    expected_version: Version
    pieces: dict[int, Pieces]


class InspectReturn(PiecesCommand):
    """Say by line how good the pieces are that came back, and whether the money goes back."""

    expected_version: Version
    sellable: dict[int, Pieces] = Field(default_factory=dict)
    second_grade: dict[int, Pieces] = Field(default_factory=dict)
    damaged: dict[int, Pieces] = Field(default_factory=dict)
    refund_idr: Annotated[Whole, Field(ge=0, le=10**13)]
    answer: Note = ""

    @model_validator(mode="after")
    def _damage_is_told(self) -> Self:
        if any(self.damaged.values()) and not self.answer:
            raise ValueError("orders.damage_untold")
        return self
