"""Reads of payments; every figure is a sum over money rows."""

from app.domain.payments.queries.cards import (
    card_money_since,
    find_attempt,
    find_event,
    find_open_attempt,
    list_card_money,
    list_dues,
    list_groups_with_card_dues,
    list_open_attempts,
    list_open_refunds,
    list_refund_attempts,
)
from app.domain.payments.queries.reads import (
    due_idr,
    find_group_id,
    find_review_group_id,
    get_payment,
    get_payment_page,
    list_refunds_due,
    list_reviews,
    list_shares,
    list_waiting,
    lock,
    sums_by_payment,
)
from app.domain.payments.queries.verify import verify

__all__ = [
    "card_money_since",
    "due_idr",
    "find_attempt",
    "find_event",
    "find_group_id",
    "find_open_attempt",
    "find_review_group_id",
    "get_payment",
    "get_payment_page",
    "list_card_money",
    "list_dues",
    "list_groups_with_card_dues",
    "list_open_attempts",
    "list_open_refunds",
    "list_refund_attempts",
    "list_refunds_due",
    "list_reviews",
    "list_shares",
    "list_waiting",
    "lock",
    "sums_by_payment",
    "verify",
]
