"""Refusals of the upt package."""

from __future__ import annotations

from app.domain.upt.types import RowError
from app.kernel.errors import Conflict, FieldError, Invalid


class SlugTaken(Invalid):
    """Another unit has this address."""

    code = "upt.slug_taken"

    def __init__(self) -> None:
        super().__init__(FieldError("slug", self.code))


class KanwilCodeTaken(Invalid):
    """Another regional office has this code."""

    code = "upt.kanwil_code_taken"

    def __init__(self) -> None:
        super().__init__(FieldError("code", self.code))


class ProvinceTaken(Invalid):
    """A province belongs to another regional office."""

    code = "upt.province_taken"

    def __init__(self, province_names: str = "") -> None:
        super().__init__(FieldError("province_codes", self.code, (("provinces", province_names),)))


class RegisterUnreadable(Invalid):
    """The file cannot be read as a register at all."""

    code = "upt.register_unreadable"

    def __init__(self, reason: str) -> None:
        super().__init__(FieldError("file", reason))
        self.reason = reason


class RegisterRefused(Conflict):
    """The register has bad rows; nothing was changed."""

    code = "upt.register_refused"

    def __init__(self, errors: tuple[RowError, ...]) -> None:
        super().__init__(self.code)
        self.errors = errors

    def details(self) -> dict[str, object]:
        """Return how many cells are wrong."""
        return {"count": len(self.errors)}
