"""Why money cannot be recorded."""

from __future__ import annotations

from app.kernel.errors import Conflict, FieldError, Invalid, Unavailable


class UnknownReference(Conflict):
    """No payment carries this reference; the treasurer may have mistyped it."""

    code = "payments.unknown_reference"

    def __init__(self, *, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference

    def details(self) -> dict[str, object]:
        """Return the reference as typed."""
        return {"reference": self.reference}


class ReviewClosed(Conflict):
    """The review was closed by somebody else."""

    code = "payments.review_closed"


class AlreadySettled(Conflict):
    """The order was paid by other money; what came on top can only go back."""

    code = "payments.already_settled"


class NotEnoughMoney(Conflict):
    """The money that came in does not cover the order."""

    code = "payments.not_enough_money"

    def __init__(self, *, expected_idr: int, available_idr: int) -> None:
        super().__init__(expected_idr, available_idr)
        self.expected_idr = expected_idr
        self.available_idr = available_idr

    def details(self) -> dict[str, object]:
        """Return both amounts."""
        return {"expected_idr": self.expected_idr, "available_idr": self.available_idr}


class RefundTooLarge(Conflict):
    """More would go back than is owed."""

    code = "payments.refund_too_large"

    def __init__(self, *, due_idr: int) -> None:
        super().__init__(due_idr)
        self.due_idr = due_idr

    def details(self) -> dict[str, object]:
        """Return what is owed."""
        return {"due_idr": self.due_idr}


class ReferenceTaken(Unavailable):
    """The random payment reference exists already; another try draws another one."""

    code = "payments.reference_taken"


class EntryKeyTaken(Unavailable):
    """The same form is being recorded in this very moment; another try finds it done."""

    code = "payments.entry_key_taken"


class GatewayRefused(Conflict):
    """The provider understood the request and does not want it."""

    code = "payments.gateway_refused"


class GatewayUnavailable(Unavailable):
    """The provider did not answer, or answered that it cannot now; asking again is safe."""

    code = "payments.gateway_unavailable"


class EventRefused(Invalid):
    """A notice that does not come from the provider, or not now."""

    code = "payments.event_refused"

    def __init__(self) -> None:
        super().__init__(FieldError("signature", self.code))


class NothingToPay(Conflict):
    """The order no longer waits for money."""

    code = "payments.nothing_to_pay"


class AttemptUnderWay(Unavailable):
    """Another try to pay the same order was begun in this very moment."""

    code = "payments.attempt_under_way"


class PaidMeanwhile(Conflict):
    """The buyer paid in the moment in which the order was to be cancelled."""

    code = "payments.paid_meanwhile"


class StatementRefused(Invalid):
    """A file that is no bank statement we can read; carries the reason."""

    code = "payments.statement_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(FieldError("file", f"payments.statement_{reason}"))
        self.reason = reason


class StatementNotReady(Conflict):
    """The file has unreadable rows, unnamed columns, or was decided before."""

    code = "payments.statement_not_ready"


class StatementUnderWay(Unavailable):
    """The same statement is being imported in this very moment; another try finds it done."""

    code = "payments.statement_under_way"


class RowTaken(Conflict):
    """The bank row was matched or put aside by somebody else."""

    code = "payments.row_taken"


class EntryUnfit(Conflict):
    """The money written by hand is not the money of this bank row."""

    code = "payments.entry_unfit"


class ProofRefused(Invalid):
    """A file that is no proof of transfer we take, or one too many; carries the reason."""

    code = "payments.proof_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(FieldError("picture", f"payments.proof_{reason}"))
        self.reason = reason
