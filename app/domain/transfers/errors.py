"""Why a transfer or a loan cannot move, and the constraints that say so."""

from __future__ import annotations

from app.kernel.errors import Conflict, FieldError, Invalid, Unavailable


class TransferClosed(Conflict):
    """The action does not exist in the present state of the transfer."""

    code = "transfers.illegal_transition"

    def __init__(self, state: str = "", action: str = "") -> None:
        super().__init__(state, action)
        self.state = state
        self.action = action

    def details(self) -> dict[str, object]:
        """Return the state and the action."""
        return {"state": self.state, "action": self.action}


class TransferChanged(Conflict):
    """Somebody else worked on the document since the page was opened; nothing was written."""

    code = "transfers.changed"


class FairClosed(Conflict):
    """The action does not exist in the present state of the loan."""

    code = "fairs.illegal_transition"

    def __init__(self, state: str = "", action: str = "") -> None:
        super().__init__(state, action)
        self.state = state
        self.action = action

    def details(self) -> dict[str, object]:
        """Return the state and the action."""
        return {"state": self.state, "action": self.action}


class FairUnsettled(Conflict):
    """Pieces are still at the fair, so the loan cannot be closed."""

    code = "fairs.unsettled"

    def __init__(self, left: int = 0) -> None:
        super().__init__(left)
        self.left = left

    def details(self) -> dict[str, object]:
        """Return how many pieces are open."""
        return {"left": self.left}


class MoreThanSent(Invalid):
    """More pieces were counted than are still on the way or at the fair."""

    code = "transfers.more_than_sent"

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(*(errors or (FieldError("", self.code),)))


class NothingWritten(Invalid):
    """A form of lines came without a single line."""

    code = "transfers.nothing_written"

    def __init__(self) -> None:
        super().__init__(FieldError("", self.code))


class NoPublishedVersion(Conflict):
    """The sender never published the goods, so there is nothing to copy."""

    code = "transfers.no_published_version"


class TransferNumberTaken(Unavailable):
    """The random number exists already; another try draws another one."""

    code = "transfers.number_taken"
