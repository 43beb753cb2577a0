"""Refusals of the stock ledger, and the constraints and triggers that stand for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.domain.stock.types import Fault, Shortage
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


class OwnedByDocument(Conflict):
    """The entry belongs to a document, so it is taken back there and nowhere else."""

    code = "stock.owned_by_document"

    def __init__(self, source_kind: str = "") -> None:
        super().__init__(self.code)
        self.source_kind = source_kind

    def details(self) -> dict[str, Any]:
        """Return the kind of document."""
        return {"source_kind": self.source_kind}


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


class PeriodClosed(Conflict):
    """This month was closed before."""

    code = "stock.period_closed"


class PeriodUnfit(Conflict):
    """The month has not ended, is not the next one, or there is nothing to close."""

    code = "stock.period_unfit"


class IncidentHandled(Conflict):
    """This difference was resolved before."""

    code = "stock.incident_handled"


class IncidentStanding(Conflict):
    """The last whole check still saw this difference, so nobody can close it."""

    code = "stock.incident_standing"


class LedgerBroken(Conflict):
    """The entries themselves are not whole, so nothing is rebuilt from them."""

    code = "stock.ledger_broken"

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        super().__init__(self.code)
        self.faults = tuple(faults)

    def details(self) -> dict[str, Any]:
        """Return what is wrong."""
        return {"faults": self.faults}


class HeadsDiffer(Conflict):
    """The open file knows published heads that the database does not; nothing new is signed."""

    code = "stock.heads_differ"


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


class WorkshopNameTaken(Conflict):
    """The UPT has a workshop of this name."""

    code = "capacity.name_taken"


class WorkshopChanged(Conflict):
    """Somebody else changed the plan of the workshop since it was read."""

    code = "capacity.changed"


class OverAllotted(Invalid):
    """The goods of a workshop would get more of its week than there is."""

    code = "capacity.over_allotted"

    def __init__(self, *, allotted: int = 0, units: int = 0) -> None:
        params = (("allotted", allotted), ("units", units))
        super().__init__(FieldError("units_per_week", self.code, params))


class NotMadeToOrder(Invalid):
    """Only goods made to order are promised out of a workshop's weeks."""

    code = "capacity.not_made_to_order"

    def __init__(self, *, variant_id: int = 0) -> None:
        super().__init__(FieldError(f"units.{variant_id}", self.code))
