"""A row of a bank statement becomes the money of an order.

Source: docs/algorithms/bank-statements.md.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from app.domain.checkout.services.settling import confirm_transfer
from app.domain.payments import queries as payments_queries
from app.domain.payments import services as payments_services
from app.domain.payments.commands import ConfirmTransfer, MatchRow
from app.domain.payments.errors import RowTaken
from app.domain.payments.types import PERMISSION_CONFIRM, RowState, TransferOutcome
from app.kernel.actor import Actor

_REFERENCE_MAX: Final = 80


def match_row(*, actor: Actor, row_id: int, command: MatchRow, at: datetime) -> TransferOutcome:
    """Record a bank row as the transfer for an order, and note on the row that it was.

    The key of the money follows from the row, so whoever confirms it and however often, its money
    is written once and for one order.

    Raises:
        NotAllowed: ``payment.confirm`` is not held nationally.
        NotFound: No such row.
        RowTaken: The row was matched with another order, or put aside.
        UnknownReference: No payment carries the reference.
        IdempotencyMismatch, EntryKeyTaken: Somebody matched it with another order in this moment.
    """
    actor.ensure_national(PERMISSION_CONFIRM)
    row = payments_queries.get_bank_row(actor=actor, row_id=row_id)
    is_same = row.payment_reference == command.reference
    if row.state is RowState.IGNORED or (row.state is RowState.MATCHED and not is_same):
        raise RowTaken
    outcome = confirm_transfer(
        actor=actor,
        command=ConfirmTransfer(
            entry_key=row.entry_key,
            reference=command.reference,
            received_idr=row.amount_idr,
            received_on=row.happened_on,
            bank_reference=(row.bank_reference or f"mutasi {row_id}")[:_REFERENCE_MAX],
        ),
        at=at,
    )
    payments_services.note_match(actor=actor, row_id=row_id, entry_key=row.entry_key, at=at)
    return outcome
