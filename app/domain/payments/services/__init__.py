"""Writes of payments, one module for each matter; callers see one room."""

from app.domain.payments.services.book import open_review
from app.domain.payments.services.cards import (
    close_attempt,
    close_refund,
    note_page,
    open_attempt,
    order_refunds,
    receive_card_money,
    resolve_event,
    store_event,
)
from app.domain.payments.services.money import (
    close_unpaid,
    ensure_review_open,
    open_payment,
    owe_refund,
    record_refund,
    record_transfer,
    refund_reviewed,
    settle_reviewed,
)

__all__ = [
    "close_attempt",
    "close_refund",
    "close_unpaid",
    "ensure_review_open",
    "note_page",
    "open_attempt",
    "open_payment",
    "open_review",
    "order_refunds",
    "owe_refund",
    "receive_card_money",
    "record_refund",
    "record_transfer",
    "refund_reviewed",
    "resolve_event",
    "settle_reviewed",
    "store_event",
]
