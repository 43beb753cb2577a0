"""Two people on one paid order: parcels, refusals and cancellations have one order of events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.domain.checkout import services as checkout_services
from app.domain.checkout.types import PlacedOrder
from app.domain.orders import queries as orders_queries
from app.domain.orders import services as orders_services
from app.domain.orders.commands import RefusePieces, ShipOrder
from app.domain.orders.errors import IllegalTransition, OrderChanged
from app.domain.orders.types import RefuseReason, UptOrderState
from app.domain.stock import queries as stock_queries
from app.infra import db
from app.kernel.actor import ANONYMOUS
from tests.concurrency.test_checkout_races import assert_books_agree, limit_lock_waits, together
from tests.factories import trade
from tests.factories.trade import AT, Item

pytestmark = pytest.mark.concurrency

ROUNDS = 2


def ready(item: Item) -> PlacedOrder:
    placed = trade.paid({item.variant_id: 4})
    trade.accept(placed, item.upt_id)
    trade.prepare(placed, item.upt_id)
    return placed


def work(service: Callable[..., Any], **arguments: Any) -> Callable[[], Any]:
    return lambda: db.transact(lambda: service(at=AT, **arguments))


def ship(placed: PlacedOrder, item: Item, pieces: int | None) -> Callable[[], Any]:
    part = trade.part(placed, item.upt_id)
    command = ShipOrder(
        expected_version=part.version,
        carrier="JNE",
        tracking_number="JNE0001",
        pieces=None if pieces is None else {part.lines[0].line_id: pieces},
    )
    clerk = trade.clerk(item.upt_id)
    return work(orders_services.ship, actor=clerk, number=part.number, command=command)


def refuse(placed: PlacedOrder, item: Item) -> Callable[[], Any]:
    part = trade.part(placed, item.upt_id)
    command = RefusePieces(
        expected_version=part.version,
        reason=RefuseReason.DAMAGED,
        pieces={part.lines[0].line_id: 1},
    )
    clerk = trade.clerk(item.upt_id)
    return work(checkout_services.refuse_pieces, actor=clerk, number=part.number, command=command)


def cancel(placed: PlacedOrder, item: Item) -> Callable[[], Any]:
    number = trade.part(placed, item.upt_id).number
    return work(checkout_services.cancel_paid, number=number, actor=ANONYMOUS)


PAIRS = {
    "two clerks ship": (lambda p, i: ship(p, i, 2), lambda p, i: ship(p, i, None)),
    "ship and refuse": (lambda p, i: ship(p, i, 3), refuse),
    "ship and cancel": (lambda p, i: ship(p, i, None), cancel),
    "refuse and cancel": (refuse, cancel),
}


@pytest.mark.parametrize("name", PAIRS)
def test_two_people_at_once_leave_books_that_add_up(pg_app: Flask, name: str) -> None:
    first, second = PAIRS[name]
    with pg_app.app_context():
        trade.make_rates()
        item = trade.make_item(quantity=4 * ROUNDS, price_idr=10_000, weight_g=100)
        limit_lock_waits()
        orders = [ready(item) for _ in range(ROUNDS)]
        works = [make(placed, item) for placed in orders for make in (first, second)]
        db.read_session().rollback()
    answers = together(pg_app, works, threads=2)
    with pg_app.app_context():
        for placed, one, other in zip(orders, answers[::2], answers[1::2], strict=True):
            refused = [each for each in (one, other) if isinstance(each, Exception)]
            assert all(isinstance(each, OrderChanged | IllegalTransition) for each in refused), (
                refused
            )
            part = trade.part(placed, item.upt_id)
            (line,) = part.lines
            assert (
                line.quantity
                == line.quantity_cancelled + line.quantity_shipped + line.quantity_held
            )
            if part.state is UptOrderState.CANCELLED:
                assert line.quantity_shipped == 0
            else:
                assert len(refused) == 1
        assert orders_queries.list_wrong_quantities() == ()
        assert_books_agree()


def test_the_rest_of_a_part_shipment_can_never_be_bought_by_another(pg_app: Flask) -> None:
    with pg_app.app_context():
        trade.make_rates()
        item = trade.make_item(quantity=4, price_idr=10_000, weight_g=100)
        placed = ready(item)
        carts = [trade.fill_cart({item.variant_id: 1}) for _ in range(8)]
        asked = [trade.command(key) for key in carts]
        sending = ship(placed, item, 1)
        db.read_session().rollback()
    buying = [
        lambda key=key, order=order: trade.place(key=key, order=order)
        for key, order in zip(carts, asked, strict=True)
    ]
    answers = together(pg_app, [*buying[:4], sending, *buying[4:]], threads=5)
    assert not [answer for answer in answers if isinstance(answer, PlacedOrder)]
    with pg_app.app_context():
        found = stock_queries.get_position(upt_id=item.upt_id, variant_id=item.variant_id, at=AT)
        assert (found.on_hand, found.held, found.available) == (3, 3, 0)
        assert orders_queries.list_wrong_quantities() == ()
        assert_books_agree()
