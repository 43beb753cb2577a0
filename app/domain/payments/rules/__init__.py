"""Pure decisions about money and bank statements; callers see one room."""

from app.domain.payments.rules.matching import readings, suggest, wanted_references
from app.domain.payments.rules.money import (
    card_refunds,
    ensure_enough,
    ensure_not_future,
    ensure_refund,
    faults,
    fits_attempt,
    gateway_differences,
    judge_transfer,
    payment_state,
    review_reason,
    split_shares,
    typed_amount_idr,
)
from app.domain.payments.rules.statements import (
    check_statement,
    guess_columns,
    read_amount_idr,
    read_day,
)

__all__ = [
    "card_refunds",
    "check_statement",
    "ensure_enough",
    "ensure_not_future",
    "ensure_refund",
    "faults",
    "fits_attempt",
    "gateway_differences",
    "guess_columns",
    "judge_transfer",
    "payment_state",
    "read_amount_idr",
    "read_day",
    "readings",
    "review_reason",
    "split_shares",
    "suggest",
    "typed_amount_idr",
    "wanted_references",
]
