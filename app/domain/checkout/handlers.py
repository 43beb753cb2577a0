"""Work of checkout that comes round by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from app.domain.checkout import flows
from app.domain.payments.events import EventStored
from app.infra import jobs


def _expire_unpaid(at: datetime) -> None:
    flows.expire_unpaid(at=at)


def _close_delivered(at: datetime) -> None:
    flows.close_delivered(at=at)


def _watch_orders(at: datetime) -> None:
    flows.watch_orders(at=at)
    flows.watch_returns(at=at)


def _apply_event(event: EventStored, /, *, at: datetime) -> None:
    flows.apply_event(gateway_event_id=event.gateway_event_id, at=at)


def _settle_pages(at: datetime) -> None:
    flows.settle_pages(at=at)


def _send_refunds(at: datetime) -> None:
    flows.send_refunds(at=at)


def _reconcile_cards(at: datetime) -> None:
    flows.reconcile_and_keep(at=at)


HANDLERS: Final[tuple[jobs.Handler, ...]] = (
    jobs.Handler("checkout.apply_event", EventStored, _apply_event, effect=True),
)
PERIODICS: Final = (
    jobs.Periodic("checkout.expire_unpaid", timedelta(seconds=30), _expire_unpaid),
    jobs.Periodic("checkout.settle_pages", timedelta(minutes=2), _settle_pages),
    jobs.Periodic("checkout.reconcile_cards", timedelta(days=1), _reconcile_cards),
    jobs.Periodic("checkout.send_refunds", timedelta(minutes=1), _send_refunds),
    jobs.Periodic("checkout.watch_orders", timedelta(minutes=15), _watch_orders),
    jobs.Periodic("checkout.close_delivered", timedelta(minutes=30), _close_delivered),
)
