"""The state table of child orders on the public path, and the clocks of its states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.orders.errors import IllegalTransition, OrderChanged, PromiseInThePast
from app.domain.orders.types import (
    UptOrderAction,
    UptOrderState,
)

CONFIRM_WITHIN_DAYS: Final = 2
"""Days that a UPT has to accept or refuse a paid public order."""

ASSUME_DELIVERED_AFTER_DAYS: Final = 7
"""Days after the courier's longest estimate at which goods count as received."""

COMPLETE_AFTER_DAYS: Final = 7
"""Days after delivery at which an order without complaint is closed."""

PROMISE_DAYS_MAX: Final = 180
"""Farthest day that a UPT may promise; made-to-order furniture takes months, not years."""

_S = UptOrderState
_A = UptOrderAction

NEXT: Final[Mapping[tuple[UptOrderState, UptOrderAction], UptOrderState]] = MappingProxyType(
    {
        (_S.DRAFT, _A.CHECK_OUT): _S.HELD,
        (_S.HELD, _A.CONFIRM_PAYMENT): _S.PLACED,
        (_S.HELD, _A.EXPIRE): _S.EXPIRED,
        (_S.HELD, _A.CANCEL_UNPAID): _S.CANCELLED,
        (_S.EXPIRED, _A.CONFIRM_LATE_PAYMENT): _S.PLACED,
        (_S.PLACED, _A.ACCEPT): _S.ACCEPTED,
        (_S.PLACED, _A.REFUSE): _S.CANCELLED,
        (_S.PLACED, _A.CANCEL): _S.CANCELLED,
        (_S.ACCEPTED, _A.CANCEL): _S.CANCELLED,
        (_S.ACCEPTED, _A.PREPARE): _S.PREPARING,
        (_S.PREPARING, _A.CANCEL): _S.CANCELLED,
        (_S.PREPARING, _A.SHIP_PART): _S.PART_SHIPPED,
        (_S.PREPARING, _A.SHIP): _S.SHIPPED,
        (_S.PREPARING, _A.HAND_OVER): _S.DELIVERED,
        (_S.PART_SHIPPED, _A.SHIP_PART): _S.PART_SHIPPED,
        (_S.PART_SHIPPED, _A.SHIP): _S.SHIPPED,
        (_S.PART_SHIPPED, _A.RESEND): _S.PREPARING,
        (_S.PART_SHIPPED, _A.CLOSE_LOST): _S.DELIVERED,
        (_S.SHIPPED, _A.DELIVER): _S.DELIVERED,
        (_S.SHIPPED, _A.RESEND): _S.PREPARING,
        (_S.SHIPPED, _A.CLOSE_LOST): _S.DELIVERED,
        (_S.DELIVERED, _A.COMPLETE): _S.COMPLETED,
    }
)
"""Every legal move; each pair that is missing here is refused. Source: docs/algorithms/orders.md."""


def next_state(*, state: UptOrderState, action: UptOrderAction) -> UptOrderState:
    """Return the state after an action.

    Raises:
        IllegalTransition: The action does not exist in this state.
    """
    try:
        return NEXT[state, action]
    except KeyError:
        raise IllegalTransition(state=state, action=action) from None


def refusal_action(*, state: UptOrderState) -> UptOrderAction:
    """Return what a UPT's refusal is called: before acceptance ``refuse``, later ``cancel``."""
    return _A.REFUSE if state is _S.PLACED else _A.CANCEL


def act_by_at(
    *, state: UptOrderState, at: datetime, present: datetime | None, days_max: int
) -> datetime | None:
    """Return when the clock of a newly entered state runs out; None where there is none.

    Args:
        state: The state just entered.
        at: Instant of entering it.
        present: The clock until now; the promise made at acceptance runs through preparation.
        days_max: Courier's longest estimate in days.
    """
    if state is _S.PLACED:
        return at + timedelta(days=CONFIRM_WITHIN_DAYS)
    if state is _S.SHIPPED:
        return at + timedelta(days=days_max + ASSUME_DELIVERED_AFTER_DAYS)
    if state is _S.DELIVERED:
        return at + timedelta(days=COMPLETE_AFTER_DAYS)
    if state in {_S.PREPARING, _S.PART_SHIPPED}:
        return present
    return None


def ensure_promise(*, promised_on: date, today: date) -> None:
    """Refuse a promised day that is over or absurdly far away, in the UPT's own calendar.

    Raises:
        PromiseInThePast: It is.
    """
    if not today <= promised_on <= today + timedelta(days=PROMISE_DAYS_MAX):
        raise PromiseInThePast


def promise_ends_at(*, promised_on: date, timezone: str) -> datetime:
    """Return the instant at which a promised day is over in the UPT's time zone."""
    following = promised_on + timedelta(days=1)
    return datetime.combine(following, time.min, ZoneInfo(timezone)).astimezone(UTC)


def ensure_version(*, number: str, state: UptOrderState, expected: int, version: int) -> None:
    """Refuse when somebody else changed the order since the page was opened.

    Raises:
        OrderChanged: The versions differ.
    """
    if expected != version:
        raise OrderChanged(number=number, state=state)
