"""What a cart looks like from outside, and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CART_LINES_MAX: Final = 60
"""Most different variants in one cart."""


@dataclass(frozen=True, slots=True)
class CartKey:
    """Whose cart: the account's when somebody is signed in, else the one behind the cookie.

    Attributes:
        token: Secret of the guest's cookie; only its digest is stored.
        user_id: Account of the buyer; wins over the token.
    """

    token: str | None = None
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class CartLine:
    """Pieces of one variant."""

    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class CartSummary:
    """What the badge in the header shows.

    Attributes:
        quantity_total: Pieces over all lines.
        line_count: Different variants.
    """

    quantity_total: int
    line_count: int


@dataclass(frozen=True, slots=True)
class LockedCart:
    """A cart whose row is held until the end of the unit of work."""

    cart_id: int
    lines: tuple[CartLine, ...]
