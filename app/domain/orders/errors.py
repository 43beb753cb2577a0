"""Why an order cannot move."""

from __future__ import annotations

from enum import StrEnum

from app.domain.orders.types import UptOrderState
from app.kernel.errors import Conflict, Unavailable


class IllegalTransition(Conflict):
    """The action does not exist in the present state."""

    code = "orders.illegal_transition"

    def __init__(self, *, state: StrEnum, action: StrEnum) -> None:
        super().__init__(state, action)
        self.state = state
        self.action = action

    def details(self) -> dict[str, object]:
        """Return the state and the action."""
        return {"state": str(self.state), "action": str(self.action)}


class OrderChanged(Conflict):
    """Somebody else changed the order since the page was opened."""

    code = "orders.changed"

    def __init__(self, *, number: str, state: UptOrderState) -> None:
        super().__init__(number, state)
        self.number = number
        self.state = state

    def details(self) -> dict[str, object]:
        """Return the number and the present state."""
        return {"number": self.number, "state": str(self.state)}


class WrongDelivery(Conflict):
    """The step belongs to the other way of delivery: a pick-up is handed over, not shipped."""

    code = "orders.wrong_delivery"

    def __init__(self, *, number: str) -> None:
        super().__init__(number)
        self.number = number

    def details(self) -> dict[str, object]:
        """Return the number."""
        return {"number": self.number}


class PromiseInThePast(Conflict):
    """The promised day is already over in the UPT's calendar, or absurdly far away."""

    code = "orders.promise_out_of_range"


class OrderNumberTaken(Unavailable):
    """The random order number exists already; another try draws another one."""

    code = "orders.number_taken"


class TooManyPieces(Conflict):
    """More pieces of a line were named than there are for this step."""

    code = "orders.too_many_pieces"

    def __init__(self, *, line_id: int, left: int) -> None:
        super().__init__(line_id, left)
        self.line_id = line_id
        self.left = left

    def details(self) -> dict[str, object]:
        """Return the line and the pieces that there are."""
        return {"line_id": self.line_id, "left": self.left}


class NoPieces(Conflict):
    """No piece was named."""

    code = "orders.no_pieces"


class ParcelClosed(Conflict):
    """The parcel was delivered or lost before."""

    code = "orders.parcel_closed"


class AddressFixed(Conflict):
    """The address can no longer change: a part was accepted, or nothing is sent."""

    code = "orders.address_fixed"


class AddressElsewhere(Conflict):
    """The new address lies where the delivery costs something else."""

    code = "orders.address_elsewhere"


class ReturnTooLate(Conflict):
    """The days in which goods can be sent back are over, or have not begun."""

    code = "orders.return_too_late"


class ReturnUnderWay(Conflict):
    """Another return of this order is open."""

    code = "orders.return_under_way"


class SameHands(Conflict):
    """Goods of high value are counted by another person than the one who approved their return."""

    code = "orders.same_hands"
