"""Reads of a buyer's own data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain.buyers.models import SavedAddress
from app.domain.buyers.types import AddressRecord
from app.domain.cart import queries as cart_queries
from app.domain.cart.types import CartKey
from app.domain.documents import queries as paper_queries
from app.domain.identity import queries as identity_queries
from app.domain.notifications import queries as mail_queries
from app.domain.orders import queries as order_queries
from app.domain.orders.types import FINAL_STATES, OrderPage
from app.domain.payments import queries as payment_queries
from app.infra import db
from app.kernel.errors import NotFound


def list_addresses(*, user_id: int) -> tuple[AddressRecord, ...]:
    """Return the saved addresses of an account, the default first."""
    rows = db.read_session().scalars(
        select(SavedAddress)
        .where(SavedAddress.user_id == user_id)
        .order_by(SavedAddress.is_default.desc(), SavedAddress.id)
    )
    return tuple(
        AddressRecord(
            address_id=row.id,
            label=row.label,
            recipient=row.recipient,
            phone=row.phone,
            street=row.street,
            village_code=row.village_code,
            postcode=row.postcode,
            is_default=row.is_default,
        )
        for row in rows
    )


def list_open_orders(*, user_id: int) -> tuple[str, ...]:
    """Return the numbers of orders that are under way or about which money is unsettled."""
    found = []
    for group_id, number in order_queries.numbers_of_buyer(user_id=user_id).items():
        page = order_queries.get_group(number=number)
        sums = payment_queries.get_payment(group_id=group_id).sums
        is_over = all(part.state in FINAL_STATES for part in page.upt_orders)
        if not is_over or sums.refund_due_idr or sums.unsettled_idr:
            found.append(number)
    return tuple(found)


def export(*, user_id: int, at: datetime) -> dict[str, Any]:
    """Return everything that we keep about an account, as JSON values.

    Raises:
        NotFound: No such account.
    """
    profile = identity_queries.find_profile(user_id=user_id)
    if profile is None:
        raise NotFound
    groups = order_queries.numbers_of_buyer(user_id=user_id)
    cart = cart_queries.find_lines(key=CartKey(user_id=user_id))
    sessions = identity_queries.list_sessions(user_id=user_id, at=at)
    return {
        "format": "karyabina-data-pembeli/1",
        "made_at": at.isoformat(),
        "account": {
            "name": profile.user.name,
            "email": profile.user.email,
            "phone": profile.phone,
            "since": profile.created_at.isoformat(),
        },
        "devices": [
            {"since": one.created_at.isoformat(), "browser": one.user_agent} for one in sessions
        ],
        "addresses": [
            {
                "label": one.label,
                "recipient": one.recipient,
                "phone": one.phone,
                "street": one.street,
                "village_code": one.village_code,
                "postcode": one.postcode,
            }
            for one in list_addresses(user_id=user_id)
        ],
        "cart": [{"variant_id": line.variant_id, "quantity": line.quantity} for line in cart],
        "orders": [_order(order_queries.get_group(number=number)) for number in groups.values()],
    }


def _order(page: OrderPage) -> dict[str, Any]:
    group = page.group
    payment = payment_queries.get_payment(group_id=group.group_id)
    ids = [part.upt_order_id for part in page.upt_orders]
    return {
        "number": group.number,
        "placed_at": group.placed_at.isoformat(),
        "contact": {
            "name": group.contact.name,
            "email": group.contact.email,
            "phone": group.contact.phone,
        },
        "recipient": group.address.recipient if group.address else None,
        "recipient_phone": group.address.phone if group.address else None,
        "address": list(group.address.lines) if group.address else None,
        "note": group.note,
        "total_idr": group.total_idr,
        "payment": {
            "method": str(payment.method),
            "state": str(payment.state),
            "received_idr": payment.sums.received_idr,
            "refunded_idr": payment.sums.refunded_idr,
        },
        "parts": [
            {
                "number": part.number,
                "state": str(part.state),
                "lines": [
                    {
                        "name": line.product_name,
                        "variant": line.variant_name,
                        "quantity": line.quantity,
                        "price_idr": line.unit_price_idr,
                    }
                    for line in part.lines
                ],
            }
            for part in page.upt_orders
        ],
        "history": [
            {"at": event.at.isoformat(), "event": event.event, "note": event.note}
            for event in page.events
        ],
        "papers": [brief.number for brief in paper_queries.list_papers(upt_order_ids=ids)],
        "letters": [
            {"kind": str(kind), "state": str(state)}
            for kind, state in mail_queries.states(group_id=group.group_id)
        ],
    }
