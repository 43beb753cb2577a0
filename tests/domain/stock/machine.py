"""Random histories of every command of the ledger, each step compared with the tiny model.

Two UPT, three ordinary variants and a one-of-a-kind piece. After each step the entries written, all
balances, holds, lots and every figure that a page reads must equal the model's; a refusal must be
the model's refusal and leave everything as it was.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from app.domain.stock import flows, services
from app.domain.stock.types import (
    SEQUENCE_BITS,
    STOCK_ADJUST,
    Account,
    AdjustReason,
    Demand,
    EntryKind,
    EntrySource,
    LotChoice,
    LotState,
    Move,
    ReceiptOrigin,
)
from app.infra import db
from app.kernel.errors import DomainError
from tests.domain.stock import readings
from tests.domain.stock.model import Book
from tests.domain.stock.shelves import ADJUST, GUARDED, INSIDE, WAYS, Refused, Row, Way
from tests.factories import goods, people
from tests.factories.ledger import SYSTEM

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
DAY = date(2026, 11, 22)

numbers = itertools.count(1)
outcomes: Counter[str] = Counter()
"""How often each command ended how, for the report of a long run."""

few = st.sampled_from((1, 1, 2, 3, 4, 6))
variants = st.integers(0, 3)
codes = st.sampled_from(("A", "B", "C", None))
lasts = st.sampled_from((None, None, None, DAY + timedelta(days=1), DAY + timedelta(days=9)))
made = st.sampled_from((None, None, None, None, DAY, DAY + timedelta(days=2)))
inside = st.sampled_from((*INSIDE, *INSIDE, "available", "gallery", "fair"))
entrances = st.sampled_from(("available", "gallery", "quarantine") * 4 + ("returned",))
reasons = st.sampled_from([*ADJUST, *ADJUST, ("found", False), ("damaged", True)])
seldom = st.sampled_from([False] * 9 + [True])
accounts = st.sampled_from((*GUARDED, "customer"))


@dataclass
class Call:
    """A command as it was given, to be given again."""

    service: Callable[..., Any]
    values: dict[str, Any]
    changed: dict[str, Any]
    answer: Any
    has_written: bool


class Ledger(RuleBasedStateMachine):
    """Every command may come at any time, with any values."""

    def __init__(self) -> None:
        super().__init__()
        self.at = AT
        self.calls: list[Call] = []
        self.postings: list[tuple[EntrySource | None, int, list[int]]] = []
        self.lot_ids: dict[tuple[int, str], int] = {}
        self.steps = 0
        number = next(numbers)
        with db.unit_of_work():
            self.upts = [people.make_upt(f"lapas-model-{number}-{n}").upt_id for n in "ab"]
            category = goods.make_category()
            shelves = [
                goods.variant_ids(
                    goods.make_product(
                        upt, published=False, with_picture=False, category_id=category, kind=kind,
                        variants=[{"name": f"Ukuran {n}"} for n in range(count)],
                    )
                )
                for upt, kind, count in (
                    (self.upts[0], "ready", 2), (self.upts[0], "unique", 1), (self.upts[1], "ready", 1)
                )
            ]  # fmt: skip
        self.variants = [
            (self.upts[0], shelves[0][0]), (self.upts[0], shelves[0][1]),
            (self.upts[1], shelves[2][0]), (self.upts[0], shelves[1][0]),
        ]  # fmt: skip
        self.book = Book(unique=frozenset([shelves[1][0]]))

    # Doing and comparing ---------------------------------------------------------------------

    def attempt(
        self,
        plan: Callable[[], list[Row]],
        service: Callable[..., Any],
        *,
        changed: dict[str, Any] | None = None,
        **values: Any,
    ) -> None:
        """Give a command to both ledgers and compare what they say and what they hold."""
        try:
            rows, code = plan(), ""
        except Refused as refusal:
            rows, code, self.book.fresh = [], refusal.code, []
        if changed is not None:
            values |= {"actor": SYSTEM, "source": EntrySource("form", f"{next(numbers)}")}
        answer, found = self.call(service, values)
        outcomes[f"{service.__name__}: {code or 'done'}"] += 1
        assert found == code, (service.__name__, values)
        if not code:
            before = {upt: len(self.book.entries.get(upt, ())) for upt in self.upts}
            self.book.write(rows)
            for upt in sorted({row.upt for row in rows}):
                written = range(before[upt] + 1, len(self.book.entries[upt]) + 1)
                self.postings.append((values.get("source"), upt, [*written]))
            if changed is not None:
                self.calls.append(Call(service, values, changed, answer, bool(rows)))
        self.compare(rows)

    def call(self, service: Callable[..., Any], values: dict[str, Any]) -> tuple[Any, str]:
        """Run one service in its own transaction; return its answer and the code of a refusal."""
        try:
            with db.unit_of_work():
                return service(at=self.at, **values), ""
        except DomainError as refusal:
            return None, refusal.code

    def compare(self, rows: Sequence[Row]) -> None:
        """Read what the ledger stores and shows, and hold it against the model."""
        db.read_session().rollback()
        self.steps += 1
        readings.compare_stored(self, rows)
        if self.steps % 2:
            readings.compare_positions(self)
        else:
            readings.compare_places(self)

    def lot_id(self, variant: int, code: str | None) -> int | None:
        """Return the id that the real ledger gave to a lot."""
        return None if code is None else self.lot_ids[variant, code]

    def draw_start(self, data: st.DataObject, variant: int, starts: Iterable[str]) -> str:
        """Draw an account that pieces may leave, seldom an empty one."""
        starts = [*starts]
        full = [each for each in starts if self.book.figure(variant, [each]) > 0]
        return data.draw(st.sampled_from(starts if data.draw(seldom) or not full else full))

    def draw_lot(self, data: st.DataObject, variant: int) -> str | None:
        """Draw a known lot of a variant, or none in particular."""
        known = [lot.code for lot in self.book.lots if lot.variant == variant]
        return data.draw(st.sampled_from([None, None, *known]))

    def is_reversible(self, upt: int, number: int) -> bool:
        """Say whether an entry moved pieces and was not taken back yet."""
        chain = self.book.entries[upt]
        row = chain[number - 1]
        return (
            row.phase in ("move", "post")
            and row.reverses is None
            and all(each.reverses != number for each in chain)
        )

    # Commands --------------------------------------------------------------------------------

    @initialize()
    def fill(self) -> None:
        """Goods in every place, in one posting over both UPT."""
        ways = [Way(*self.variants[3], "found", "found", "gallery", 1)]
        for upt, variant in self.variants[:3]:
            ways += [
                Way(upt, variant, "opening", "opening", "available", 9, new=("A", None, None)),
                Way(upt, variant, "produced", "production", "gallery", 4,
                    new=("B", DAY, DAY + timedelta(days=1))),
                Way(upt, variant, "capacity_opened", "plan", "capacity", 3,
                    new=("W2026-48", None, DAY + timedelta(days=3))),
            ]  # fmt: skip
        self.post(ways)
        self.post([
            Way(*self.variants[number], kind, "available", end, 1)
            for number in (0, 2)
            for kind, end in (("fair_sent", "fair"), ("transfer_sent", "transit_upt"))
        ])  # fmt: skip

    def post(self, ways: Sequence[Way]) -> None:
        """Give moves to both ledgers."""
        moves = [
            Move(
                way.upt, way.variant, EntryKind(way.kind), Account(way.start), Account(way.end),
                way.quantity, self.lot_id(way.variant, way.lot), LotChoice(*way.new) if way.new else None,
            )
            for way in ways
        ]  # fmt: skip
        other = [*moves[:-1], replace(moves[-1], quantity=moves[-1].quantity + 1)]
        self.attempt(
            lambda: self.book.post(ways, self.at), services.post_moves, changed={"moves": other},
            permission=STOCK_ADJUST, acting_upt_id=self.upts[0], action="test.posted", moves=moves,
            happened_at=self.at,
        )  # fmt: skip

    @rule(number=variants, quantity=few, code=codes, produced=made, expires=lasts, place=entrances,
          origin=st.sampled_from(ReceiptOrigin))  # fmt: skip
    def receive(
        self, number: int, quantity: int, code: str | None, produced: date | None,
        expires: date | None, place: str, origin: ReceiptOrigin,
    ) -> None:  # fmt: skip
        """Goods come in."""
        upt, variant = self.variants[number]
        kind = {"production": "produced", "purchase": "purchased"}[origin.value]
        start = {"production": "production", "purchase": "supplier"}[origin.value]
        way = Way(upt, variant, kind, start, place, quantity, new=(code, produced, expires))
        self.attempt(
            lambda: self.book.receive(way, self.at), services.receive_output,
            changed={"quantity": quantity + 1}, upt_id=upt, variant_id=variant, quantity=quantity,
            lot=LotChoice(code, produced, expires), happened_at=self.at, origin=origin,
            place=Account(place),
        )  # fmt: skip

    @rule(data=st.data(), number=variants, quantity=few, way=reasons)
    def adjust(
        self, data: st.DataObject, number: int, quantity: int, way: tuple[str, bool]
    ) -> None:
        """Staff correct a figure."""
        upt, variant = self.variants[number]
        reason, is_plus = way
        place = data.draw(inside) if is_plus else self.draw_start(data, variant, (*INSIDE, "fair"))
        lot, delta = self.draw_lot(data, variant), quantity if is_plus else -quantity
        self.attempt(
            lambda: self.book.adjust(upt, variant, lot, delta, reason, place, self.at),
            services.adjust, changed={"note": "lain"}, upt_id=upt, variant_id=variant,
            lot_id=self.lot_id(variant, lot), quantity_delta=delta, reason=AdjustReason(reason), note="",
            happened_at=self.at, place=Account(place),
        )  # fmt: skip

    @rule(data=st.data(), number=variants, quantity=few, end=inside)
    def move(self, data: st.DataObject, number: int, quantity: int, end: str) -> None:
        """Pieces are carried from place to place."""
        upt, variant = self.variants[number]
        start = self.draw_start(data, variant, INSIDE)
        lot = self.draw_lot(data, variant)
        way = Way(upt, variant, "moved", start, end, quantity, lot)
        self.attempt(
            lambda: self.book.post([way], self.at), services.move_stock,
            changed={"quantity": quantity + 1}, upt_id=upt, variant_id=variant,
            lot_id=self.lot_id(variant, lot), from_place=Account(start), to_place=Account(end),
            quantity=quantity, note="", happened_at=self.at,
        )  # fmt: skip

    @rule(data=st.data(), count=st.integers(1, 4))
    def move_many(self, data: st.DataObject, count: int) -> None:
        """Moves of any kinds, in one ledger or both."""
        ways = []
        for _ in range(count):
            upt, variant = self.variants[data.draw(variants)]
            kind = data.draw(st.sampled_from(sorted(WAYS)))
            starts, ends = (half.split() for half in WAYS[kind].split(" > "))
            start, end = self.draw_start(data, variant, starts), data.draw(st.sampled_from(ends))
            if data.draw(seldom) and data.draw(seldom):
                end = data.draw(accounts)
            lot, new = self.draw_lot(data, variant), None
            if lot is None and start not in GUARDED and data.draw(st.booleans()):
                new = (data.draw(codes), data.draw(made), data.draw(lasts))
            ways.append(Way(upt, variant, kind, start, end, data.draw(few), lot, new))
        self.post(ways)

    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        """An entry is taken back, one that can be or not."""
        upt = data.draw(st.sampled_from([upt for upt in self.upts if self.book.entries[upt]]))
        count = len(self.book.entries[upt])
        number = data.draw(st.integers(1, count))
        base = upt << SEQUENCE_BITS
        self.attempt(
            lambda: self.book.reverse(upt, [number]), services.reverse_entry,
            changed={"entry_id": base + (number % count) + 1}, upt_id=upt, entry_id=base + number,
            reason="salah ketik",
        )  # fmt: skip

    @rule(data=st.data())
    def reverse_posting(self, data: st.DataObject) -> None:
        """All that one posting did in a UPT is taken back."""
        named = [each for each in self.postings if each[0] is not None]
        fit = [each for each in named if all(self.is_reversible(each[1], n) for n in each[2])]
        source, upt, written = data.draw(
            st.sampled_from(named if data.draw(seldom) or not fit else fit)
        )
        self.attempt(
            lambda: self.book.reverse(upt, written), services.reverse_posting,
            changed={"posted": EntrySource("form", "other")}, permission=STOCK_ADJUST, upt_id=upt,
            posted=source, action="test.reversed", note="",
        )  # fmt: skip

    @rule(quantities=st.tuples(*[st.integers(0, 5)] * 3, st.integers(0, 1)),
          minutes=st.sampled_from((5, 50, None)))  # fmt: skip
    def reserve(self, quantities: tuple[int, ...], minutes: int | None) -> None:
        """A buyer asks for goods of several UPT: all or nothing."""
        wanted = {
            key: pieces for key, pieces in zip(self.variants, quantities, strict=True) if pieces
        }
        if not wanted:
            return
        ends = None if minutes is None else self.at + timedelta(minutes=minutes)
        demands = [Demand(*key, pieces) for key, pieces in wanted.items()]
        other = [*demands[1:], replace(demands[0], quantity=demands[0].quantity + 1)]
        self.attempt(
            lambda: self.book.reserve(wanted, ends, self.at), services.reserve,
            changed={"demands": other}, demands=demands, expires_at=ends,
        )  # fmt: skip

    @precondition(lambda self: self.book.holds)
    @rule(data=st.data(), act=st.sampled_from(("keep", "release", "ship", "part", "deliver")))
    def resolve(self, data: st.DataObject, act: str) -> None:
        """Something happens to one promise or two, fitting or not."""
        holds = list(self.book.holds.values())
        first = data.draw(st.sampled_from(holds))
        alike = [hold.number for hold in holds if hold.row.upt == first.row.upt]
        chosen = {first.number}
        if act != "deliver" and data.draw(st.booleans()):
            chosen.add(data.draw(st.sampled_from(alike)))
        upt, parts = first.row.upt, {}
        base = upt << SEQUENCE_BITS
        values: dict[str, Any] = {}
        if act == "keep":
            values["expires_at"] = data.draw(st.sampled_from((None, self.at + timedelta(hours=1))))
        elif act == "release":
            values["reason"] = "cancelled"
        elif act == "part":
            parts = {first.number: data.draw(st.integers(1, first.row.quantity + 1))}
            values["quantities"] = {base + number: pieces for number, pieces in parts.items()}
        command = "ship" if act == "part" else act
        self.attempt(
            lambda: self.book.resolve(
                command, upt, [*chosen], ends=values.get("expires_at"), parts=parts
            ),
            getattr(services, command), changed={"hold_ids": [base]}, upt_id=upt,
            hold_ids=[base + number for number in chosen], **values,
        )  # fmt: skip

    @precondition(lambda self: any(hold.is_lapsed(self.at) for hold in self.book.holds.values()))
    @rule()
    def sweep(self) -> None:
        """The worker closes lapsed promises."""
        self.attempt(lambda: self.book.expire(self.at), services.expire_lapsed)

    @rule(minutes=st.sampled_from((1, 10, 40, 600, 1500)))
    def wait(self, minutes: int) -> None:
        """Time goes by: promises lapse, lots pass their last day."""
        self.at += timedelta(minutes=minutes)

    @rule(data=st.data(), state=st.sampled_from((LotState.OPEN, LotState.OPEN, LotState.BLOCKED)))
    def set_lot_state(self, data: st.DataObject, state: LotState) -> None:
        """A lot is blocked or opened."""
        alike = [lot for lot in self.book.lots if lot.is_open is not (state is LotState.OPEN)]
        lot = data.draw(st.sampled_from(alike or self.book.lots))
        lot.is_open = state is LotState.OPEN
        self.attempt(
            list, services.set_lot_state, actor=SYSTEM, upt_id=lot.upt,
            lot_id=self.lot_id(lot.variant, lot.code), state=state, note="",
        )  # fmt: skip

    @rule(data=st.data(), is_changed=st.booleans())
    def repeat(self, data: st.DataObject, is_changed: bool) -> None:
        """Any earlier command comes again, as after a lost answer, or its key with other content."""
        call = data.draw(st.sampled_from(self.calls))
        outcomes[f"repeat of {call.service.__name__}: {'other' if is_changed else 'same'}"] += 1
        if is_changed and call.has_written:
            assert self.call(call.service, call.values | call.changed)[1] == "idempotency.mismatch"
        else:
            answer, code = self.call(call.service, call.values)
            assert not code
            if isinstance(call.answer, tuple):
                assert answer == call.answer
            elif call.answer is not None:
                assert answer == readings.position(self, answer.upt_id, answer.variant_id)
        self.compare([])

    def teardown(self) -> None:
        """Replay the whole history at the end."""
        db.read_session().rollback()
        for upt in self.upts:
            report = flows.verify(upt_id=upt)
            assert report.faults == ()
            assert report.entries == len(self.book.entries.get(upt, ()))
