"""Keyset pages: a cursor names the last row seen, so depth costs nothing."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

PAGE_SIZE: Final = 24
PAGE_SIZE_MAX: Final = 100
CURSOR_LENGTH_MAX: Final = 1_200

Item = TypeVar("Item")
Other = TypeVar("Other")

CursorValue = str | int
Cursor = tuple[CursorValue, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a longer list.

    Attributes:
        items: The rows of this page, in list order.
        after: Cursor for the next page; None at the end.
        before: Cursor for the previous page; None at the start.
    """

    items: tuple[Item, ...]
    after: str | None = None
    before: str | None = None

    def map(self, change: Callable[[Item], Other]) -> Page[Other]:
        """Return the same page with every item changed."""
        return Page(tuple(change(item) for item in self.items), self.after, self.before)


def encode_cursor(values: Sequence[CursorValue]) -> str:
    """Return an opaque URL-safe text for sort values."""
    raw = json.dumps(list(values), separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_cursor(text: str | None, *, kinds: Sequence[type]) -> Cursor | None:
    """Return the sort values of a cursor, or None when it is absent or damaged.

    Args:
        text: What came in the address.
        kinds: Expected type of each value, ``int`` or ``str``.
    """
    if not text or len(text) > CURSOR_LENGTH_MAX:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        return None
    if not isinstance(values, list) or len(values) != len(kinds):
        return None
    if any(type(value) is not kind for value, kind in zip(values, kinds, strict=True)):
        return None
    if any(isinstance(value, int) and abs(value) > 2**62 for value in values):
        return None
    if any(isinstance(value, str) and not _can_be_stored(value) for value in values):
        return None
    return tuple(values)


def _can_be_stored(text: str) -> bool:
    """Say whether a database takes the text: no NUL, no half of a surrogate pair."""
    return not any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in text)
