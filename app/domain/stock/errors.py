"""Refusals of the stock ledger, and the constraints and triggers that stand for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.domain.stock.types import Shortage
from app.kernel.errors import Conflict, FieldError, Invalid


class InsufficientStock(Conflict):
    """Not enough pieces; names every demand that is short."""

    code = "stock.insufficient"

    def __init__(self, shortages: Sequence[Shortage] = ()) -> None:
        super().__init__(self.code)
        self.shortages = tuple(shortages)

    def details(self) -> dict[str, Any]:
        """Return the shortages."""
        return {"shortages": self.shortages}


class HoldClosed(Conflict):
    """The hold was already posted, voided or expired."""

    code = "stock.hold_closed"


class NotReversible(Conflict):
    """The entry cannot be reversed: a hold, already reversed, or itself a reversal."""

    code = "stock.not_reversible"


class LotMismatch(Conflict):
    """The lot code exists with another production or expiry date."""

    code = "stock.lot_mismatch"


class LedgerChanged(Conflict):
    """Another writer got in between; nothing was written."""

    code = "stock.ledger_changed"


class LotUnfit(Conflict):
    """The lot is blocked or past its last day, so it can be neither promised nor sold."""

    code = "stock.lot_unfit"


class UniqueTaken(Conflict):
    """A one-of-a-kind piece is in the books already; a second one cannot be."""

    code = "stock.unique_taken"


class MoveUnfit(Conflict):
    """Entries of this kind do not go between these accounts."""

    code = "stock.move_unfit"


class QuantityOutOfRange(Invalid):
    """The quantity is not a whole number within the limits."""

    code = "stock.quantity_out_of_range"

    def __init__(self, field: str = "quantity") -> None:
        super().__init__(FieldError(field, self.code))


class ReasonUnfit(Invalid):
    """The reason does not go with adding, or not with taking."""

    code = "stock.reason_unfit"

    def __init__(self) -> None:
        super().__init__(FieldError("reason", self.code))


class LotDatesUnfit(Invalid):
    """The lot would expire before it was made, or was made in the future."""

    code = "stock.lot_dates_unfit"

    def __init__(self, field: str = "expires_on") -> None:
        super().__init__(FieldError(field, self.code))


class HappenedInFuture(Invalid):
    """The event is said to have happened after it was written."""

    code = "stock.happened_in_future"

    def __init__(self) -> None:
        super().__init__(FieldError("happened_on", self.code))
