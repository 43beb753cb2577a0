"""Clocks of orders and returns: reminders, escalation, and the end; each in its own transaction."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import structlog

from app.domain.checkout import services
from app.domain.orders import queries as orders_queries
from app.domain.orders import services as orders_services
from app.infra import db
from app.kernel.actor import Actor, system
from app.kernel.errors import DomainError

log = structlog.get_logger("checkout")


def watch_orders(*, at: datetime) -> int:
    """Remind, tell regional and national offices, cancel what nobody answered; return how many.

    One order that cannot be dealt with stops no other.
    """
    actor = system("clock")
    count, last_id = 0, 0
    while found := orders_queries.list_clocked(at=at, after_id=last_id):
        last_id = found[-1][0]
        for _, number in found:
            try:
                count += db.transact(partial(_watch, number, actor, at=at))
            except DomainError as error:
                log.warning("clock_failed", order=number, code=error.code)
    return count


def watch_returns(*, at: datetime) -> int:
    """Tell the regional office of returns without answer, close those never sent; return how many."""
    actor = system("clock")
    count = 0
    for number in orders_queries.list_due_returns(at=at):
        try:
            count += db.transact(
                partial(orders_services.watch_return, number=number, actor=actor, at=at)
            )
        except DomainError as error:
            log.warning("clock_failed", order=number, code=error.code)
    return count


def _watch(number: str, actor: Actor, *, at: datetime) -> int:
    told, is_over = orders_services.tell(number=number, actor=actor, at=at)
    if is_over:
        services.cancel_unanswered(number=number, actor=actor, at=at)
    return told + is_over
