"""Reads of carts; the lines come back in the order in which they were added."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, func, select

from app.domain.cart.models import Cart, CartLineRow
from app.domain.cart.types import CartKey, CartLine, LockedCart
from app.infra import db
from app.kernel import ids


def owner_filter(*, key: CartKey) -> ColumnElement[bool]:
    """Return the condition that selects the cart behind a key."""
    if key.user_id is not None:
        return Cart.user_id == key.user_id
    if key.token:
        return Cart.token_hash == ids.digest(key.token)
    return false()


def find_lines(*, key: CartKey) -> tuple[CartLine, ...]:
    """Return the lines behind a key, none when there is no cart; one statement."""
    rows = db.read_session().execute(
        select(CartLineRow.variant_id, CartLineRow.quantity)
        .join(Cart, Cart.id == CartLineRow.cart_id)
        .where(owner_filter(key=key))
        .order_by(CartLineRow.id)
    )
    return tuple(CartLine(variant_id, quantity) for variant_id, quantity in rows)


def count_pieces(*, key: CartKey) -> int:
    """Return the pieces in the cart behind a key; one statement, none without a key."""
    if key.user_id is None and not key.token:
        return 0
    found = db.read_session().scalar(
        select(func.sum(CartLineRow.quantity))
        .join(Cart, Cart.id == CartLineRow.cart_id)
        .where(owner_filter(key=key))
    )
    return int(found or 0)


def lock(*, key: CartKey) -> LockedCart | None:
    """Hold the cart behind a key and return its lines, or None when there is none.

    The lines are read by a second statement, after the lock was had: only then do they show what
    the former holder of the lock left behind.
    """
    cart_id = db.session().scalar(db.for_update(select(Cart.id).where(owner_filter(key=key))))
    if cart_id is None:
        return None
    return LockedCart(cart_id, _lines_of(cart_id))


def _lines_of(cart_id: int) -> tuple[CartLine, ...]:
    rows = db.read_session().execute(
        select(CartLineRow.variant_id, CartLineRow.quantity)
        .where(CartLineRow.cart_id == cart_id)
        .order_by(CartLineRow.id)
    )
    return tuple(CartLine(variant_id, quantity) for variant_id, quantity in rows)
