"""Card payment over the network: every call to the provider stands between two transactions.

Each step can be repeated: the provider is asked with the key of the try, and what it tells is
written once by the name of its money. A crash anywhere leaves a try that the next look settles.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final, cast

import structlog

from app.domain.checkout import services
from app.domain.checkout.types import CardStart
from app.domain.orders import queries as orders_queries
from app.domain.payments import queries as payments_queries
from app.domain.payments import rules as payments_rules
from app.domain.payments import services as payments_services
from app.domain.payments.errors import (
    GatewayRefused,
    GatewayUnavailable,
    NothingToPay,
    PaidMeanwhile,
)
from app.domain.payments.ports import CardGateway
from app.domain.payments.types import (
    PERMISSION_CONFIRM,
    AttemptRecord,
    AttemptState,
    CardResult,
    EventState,
    GatewayDifference,
    RefundOrder,
)
from app.infra import db, ports
from app.kernel.actor import Actor, system
from app.kernel.errors import NotFound

log = structlog.get_logger("cards")

PORT: Final = "card_gateway"
LOOK_AFTER: Final = timedelta(minutes=2)
COMPARED: Final = timedelta(days=2)
AT_ONCE: Final = 50
TRIES: Final = 3
LEFT_MIN: Final = timedelta(minutes=3)
"""A pay page with less time than this is closed and opened anew."""


def start_card(*, number: str, key: str, success_url: str, cancel_url: str, at: datetime) -> str:
    """Return the address of a pay page for an order; asking again gives the open one.

    Args:
        key: Fresh random key, drawn by the surface.

    Raises:
        NotFound, NothingToPay, AttemptUnderWay: See ``services.begin_card``.
        GatewayRefused, GatewayUnavailable: The provider gave no page; nothing is lost.
    """
    gateway = _gateway()
    for number_of_try in range(TRIES):
        begin = partial(
            services.begin_card,
            number=number, provider=gateway.name, key=f"{key}-{number_of_try}",
            success_url=success_url, cancel_url=cancel_url, at=at,
        )  # fmt: skip
        start: CardStart = db.transact(begin)
        attempt = start.attempt
        if attempt.url and attempt.expires_at > at + LEFT_MIN:
            return attempt.url
        if attempt.page_id is not None:
            _close(gateway, attempt, at=at)
            continue
        try:
            page = gateway.open_page(start.request)
        except GatewayRefused:
            _give_up(attempt, at=at)
            if number_of_try == TRIES - 1:
                raise
            continue
        db.transact(partial(payments_services.note_page, attempt_id=attempt.attempt_id, page=page))
        return page.url
    raise NothingToPay


def cancel_unpaid(*, number: str, actor: Actor, at: datetime) -> None:
    """Cancel an order that nobody paid: first nobody can pay any more, then its stock goes back.

    Raises:
        NotFound, IllegalTransition: See ``services.cancel_unpaid``.
        PaidMeanwhile: The buyer paid just before; the order is paid and stays.
        GatewayUnavailable: The provider did not answer; nothing was changed.
    """
    group_id = orders_queries.find_group_id(number=number)
    if group_id is None:
        raise NotFound
    close_pages(group_id=group_id, at=at)
    db.transact(partial(services.cancel_unpaid, number=number, actor=actor, at=at))


def close_pages(*, group_id: int, at: datetime) -> None:
    """Make sure nobody can pay an order at a provider any more.

    Raises:
        PaidMeanwhile: Somebody did.
        GatewayUnavailable: The provider did not answer.
    """
    with db.snapshot():
        attempts = payments_queries.list_open_attempts(group_ids=[group_id], limit=AT_ONCE)
    for attempt in attempts:
        result = _close(_gateway(), attempt, at=at)
        if result in (CardResult.SETTLED, CardResult.REVIEW, CardResult.REOPENED):
            raise PaidMeanwhile


def apply_event(*, gateway_event_id: int, at: datetime) -> None:
    """Look up what a notice is about and write down how that stands now.

    The notice itself is never believed beyond that, so copies and any order lead to one state.

    Raises:
        GatewayUnavailable: The provider did not answer; the notice waits.
    """
    with db.snapshot():
        event = payments_queries.find_event(gateway_event_id=gateway_event_id)
        if event is None or event.state != EventState.NEW:
            return
        attempt = payments_queries.find_attempt(
            page_id=event.page_id, intent_id=event.intent_id, key=event.attempt_key
        )
    gateway = _gateway()
    outcome, state = "unknown", EventState.IGNORED
    if event.is_live != gateway.is_live:
        outcome = "other_environment"
    elif attempt is not None:
        page_id = attempt.page_id or event.page_id
        if page_id is not None:
            outcome, state = str(_look(gateway, attempt, page_id, at=at)), EventState.APPLIED
    db.transact(
        partial(
            payments_services.resolve_event,
            gateway_event_id=gateway_event_id, state=state, outcome=outcome, at=at,
        )
    )  # fmt: skip


def settle_pages(*, at: datetime) -> int:
    """Look at every open try once more, so that a lost notice heals; return how many had news."""
    if card_gateway() is None:
        return 0
    with db.snapshot():
        attempts = payments_queries.list_open_attempts(opened_before=at - LOOK_AFTER, limit=AT_ONCE)
    gateway = _gateway()
    news = 0
    for attempt in attempts:
        try:
            if attempt.page_id is None:
                result = _give_up(attempt, at=at) if attempt.expires_at <= at else None
            elif attempt.expires_at <= at:
                result = _close(gateway, attempt, at=at)
            else:
                result = _look(gateway, attempt, attempt.page_id, at=at)
        except (GatewayUnavailable, GatewayRefused) as error:
            log.warning("look_failed", attempt_id=attempt.attempt_id, code=error.code)
            continue
        news += result not in (None, CardResult.NOTHING_NEW)
    return news


def send_refunds(*, at: datetime) -> int:
    """Send back by card what is owed on card-paid orders; return how many went."""
    if card_gateway() is None:
        return 0
    sent = 0
    with db.snapshot():
        group_ids = payments_queries.list_groups_with_card_dues(limit=AT_ONCE)
    for group_id in group_ids:
        for order in db.transact(partial(services.order_card_refunds, group_id=group_id, at=at)):
            try:
                sent += _send(_gateway(), order, at=at)
            except (GatewayUnavailable, GatewayRefused) as error:
                log.warning("refund_failed", refund_id=order.refund_id, code=error.code)
    return sent


def reconcile(*, since: datetime) -> tuple[GatewayDifference, ...]:
    """Compare the provider's list with our books since an instant; nothing is changed.

    Raises:
        GatewayRefused, GatewayUnavailable: The provider did not give its list.
    """
    told = tuple(_gateway().list_payments(since=since))
    written = payments_queries.card_money_since(since=since)
    return payments_rules.gateway_differences(told=told, written=written)


def reconcile_and_keep(*, at: datetime) -> None:
    """Compare the last two days and keep what was found, for the treasurer; once a day."""
    gateway = card_gateway()
    if gateway is None:
        return
    since = at - COMPARED
    try:
        differences: tuple[GatewayDifference, ...] | None = reconcile(since=since)
    except (GatewayUnavailable, GatewayRefused) as error:
        log.warning("comparison_failed", code=error.code)
        differences = None
    db.transact(
        partial(
            payments_services.note_reconciliation,
            provider=gateway.name, since=since, differences=differences, at=at,
        )
    )  # fmt: skip


def look_again(*, actor: Actor, payment_id: int, at: datetime) -> tuple[CardResult, ...]:
    """Look at the newest pages of a payment because a person asked; return what each look led to.

    Raises:
        NotAllowed: ``payment.confirm`` is not held nationally.
        GatewayRefused, GatewayUnavailable: The provider did not tell; nothing was changed.
    """
    actor.ensure_national(PERMISSION_CONFIRM)
    with db.snapshot():
        attempts = payments_queries.list_pages_of(payment_id=payment_id)
    gateway = _gateway()
    return tuple(
        _look(gateway, attempt, attempt.page_id, at=at)
        for attempt in attempts
        if attempt.page_id is not None
    )


def card_gateway() -> CardGateway | None:
    """Return the provider behind card payment, if this installation has one."""
    try:
        return cast("CardGateway", ports.plugged(PORT))
    except LookupError:
        return None


def _gateway() -> CardGateway:
    gateway = card_gateway()
    if gateway is None:
        raise GatewayRefused
    return gateway


def _look(
    gateway: CardGateway, attempt: AttemptRecord, page_id: str, *, at: datetime
) -> CardResult:
    told = gateway.fetch(page_id=page_id)
    return db.transact(
        partial(
            services.apply_card_payment,
            attempt=attempt, told=told, is_live=gateway.is_live, at=at,
        )
    )  # fmt: skip


def _close(gateway: CardGateway, attempt: AttemptRecord, *, at: datetime) -> CardResult:
    if attempt.page_id is None:
        return _give_up(attempt, at=at)
    told = gateway.close_page(page_id=attempt.page_id)
    return db.transact(
        partial(
            services.apply_card_payment,
            attempt=attempt, told=told, is_live=gateway.is_live, at=at,
        )
    )  # fmt: skip


def _give_up(attempt: AttemptRecord, *, at: datetime) -> CardResult:
    db.transact(
        partial(
            payments_services.close_attempt,
            attempt_id=attempt.attempt_id, state=AttemptState.CANCELLED, at=at,
        )
    )  # fmt: skip
    return CardResult.CLOSED


def _send(gateway: CardGateway, order: RefundOrder, *, at: datetime) -> int:
    refund = gateway.refund(key=order.key, intent_id=order.intent_id, amount_idr=order.amount_idr)
    db.transact(
        partial(
            services.close_card_refund,
            order=order, refund=refund, actor=system("card"), at=at,
        )
    )  # fmt: skip
    return 1
