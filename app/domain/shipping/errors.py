"""Why something about delivery cannot be."""

from __future__ import annotations

from app.domain.shipping.types import RowError
from app.kernel.errors import Conflict, FieldError, Invalid


class SlotUnavailable(Invalid):
    """The time of pick-up is full, over or was never offered."""

    code = "shipping.slot_unavailable"

    def __init__(self, *, upt_id: int, field: str = "") -> None:
        super().__init__(FieldError(field or f"slot_{upt_id}", self.code))


class SlotRequired(Invalid):
    """The gallery works with times, and none was chosen."""

    code = "shipping.slot_required"

    def __init__(self, *, upt_id: int) -> None:
        super().__init__(FieldError(f"slot_{upt_id}", self.code))


class RatesUnreadable(Invalid):
    """The file cannot be read as a rate table at all."""

    code = "shipping.rates_unreadable"

    def __init__(self, reason: str) -> None:
        super().__init__(FieldError("file", reason))
        self.reason = reason


class RatesRefused(Conflict):
    """The rate table has bad rows; nothing was changed."""

    code = "shipping.rates_refused"

    def __init__(self, errors: tuple[RowError, ...]) -> None:
        super().__init__(self.code)
        self.errors = errors

    def details(self) -> dict[str, object]:
        """Return how many cells are wrong."""
        return {"count": len(self.errors)}


class PlanChanged(Conflict):
    """Somebody else changed the plan of pick-up since the form was opened."""

    code = "shipping.plan_changed"
