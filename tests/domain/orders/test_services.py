"""A paid part on its way from the UPT to the buyer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.domain.checkout import flows
from app.domain.checkout import services as checkout_services
from app.domain.checkout.types import PlacedOrder
from app.domain.orders import queries as orders_queries
from app.domain.orders import services as orders_services
from app.domain.orders.commands import (
    AcceptOrder,
    HandOverOrder,
    PrepareOrder,
    RefuseOrder,
    ShipOrder,
)
from app.domain.orders.errors import (
    IllegalTransition,
    OrderChanged,
    PromiseInThePast,
    WrongDelivery,
)
from app.domain.orders.types import RefuseReason, UptOrderState
from app.domain.stock import queries as stock_queries
from app.infra import db
from app.kernel.actor import ANONYMOUS, Actor
from app.kernel.errors import NotAllowed, NotFound
from tests.domain.checkout.test_services import counts
from tests.factories import people, trade
from tests.factories.trade import AT

pytestmark = pytest.mark.usefixtures("app")

SHIPMENT = {"carrier": "JNE", "tracking_number": "JNE0001"}


def ready() -> tuple[trade.Item, PlacedOrder]:
    shade, _ = trade.make_shop()
    return shade, trade.paid({shade.variant_id: 2})


def fetched() -> tuple[trade.Item, PlacedOrder]:
    shade, _ = trade.make_shop()
    placed = trade.place(
        {shade.variant_id: 2},
        **{f"delivery_{shade.upt_id}": "pickup"},
        confirmed_total_idr="370000",
    )
    trade.transfer(placed)
    return shade, placed


def number_of(placed: PlacedOrder, item: trade.Item) -> str:
    return trade.part(placed, item.upt_id).number


def on_hand(item: trade.Item) -> tuple[int, int, int]:
    found = stock_queries.get_position(upt_id=item.upt_id, variant_id=item.variant_id, at=AT)
    return found.on_hand, found.held, found.available


def run(service: Callable[..., Any], **arguments: Any) -> Any:
    return db.transact(lambda: service(at=AT, **arguments))


def test_a_part_goes_from_paid_to_completed_and_its_stock_goes_with_it() -> None:
    shade, placed = ready()
    assert on_hand(shade) == (10, 2, 8)
    trade.ship(placed, shade.upt_id)
    sent = trade.part(placed, shade.upt_id)
    assert (sent.state, sent.carrier, sent.tracking_number, sent.shipped_at) == (
        UptOrderState.SHIPPED,
        "JNE",
        "JNE0001234567",
        AT,
    )
    assert sent.promised_on == date(2026, 11, 25)
    assert sent.act_by_at == AT + timedelta(days=10)
    assert on_hand(shade) == (8, 0, 8)
    run(checkout_services.confirm_received, number=sent.number, actor=ANONYMOUS)
    assert trade.part(placed, shade.upt_id).delivered_at == AT
    run(orders_services.complete, number=sent.number, actor=ANONYMOUS)
    done = trade.part(placed, shade.upt_id)
    assert (done.state, done.act_by_at, done.version) == (UptOrderState.COMPLETED, None, 7)
    steps = [(event.event, event.from_state, event.to_state) for event in trade.page(placed).events]
    assert steps == [
        ("check_out", "draft", "held"),
        ("confirm_payment", "held", "placed"),
        ("accept", "placed", "accepted"),
        ("prepare", "accepted", "preparing"),
        ("ship", "preparing", "shipped"),
        ("deliver", "shipped", "delivered"),
        ("complete", "delivered", "completed"),
    ]


def test_saying_received_twice_changes_nothing() -> None:
    shade, placed = ready()
    trade.ship(placed, shade.upt_id)
    number = number_of(placed, shade)
    for _ in range(2):
        run(checkout_services.confirm_received, number=number, actor=ANONYMOUS)
        before = counts()
    run(orders_services.complete, number=number, actor=ANONYMOUS)
    before = counts()
    run(orders_services.complete, number=number, actor=ANONYMOUS)
    run(checkout_services.confirm_received, number=number, actor=ANONYMOUS)
    assert counts() == before


def test_goods_that_were_not_sent_cannot_be_received() -> None:
    shade, placed = ready()
    with pytest.raises(IllegalTransition):
        run(checkout_services.confirm_received, number=number_of(placed, shade), actor=ANONYMOUS)
    with pytest.raises(NotFound):
        run(checkout_services.confirm_received, number="KB-X-1", actor=ANONYMOUS)


def test_fetched_goods_are_handed_over_and_leave_the_store_at_once() -> None:
    shade, placed = fetched()
    trade.accept(placed, shade.upt_id)
    trade.prepare(placed, shade.upt_id)
    part = trade.part(placed, shade.upt_id)
    run(
        orders_services.hand_over,
        actor=trade.clerk(shade.upt_id),
        number=part.number,
        command=HandOverOrder(expected_version=part.version),
    )
    assert trade.part(placed, shade.upt_id).state is UptOrderState.DELIVERED
    assert on_hand(shade) == (8, 0, 8)


def test_each_way_of_delivery_has_its_own_step() -> None:
    shade, placed = fetched()
    part = trade.part(placed, shade.upt_id)
    actor = trade.clerk(shade.upt_id)
    with pytest.raises(WrongDelivery):
        run(
            orders_services.ship,
            actor=actor,
            number=part.number,
            command=ShipOrder(expected_version=part.version, **SHIPMENT),
        )
    other = trade.paid({shade.variant_id: 1})
    part = trade.part(other, shade.upt_id)
    with pytest.raises(WrongDelivery):
        run(
            orders_services.hand_over,
            actor=actor,
            number=part.number,
            command=HandOverOrder(expected_version=part.version),
        )


@pytest.mark.parametrize("promised_on", [date(2026, 11, 21), date(2027, 6, 1)])
def test_a_promise_out_of_range_is_refused(promised_on: date) -> None:
    shade, placed = ready()
    part = trade.part(placed, shade.upt_id)
    before = counts()
    with pytest.raises(PromiseInThePast):
        run(
            orders_services.accept,
            actor=trade.clerk(shade.upt_id),
            number=part.number,
            command=AcceptOrder(expected_version=part.version, promised_on=promised_on),
        )
    assert counts() == before


def staff_calls(version: int) -> list[tuple[Callable[..., Any], Any]]:
    return [
        (
            orders_services.accept,
            AcceptOrder(expected_version=version, promised_on=date(2026, 11, 25)),
        ),
        (orders_services.start_preparing, PrepareOrder(expected_version=version)),
        (orders_services.ship, ShipOrder(expected_version=version, **SHIPMENT)),
        (orders_services.hand_over, HandOverOrder(expected_version=version)),
        (
            checkout_services.refuse_order,
            RefuseOrder(expected_version=version, reason=RefuseReason.OTHER),
        ),
    ]


@pytest.mark.parametrize("position", range(5))
def test_another_version_is_refused_everywhere(position: int) -> None:
    shade, placed = ready()
    part = trade.part(placed, shade.upt_id)
    service, command = staff_calls(part.version + 1)[position]
    before = counts()
    with pytest.raises(OrderChanged) as caught:
        run(service, actor=trade.clerk(shade.upt_id), number=part.number, command=command)
    assert caught.value.details() == {"number": part.number, "state": "placed"}
    assert counts() == before


@pytest.mark.parametrize("position", range(5))
def test_another_unit_and_a_reader_are_refused_everywhere(position: int) -> None:
    shade, placed = ready()
    part = trade.part(placed, shade.upt_id)
    service, command = staff_calls(part.version)[position]
    before = counts()
    for actor, error in (
        (trade.clerk(shade.upt_id + 1), NotFound),
        (ANONYMOUS, NotFound),
        (people.buyer(5), NotFound),
        (people.actor("kanwil_staff", shade.upt_id), NotAllowed),
        (people.actor("auditor"), NotAllowed),
    ):
        with pytest.raises(error):
            run(service, actor=actor, number=part.number, command=command)
    assert counts() == before


def test_an_unpaid_part_cannot_be_accepted() -> None:
    shade, _ = trade.make_shop()
    placed = trade.place({shade.variant_id: 1})
    with pytest.raises(IllegalTransition):
        trade.accept(placed, shade.upt_id)


def test_time_takes_long_shipped_goods_as_delivered_and_closes_them() -> None:
    shade, placed = ready()
    trade.ship(placed, shade.upt_id)
    assert flows.close_delivered(at=AT + timedelta(days=9)) == 0
    assert flows.close_delivered(at=AT + timedelta(days=10)) == 1
    assert trade.part(placed, shade.upt_id).state is UptOrderState.DELIVERED
    assert flows.close_delivered(at=AT + timedelta(days=16)) == 0
    assert flows.close_delivered(at=AT + timedelta(days=17)) == 1
    assert trade.part(placed, shade.upt_id).state is UptOrderState.COMPLETED


@pytest.mark.parametrize(
    "statement", ["UPDATE order_event SET note = 'x'", "DELETE FROM order_event"]
)
def test_history_cannot_be_changed(statement: str) -> None:
    shade, placed = ready()
    before = trade.page(placed).events
    with pytest.raises(IntegrityError, match="append_only"), db.unit_of_work():
        db.session().execute(text(statement))
    assert trade.page(placed).events == before


def test_every_state_change_has_one_event_with_an_actor() -> None:
    shade, placed = ready()
    trade.ship(placed, shade.upt_id)
    page = orders_queries.get_upt_order(
        actor=trade.clerk(shade.upt_id), number=number_of(placed, shade)
    )
    assert len(page.events) == page.order.version
    assert all(event.actor_kind and event.actor_label for event in page.events)
    assert [event.to_state for event in page.events[:-1]] == [
        event.from_state for event in page.events[1:]
    ]


def test_a_unit_sees_its_own_orders_only() -> None:
    shade, cookies = trade.make_shop()
    placed = trade.paid({shade.variant_id: 1, cookies.variant_id: 1})
    clerk: Actor = trade.clerk(shade.upt_id)
    rows = orders_queries.list_for_upt(actor=clerk, upt_id=shade.upt_id).items
    assert [(row.group_number, row.upt_id, row.state) for row in rows] == [
        (placed.number, shade.upt_id, UptOrderState.PLACED)
    ]
    assert (rows[0].quantity_total, rows[0].line_count, rows[0].regency) == (
        1,
        1,
        "Kota Jakarta Selatan",
    )
    with pytest.raises(NotFound):
        orders_queries.list_for_upt(actor=clerk, upt_id=cookies.upt_id)
    with pytest.raises(NotFound):
        orders_queries.get_upt_order(actor=clerk, number=number_of(placed, cookies))
    counted = orders_queries.count_waiting(actor=clerk, upt_ids=[shade.upt_id, cookies.upt_id])
    assert counted == {UptOrderState.PLACED: 1}
    assert orders_queries.count_waiting(actor=ANONYMOUS, upt_ids=[shade.upt_id]) == {}


def test_lists_are_paged_without_gaps() -> None:
    shade, _ = trade.make_shop()
    numbers = [trade.place({shade.variant_id: 1}).number for _ in range(5)]
    clerk = trade.clerk(shade.upt_id)
    seen: list[str] = []
    cursor = None
    while True:
        page = orders_queries.list_for_upt(
            actor=clerk, upt_id=shade.upt_id, states=[UptOrderState.HELD], cursor=cursor, size=2
        )
        seen += [row.group_number for row in page.items]
        cursor = page.after
        if cursor is None:
            break
    assert seen == numbers[::-1]
