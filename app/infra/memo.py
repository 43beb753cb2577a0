"""Answers kept in memory for a short while, one shelf for each application and process.

Only for facts that may be some seconds old on any process: counts beside filters, the list of
categories. While one thread makes an answer anew, the others are given the old one.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final, Generic, TypeVar, cast

from flask import current_app

_EXTENSION: Final = "karyabina.memo"

Value = TypeVar("Value")


class _Shelf:
    """The kept answers of one memo in one application."""

    def __init__(self) -> None:
        self.entries: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()
        self.making = threading.Lock()


class Memo(Generic[Value]):
    """A named set of answers, each kept for some seconds."""

    def __init__(self, name: str, *, seconds: float, size: int = 1) -> None:
        """Name the memo; the oldest answers leave when more than ``size`` are kept."""
        self.name = name
        self.seconds = seconds
        self.size = size

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the kept answer for a key, making it when there is none or it is old."""
        shelf = self._shelf()
        kept = shelf.entries.get(key)
        if kept is not None and kept[0] > time.monotonic():
            return cast(Value, kept[1])
        is_mine = shelf.making.acquire(blocking=False)
        if not is_mine and kept is not None:
            return cast(Value, kept[1])
        try:
            value = make()
            shelf.entries[key] = (time.monotonic() + self.seconds, value)
            shelf.entries.move_to_end(key)
            while len(shelf.entries) > self.size:
                shelf.entries.popitem(last=False)
            return value
        finally:
            if is_mine:
                shelf.making.release()

    def clear(self) -> None:
        """Forget every answer of this process."""
        self._shelf().entries.clear()

    def _shelf(self) -> _Shelf:
        shelves: dict[str, _Shelf] = current_app.extensions.setdefault(_EXTENSION, {})
        return shelves.setdefault(self.name, _Shelf())
