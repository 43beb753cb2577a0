"""The state table, pair by pair, and the clocks."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.orders import rules
from app.domain.orders.errors import IllegalTransition, OrderChanged, PromiseInThePast
from app.domain.orders.types import FINAL_STATES, UptOrderAction, UptOrderState, summary_state

S = UptOrderState
A = UptOrderAction
AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)

LEGAL = {
    "draft check_out held",
    "held confirm_payment placed",
    "held expire expired",
    "held cancel_unpaid cancelled",
    "expired confirm_late_payment placed",
    "placed accept accepted",
    "placed refuse cancelled",
    "placed cancel cancelled",
    "accepted prepare preparing",
    "accepted cancel cancelled",
    "preparing ship_part part_shipped",
    "preparing ship shipped",
    "preparing hand_over delivered",
    "preparing cancel cancelled",
    "part_shipped ship_part part_shipped",
    "part_shipped ship shipped",
    "part_shipped resend preparing",
    "shipped deliver delivered",
    "shipped resend preparing",
    "shipped close_lost delivered",
    "delivered complete completed",
    "placed refuse_part placed",
    "accepted refuse_part accepted",
    "preparing refuse_part preparing",
    "part_shipped refuse_part part_shipped",
    "part_shipped refuse_rest shipped",
    "part_shipped deliver_part part_shipped",
    "part_shipped lose_part part_shipped",
    "part_shipped resend_part part_shipped",
    "shipped deliver_part shipped",
    "shipped lose_part shipped",
    "shipped resend_part part_shipped",
}
"""Written out a second time from the public path of the state table, so that a slip shows."""


@pytest.mark.parametrize(("state", "action"), list(itertools.product(S, A)), ids=str)
def test_every_pair_is_legal_or_refused(state: S, action: A) -> None:
    expected = [line.split() for line in LEGAL if line.startswith(f"{state} {action} ")]
    if expected:
        assert rules.next_state(state=state, action=action) == expected[0][2]
        return
    with pytest.raises(IllegalTransition) as caught:
        rules.next_state(state=state, action=action)
    assert caught.value.details() == {"state": str(state), "action": str(action)}


def test_the_table_has_no_row_beyond_the_written_path() -> None:
    assert {f"{state} {action} {to}" for (state, action), to in rules.NEXT.items()} == LEGAL


def test_final_states_have_no_way_out_but_late_money() -> None:
    ways_out = {(state, action) for state, action in rules.NEXT if state in FINAL_STATES}
    assert ways_out == {(S.EXPIRED, A.CONFIRM_LATE_PAYMENT)}


def test_every_state_can_be_reached_from_a_basket() -> None:
    reached = {S.DRAFT}
    for _ in S:
        reached |= {to for (state, _), to in rules.NEXT.items() if state in reached}
    assert reached == set(S)


def test_a_refusal_before_acceptance_is_a_refusal_and_later_a_cancellation() -> None:
    assert rules.refusal_action(state=S.PLACED) is A.REFUSE
    assert rules.refusal_action(state=S.PREPARING) is A.CANCEL


@pytest.mark.parametrize(
    ("state", "clock"),
    [
        (S.PLACED, AT + timedelta(days=2)),
        (S.SHIPPED, AT + timedelta(days=3 + 7)),
        (S.DELIVERED, AT + timedelta(days=7)),
        (S.PREPARING, AT + timedelta(hours=1)),
        (S.PART_SHIPPED, AT + timedelta(hours=1)),
        (S.COMPLETED, None),
        (S.CANCELLED, None),
        (S.EXPIRED, None),
    ],
)
def test_each_state_has_its_clock(state: S, clock: datetime | None) -> None:
    present = AT + timedelta(hours=1)
    assert rules.act_by_at(state=state, at=AT, present=present, days_max=3) == clock


def test_a_promise_for_today_is_taken_and_one_for_yesterday_is_not() -> None:
    today = date(2026, 11, 23)
    rules.ensure_promise(promised_on=today, today=today)
    rules.ensure_promise(promised_on=today + timedelta(days=180), today=today)
    for day in (today - timedelta(days=1), today + timedelta(days=181)):
        with pytest.raises(PromiseInThePast):
            rules.ensure_promise(promised_on=day, today=today)


@pytest.mark.parametrize(
    ("timezone", "hour"), [("Asia/Jakarta", 17), ("Asia/Makassar", 16), ("Asia/Jayapura", 15)]
)
def test_a_promised_day_ends_at_midnight_where_the_unit_is(timezone: str, hour: int) -> None:
    ends_at = rules.promise_ends_at(promised_on=date(2026, 11, 25), timezone=timezone)
    assert ends_at == datetime(2026, 11, 25, hour, tzinfo=UTC)


def test_another_version_is_refused_with_the_present_state() -> None:
    rules.ensure_version(number="KB-1-1", state=S.PLACED, expected=2, version=2)
    with pytest.raises(OrderChanged) as caught:
        rules.ensure_version(number="KB-1-1", state=S.ACCEPTED, expected=2, version=3)
    assert caught.value.details() == {"number": "KB-1-1", "state": "accepted"}


@pytest.mark.parametrize(
    ("states", "summary"),
    [
        ((S.SHIPPED, S.PLACED), S.PLACED),
        ((S.CANCELLED, S.SHIPPED), S.SHIPPED),
        ((S.CANCELLED, S.COMPLETED), S.COMPLETED),
        ((S.CANCELLED, S.CANCELLED), S.CANCELLED),
        ((S.HELD,), S.HELD),
    ],
)
def test_a_purchase_stands_where_its_slowest_open_part_stands(
    states: tuple[S, ...], summary: S
) -> None:
    assert summary_state(states) is summary
