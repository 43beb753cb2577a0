"""What is said about an order, and where it goes: notes, calls for help, another address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from app.domain.audit import services as audit_services
from app.domain.orders import queries, rules
from app.domain.orders.commands import AddNote
from app.domain.orders.models import OrderGroup, OrderNote
from app.domain.orders.types import PERMISSION_FULFIL, Address, NoteKind
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import IdempotencyMismatch


def add_note(*, actor: Actor, number: str, command: AddNote, at: datetime) -> None:
    """Keep a note of staff with an order; the same entry key twice is one note.

    Raises:
        NotFound, NotAllowed: ``order.fulfil`` is not held in the order's UPT.
        IdempotencyMismatch: The key came before with other words.
    """
    order = queries.lock_upt_order(number=number)
    actor.ensure(PERMISSION_FULFIL, upt_id=order.upt_id)
    _write(order.upt_order_id, NoteKind.STAFF, actor, command, at=at)


def ask_help(*, actor: Actor, number: str, command: AddNote, at: datetime) -> None:
    """Keep a buyer's call for help with an order; the same entry key twice is one.

    The surface has checked that the caller holds the link or owns the order.

    Raises:
        NotFound: No such order.
        IdempotencyMismatch: The key came before with other words.
    """
    order = queries.lock_upt_order(number=number)
    _write(order.upt_order_id, NoteKind.HELP, actor, command, at=at)


def change_address(*, group_id: int, address: Address, actor: Actor, at: datetime) -> None:
    """Send a purchase elsewhere, at the same cost, before any part was accepted.

    The surface has checked that the caller holds the link or owns the order.

    Raises:
        NotFound: No such order.
        AddressFixed: A part was accepted, is over, or nothing is sent.
        AddressElsewhere: The province or the regency differs.
    """
    group = queries.lock_group(group_id=group_id)
    row = db.session().get(OrderGroup, group_id, populate_existing=True)
    assert row is not None
    rules.ensure_address(
        states=[child.state for child in group.children], before=row.address(), after=address
    )
    db.session().execute(
        update(OrderGroup)
        .where(OrderGroup.id == group_id)
        .values(
            recipient=address.recipient,
            recipient_phone=address.phone,
            street=address.street,
            village_code=address.village_code,
            village=address.village,
            district=address.district,
            postcode=address.postcode,
        )
    )
    audit_services.record(
        actor=actor, action="order.change_address", subject=f"order:{group.number}", at=at
    )


def _write(
    upt_order_id: int, kind: NoteKind, actor: Actor, command: AddNote, *, at: datetime
) -> None:
    known = (
        db.session()
        .execute(
            select(OrderNote.upt_order_id, OrderNote.text).where(
                OrderNote.entry_key == command.entry_key
            )
        )
        .first()
    )
    if known is not None:
        if tuple(known) != (upt_order_id, command.text):
            raise IdempotencyMismatch
        return
    db.add(
        OrderNote(
            upt_order_id=upt_order_id,
            kind=str(kind),
            actor_kind=str(actor.kind),
            actor_user_id=actor.user_id,
            actor_label=actor.label[:200],
            at=at,
            text=command.text,
            entry_key=command.entry_key,
        )
    )
