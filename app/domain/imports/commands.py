"""What people choose about a list, checked once at the edge."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import StringConstraints, ValidationInfo, field_validator

from app.domain.imports.types import TARGET_MAX, Mode
from app.kernel.commands import Command, Text

EntryKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$")]

PERIOD_MAX: Final = timedelta(days=3_660)


class Way(StrEnum):
    """How the rows of a file are posted."""

    WHOLE = "semua"
    STEPS = "bertahap"


class Known(StrEnum):
    """What becomes of rows that were imported before."""

    SKIP = "lewati"
    TAKE = "masukkan"


class UploadList(Command):
    """A file and what it is for; nothing chosen leaves that to the file."""

    mode: Mode | None = None
    target: Annotated[Text, StringConstraints(max_length=TARGET_MAX)] = ""
    entry_key: EntryKey


class ConfirmList(Command):
    """The decision that a file be posted."""

    way: Way = Way.WHOLE
    known: Known = Known.SKIP


class ChoosePeriod(Command):
    """Days from and to which receipts are listed, both included."""

    dari: date
    sampai: date

    @field_validator("sampai")
    @classmethod
    def _in_order(cls, value: date, info: ValidationInfo) -> date:
        start = info.data.get("dari")
        if start is not None and not start <= value <= start + PERIOD_MAX:
            raise ValueError("imports.period_unfit")
        return value
