"""Putting goods into boxes: biggest first, stacked by volume up to the carrier's limits.

Source: docs/algorithms/delivery.md, section "Boxes".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.shipping.types import Box, Carrier, Item
from app.kernel.money import div_ceil

BOXES_MAX: Final = 50
"""More boxes than this are no parcel any more; the UPT names its own price."""


@dataclass(slots=True)
class _Open:
    """A box that is being filled; sides from long to short."""

    long_mm: int = 0
    middle_mm: int = 0
    short_mm: int = 0
    weight_g: int = 0
    volume_mm3: int = 0
    pieces: int = 0

    def room_for(self, item: Item, carrier: Carrier) -> int:
        """Return how many pieces more go in without passing a limit."""
        long_mm, middle_mm, _ = _sides(item)
        room = item.quantity
        if item.weight_g:
            room = min(room, (carrier.weight_g_max - self.weight_g) // item.weight_g)
        if piece_mm3 := _volume(item):
            base_mm2 = max(self.long_mm, long_mm) * max(self.middle_mm, middle_mm)
            room = min(room, (base_mm2 * carrier.side_mm_max - self.volume_mm3) // piece_mm3)
        return max(0, room)

    def put(self, item: Item, pieces: int) -> None:
        """Put pieces on top."""
        long_mm, middle_mm, short_mm = _sides(item)
        self.long_mm = max(self.long_mm, long_mm)
        self.middle_mm = max(self.middle_mm, middle_mm)
        self.short_mm = max(self.short_mm, short_mm)
        self.weight_g += item.weight_g * pieces
        self.volume_mm3 += _volume(item) * pieces
        self.pieces += pieces

    def close(self) -> Box:
        """Return the finished box: high enough for its highest piece and for its volume."""
        base_mm2 = self.long_mm * self.middle_mm
        volume_mm3 = max(self.volume_mm3, base_mm2 * self.short_mm)
        height_mm = div_ceil(volume_mm3, base_mm2) if base_mm2 else self.short_mm
        return Box(self.weight_g, self.long_mm, self.middle_mm, height_mm, volume_mm3, self.pieces)


def pack(*, items: Sequence[Item], carrier: Carrier) -> tuple[Box, ...] | None:
    """Return the boxes, or None when a piece passes the carrier's limits by itself.

    The same goods give the same boxes, in whatever order they lie in the cart.
    """
    if any(not _is_taken(item, carrier) for item in items):
        return None
    boxes: list[Box] = []
    open_box = _Open()
    for item in sorted(items, key=_rank, reverse=True):
        left = item.quantity
        while left:
            room = min(left, open_box.room_for(item, carrier))
            if not room:
                boxes.append(open_box.close())
                open_box = _Open()
                if len(boxes) >= BOXES_MAX:
                    return None
                continue
            open_box.put(item, room)
            left -= room
    return (*boxes, open_box.close())


def _sides(item: Item) -> tuple[int, int, int]:
    long_mm, middle_mm, short_mm = sorted(
        (item.length_mm, item.width_mm, item.height_mm), reverse=True
    )
    return long_mm, middle_mm, short_mm


def _volume(item: Item) -> int:
    return item.length_mm * item.width_mm * item.height_mm


def _is_taken(item: Item, carrier: Carrier) -> bool:
    return item.weight_g <= carrier.weight_g_max and max(_sides(item)) <= carrier.side_mm_max


def _rank(item: Item) -> tuple[tuple[int, int, int], int, int]:
    return _sides(item), item.weight_g, item.quantity
