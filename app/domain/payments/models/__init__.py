"""Tables of payments; callers see one room."""

from app.domain.payments.models.desk import ReconciliationRun, TransferProof
from app.domain.payments.models.money import (
    GatewayEvent,
    MoneyEntry,
    Payment,
    PaymentAttempt,
    PaymentReview,
    PaymentShare,
    RefundAttempt,
)
from app.domain.payments.models.statements import BankAccount, BankFile, BankRow

__all__ = [
    "BankAccount",
    "BankFile",
    "BankRow",
    "GatewayEvent",
    "MoneyEntry",
    "Payment",
    "PaymentAttempt",
    "PaymentReview",
    "PaymentShare",
    "ReconciliationRun",
    "RefundAttempt",
    "TransferProof",
]
