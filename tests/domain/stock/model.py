"""A tiny ledger in memory, written from the documents and without any code of the real one.

Each command returns the entries that the real ledger must write, or raises ``Refused`` with the
code of the refusal that it must give. ``write`` then folds the entries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from tests.domain.stock.shelves import (
    ADJUST,
    FOR_SALE,
    GOODS,
    GUARDED,
    INSIDE,
    Hold,
    Refused,
    Row,
    Shelves,
    Way,
    is_way,
    named,
)


class Book(Shelves):
    """The commands of the ledger."""

    def receive(self, way: Way, at: datetime) -> list[Row]:
        """Goods that come in, in a lot named or of today."""
        lot = named(way.new or (None, None, None), at)
        return self.post([way._replace(new=lot)], at)

    def post(self, ways: Sequence[Way], at: datetime) -> list[Row]:
        """Moves at once, all or none."""
        if not all(is_way(way.kind, way.start, way.end) for way in ways):
            raise Refused("stock.move_unfit")
        coming: Counter[int] = Counter()
        for way in ways:
            if way.start not in GUARDED and way.end != "capacity":
                coming[way.variant] += way.quantity
        self.ensure_single(coming)
        codes = {
            place: way.lot or self.enter(way.upt, way.variant, at, way.new)
            for place, way in enumerate(ways)
            if way.start not in GUARDED
        }
        rows, taken, is_short = [], Counter[tuple[int, str, str]](), False
        for place, way in enumerate(ways):
            parts = [(codes.get(place, ""), way.quantity)]
            if place not in codes:
                hands_on = way.kind in ("sold", "fair_sent", "transfer_sent")
                if hands_on and way.lot and way.lot not in self._fit(way, at):
                    raise Refused("stock.lot_unfit")
                parts = self.take(
                    way.variant, way.start, way.quantity, lot=way.lot,
                    at=at if hands_on else None, taken=taken,
                )  # fmt: skip
            is_short |= sum(pieces for _, pieces in parts) < way.quantity
            rows += [
                Row(way.upt, "move", way.kind, way.variant, lot, way.start, way.end, pieces)
                for lot, pieces in parts
            ]
        if is_short:
            raise Refused("stock.insufficient")
        return sorted(rows, key=lambda row: row.upt)

    def _fit(self, way: Way, at: datetime) -> set[str]:
        """Return lots that may be handed on, with those that never lay in the account."""
        never = {
            lot.code for lot in self.lots if (way.variant, lot.code, way.start) not in self.pieces
        }
        return never | {lot.code for lot in self.lots_of(way.variant, at)}

    def adjust(
        self, upt: int, variant: int, lot: str | None, delta: int, reason: str, place: str,
        at: datetime,
    ) -> list[Row]:  # fmt: skip
        """Pieces added or taken by hand."""
        if (reason, delta > 0) not in ADJUST:
            raise Refused("stock.reason_unfit")
        if place not in INSIDE:
            raise Refused("stock.move_unfit")
        outside, kind = ADJUST[reason, delta > 0]
        if delta > 0:
            self.ensure_single(Counter({variant: delta}))
            code = lot or self.enter(upt, variant, at, None)
            return [Row(upt, "move", kind, variant, code, outside, place, delta)]
        parts = self.take(variant, place, -delta, lot=lot, at=None, taken=Counter())
        if sum(pieces for _, pieces in parts) < -delta:
            raise Refused("stock.insufficient")
        return [Row(upt, "move", kind, variant, code, place, outside, n) for code, n in parts]

    def reverse(self, upt: int, numbers: Sequence[int]) -> list[Row]:
        """Entries taken back, all or none."""
        rows, drawn = [], Counter[tuple[int, str, str]]()
        for number in numbers:
            row = self.entries[upt][number - 1]
            if (
                row.phase not in ("move", "post")
                or row.reverses
                or any(each.reverses == number for each in self.entries[upt])
            ):
                raise Refused("stock.not_reversible")
            key = (row.variant, row.lot, row.end)
            drawn[key] += row.quantity
            if row.end in GUARDED and self.free(*key) < drawn[key]:
                raise Refused("stock.insufficient")
            rows.append(
                Row(upt, "move", "reversed", row.variant, row.lot, row.end, row.start,
                    row.quantity, reverses=number)
            )  # fmt: skip
        self.ensure_single(
            Counter(row.variant for row in rows if row.start not in GUARDED and row.end in GOODS)
        )
        return rows

    def reserve(
        self, wanted: dict[tuple[int, int], int], ends: datetime | None, at: datetime
    ) -> list[Row]:
        """Promises, all or none; lapsed ones are closed when they stand in the way."""
        lapsed: list[Row] = []
        picked, short = self._pick(wanted, at, freed=Counter())
        if short:
            over = [
                hold for hold in self.holds.values()
                if hold.is_lapsed(at) and (hold.row.upt, hold.row.variant) in wanted
            ]  # fmt: skip
            over.sort(key=lambda hold: (hold.ends, hold.row.upt, hold.number))
            lapsed = [self._on(hold, "void", "expired") for hold in over]
            freed: Counter[tuple[int, str, str]] = Counter()
            for hold in over:
                freed[hold.row[3:6]] += hold.row.quantity
            picked, short = self._pick(wanted, at, freed=freed)
        if short:
            raise Refused("stock.insufficient")
        rows = lapsed + [row._replace(ends=ends) for row in picked]
        return sorted(rows, key=lambda row: row.upt)

    def _pick(
        self, wanted: dict[tuple[int, int], int], at: datetime, freed: Counter[tuple[int, str, str]]
    ) -> tuple[list[Row], bool]:
        rows, is_short = [], False
        for (upt, variant), quantity in sorted(wanted.items()):
            order = sorted(
                ((lot, account) for lot in self.lots_of(variant, at) for account in FOR_SALE),
                key=lambda pair: (
                    pair[1] == "capacity", pair[0].expires or date.max, FOR_SALE.index(pair[1]),
                    self.lots.index(pair[0]),
                ),
            )  # fmt: skip
            for lot, account in order:
                key = (variant, lot.code, account)
                part = min(quantity, self.free(*key) + freed[key])
                if part > 0:
                    rows.append(Row(upt, "hold", "held", *key, "transit_customer", part))
                    quantity -= part
            is_short |= quantity > 0
        return rows, is_short

    @staticmethod
    def _on(hold: Hold, phase: str, kind: str, quantity: int | None = None) -> Row:
        row = hold.row
        return row._replace(
            phase=phase, kind=kind, hold=hold.number, quantity=quantity or row.quantity, ends=None
        )

    def resolve(
        self, act: str, upt: int, numbers: Sequence[int], *, ends: datetime | None = None,
        parts: dict[int, int] | None = None,
    ) -> list[Row]:  # fmt: skip
        """Keep, release, ship or deliver promises, all or none."""
        holds = [self.holds.get((upt, number)) for number in sorted(set(numbers))]
        found = [hold for hold in holds if hold is not None]
        passed_over = "expired" if act == "release" else None
        chosen = [hold for hold in found if hold.state != passed_over]
        state = "posted" if act == "deliver" else "open"
        if len(found) < len(holds) or any(hold.state != state for hold in chosen):
            raise Refused("stock.hold_closed")
        if act == "release":
            return [self._on(hold, "void", "voided") for hold in chosen]
        if act == "keep":
            return [self._on(hold, "keep", "kept")._replace(ends=ends) for hold in chosen]
        if act == "ship":
            sent = {
                hold.number: (parts or {}).get(hold.number, hold.row.quantity) for hold in chosen
            }
            if any(sent[hold.number] > hold.row.quantity for hold in chosen):
                raise Refused("stock.hold_closed")
            return [self._on(hold, "post", "shipped", sent[hold.number]) for hold in chosen]
        return [self._delivery(hold) for hold in chosen]

    def _delivery(self, hold: Hold) -> Row:
        row = hold.row
        if hold.is_delivered:
            raise Refused("stock.hold_closed")
        if self.free(row.variant, row.lot, row.end) < hold.shipped:
            raise Refused("stock.insufficient")
        return row._replace(
            phase="move", kind="delivered", start=row.end, end="customer", quantity=hold.shipped,
            hold=hold.number, ends=None,
        )  # fmt: skip

    def expire(self, at: datetime) -> list[Row]:
        """Every lapsed promise is closed, oldest end first."""
        over = [hold for hold in self.holds.values() if hold.is_lapsed(at)]
        over.sort(key=lambda hold: (hold.ends, hold.row.upt, hold.number))
        rows = [self._on(hold, "void", "expired") for hold in over]
        return sorted(rows, key=lambda row: row.upt)
