"""Refusals of the stock count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.domain.counts.types import STOCK_APPROVE, StuckRow, TypedRowError
from app.kernel.errors import Conflict, FieldError, Invalid, NotAllowed


class CountOverlaps(Conflict):
    """Some of these goods stand on another sheet that is not finished."""

    code = "counts.overlaps"

    def __init__(self, other: str = "") -> None:
        super().__init__(self.code)
        self.other = other

    def details(self) -> dict[str, Any]:
        """Return the code of the other sheet."""
        return {"other": self.other}


class CountClosed(Conflict):
    """The sheet is not in the state that this needs."""

    code = "counts.closed"


class CountChanged(Conflict):
    """Somebody else changed the sheet meanwhile."""

    code = "counts.changed"


class BookHidden(Conflict):
    """Book figures stay hidden while the sheet is being counted."""

    code = "counts.book_hidden"


class RowsLeft(Conflict):
    """Not every row is ticked."""

    code = "counts.rows_left"

    def __init__(self, left: int = 0) -> None:
        super().__init__(self.code)
        self.left = left

    def details(self) -> dict[str, Any]:
        """Return how many are left."""
        return {"left": self.left}


class RecountsLeft(Conflict):
    """A second number was asked for and is not there yet."""

    code = "counts.recounts_left"

    def __init__(self, left: int = 0) -> None:
        super().__init__(self.code)
        self.left = left

    def details(self) -> dict[str, Any]:
        """Return how many are left."""
        return {"left": self.left}


class ReasonsMissing(Conflict):
    """Large differences have no reason yet."""

    code = "counts.reasons_missing"

    def __init__(self, missing: int = 0) -> None:
        super().__init__(self.code)
        self.missing = missing

    def details(self) -> dict[str, Any]:
        """Return how many lack one."""
        return {"missing": self.missing}


class OwnCount(NotAllowed):
    """Whoever opened, counted or handed in a sheet cannot approve it."""

    code = "counts.own_count"

    def __init__(self) -> None:
        super().__init__(STOCK_APPROVE)


class LossNotFree(Conflict):
    """Some losses cannot be taken now; names every such row. Nothing was posted."""

    code = "counts.loss_not_free"

    def __init__(self, rows: Sequence[StuckRow] = ()) -> None:
        super().__init__(self.code)
        self.rows = tuple(rows)

    def details(self) -> dict[str, Any]:
        """Return the rows."""
        return {"rows": self.rows, "number": len(self.rows)}


class PostedBefore(Conflict):
    """The sheet was posted already; the database itself allows one posting only."""

    code = "counts.posted_before"


class RowKnown(Conflict):
    """These goods stand on the sheet already."""

    code = "counts.row_known"

    def __init__(self, row_id: int = 0) -> None:
        super().__init__(self.code)
        self.row_id = row_id

    def details(self) -> dict[str, Any]:
        """Return the row that is there."""
        return {"row_id": self.row_id}


class RowsUnfit(Invalid):
    """Typed rows do not fit the sheet; carries every error of every row. Nothing was written."""

    code = "counts.rows_unfit"

    def __init__(self, rows: Sequence[TypedRowError] = ()) -> None:
        super().__init__(*(FieldError(row.column, row.code) for row in rows[:1]))
        self.rows = tuple(rows)

    def details(self) -> dict[str, Any]:
        """Return the rows that are wrong."""
        return {"rows": self.rows, "number": len(self.rows)}


class CampaignClosed(Conflict):
    """The national count has ended or does not reach this UPT."""

    code = "counts.campaign_closed"


class CampaignTaken(Conflict):
    """This UPT has a sheet for the national count already."""

    code = "counts.campaign_taken"
