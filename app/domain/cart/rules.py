"""Pure arithmetic of quantities in a cart."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.cart.errors import CartFull, CartQuantityTooLarge
from app.domain.cart.types import CART_LINES_MAX, CartLine
from app.kernel.quantity import CART_QUANTITY_MAX


def ensure_quantity(*, variant_id: int, quantity: int) -> None:
    """Refuse more pieces of one variant than a cart takes.

    Raises:
        CartQuantityTooLarge: Above ``CART_QUANTITY_MAX``.
    """
    if quantity > CART_QUANTITY_MAX:
        raise CartQuantityTooLarge(variant_id=variant_id, quantity_max=CART_QUANTITY_MAX)


def ensure_room(*, line_count: int) -> None:
    """Refuse a further line when the cart is full.

    Raises:
        CartFull: There are ``CART_LINES_MAX`` lines already.
    """
    if line_count >= CART_LINES_MAX:
        raise CartFull(lines_max=CART_LINES_MAX)


def merge_lines(*, own: Sequence[CartLine], other: Sequence[CartLine]) -> tuple[CartLine, ...]:
    """Return the lines of two carts as one; quantities add up to the limit, never beyond.

    The own lines come first; lines beyond ``CART_LINES_MAX`` are left out.
    """
    quantities: dict[int, int] = {}
    for line in (*own, *other):
        quantity = quantities.get(line.variant_id, 0) + line.quantity
        quantities[line.variant_id] = min(quantity, CART_QUANTITY_MAX)
    merged = tuple(CartLine(variant_id, quantity) for variant_id, quantity in quantities.items())
    return merged[:CART_LINES_MAX]
