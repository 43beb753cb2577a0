"""Refusals of the till."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.domain.till.types import LineShort
from app.kernel.errors import Conflict, FieldError, Invalid


class Unsellable(Invalid):
    """These goods cannot be laid on the counter; the code of the field error says why."""

    code = "till.unsellable"

    def __init__(self, why: str, **params: object) -> None:
        super().__init__(FieldError("q", why, tuple(params.items())))
        self.why = why


class CashTooLittle(Invalid):
    """The buyer gave less than the sale comes to."""

    code = "till.cash_too_little"

    def __init__(self, missing_idr: int) -> None:
        super().__init__(FieldError("given_idr", self.code, (("missing_idr", missing_idr),)))


class SecondPriceUnfit(Invalid):
    """Seconds must cost less than whole goods."""

    code = "till.second_price_unfit"

    def __init__(self, price_idr: int) -> None:
        super().__init__(FieldError("price_idr", self.code, (("price_idr", price_idr),)))


class DifferenceUnexplained(Invalid):
    """The drawer does not hold what it should, and nobody said why."""

    code = "till.difference_unexplained"

    def __init__(self, difference_idr: int) -> None:
        params = (("difference_idr", difference_idr),)
        super().__init__(FieldError("reason", self.code, params))


class LeftTooMuch(Invalid):
    """More would stay in the drawer than was counted in it."""

    code = "till.left_too_much"

    def __init__(self) -> None:
        super().__init__(FieldError("left_idr", self.code))


class DraftEmpty(Conflict):
    """Nothing lies on the counter."""

    code = "till.draft_empty"


class DraftShort(Conflict):
    """Some lines ask for more than is left; names each of them. Nothing was sold."""

    code = "till.draft_short"

    def __init__(self, shorts: Sequence[LineShort] = ()) -> None:
        super().__init__(self.code)
        self.shorts = tuple(shorts)

    def details(self) -> dict[str, Any]:
        """Return the lines that are short."""
        return {"shorts": self.shorts}


class DraftChanged(Conflict):
    """What lies on the counter now comes to another amount than the one agreed to."""

    code = "till.draft_changed"

    def __init__(self, *, shown_idr: int, now_idr: int) -> None:
        super().__init__(self.code)
        self.shown_idr = shown_idr
        self.now_idr = now_idr

    def details(self) -> dict[str, Any]:
        """Return both amounts."""
        return {"shown_idr": self.shown_idr, "now_idr": self.now_idr}


class AlreadyUndone(Conflict):
    """The sale was taken back before, or takes another one back itself."""

    code = "till.already_undone"


class DrawerMoved(Conflict):
    """Something was sold or taken back while the drawer was being counted."""

    code = "till.drawer_moved"


class NumberOutOfTurn(Conflict):
    """A receipt would break the series of its UPT and year; nothing was written."""

    code = "till.number_out_of_turn"
