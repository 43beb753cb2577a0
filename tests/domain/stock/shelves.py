"""What a ledger knows, in memory: written from the documents, without any code of the real one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

INSIDE = ("available", "gallery", "second_grade", "quarantine", "returned")
GOODS = (*INSIDE, "fair", "transit_upt", "transit_customer")
GUARDED = (*GOODS, "capacity")
FOR_SALE = ("available", "gallery", "capacity")

WAYS = {
    "purchased": "supplier > available gallery quarantine",
    "produced": "production > available gallery quarantine",
    "opening": f"opening > {' '.join(INSIDE)}",
    "found": f"found > {' '.join(INSIDE)}",
    "counted_more": f"found > {' '.join(INSIDE)}",
    "counted_less": f"{' '.join(INSIDE)} > loss",
    "damaged": f"{' '.join(INSIDE)} > loss",
    "spoiled": f"{' '.join(INSIDE)} > loss",
    "lost": f"{' '.join(INSIDE)} > loss",
    "sampled": f"{' '.join(INSIDE)} > sample",
    "consumed": f"{' '.join(INSIDE)} > consumed",
    "moved": f"{' '.join(INSIDE)} > {' '.join(INSIDE)}",
    "sold": "gallery available second_grade fair > customer",
    "returned": "customer > returned",
    "fair_sent": "available gallery > fair",
    "fair_returned": "fair > available gallery second_grade quarantine",
    "fair_lost": "fair > loss",
    "transfer_sent": "available gallery second_grade > transit_upt",
    "transfer_done": "transit_upt > other_upt",
    "transfer_received": "other_upt > available gallery second_grade quarantine",
    "transfer_lost": "transit_upt > loss",
    "transfer_returned": "transit_upt > available gallery",
    "capacity_opened": "plan > capacity",
    "capacity_closed": "capacity > plan",
}
"""The contract's list of kinds, as it was written."""

ADJUST = {
    ("opening", True): ("opening", "opening"),
    ("found", True): ("found", "found"),
    ("count", True): ("found", "counted_more"),
    ("count", False): ("loss", "counted_less"),
    ("damaged", False): ("loss", "damaged"),
    ("spoiled", False): ("loss", "spoiled"),
    ("lost", False): ("loss", "lost"),
    ("sample", False): ("sample", "sampled"),
    ("internal_use", False): ("consumed", "consumed"),
}
"""Reason and whether pieces are added: the world's account and the kind."""


