"""A list of the reports as one thing: shown as a page, printed, and handed out as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from app.infra.sheets import Column
from app.surfaces.web import filters

Value = str | int | date | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what the file gets, what the page says, where it leads."""

    value: Value
    text: str
    href: str | None = None
    tone: str | None = None

    @property
    def is_number(self) -> bool:
        """Say whether it stands on the right."""
        return isinstance(self.value, int)


@dataclass(frozen=True, slots=True)
class Table:
    """A list with its words.

    Attributes:
        lead: One line that says what the list shows.
        options: Choices of the list: (label, address, is current).
        empty: What to say when there is nothing.
    """

    name: str
    title: str
    lead: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    empty: str
    options: Sequence[tuple[str, str, bool]] = field(default_factory=tuple)
    chips: Sequence[tuple[str, str]] = field(default_factory=tuple)


def word(text: str, href: str | None = None, *, tone: str | None = None) -> Cell:
    """Return a cell of text."""
    return Cell(text, text, href, tone)


def whole(number: int | None, href: str | None = None) -> Cell:
    """Return a cell of a number."""
    return Cell(number, "–" if number is None else filters.integer(number), href)


def money(amount_idr: int | None) -> Cell:
    """Return a cell of rupiah."""
    return Cell(amount_idr, "–" if amount_idr is None else filters.idr(amount_idr))


def day(on: date | None) -> Cell:
    """Return a cell of a date."""
    return Cell(on, "–" if on is None else filters.local_date(on))
