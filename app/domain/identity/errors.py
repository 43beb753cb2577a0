"""Refusals of the identity package."""

from __future__ import annotations

from typing import ClassVar

from app.kernel.errors import Conflict, FieldError, Invalid, NotAllowed, Unavailable


class WrongCredentials(Invalid):
    """No such account, wrong password or closed account: one answer for all three."""

    code = "identity.wrong_credentials"

    def __init__(self) -> None:
        super().__init__(FieldError("", self.code))


class TooManyAttempts(Unavailable):
    """Too many wrong attempts for this account or from this client."""

    code = "identity.too_many_attempts"
    http_status: ClassVar[int] = 429

    def __init__(self, *, wait_min: int) -> None:
        super().__init__(self.code)
        self.wait_min = wait_min

    def details(self) -> dict[str, object]:
        """Return how many minutes to wait."""
        return {"wait_min": self.wait_min}


class EmailTaken(Invalid):
    """An account with this address exists."""

    code = "identity.email_taken"

    def __init__(self) -> None:
        super().__init__(FieldError("email", self.code))


class WrongPassword(Invalid):
    """The present password does not fit."""

    code = "identity.wrong_password"

    def __init__(self) -> None:
        super().__init__(FieldError("current_password", self.code))


class LastNationalAdmin(Conflict):
    """It would leave nobody who can manage the nation for good."""

    code = "identity.last_national_admin"


class OwnGrant(Conflict):
    """Nobody gives or takes their own roles, or closes their own account."""

    code = "identity.own_grant"


class BeyondOwnPowers(NotAllowed):
    """The role carries a permission that the actor may not hand out here."""

    code = "identity.beyond_own_powers"


class GrantExists(Conflict):
    """The same role for the same scope is already in force or planned."""

    code = "identity.grant_exists"


class GrantEnded(Conflict):
    """The grant was taken back before."""

    code = "identity.grant_ended"


class StaffAccount(Conflict):
    """The account holds or held a role, so its acts must stay under its name."""

    code = "identity.staff_account"
