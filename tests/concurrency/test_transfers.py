"""Races of goods on the way: two receivers, send against reserve, transfers that cross."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.domain.stock import flows as stock_flows
from app.domain.stock import services as stock_services
from app.domain.stock.types import Demand
from app.domain.transfers import queries, services
from app.infra import db
from tests.factories import ledger, transit
from tests.factories.ledger import AT, SYSTEM, Shelf
from tests.factories.transit import Pair

pytestmark = pytest.mark.concurrency


def race(app: Flask, works: Sequence[Callable[[], Any]]) -> list[str]:
    """Run the works at once, each on its own connection; return what each ended with."""
    barrier = threading.Barrier(len(works))
    ends = ["never ended"] * len(works)

    def run(number: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                db.transact(works[number])
                ends[number] = "done"
            except Exception as error:
                ends[number] = type(error).__name__
            finally:
                db.db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return ends


def ensure_whole(app: Flask) -> None:
    with app.app_context():
        assert queries.verify() == ()
        assert stock_flows.verify().faults == ()
        db.db.session.remove()


@pytest.fixture
def pair(pg_app: Flask) -> Pair:
    with pg_app.app_context():
        made = transit.make_pair(10, variants=1)
        db.db.session.remove()
    return made


def receiving(document: str, command: Any) -> Callable[[], Any]:
    return lambda: services.receive_transfer(
        actor=SYSTEM, number=document, command=command, happened_at=AT, at=AT
    )


def test_of_many_receivers_at_once_one_counts(pg_app: Flask, pair: Pair) -> None:
    with pg_app.app_context():
        document = transit.sent(pair, 10)
        row = {"received": 10, "variant_id": pair.receiver.variant_id}
        commands = [transit.arrival(document, row) for _ in range(6)]
        db.db.session.remove()
    works = [receiving(document, command) for command in (*commands, commands[0])]
    ends = Counter(race(pg_app, works))
    assert ends["done"] in (1, 2), ends
    assert ends["done"] + ends["TransferChanged"] == 7, ends
    with pg_app.app_context():
        assert transit.pieces(pair.receiver.upt_id, pair.receiver.variant_id) == {"available": 10}
        assert len(transit.page(document).events) == 3
        db.db.session.remove()
    ensure_whole(pg_app)


def test_a_receiver_and_a_recalling_sender_never_both_win(pg_app: Flask, pair: Pair) -> None:
    with pg_app.app_context():
        document = transit.sent(pair, 10)
        row = {"received": 10, "variant_id": pair.receiver.variant_id}
        command = transit.arrival(document, row)
        values = {"choice": "back", "note": "x", "expected_version": 2, "entry_key": transit.key()}
        db.db.session.remove()
    recall = transit.RecallTransfer.parse(values)
    ends = race(
        pg_app,
        [
            receiving(document, command),
            lambda: services.recall_transfer(actor=SYSTEM, number=document, command=recall, at=AT),
        ],
    )
    assert sorted(ends) == ["TransferChanged", "done"]
    ensure_whole(pg_app)


@pytest.mark.parametrize("kind", ["transfer", "fair"])
def test_the_last_piece_goes_out_or_is_promised(pg_app: Flask, kind: str) -> None:
    with pg_app.app_context():
        pair = transit.make_pair(1, variants=1)
        make = transit.draft if kind == "transfer" else transit.fair_draft
        target: Any = pair if kind == "transfer" else pair.sender
        documents = [make(target, 1) for _ in range(3)]
        db.db.session.remove()
    shelf: Shelf = pair.sender
    send = services.send_transfer if kind == "transfer" else services.send_fair

    def sending(document: str) -> Callable[[], Any]:
        step = transit.step()
        return lambda: send(actor=SYSTEM, number=document, command=step, at=AT)

    def buying(number: int) -> Callable[[], Any]:
        return lambda: stock_services.reserve(
            actor=SYSTEM,
            demands=[Demand(shelf.upt_id, shelf.variant_id, 1)],
            source=ledger.source(f"race-{kind}-{number}"),
            expires_at=AT + timedelta(minutes=30),
            at=AT,
        )

    ends = Counter(
        race(pg_app, [*map(sending, documents), *(buying(number) for number in range(3))])
    )
    assert ends == {"done": 1, "InsufficientStock": 5}
    ensure_whole(pg_app)


def test_transfers_that_cross_with_reversed_lines_never_wait_for_each_other(
    pg_app: Flask,
) -> None:
    with pg_app.app_context():
        there = transit.make_pair(60, variants=2)
        for variant_id in there.receiver.variant_ids:
            ledger.receive(there.receiver.upt_id, variant_id, 60, lot_code="L2")
        back = Pair(
            Shelf(there.receiver.upt_id, there.receiver.variant_ids[::-1]),
            Shelf(there.sender.upt_id, there.sender.variant_ids[::-1]),
        )
        works = []
        for number in range(5):
            for pair in (there, back):
                document = transit.sent(pair, 2, 3)
                rows = [
                    {"received": line.quantity, "variant_id": variant_id}
                    for line, variant_id in zip(
                        transit.page(document).lines, pair.receiver.variant_ids, strict=True
                    )
                ]
                works.append(receiving(document, transit.arrival(document, *rows)))
                draft = transit.draft(pair, 1 + number, 1)
                step = transit.step()
                works.append(
                    lambda document=draft, step=step: services.send_transfer(
                        actor=SYSTEM, number=document, command=step, at=AT
                    )
                )
        db.db.session.remove()
    assert race(pg_app, works) == ["done"] * len(works)
    with pg_app.app_context():
        upts = (there.sender.upt_id, there.receiver.upt_id)
        assert sum(transit.other_upt(upt_id) for upt_id in upts) == 0
        db.db.session.remove()
    ensure_whole(pg_app)


def test_two_settlements_of_one_fair_at_once_are_one(pg_app: Flask) -> None:
    with pg_app.app_context():
        shelf = ledger.make_shelf()
        ledger.receive(shelf.upt_id, shelf.variant_id, 5)
        document = transit.fair_out(shelf, 5)
        commands = [transit.result(document, {"sold": 5}) for _ in range(4)]
        db.db.session.remove()
    works: list[Callable[[], Any]] = [
        lambda command=command: services.settle_fair(
            actor=SYSTEM, number=document, command=command, happened_at=AT, at=AT
        )
        for command in commands
    ]
    assert Counter(race(pg_app, works)) == {"done": 1, "TransferChanged": 3}
    ensure_whole(pg_app)
