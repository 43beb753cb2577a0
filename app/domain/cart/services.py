"""Writes of carts. A cart promises nothing, so these take the cart row and nothing else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from app.domain.cart import queries, rules
from app.domain.cart.errors import NotSoldOnline
from app.domain.cart.models import Cart, CartLineRow
from app.domain.cart.types import CartKey, CartLine, CartSummary, LockedCart
from app.domain.catalog import queries as catalog_queries
from app.infra import db
from app.kernel import ids
from app.kernel.errors import NotFound


def add(*, key: CartKey, variant_id: int, quantity: int, at: datetime) -> CartSummary:
    """Put further pieces of a published variant into the cart, making the cart when needed.

    Raises:
        NotFound: No such variant, or not published.
        NotSoldOnline: It is a service.
        CartQuantityTooLarge: The line would pass its limit; nothing changes.
        CartFull: No room for a further line.
    """
    _ensure_sold(variant_id)
    cart = _lock_or_create(key=key, at=at)
    present = {line.variant_id: line.quantity for line in cart.lines}
    if variant_id not in present:
        rules.ensure_room(line_count=len(present))
    wanted = present.get(variant_id, 0) + quantity
    rules.ensure_quantity(variant_id=variant_id, quantity=wanted)
    _write(cart.cart_id, CartLine(variant_id, wanted), is_new=variant_id not in present, at=at)
    return _summary({**present, variant_id: wanted})


def set_quantity(*, key: CartKey, variant_id: int, quantity: int, at: datetime) -> CartSummary:
    """Set the pieces of a variant that is in the cart; zero takes it out.

    Raises:
        NotFound: The variant is not in this cart.
        CartQuantityTooLarge: Above the limit.
    """
    rules.ensure_quantity(variant_id=variant_id, quantity=quantity)
    cart = queries.lock(key=key)
    present = {line.variant_id: line.quantity for line in cart.lines} if cart else {}
    if cart is None or variant_id not in present:
        raise NotFound
    if quantity:
        _write(cart.cart_id, CartLine(variant_id, quantity), is_new=False, at=at)
        present[variant_id] = quantity
    else:
        db.session().execute(
            delete(CartLineRow).where(
                CartLineRow.cart_id == cart.cart_id, CartLineRow.variant_id == variant_id
            )
        )
        del present[variant_id]
        _touch(cart.cart_id, at=at)
    return _summary(present)


def merge(*, token: str, user_id: int, at: datetime) -> CartSummary:
    """Move the guest's lines into the account's cart; quantities add up to the limits.

    A second call finds the guest's cart empty and changes nothing.
    """
    own_key = CartKey(user_id=user_id)
    guest = queries.lock(key=CartKey(token=token))
    if guest is None or not guest.lines:
        lines = queries.find_lines(key=own_key)
        return _summary({line.variant_id: line.quantity for line in lines})
    own = _lock_or_create(key=own_key, at=at)
    present = {line.variant_id: line.quantity for line in own.lines}
    merged = rules.merge_lines(own=own.lines, other=guest.lines)
    for line in merged:
        if present.get(line.variant_id) != line.quantity:
            _write(own.cart_id, line, is_new=line.variant_id not in present, at=at)
    clear(cart_id=guest.cart_id)
    return _summary({line.variant_id: line.quantity for line in merged})


def clear(*, cart_id: int) -> None:
    """Take every line out of a cart; the cart itself stays."""
    db.session().execute(delete(CartLineRow).where(CartLineRow.cart_id == cart_id))


def _ensure_sold(variant_id: int) -> None:
    offer = catalog_queries.offers(variant_ids=(variant_id,)).get(variant_id)
    if offer is None or not offer.is_published:
        raise NotFound
    if offer.kind == "service":
        raise NotSoldOnline(product_name=offer.product_name)


def _lock_or_create(*, key: CartKey, at: datetime) -> LockedCart:
    found = queries.lock(key=key)
    if found is not None:
        return found
    if key.user_id is None and not key.token:
        raise NotFound
    owner = {"user_id": key.user_id} if key.user_id is not None else {}
    token_hash = ids.digest(key.token) if key.token and not owner else None
    row = Cart(token_hash=token_hash, created_at=at, updated_at=at, **owner)
    try:
        with db.session().begin_nested():
            db.add(row)
    except IntegrityError:
        # Another tab made the same cart in this very moment: use that one.
        found = queries.lock(key=key)
        if found is None:
            raise
        return found
    return LockedCart(row.id, ())


def _write(cart_id: int, line: CartLine, *, is_new: bool, at: datetime) -> None:
    if is_new:
        db.add(
            CartLineRow(
                cart_id=cart_id, variant_id=line.variant_id, quantity=line.quantity, added_at=at
            )
        )
    else:
        db.session().execute(
            update(CartLineRow)
            .where(CartLineRow.cart_id == cart_id, CartLineRow.variant_id == line.variant_id)
            .values(quantity=line.quantity)
        )
    _touch(cart_id, at=at)


def _touch(cart_id: int, *, at: datetime) -> None:
    db.session().execute(update(Cart).where(Cart.id == cart_id).values(updated_at=at))


def _summary(quantities: dict[int, int]) -> CartSummary:
    return CartSummary(sum(quantities.values()), len(quantities))


def forget(*, user_id: int) -> None:
    """Remove the cart of an account with everything in it."""
    cart = queries.lock(key=CartKey(user_id=user_id))
    if cart is not None:
        clear(cart_id=cart.cart_id)
        db.session().execute(delete(Cart).where(Cart.id == cart.cart_id))
