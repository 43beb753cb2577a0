"""Buyers who meet at the last piece, double clicks, and carts that name goods in opposite order.

The first test shows that the race is real: with a reservation that only looks before it writes,
as many shops do, the same harness sells one piece twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from app.domain.checkout import flows
from app.domain.checkout import services as checkout_services
from app.domain.checkout.errors import ItemsShort
from app.domain.checkout.services import reserving
from app.domain.checkout.types import PlacedOrder
from app.domain.orders.errors import IllegalTransition
from app.domain.orders.types import UptOrderState
from app.domain.payments import queries as payments_queries
from app.domain.payments.types import TransferResult
from app.domain.stock import flows as stock_flows
from app.domain.stock import queries as stock_queries
from app.domain.stock.types import HoldRecord
from app.infra import db
from app.kernel.actor import ANONYMOUS
from tests.factories import trade
from tests.factories.trade import AT, CartKey, PlaceOrder

pytestmark = pytest.mark.concurrency

LOCK_WAIT_MS_MAX = 2_000


def together(app: Flask, works: Sequence[Callable[[], Any]], *, threads: int = 8) -> list[Any]:
    """Run the works at once, each with its own connection; return answers or refusals in order."""
    gate = threading.Barrier(min(threads, len(works)))

    def run(work: Callable[[], Any], waits: bool) -> Any:
        if waits:
            gate.wait(timeout=30)
        with app.app_context():
            try:
                return work()
            except Exception as error:
                return error
            finally:
                db.db.session.remove()

    with ThreadPoolExecutor(threads) as pool:
        futures = [
            pool.submit(run, work, position < gate.parties) for position, work in enumerate(works)
        ]
        return [future.result(timeout=120) for future in futures]


def placing(key: CartKey, order: PlaceOrder) -> Callable[[], PlacedOrder]:
    return lambda: trade.place(key=key, order=order)


def filled(carts: Sequence[dict[int, int]]) -> list[tuple[CartKey, PlaceOrder]]:
    """Return carts with a form for each, as pages rendered before anybody ordered."""
    keys = [trade.fill_cart(pieces) for pieces in carts]
    return [(key, trade.command(key)) for key in keys]


def number(statement: str) -> int:
    found = db.read_session().execute(text(statement)).scalar_one()
    db.read_session().rollback()
    return int(found or 0)


def assert_books_agree() -> None:
    assert stock_flows.verify().faults == ()
    assert payments_queries.verify().faults == ()


def placed_orders(answers: Sequence[Any]) -> list[PlacedOrder]:
    return [answer for answer in answers if isinstance(answer, PlacedOrder)]


def limit_lock_waits() -> None:
    """Turn every wait for a lock that is longer than the limit into a refusal."""

    @event.listens_for(db.db.engine, "checkout")
    def _limit(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute(f"SET lock_timeout = {LOCK_WAIT_MS_MAX}")
        connection.commit()


def look_then_write(gate: threading.Barrier) -> Callable[..., tuple[HoldRecord, ...]]:
    """Return a reservation without a guard: it looks, lets the other buyer look, then says yes."""

    def reserve(*, demands: Sequence[Any], at: Any, **_: Any) -> tuple[HoldRecord, ...]:
        variant_ids = [demand.variant_id for demand in demands]
        found = stock_queries.availability(variant_ids=variant_ids, at=at)
        gate.wait(timeout=30)
        assert all(found[demand.variant_id] >= demand.quantity for demand in demands)
        fake = threading.get_ident() % 10**9
        return tuple(
            HoldRecord(fake + position, demand.upt_id, demand.variant_id, 0, demand.quantity)
            for position, demand in enumerate(demands)
        )

    return reserve


def test_without_the_guard_one_piece_is_sold_twice(
    pg_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pg_app.app_context():
        trade.make_rates()
        item = trade.make_item(quantity=1)
        carts = filled([{item.variant_id: 1}] * 2)
        with db.unit_of_work():
            db.session().execute(
                text("ALTER TABLE order_line_hold DROP CONSTRAINT fk_order_line_hold_hold_id")
            )
    gate = threading.Barrier(2)
    monkeypatch.setattr(reserving.stock_services, "reserve", look_then_write(gate))
    answers = together(pg_app, [placing(*cart) for cart in carts])
    assert len(placed_orders(answers)) == 2
    with pg_app.app_context():
        assert number("SELECT sum(quantity) FROM order_line") == 2, "one piece, sold twice"


@pytest.mark.parametrize("attempt", range(5))
def test_two_buyers_and_one_piece_are_one_order_and_one_clear_refusal(
    pg_app: Flask, attempt: int
) -> None:
    with pg_app.app_context():
        trade.make_rates()
        item = trade.make_item(quantity=1, name="Besar")
        carts = filled([{item.variant_id: 1}] * 2)
    answers = together(pg_app, [placing(*cart) for cart in carts])
    assert len(placed_orders(answers)) == 1
    (refusal,) = [answer for answer in answers if isinstance(answer, ItemsShort)]
    assert "(Besar)" in refusal.names
    with pg_app.app_context():
        assert number("SELECT count(*) FROM order_group") == 1
        assert_books_agree()


def test_sixty_carts_on_twenty_pieces_sell_exactly_twenty(pg_app: Flask) -> None:
    with pg_app.app_context():
        trade.make_rates()
        item = trade.make_item(quantity=20)
        carts = filled([{item.variant_id: 1}] * 60)
    answers = together(pg_app, [placing(*cart) for cart in carts], threads=12)
    assert len(placed_orders(answers)) == 20
    assert sum(isinstance(answer, ItemsShort) for answer in answers) == 40
    with pg_app.app_context():
        position = stock_queries.get_position(upt_id=item.upt_id, variant_id=item.variant_id, at=AT)
        assert (position.on_hand, position.held, position.available) == (20, 20, 0)
        assert number("SELECT sum(quantity) FROM order_line") == 20
        assert number("SELECT sum(quantity) FROM stock_hold WHERE state = 'open'") == 20
        assert_books_agree()


def test_mixed_quantities_never_sell_more_than_there_is(pg_app: Flask) -> None:
    with pg_app.app_context():
        trade.make_rates()
        item = trade.make_item(quantity=20)
        carts = filled([{item.variant_id: 1 + position % 3} for position in range(30)])
    answers = together(pg_app, [placing(*cart) for cart in carts], threads=12)
    with pg_app.app_context():
        sold = number("SELECT sum(quantity) FROM order_line")
        position = stock_queries.get_position(upt_id=item.upt_id, variant_id=item.variant_id, at=AT)
        assert (position.held, position.available) == (sold, 20 - sold)
        assert position.available == 0, "one-piece carts take what larger ones could not"
        assert len(placed_orders(answers)) == number("SELECT count(*) FROM order_group")
        assert_books_agree()


def test_a_form_sent_twenty_times_is_one_order(pg_app: Flask) -> None:
    with pg_app.app_context():
        trade.make_rates()
        item = trade.make_item(quantity=20)
        ((key, order),) = filled([{item.variant_id: 1}])
    answers = together(pg_app, [placing(key, order)] * 20, threads=10)
    found = placed_orders(answers)
    assert len(found) == 20, [answer for answer in answers if isinstance(answer, Exception)]
    assert len({placed.number for placed in found}) == 1
    assert sum(not placed.is_repeat for placed in found) == 1
    with pg_app.app_context():
        assert number("SELECT count(*) FROM order_group") == 1
        assert number("SELECT sum(quantity) FROM stock_hold") == 1


def test_one_key_over_two_carts_at_once_is_one_order_and_a_retry_finds_it(pg_app: Flask) -> None:
    with pg_app.app_context():
        trade.make_rates()
        item = trade.make_item(quantity=20)
        (first, order), (second, _) = filled([{item.variant_id: 1}] * 2)
    answers = together(pg_app, [placing(first, order), placing(second, order)])
    winners = placed_orders(answers)
    assert winners
    with pg_app.app_context():
        assert number("SELECT count(*) FROM order_group") == 1
        again = trade.place(key=second, order=order)
        assert (again.number, again.is_repeat) == (winners[0].number, True)


def test_carts_in_opposite_order_neither_deadlock_nor_wait_long(pg_app: Flask) -> None:
    with pg_app.app_context():
        trade.make_rates()
        items = [
            trade.make_item(slug, quantity=100)
            for slug in ("lapas-indramayu", "lapas-pamekasan", "lapas-contoh")
            for _ in range(2)
        ]
        limit_lock_waits()
        forth = {item.variant_id: 1 for item in items}
        back = {item.variant_id: 1 for item in reversed(items)}
        carts = filled([forth, back] * 12)
    answers = together(pg_app, [placing(*cart) for cart in carts], threads=6)
    assert len(placed_orders(answers)) == 24, answers
    with pg_app.app_context():
        found = stock_queries.availability(variant_ids=list(forth), at=AT)
        assert set(found.values()) == {76}
        assert_books_agree()


def test_cancelling_and_paying_at_once_have_one_outcome(pg_app: Flask) -> None:
    with pg_app.app_context():
        trade.make_rates()
        item = trade.make_item(quantity=30)
        orders = [trade.place({item.variant_id: 1}) for _ in range(10)]

    def cancel(placed: PlacedOrder) -> Callable[[], Any]:
        return lambda: db.transact(
            lambda: checkout_services.cancel_unpaid(number=placed.number, actor=ANONYMOUS, at=AT)
        )

    def pay(placed: PlacedOrder) -> Callable[[], Any]:
        return lambda: trade.transfer(placed)

    works = [work for placed in orders for work in (cancel(placed), pay(placed))]
    answers = together(pg_app, works)
    with pg_app.app_context():
        for placed, cancelled, outcome in zip(orders, answers[::2], answers[1::2], strict=True):
            state = trade.page(placed).state
            if outcome.result is TransferResult.SETTLED:
                assert state is UptOrderState.PLACED
                assert isinstance(cancelled, IllegalTransition)
            else:
                assert (outcome.result, state) == (TransferResult.LATE, UptOrderState.CANCELLED)
        assert_books_agree()


def test_several_workers_expire_each_order_once(pg_app: Flask) -> None:
    with pg_app.app_context():
        trade.make_rates()
        item = trade.make_item(quantity=30)
        for _ in range(12):
            trade.place({item.variant_id: 1})
    over = AT + timedelta(days=3)
    works = [lambda: flows.expire_unpaid(at=over)] * 4
    answers = together(pg_app, [*works, placing_later(item.variant_id, over)], threads=5)
    assert sum(answers[:4]) == 12, answers
    with pg_app.app_context():
        assert number("SELECT count(*) FROM order_event WHERE event = 'expire'") == 12
        found = stock_queries.availability(variant_ids=[item.variant_id], at=over)
        assert found == {item.variant_id: 0}
        assert_books_agree()


def placing_later(variant_id: int, at: Any) -> Callable[[], PlacedOrder]:
    """Return a buyer who takes all thirty pieces, lapsed holds included."""
    return lambda: trade.place({variant_id: 30}, at=at)
