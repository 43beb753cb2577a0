"""Transaction, network, transaction: what checkout does with providers and by the clock."""

from app.domain.checkout.flows.cards import (
    apply_event,
    cancel_unpaid,
    card_gateway,
    look_again,
    reconcile,
    reconcile_and_keep,
    send_refunds,
    settle_pages,
    start_card,
)
from app.domain.checkout.flows.clock import close_delivered, expire_unpaid
from app.domain.checkout.flows.waiting import watch_orders, watch_returns

__all__ = [
    "apply_event",
    "cancel_unpaid",
    "card_gateway",
    "close_delivered",
    "expire_unpaid",
    "look_again",
    "reconcile",
    "reconcile_and_keep",
    "send_refunds",
    "settle_pages",
    "start_card",
    "watch_orders",
    "watch_returns",
]
