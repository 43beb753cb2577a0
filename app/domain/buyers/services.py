"""Writes of a buyer's own data: addresses, and being forgotten.

Locks: the account's row first, so that two forms of one person follow each other.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update

from app.domain.buyers import queries
from app.domain.buyers.commands import EraseAccount, SaveAddress
from app.domain.buyers.errors import AddressesFull, OrdersOpen
from app.domain.buyers.models import SavedAddress
from app.domain.buyers.types import ADDRESSES_MAX
from app.domain.cart import services as cart_services
from app.domain.identity import queries as identity_queries
from app.domain.identity import services as identity_services
from app.domain.orders import queries as order_queries
from app.domain.orders import services as order_services
from app.domain.payments import services as payment_services
from app.infra import db
from app.kernel.errors import NotFound


def save_address(*, user_id: int, command: SaveAddress, at: datetime) -> int:
    """Keep an address; the first is offered first. The same again changes nothing.

    Raises:
        AddressesFull: No room for a further one.
    """
    identity_queries.lock_user(user_id=user_id)
    present = queries.list_addresses(user_id=user_id)
    wanted = command.model_dump()
    for one in present:
        if all(getattr(one, name) == value for name, value in wanted.items()):
            return one.address_id
    if len(present) >= ADDRESSES_MAX:
        raise AddressesFull(addresses_max=ADDRESSES_MAX)
    row = SavedAddress(user_id=user_id, is_default=not present, created_at=at, **wanted)
    db.add(row)
    return row.id


def make_default(*, user_id: int, address_id: int) -> None:
    """Offer this address first at checkout.

    Raises:
        NotFound: Not an address of this account.
    """
    identity_queries.lock_user(user_id=user_id)
    _ensure_own(user_id, address_id)
    own = SavedAddress.user_id == user_id
    db.session().execute(update(SavedAddress).where(own).values(is_default=False))
    db.session().execute(
        update(SavedAddress).where(SavedAddress.id == address_id).values(is_default=True)
    )


def remove_address(*, user_id: int, address_id: int) -> None:
    """Forget an address; when it was the default, the oldest of the others takes its place.

    Raises:
        NotFound: Not an address of this account.
    """
    identity_queries.lock_user(user_id=user_id)
    _ensure_own(user_id, address_id)
    db.session().execute(delete(SavedAddress).where(SavedAddress.id == address_id))
    left = queries.list_addresses(user_id=user_id)
    if left and not left[0].is_default:
        make_default(user_id=user_id, address_id=left[0].address_id)


def erase(*, user_id: int, command: EraseAccount, at: datetime) -> tuple[int, ...]:
    """Take the person out of everything that may change; return the orders that were theirs.

    Ledger, money rows, issued papers and histories stay; see docs/algorithms/papers-and-mail.md.

    Raises:
        WrongPassword, StaffAccount: See ``identity.services.erase``.
        OrdersOpen: Orders are under way, or money is unsettled.
    """
    identity_services.erase(user_id=user_id, password=command.password.get_secret_value(), at=at)
    cart_services.forget(
        user_id=user_id
    )  # its lock: an order under way is committed or will not be
    numbers = queries.list_open_orders(user_id=user_id)
    if numbers:
        raise OrdersOpen(numbers=", ".join(numbers[:5]))
    group_ids = tuple(order_queries.numbers_of_buyer(user_id=user_id))
    order_services.forget_contacts(group_ids=group_ids)
    payment_services.forget_notices(group_ids=group_ids)
    db.session().execute(delete(SavedAddress).where(SavedAddress.user_id == user_id))
    return group_ids


def _ensure_own(user_id: int, address_id: int) -> None:
    found = select(SavedAddress.id).where(
        SavedAddress.id == address_id, SavedAddress.user_id == user_id
    )
    if db.session().scalar(found) is None:
        raise NotFound
