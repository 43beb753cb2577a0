"""Charts made by the server: whole numbers for SVG, with the same figures as a table beside them.

A chart here is only geometry and words; ``templates/components/plot.html`` draws it. It needs no
script, prints, follows the colours of the page, and is read aloud from its table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

HEIGHT: Final = 200
STEP: Final = 12
"""Width of one column with its gap, in units of the drawing; the page stretches it."""

BAR: Final = 9


@dataclass(frozen=True, slots=True)
class Amount:
    """What one column shows.

    Attributes:
        label: Its name in the table, for example a date.
        short: Its name under the drawing.
        up: Amount above the line, zero or more.
        down: Amount below it, zero or more.
        href: Where its rows are.
    """

    label: str
    short: str
    up: int
    down: int
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled oblong in the units of the drawing."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Column:
    """One column as drawn; a part without amount is not drawn."""

    amount: Amount
    up: Rect | None
    down: Rect | None


@dataclass(frozen=True, slots=True)
class Columns:
    """A chart of columns above and below a line.

    Attributes:
        zero: Height of the line, from the top.
        top: Amount at the upper edge.
        bottom: Amount at the lower edge, without a sign.
        marks: Names under the drawing, evenly spread: first, middle, last.
    """

    columns: tuple[Column, ...]
    width: int
    height: int
    zero: int
    top: int
    bottom: int
    marks: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to draw."""
        return not any(column.up or column.down for column in self.columns)


def ceiling(amount: int) -> int:
    """Return the smallest 1, 2 or 5 times a power of ten that is not below an amount; 0 for none."""
    if amount <= 0:
        return 0
    power = int(10 ** (len(str(amount)) - 1))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= amount)


def columns(amounts: Sequence[Amount]) -> Columns:
    """Return a chart with one column for each amount; both sides share one scale."""
    top = ceiling(max((amount.up for amount in amounts), default=0))
    bottom = ceiling(max((amount.down for amount in amounts), default=0))
    whole = top + bottom
    zero = HEIGHT * top // whole if whole else HEIGHT
    zero = min(max(zero, int(top > 0)), HEIGHT - int(bottom > 0))
    drawn = []
    for number, amount in enumerate(amounts):
        x = number * STEP + (STEP - BAR) // 2
        up = min(_tall(amount.up, whole), zero)
        down = min(_tall(amount.down, whole), HEIGHT - zero)
        drawn.append(
            Column(
                amount,
                Rect(x, zero - up, BAR, up) if up else None,
                Rect(x, zero, BAR, down) if down else None,
            )
        )
    return Columns(
        columns=tuple(drawn),
        width=max(len(drawn), 1) * STEP,
        height=HEIGHT,
        zero=zero,
        top=top,
        bottom=bottom,
        marks=_marks([amount.short for amount in amounts]),
    )


def _tall(amount: int, whole: int) -> int:
    """Return a height that shows even the smallest amount."""
    return max(HEIGHT * amount // whole, 1) if amount > 0 else 0


def _marks(names: Sequence[str]) -> tuple[str, ...]:
    if len(names) < 3:
        return tuple(names)
    return (names[0], names[len(names) // 2], names[-1])


def step_of(*, value: int, limits: Sequence[int]) -> int:
    """Return in which step of a scale a value stands: how many of the rising limits it reaches."""
    return sum(value >= limit for limit in limits)


TILE: Final = 44
TILE_GAP: Final = 4


@dataclass(frozen=True, slots=True)
class Tile:
    """One region on a map of tiles.

    Attributes:
        step: Depth of its colour, 0 to 4; None when there is nothing to show.
        href: Where it leads; None when there is nothing behind it.
    """

    x: int
    y: int
    code: str
    name: str
    text: str
    step: int | None
    href: str | None


@dataclass(frozen=True, slots=True)
class TileMap:
    """Regions as tiles of one size, roughly where they lie."""

    tiles: tuple[Tile, ...]
    width: int
    height: int


REGIONS: Final[Mapping[str, tuple[int, int, str]]] = {
    "aceh": (0, 0, "ACE"), "sumatera-utara": (1, 1, "SUT"), "sumatera-barat": (1, 2, "SBR"),
    "riau": (2, 2, "RIA"), "kepulauan-riau": (3, 1, "KEP"), "jambi": (2, 3, "JAM"),
    "bengkulu": (1, 4, "BKL"), "sumatera-selatan": (2, 4, "SSL"),
    "bangka-belitung": (3, 3, "BBL"), "lampung": (2, 5, "LAM"), "banten": (3, 6, "BAN"),
    "dki-jakarta": (4, 6, "DKI"), "jawa-barat": (5, 6, "JBR"), "jawa-tengah": (6, 6, "JTG"),
    "di-yogyakarta": (7, 6, "DIY"), "jawa-timur": (8, 6, "JTM"), "bali": (9, 6, "BAL"),
    "nusa-tenggara-barat": (10, 6, "NTB"), "nusa-tenggara-timur": (11, 6, "NTT"),
    "kalimantan-barat": (5, 3, "KBR"), "kalimantan-tengah": (6, 3, "KTG"),
    "kalimantan-selatan": (7, 4, "KSL"), "kalimantan-timur": (7, 2, "KTM"),
    "sulawesi-utara": (10, 2, "SLU"), "gorontalo": (9, 2, "GOR"), "sulawesi-tengah": (9, 3, "SLT"),
    "sulawesi-barat": (8, 4, "SLB"), "sulawesi-selatan": (9, 4, "SLS"),
    "sulawesi-tenggara": (10, 4, "STG"), "maluku-utara": (11, 3, "MLU"), "maluku": (12, 4, "MLK"),
    "papua-barat": (13, 3, "PPB"), "papua": (14, 3, "PAP"),
}  # fmt: skip
"""Column, row and three letters of each regional office, roughly as on a map of the country."""


def tile_map(cells: Sequence[tuple[str, str, str, int | None, str]]) -> TileMap:
    """Return a map of regional offices; those without figures are drawn empty, so that it stays a map.

    One that has no place on it yet stands in a row below.

    Args:
        cells: Code, name, text, step and address of each.
    """
    tiles, more = [], 0
    rows = max(row for _, row, _ in REGIONS.values()) + 1
    for code, name, words, step, href in cells:
        place = REGIONS.get(code)
        if place is None:
            place = (more, rows, name.removeprefix("Kanwil Ditjenpas ")[:3].upper())
            more += 1
        across, down, letters = place
        pitch = TILE + TILE_GAP
        tiles.append(Tile(across * pitch, down * pitch, letters, name, words, step, href))
    pitch = TILE + TILE_GAP
    known = {cell[0] for cell in cells}
    tiles += [
        Tile(column * pitch, row * pitch, letters, code.replace("-", " ").title(), "", None, None)
        for code, (column, row, letters) in REGIONS.items()
        if code not in known
    ]
    across = max(column for column, _, _ in REGIONS.values()) + 1
    return TileMap(tuple(tiles), across * pitch - TILE_GAP, (rows + (more > 0)) * pitch - TILE_GAP)
