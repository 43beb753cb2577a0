"""The state table of child orders on the public path, and the clocks of its states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.orders.errors import (
    AddressElsewhere,
    AddressFixed,
    IllegalTransition,
    NoPieces,
    OrderChanged,
    ParcelClosed,
    PromiseInThePast,
    ReturnTooLate,
    SameHands,
    TooManyPieces,
)
from app.domain.orders.types import (
    Address,
    AlertKind,
    AlertLevel,
    HeldPieces,
    ParcelRecord,
    ParcelState,
    ReturnAction,
    ReturnState,
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

RESEND_WITHIN_DAYS: Final = 7
"""Days that a UPT has to send a lost parcel's goods again."""

REMIND_BEFORE: Final = timedelta(days=1)
"""How long before the end of its clock a UPT is reminded."""

NATIONAL_AFTER: Final = timedelta(days=1)
"""How long after the regional office the national office is told of an unanswered order."""

CANCEL_AFTER: Final = timedelta(days=2)
"""How long after its clock ran out an unanswered order is cancelled, and the money goes back."""

RETURN_WITHIN_DAYS: Final = COMPLETE_AFTER_DAYS
"""Days after delivery in which a buyer may ask to send goods back."""

ANSWER_RETURN_DAYS: Final = 3
"""Days that a UPT has to answer to a return."""

SEND_BACK_DAYS: Final = 14
"""Days in which approved goods must arrive; then the return is over."""

INSPECT_DAYS: Final = 7
"""Days that a UPT has to look at goods that came back."""

HIGH_VALUE_IDR: Final = 5_000_000
"""From this value on, goods that come back are counted by another person than the approver."""

PHOTOS_MAX: Final = 3

_S = UptOrderState
_A = UptOrderAction
_R = ReturnState
_B = ReturnAction

