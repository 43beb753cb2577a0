"""Reads of payments; every figure is a sum over money rows."""

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
    "due_idr",
    "find_group_id",
    "find_review_group_id",
    "get_payment",
    "get_payment_page",
    "list_refunds_due",
    "list_reviews",
    "list_shares",
    "list_waiting",
    "lock",
    "sums_by_payment",
    "verify",
]
