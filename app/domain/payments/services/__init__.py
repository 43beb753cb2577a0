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
from app.domain.payments.services.dues import owe_part
from app.domain.payments.services.forgetting import forget_notices
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
from app.domain.payments.services.proofs import (
    check_proof,
    keep_proof,
    mark_proof_seen,
)
from app.domain.payments.services.statements import (
    choose_columns,
    discard_statement,
    ignore_row,
    import_statement,
    link_row,
    note_match,
    reopen_row,
    stage_statement,
)
from app.domain.payments.services.trail import (
    note_reconciliation,
)

__all__ = [
    "check_proof",
    "choose_columns",
    "close_attempt",
    "close_refund",
    "close_unpaid",
    "discard_statement",
    "ensure_review_open",
    "forget_notices",
    "ignore_row",
    "import_statement",
    "keep_proof",
    "link_row",
    "mark_proof_seen",
    "note_match",
    "note_page",
    "note_reconciliation",
    "open_attempt",
    "open_payment",
    "open_review",
    "order_refunds",
    "owe_part",
    "owe_refund",
    "receive_card_money",
    "record_refund",
    "record_transfer",
    "refund_reviewed",
    "reopen_row",
    "resolve_event",
    "settle_reviewed",
    "stage_statement",
    "store_event",
]
