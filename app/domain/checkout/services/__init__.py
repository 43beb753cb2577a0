"""Placing an order and everything that touches orders, stock and money together.

Locks are taken in the order of docs/algorithms/locking.md: cart, order group, child orders by id,
payment, then (through ``stock``) heads and balances.
"""

from app.domain.checkout.services.cards import (
    apply_card_payment,
    begin_card,
    close_card_refund,
    order_card_refunds,
)
from app.domain.checkout.services.changing import (
    cancel_paid,
    cancel_unanswered,
    lose_parcel,
    refuse_pieces,
)
from app.domain.checkout.services.placing import place_order, preview
from app.domain.checkout.services.returns import inspect_return
from app.domain.checkout.services.settling import (
    cancel_unpaid,
    confirm_received,
    confirm_transfer,
    expire,
    record_refund,
    refuse_order,
    resolve_review,
)
from app.domain.checkout.services.statements import match_row

__all__ = [
    "apply_card_payment",
    "begin_card",
    "cancel_paid",
    "cancel_unanswered",
    "cancel_unpaid",
    "close_card_refund",
    "confirm_received",
    "confirm_transfer",
    "expire",
    "inspect_return",
    "lose_parcel",
    "match_row",
    "order_card_refunds",
    "place_order",
    "preview",
    "record_refund",
    "refuse_order",
    "refuse_pieces",
    "resolve_review",
]
