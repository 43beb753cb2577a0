"""Refusals of lists that come in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.kernel.errors import Conflict, FieldError, Invalid


class FileUnreadable(Invalid):
    """The file cannot be read as a list at all; the reason is a message code."""

    code = "imports.file_unreadable"

    def __init__(self, reason: str, **params: object) -> None:
        super().__init__(FieldError("file", reason, tuple(params.items())))
        self.reason = reason


class ModeUnclear(Invalid):
    """Neither the file nor the form says what the list is for."""

    code = "imports.mode_unclear"

    def __init__(self) -> None:
        super().__init__(FieldError("mode", self.code))


class ModeMismatch(Invalid):
    """The file says another purpose than the form."""

    code = "imports.mode_mismatch"

    def __init__(self, said: str = "", chosen: str = "") -> None:
        super().__init__(FieldError("mode", self.code, (("said", said), ("chosen", chosen))))


class TargetMissing(Invalid):
    """A list of counted pieces does not say which count sheet it belongs to."""

    code = "imports.target_missing"

    def __init__(self) -> None:
        super().__init__(FieldError("target", self.code))


class TargetUnfit(Invalid):
    """There is no such count sheet in this UPT, or it is no longer being counted."""

    code = "imports.target_unfit"

    def __init__(self, target: str = "") -> None:
        super().__init__(FieldError("target", self.code, (("target", target),)))


class ImportRepeated(Conflict):
    """The same content was imported before, or is being imported right now."""

    code = "imports.repeated"

    def __init__(self, file_id: int = 0, at: datetime | None = None) -> None:
        super().__init__(self.code)
        self.file_id = file_id
        self.at = at

    def details(self) -> dict[str, Any]:
        """Return the import that came first."""
        return {"file_id": self.file_id}


class ImportNotReady(Conflict):
    """The file is not in a state that this needs: it has wrong rows, none at all, or is over."""

    code = "imports.not_ready"


class ImportStopped(Conflict):
    """Another worker posts the same rows at this moment."""

    code = "imports.stopped"
