"""Why an order cannot move."""

from __future__ import annotations

from app.domain.orders.types import UptOrderAction, UptOrderState
from app.kernel.errors import Conflict, Unavailable


class IllegalTransition(Conflict):
    """The action does not exist in the present state."""

    code = "orders.illegal_transition"

    def __init__(self, *, state: UptOrderState, action: UptOrderAction) -> None:
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