NEXT: Final[Mapping[tuple[UptOrderState, UptOrderAction], UptOrderState]] = MappingProxyType(
    {
        (_S.DRAFT, _A.CHECK_OUT): _S.HELD,
        (_S.HELD, _A.CONFIRM_PAYMENT): _S.PLACED,
        (_S.HELD, _A.EXPIRE): _S.EXPIRED,
        (_S.HELD, _A.CANCEL_UNPAID): _S.CANCELLED,
        (_S.EXPIRED, _A.CONFIRM_LATE_PAYMENT): _S.PLACED,
        (_S.PLACED, _A.ACCEPT): _S.ACCEPTED,
        (_S.PLACED, _A.REFUSE): _S.CANCELLED,
        (_S.PLACED, _A.REFUSE_PART): _S.PLACED,
        (_S.PLACED, _A.CANCEL): _S.CANCELLED,
        (_S.ACCEPTED, _A.CANCEL): _S.CANCELLED,
        (_S.ACCEPTED, _A.REFUSE_PART): _S.ACCEPTED,
        (_S.ACCEPTED, _A.PREPARE): _S.PREPARING,
        (_S.PREPARING, _A.CANCEL): _S.CANCELLED,
        (_S.PREPARING, _A.REFUSE_PART): _S.PREPARING,
        (_S.PREPARING, _A.SHIP_PART): _S.PART_SHIPPED,
        (_S.PREPARING, _A.SHIP): _S.SHIPPED,
        (_S.PREPARING, _A.HAND_OVER): _S.DELIVERED,
        (_S.PART_SHIPPED, _A.SHIP_PART): _S.PART_SHIPPED,
        (_S.PART_SHIPPED, _A.SHIP): _S.SHIPPED,
        (_S.PART_SHIPPED, _A.REFUSE_PART): _S.PART_SHIPPED,
        (_S.PART_SHIPPED, _A.REFUSE_REST): _S.SHIPPED,
        (_S.PART_SHIPPED, _A.DELIVER_PART): _S.PART_SHIPPED,
        (_S.PART_SHIPPED, _A.LOSE_PART): _S.PART_SHIPPED,
        (_S.PART_SHIPPED, _A.RESEND): _S.PREPARING,
        (_S.PART_SHIPPED, _A.RESEND_PART): _S.PART_SHIPPED,
        (_S.SHIPPED, _A.DELIVER): _S.DELIVERED,
        (_S.SHIPPED, _A.DELIVER_PART): _S.SHIPPED,
        (_S.SHIPPED, _A.LOSE_PART): _S.SHIPPED,
        (_S.SHIPPED, _A.RESEND): _S.PREPARING,
        (_S.SHIPPED, _A.RESEND_PART): _S.PART_SHIPPED,
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
    *,
    state: UptOrderState,
    at: datetime,
    present: datetime | None,
    days_max: int,
    before: UptOrderState | None = None,
) -> datetime | None:
    """Return when the clock of a newly entered state runs out; None where there is none.

    Args:
        state: The state just entered.
        at: Instant of entering it.
        present: The clock until now; the promise made at acceptance runs through preparation.
        days_max: Courier's longest estimate in days.
        before: The state until now; a step that stays in a state leaves its clock alone.
    """
    if state is before:
        return present
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


def choose_pieces(
    *, held: Sequence[HeldPieces], wanted: Mapping[int, int] | None
) -> dict[int, int]:
    """Return pieces by hold for pieces by line, from the holds in their order; None is everything.

    Raises:
        TooManyPieces: More of a line is wanted than is held.
        NoPieces: Nothing is wanted.
    """
    if wanted is None:
        return {part.hold_id: part.quantity for part in held}
    left = {line_id: pieces for line_id, pieces in wanted.items() if pieces}
    if not left:
        raise NoPieces
    chosen: dict[int, int] = {}
    for part in held:
        pieces = min(part.quantity, left.get(part.line_id, 0))
        if pieces:
            chosen[part.hold_id] = pieces
            left[part.line_id] -= pieces
    for line_id, pieces in left.items():
        if pieces:
            raise TooManyPieces(line_id=line_id, left=wanted[line_id] - pieces)
    return chosen


def by_line(*, held: Sequence[HeldPieces], chosen: Mapping[int, int]) -> dict[int, int]:
    """Return chosen pieces added up by line."""
    found: dict[int, int] = {}
    for part in held:
        if part.hold_id in chosen:
            found[part.line_id] = found.get(part.line_id, 0) + chosen[part.hold_id]
    return found


def ensure_on_the_way(*, parcel: ParcelRecord | None) -> ParcelRecord:
    """Return the parcel if it is on its way.

    Raises:
        ParcelClosed: It was delivered or lost before, or there is none.
    """
    if parcel is None or parcel.state is not ParcelState.SENT:
        raise ParcelClosed
    return parcel


def loss_action(*, state: UptOrderState, others: Iterable[ParcelRecord]) -> UptOrderAction:
    """Return what a lost parcel does to its order when its money goes back.

    Args:
        others: The other parcels of the order.
    """
    is_last = all(parcel.state is not ParcelState.SENT for parcel in others)
    return _A.CLOSE_LOST if is_last and state is _S.SHIPPED else _A.LOSE_PART


def resend_action(*, others: Iterable[ParcelRecord]) -> UptOrderAction:
    """Return what a lost parcel does to its order when its goods are sent again."""
    is_only = all(parcel.state is ParcelState.LOST for parcel in others)
    return _A.RESEND if is_only else _A.RESEND_PART


def ensure_address(
    *, states: Iterable[UptOrderState], before: Address | None, after: Address
) -> None:
    """Refuse another address once a part was accepted, or where delivery costs something else.

    Raises:
        AddressFixed: A part was accepted, is over, or nothing is sent.
        AddressElsewhere: The province or the regency differs.
    """
    if before is None or not all(state in {_S.HELD, _S.PLACED, _S.CANCELLED} for state in states):
        raise AddressFixed
    place = (before.province_code, before.regency)
    if place != (after.province_code, after.regency):
        raise AddressElsewhere


def alerts_due(
    *, state: UptOrderState, due_at: datetime, at: datetime
) -> tuple[tuple[AlertKind, AlertLevel], ...]:
    """Return who must have been told by now about an order whose clock ends at an instant."""
    found = []
    if at >= due_at - REMIND_BEFORE:
        found.append((AlertKind.REMINDER, AlertLevel.UPT))
    if state is _S.PLACED:
        if at >= due_at:
            found.append((AlertKind.UNANSWERED, AlertLevel.KANWIL))
        if at >= due_at + NATIONAL_AFTER:
            found.append((AlertKind.STILL_UNANSWERED, AlertLevel.NATIONAL))
    elif at >= due_at:
        found.append((AlertKind.LATE, AlertLevel.KANWIL))
    return tuple(found)


NEXT_RETURN: Final[Mapping[tuple[ReturnState, ReturnAction], ReturnState]] = MappingProxyType(
    {
        (_R.ASKED, _B.APPROVE): _R.APPROVED,
        (_R.ASKED, _B.REFUSE): _R.REFUSED,
        (_R.APPROVED, _B.REFUSE): _R.REFUSED,
        (_R.APPROVED, _B.RECEIVE): _R.RECEIVED,
        (_R.RECEIVED, _B.INSPECT): _R.SETTLED,
    }
)
"""Every legal move of a return; each pair that is missing here is refused."""


def next_return_state(*, state: ReturnState, action: ReturnAction) -> ReturnState:
    """Return the state of a return after an action.

    Raises:
        IllegalTransition: The action does not exist in this state.
    """
    try:
        return NEXT_RETURN[state, action]
    except KeyError:
        raise IllegalTransition(state=state, action=action) from None


def return_clock(*, state: ReturnState, at: datetime) -> datetime | None:
    """Return when the clock of a newly entered state of a return runs out."""
    days = {
        _R.ASKED: ANSWER_RETURN_DAYS, _R.APPROVED: SEND_BACK_DAYS, _R.RECEIVED: INSPECT_DAYS,
    }.get(state)  # fmt: skip
    return None if days is None else at + timedelta(days=days)


def may_return(*, state: UptOrderState, delivered_at: datetime | None, at: datetime) -> bool:
    """Say whether a buyer may ask to send goods back: after delivery, for some days."""
    return (
        state in {_S.DELIVERED, _S.COMPLETED}
        and delivered_at is not None
        and at < delivered_at + timedelta(days=RETURN_WITHIN_DAYS)
    )


def ensure_can_return(*, state: UptOrderState, delivered_at: datetime | None, at: datetime) -> None:
    """Refuse a return before delivery and after the days in which it may be asked for.

    Raises:
        ReturnTooLate: It is one.
    """
    if not may_return(state=state, delivered_at=delivered_at, at=at):
        raise ReturnTooLate


def ensure_other_hands(*, value_idr: int, approved_by: int | None, user_id: int | None) -> None:
    """Refuse that the approver also counts goods of high value.

    Raises:
        SameHands: They are the same person.
    """
    if value_idr >= HIGH_VALUE_IDR and user_id is not None and approved_by == user_id:
        raise SameHands
