"""Why a picture is not taken; one message code for each reason."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from app.kernel.errors import FieldError, Invalid


class PictureReason(StrEnum):
    """The reasons, each with words of its own."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN_FORMAT = "unknown_format"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    ANIMATED = "animated"
    DAMAGED = "damaged"


class PictureRefused(Invalid):
    """The file is not a picture that we take."""

    code: ClassVar[str] = "media.picture_refused"

    def __init__(self, reason: PictureReason, *, field: str = "picture") -> None:
        super().__init__(FieldError(field, f"media.picture_{reason.value}"))
        self.reason = reason

    def details(self) -> dict[str, Any]:
        """Return the reason and the error by field."""
        return {"reason": self.reason.value, "errors": self.errors}
