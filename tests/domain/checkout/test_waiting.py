"""Clocks moved by hours: who is told when, and what happens to an order that nobody answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.checkout import flows
from app.domain.orders import queries as orders_queries
from app.domain.orders.types import AlertKind, AlertLevel, UptOrderState
from app.domain.payments import queries as payments_queries
from app.domain.stock import queries as stock_queries
from tests.domain.checkout.test_services import counts
from tests.factories import people, trade
from tests.factories.trade import AT

pytestmark = pytest.mark.usefixtures("app")

HOUR = timedelta(hours=1)
ALL = (AlertLevel.UPT, AlertLevel.KANWIL, AlertLevel.NATIONAL)


def kinds(upt_id: int | None = None) -> list[tuple[AlertKind, AlertLevel]]:
    actor = people.actor("auditor") if upt_id is None else people.actor("kanwil_staff", upt_id)
    levels = {level: orders_queries.list_alerts(actor=actor, levels=(level,)) for level in ALL}
    return [(alert.kind, level) for level in ALL for alert in levels[level]]


def test_an_unanswered_order_is_told_upwards_and_then_cancelled_with_its_money() -> None:
    shade, cookies = trade.make_shop()
    placed = trade.paid({shade.variant_id: 2, cookies.variant_id: 1})
    trade.accept(placed, cookies.upt_id)
    day = timedelta(days=1)
    seen = {}
    for hour in range(24 * 4 + 2):
        told = flows.watch_orders(at=AT + hour * HOUR)
        if told:
            seen[hour] = told
        if hour == 23:
            assert kinds(shade.upt_id) == []
        if hour == 24:
            assert kinds(shade.upt_id) == [(AlertKind.REMINDER, AlertLevel.UPT)]
        if hour == 48:
            assert (AlertKind.UNANSWERED, AlertLevel.KANWIL) in kinds(shade.upt_id)
            assert trade.part(placed, shade.upt_id).state is UptOrderState.PLACED
        if hour == 72:
            assert (AlertKind.STILL_UNANSWERED, AlertLevel.NATIONAL) in kinds()
    assert {hour for hour in seen if hour in (24, 48, 72, 96)} == {24, 48, 72, 96}
    gone = trade.part(placed, shade.upt_id)
    assert (gone.state, gone.reason_code) == (UptOrderState.CANCELLED, "unanswered")
    assert trade.payment(placed).sums.refund_due_idr == gone.total_idr
    found = stock_queries.get_position(upt_id=shade.upt_id, variant_id=shade.variant_id, at=AT)
    assert (found.held, found.available) == (0, 10)
    late = trade.part(placed, cookies.upt_id)
    assert late.state is UptOrderState.ACCEPTED
    assert (AlertKind.LATE, AlertLevel.KANWIL) in kinds(cookies.upt_id)
    assert not kinds(shade.upt_id)
    assert payments_queries.verify().faults == ()
    before = counts()
    assert flows.watch_orders(at=AT + 4 * day + 2 * HOUR) == 0
    assert counts() == before


def test_an_answer_ends_the_alert() -> None:
    shade, _ = trade.make_shop()
    placed = trade.paid({shade.variant_id: 1})
    flows.watch_orders(at=AT + 50 * HOUR)
    assert (AlertKind.UNANSWERED, AlertLevel.KANWIL) in kinds(shade.upt_id)
    trade.accept(placed, shade.upt_id)
    assert kinds(shade.upt_id) == []


def test_a_regional_office_reads_of_its_own_units_only() -> None:
    shade, cookies = trade.make_shop()
    trade.paid({shade.variant_id: 1})
    flows.watch_orders(at=AT + 50 * HOUR)
    assert kinds(cookies.upt_id) == []
    assert kinds(shade.upt_id)
