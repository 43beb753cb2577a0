"""Validated inputs of counts, as forms send them."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from app.domain.counts.types import (
    COUNTABLE,
    GOODS_MAX,
    NOTE_MAX,
    TITLE_MAX,
    DifferenceReason,
    Scope,
    ScopeKind,
)
from app.domain.stock.types import LOT_CODE_MAX, Account
from app.kernel.commands import Command, Text, Whole
from app.kernel.quantity import QUANTITY_MAX

EntryKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
"""Random key that a page was rendered with; the same key twice is the same act."""

Version = Annotated[Whole, Field(ge=0, le=1_000_000_000)]
Pieces = Annotated[Whole, Field(ge=0, le=QUANTITY_MAX)]
Id = Annotated[Whole, Field(ge=1, le=2**62)]
Note = Annotated[Text, StringConstraints(max_length=NOTE_MAX)]
LotCode = Annotated[
    Text, StringConstraints(max_length=LOT_CODE_MAX, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./_-]*$")
]


class _Scoped(Command):
    scope: ScopeKind
    place: Account | None = Field(default=None, validate_default=True)
    category_id: Id | None = Field(default=None, validate_default=True)

    @field_validator("place")
    @classmethod
    def _place_goes_with_scope(cls, value: Account | None, info: ValidationInfo) -> Account | None:
        if info.data.get("scope") is ScopeKind.PLACE and value not in COUNTABLE:
            raise ValueError("counts.place_missing")
        return value

    @field_validator("category_id")
    @classmethod
    def _category_goes_with_scope(cls, value: int | None, info: ValidationInfo) -> int | None:
        if info.data.get("scope") is ScopeKind.CATEGORY and value is None:
            raise ValueError("counts.category_missing")
        return value

    def as_scope(self) -> Scope:
        """Return what is covered; fields that the kind does not use are dropped."""
        return Scope(
            self.scope,
            self.place if self.scope is ScopeKind.PLACE else None,
            self.category_id if self.scope is ScopeKind.CATEGORY else None,
        )


class OpenCount(_Scoped):
    """Open a sheet."""

    variant_ids: Annotated[tuple[Id, ...], Field(max_length=GOODS_MAX)] = Field(
        default=(), validate_default=True
    )
    entry_key: EntryKey

    @field_validator("variant_ids")
    @classmethod
    def _goods_go_with_scope(cls, value: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        if info.data.get("scope") is ScopeKind.GOODS and not value:
            raise ValueError("counts.goods_missing")
        return value

    def as_scope(self) -> Scope:
        """Return what the sheet covers."""
        if self.scope is ScopeKind.GOODS:
            return Scope(ScopeKind.GOODS, variant_ids=tuple(sorted(set(self.variant_ids))))
        return super().as_scope()


class OpenCampaign(_Scoped):
    """Call a count of many UPT."""

    title: Annotated[Text, StringConstraints(min_length=3, max_length=TITLE_MAX)]
    kanwil_id: Id | None = None
    starts_on: date
    ends_on: date
    entry_key: EntryKey

    @field_validator("scope")
    @classmethod
    def _names_no_goods(cls, value: ScopeKind) -> ScopeKind:
        if value is ScopeKind.GOODS:
            raise ValueError("counts.scope_unfit")
        return value

    @field_validator("ends_on")
    @classmethod
    def _ends_after_start(cls, value: date, info: ValidationInfo) -> date:
        if (starts_on := info.data.get("starts_on")) and value < starts_on:
            raise ValueError("counts.days_unfit")
        return value


class CountOneRow(Command):
    """A number for one row; blank takes the tick back."""

    quantity: Pieces | None = None
    note: Note = ""
    version: Version


class AddRow(Command):
    """Goods found that are not on the sheet."""

    variant_id: Id
    place: Account
    lot_code: LotCode | None = None
    expires_on: date | None = None
    quantity: Pieces
    note: Note = ""


class RecountRow(Command):
    """The second number of a row."""

    quantity: Pieces
    note: Note = ""
    version: Version


class ReasonRow(Command):
    """Why a row differs."""

    reason: DifferenceReason | None = None
    note: Note = ""
    version: Version


class Decide(Command):
    """Hand in or approve, as the page was seen."""

    version: Version


class DecideWithReason(Command):
    """Send back or cancel, saying why."""

    reason: Annotated[Text, StringConstraints(min_length=3, max_length=NOTE_MAX)]
    version: Version
