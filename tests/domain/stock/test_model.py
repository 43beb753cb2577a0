"""Random histories of the whole ledger against a tiny model in memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from app.domain.stock import flows, queries, services
from app.domain.stock.errors import HoldClosed, InsufficientStock
from app.domain.stock.types import AdjustReason, Demand, EntrySource, LotChoice
from app.infra import db
from tests.factories import ledger
from tests.factories.ledger import SYSTEM, Shelf
from tests.factories.stock_steps import AT

_shelves: Iterator[Shelf]
_numbers = itertools.count(1)


@dataclass
class Promise:
    """What the model knows of one hold."""

    hold_id: int
    variant_id: int
    quantity: int
    ends: datetime | None
    state: str = "open"

    def is_lapsed(self, at: datetime) -> bool:
        """Say whether it is open past its end."""
        return self.state == "open" and self.ends is not None and self.ends <= at


class Ledger(RuleBasedStateMachine):
    """Two variants of one UPT; every command may come at any time, with any quantity."""

    def __init__(self) -> None:
        super().__init__()
        self.shelf = next(_shelves)
        self.at = AT
        self.on_hand = dict.fromkeys(self.shelf.variant_ids, 0)
        self.customer = 0
        self.promises: list[Promise] = []
        self.last: tuple[Any, dict[str, Any]] | None = None

    def free(self, variant_id: int) -> int:
        """Return what the model would promise now."""
        held = sum(
            promise.quantity
            for promise in self.promises
            if promise.variant_id == variant_id
            and promise.state == "open"
            and not promise.is_lapsed(self.at)
        )
        return self.on_hand[variant_id] - held

    def counted_free(self, variant_id: int) -> int:
        """Return what is free while lapsed promises are still in the counters."""
        held = sum(
            promise.quantity
            for promise in self.promises
            if promise.variant_id == variant_id and promise.state == "open"
        )
        return self.on_hand[variant_id] - held

    def call(self, service: Any, **values: Any) -> Any:
        """Run one service in its own transaction, remembering it for a repeat."""
        values = {
            "actor": SYSTEM,
            "source": EntrySource("model", f"{next(_numbers)}"),
            "at": self.at,
            **values,
        }
        with db.unit_of_work():
            found = service(**values)
        self.last = (service, values)
        return found

    def variant(self, number: int) -> int:
        """Return a variant by its place on the shelf."""
        return self.shelf.variant_ids[number]

    @rule(number=st.integers(0, 1), quantity=st.integers(1, 9), lot=st.sampled_from("AB"))
    def receive(self, number: int, quantity: int, lot: str) -> None:
        """Goods come in."""
        self.call(
            services.receive_output,
            upt_id=self.shelf.upt_id,
            variant_id=self.variant(number),
            quantity=quantity,
            lot=LotChoice(lot),
            happened_at=self.at,
        )
        self.on_hand[self.variant(number)] += quantity

    @rule(number=st.integers(0, 1), quantity=st.integers(1, 9), is_plus=st.booleans())
    def adjust(self, number: int, quantity: int, is_plus: bool) -> None:
        """Staff correct the figure, as far as pieces are free in the counters."""
        variant_id = self.variant(number)
        delta = quantity if is_plus else -quantity
        try:
            self.call(
                services.adjust,
                upt_id=self.shelf.upt_id,
                variant_id=variant_id,
                lot_id=None,
                quantity_delta=delta,
                reason=AdjustReason.COUNT,
                note="",
                happened_at=self.at,
            )
        except InsufficientStock:
            assert quantity > self.counted_free(variant_id)
        else:
            assert is_plus or quantity <= self.counted_free(variant_id)
            self.on_hand[variant_id] += delta

    @rule(first=st.integers(0, 6), second=st.integers(0, 6), minutes=st.sampled_from((5, 50, None)))
    def reserve(self, first: int, second: int, minutes: int | None) -> None:
        """A buyer asks for both variants: all or nothing."""
        wanted = dict(zip(self.shelf.variant_ids, (first, second), strict=True))
        demands = [Demand(self.shelf.upt_id, each, wanted[each]) for each in wanted if wanted[each]]
        if not demands:
            return
        ends = None if minutes is None else self.at + timedelta(minutes=minutes)
        try:
            holds = self.call(services.reserve, demands=demands, expires_at=ends)
        except InsufficientStock as refusal:
            short = {shortage.variant_id: shortage.available for shortage in refusal.shortages}
            assert short == {
                each: self.free(each) for each in wanted if wanted[each] > self.free(each)
            }
            return
        assert all(wanted[each] <= self.free(each) for each in wanted)
        if any(wanted[each] > self.counted_free(each) for each in wanted):
            for promise in self.promises:
                if promise.is_lapsed(self.at) and wanted[promise.variant_id]:
                    promise.state = "expired"
        self.promises += [
            Promise(hold.hold_id, hold.variant_id, hold.quantity, ends) for hold in holds
        ]

    @precondition(lambda self: self.promises)
    @rule(data=st.data(), act=st.sampled_from(("keep", "release", "ship", "part", "deliver")))
    def resolve(self, data: st.DataObject, act: str) -> None:
        """Something happens to a promise, fitting or not."""
        promise = data.draw(st.sampled_from(self.promises))
        values: dict[str, Any] = {"upt_id": self.shelf.upt_id, "hold_ids": [promise.hold_id]}
        expected = "posted" if act == "deliver" else "open"
        service = {"part": services.ship}.get(act) or getattr(services, act)
        if act == "release":
            values["reason"] = "cancelled"
        if act == "part":
            values["quantities"] = {promise.hold_id: max(1, promise.quantity - 1)}
        try:
            self.call(service, **values)
        except HoldClosed:
            assert promise.state != expected
            return
        if act == "release" and promise.state == "expired":
            return
        assert promise.state == expected
        if act == "keep":
            promise.ends = None
        elif act == "release":
            promise.state = "voided"
        elif act == "deliver":
            promise.state = "delivered"
            self.customer += promise.quantity
        else:
            promise.state = "posted"
            promise.quantity = values.get("quantities", {}).get(promise.hold_id, promise.quantity)
            self.on_hand[promise.variant_id] -= promise.quantity

    @rule(minutes=st.integers(1, 40))
    def wait(self, minutes: int) -> None:
        """Time goes by."""
        self.at += timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        """The worker closes lapsed promises."""
        with db.unit_of_work():
            services.expire_lapsed(at=self.at)
        for promise in self.promises:
            if promise.is_lapsed(self.at):
                promise.state = "expired"

    @precondition(lambda self: self.last is not None)
    @rule()
    def repeat(self) -> None:
        """The last command comes again, as after a lost answer."""
        assert self.last is not None
        service, values = self.last
        before = queries.list_heads(upt_id=self.shelf.upt_id)
        with db.unit_of_work():
            service(**values)
        assert queries.list_heads(upt_id=self.shelf.upt_id) == before

    @invariant()
    def figures_agree(self) -> None:
        """Every figure that a page or a checkout would read equals the model's."""
        db.read_session().rollback()
        found = queries.availability(variant_ids=self.shelf.variant_ids, at=self.at)
        assert found == {each: self.free(each) for each in self.shelf.variant_ids}
        for each in self.shelf.variant_ids:
            position = queries.get_position(upt_id=self.shelf.upt_id, variant_id=each, at=self.at)
            assert position.on_hand == self.on_hand[each]

    def teardown(self) -> None:
        """Replay the whole history at the end."""
        assert flows.verify(upt_id=self.shelf.upt_id).faults == ()


@pytest.mark.slow
def test_random_histories_equal_the_model(app: Flask) -> None:
    global _shelves

    def shelves() -> Iterator[Shelf]:
        while True:
            yield ledger.make_shelf(variants=2)

    _shelves = shelves()
    run_machine(
        Ledger,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