class Refused(Exception):
    """The real ledger must refuse with this code and change nothing."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Lot:
    """Pieces made together, in the order in which lots were opened."""

    upt: int
    variant: int
    code: str
    produced: date | None
    expires: date | None
    is_open: bool = True


class Row(NamedTuple):
    """What one entry says; a hold and a reversed entry are named by their number in the UPT."""

    upt: int
    phase: str
    kind: str
    variant: int
    lot: str
    start: str
    end: str
    quantity: int
    hold: int | None = None
    reverses: int | None = None
    ends: datetime | None = None


@dataclass
class Hold:
    """A promise, the entry that made it, and what became of it."""

    number: int
    row: Row
    ends: datetime | None
    state: str = "open"
    shipped: int = 0
    is_delivered: bool = False

    def is_lapsed(self, at: datetime) -> bool:
        """Say whether it is open past its end."""
        return self.state == "open" and self.ends is not None and self.ends <= at


class Way(NamedTuple):
    """One move of a posting; the lot by its code, with dates when it may be new."""

    upt: int
    variant: int
    kind: str
    start: str
    end: str
    quantity: int
    lot: str | None = None
    new: tuple[str | None, date | None, date | None] | None = None


def is_way(kind: str, start: str, end: str) -> bool:
    """Say whether entries of a kind go between two accounts."""
    sources, targets = WAYS[kind].split(" > ")
    return start in sources.split() and end in targets.split() and start != end


def last_day(at: datetime) -> date:
    """Return the date in the east of the country, nine hours ahead."""
    return (at + timedelta(hours=9)).date()


def is_week(lot: Lot) -> bool:
    """Say whether a lot is a week of work, which no goods enter by themselves."""
    return len(lot.code) == 8 and (lot.code[0], lot.code[5]) == ("W", "-") and not lot.produced


def named(
    wanted: tuple[str | None, date | None, date | None], at: datetime
) -> tuple[str, date | None, date | None]:
    """Return a lot with its code filled in."""
    code, produced, expires = wanted
    if produced and (produced > last_day(at) or (expires and expires < produced)):
        raise Refused("stock.lot_dates_unfit")
    return code or f"L{produced or last_day(at):%y%m%d}", produced, expires


@dataclass
class Shelves:
    """Entries, lots, pieces and promises of a few UPT."""

    unique: frozenset[int]
    entries: dict[int, list[Row]] = field(default_factory=dict)
    lots: list[Lot] = field(default_factory=list)
    pieces: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    holds: dict[tuple[int, int], Hold] = field(default_factory=dict)
    fresh: list[Lot] = field(default_factory=list)

    # What is there ---------------------------------------------------------------------------

    def held(self, variant: int, lot: str, account: str) -> int:
        """Return pieces promised out of an account, lapsed promises included."""
        return sum(
            hold.row.quantity
            for hold in self.holds.values()
            if hold.state == "open" and hold.row[3:6] == (variant, lot, account)
        )

    def free(self, variant: int, lot: str, account: str) -> int:
        """Return pieces that may leave an account."""
        return self.pieces[variant, lot, account] - self.held(variant, lot, account)

    def lot(self, variant: int, code: str) -> Lot:
        """Return a known lot."""
        return next(lot for lot in self.lots if (lot.variant, lot.code) == (variant, code))

    def lots_of(self, variant: int, at: datetime | None = None) -> list[Lot]:
        """Return lots first to expire first; with an instant only those that may be sold then."""
        return sorted(
            (
                lot
                for lot in self.lots
                if lot.variant == variant
                and (at is None or (lot.is_open and (lot.expires or date.max) >= last_day(at)))
            ),
            key=lambda lot: (lot.expires or date.max, self.lots.index(lot)),
        )

    def promisable(self, variant: int, at: datetime, accounts: Iterable[str] = FOR_SALE) -> int:
        """Return what a page offers: lapsed promises do not count, unfit lots do not either."""
        accounts = tuple(accounts)
        fit = {lot.code for lot in self.lots_of(variant, at)}
        lapsed = sum(
            hold.row.quantity
            for hold in self.holds.values()
            if hold.is_lapsed(at) and hold.row.variant == variant
            and hold.row.lot in fit and hold.row.start in accounts
        )  # fmt: skip
        return lapsed + sum(self.free(variant, lot, each) for lot in fit for each in accounts)

    def figure(self, variant: int, accounts: Iterable[str]) -> int:
        """Return pieces in some accounts, promised ones included."""
        accounts = tuple(accounts)
        return sum(
            pieces
            for (each, _, account), pieces in self.pieces.items()
            if each == variant and account in accounts
        )

    # Folding ---------------------------------------------------------------------------------

    def write(self, rows: Sequence[Row]) -> None:
        """Append entries and fold them; lots opened on the way stay."""
        self.lots += self.fresh
        self.fresh = []
        for row in rows:
            chain = self.entries.setdefault(row.upt, [])
            chain.append(row)
            hold = self.holds.get((row.upt, row.hold or 0))
            if row.phase == "hold":
                self.holds[row.upt, len(chain)] = Hold(len(chain), row, row.ends)
            elif row.phase in ("move", "post"):
                self.pieces[row.variant, row.lot, row.start] -= row.quantity
                self.pieces[row.variant, row.lot, row.end] += row.quantity
            if hold is not None:
                self._end(hold, row)
        for (variant, lot, account), _ in self.pieces.items():
            assert account not in GUARDED or self.free(variant, lot, account) >= 0

    def _end(self, hold: Hold, row: Row) -> None:
        if row.phase == "keep":
            hold.ends = row.ends
        elif row.phase == "move":
            hold.is_delivered = True
        else:
            hold.state = {"post": "posted"}.get(row.phase, row.kind)
            hold.shipped = row.quantity if row.phase == "post" else 0

    # Lots ------------------------------------------------------------------------------------

    def enter(
        self, upt: int, variant: int, at: datetime,
        wanted: tuple[str | None, date | None, date | None] | None,
    ) -> str:  # fmt: skip
        """Return the code of the lot that goods enter: named, else the newest open, else today's."""
        opened = [
            lot.code
            for lot in self.lots
            if lot.variant == variant and lot.is_open and not is_week(lot)
        ]
        if wanted is None and opened:
            return opened[-1]
        code, produced, expires = named(wanted or (None, None, None), at)
        for lot in (*self.lots, *self.fresh):
            if (lot.variant, lot.code) == (variant, code):
                if (produced and produced != lot.produced) or (expires and expires != lot.expires):
                    raise Refused("stock.lot_mismatch")
                return code
        self.fresh.append(Lot(upt, variant, code, produced, expires))
        return code

    def ensure_single(self, coming: Counter[int]) -> None:
        """Refuse a second piece of one-of-a-kind goods."""
        for variant, pieces in coming.items():
            if variant in self.unique and self.figure(variant, GOODS) + pieces > 1:
                raise Refused("stock.unique_taken")

    def take(
        self, variant: int, account: str, quantity: int, *, lot: str | None, at: datetime | None,
        taken: Counter[tuple[int, str, str]],
    ) -> list[tuple[str, int]]:  # fmt: skip
        """Return pieces by lot, first to expire first; too few leave the list short."""
        found = []
        for each in self.lots_of(variant, at):
            key = (variant, each.code, account)
            part = min(quantity, self.free(*key) - taken[key])
            if lot in (None, each.code) and part > 0:
                found.append((each.code, part))
                taken[key] += part
                quantity -= part
        return found
