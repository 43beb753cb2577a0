"""Work by the clock: each order in its own transaction, so that one bad order stops no other."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import structlog

from app.domain.checkout import services
from app.domain.checkout.flows import cards
from app.domain.orders import queries as orders_queries
from app.domain.orders import services as orders_services
from app.domain.orders.types import UptOrderState
from app.domain.payments.errors import GatewayRefused, GatewayUnavailable, PaidMeanwhile
from app.infra import db
from app.kernel.actor import system

log = structlog.get_logger("checkout")


def expire_unpaid(*, at: datetime) -> int:
    """Expire every unpaid order whose grace is over; return how many."""
    count = 0
    while group_ids := orders_queries.list_due_groups(at=at):
        expired = [_expire(group_id, at=at) for group_id in group_ids]
        count += sum(expired)
        if not any(expired):
            break
    return count


def close_delivered(*, at: datetime) -> int:
    """Take long shipped orders as delivered and long delivered ones as completed; return how many."""
    actor = system("checkout")
    count = 0
    for number in orders_queries.list_due_numbers(state=UptOrderState.SHIPPED, at=at):
        db.transact(partial(orders_services.confirm_delivered, number=number, actor=actor, at=at))
        count += 1
    for number in orders_queries.list_due_numbers(state=UptOrderState.DELIVERED, at=at):
        db.transact(partial(orders_services.complete, number=number, actor=actor, at=at))
        count += 1
    return count


def _expire(group_id: int, *, at: datetime) -> bool:
    try:
        cards.close_pages(group_id=group_id, at=at)
    except (PaidMeanwhile, GatewayUnavailable, GatewayRefused) as error:
        log.info("expiry_waits", group_id=group_id, code=error.code)
        return False
    return db.transact(lambda: services.expire(group_id=group_id, at=at))
