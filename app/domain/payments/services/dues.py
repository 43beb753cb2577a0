"""Owing back a part of what a child order was given; the order goes on with the rest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from app.domain.payments import queries, rules
from app.domain.payments.events import RefundOwed
from app.domain.payments.models import MoneyEntry
from app.domain.payments.services import book
from app.domain.payments.types import MoneyKind
from app.infra import db, jobs
from app.kernel.actor import Actor


def owe_part(
    *,
    group_id: int,
    upt_order_id: int,
    amount_idr: int,
    key: str,
    note: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Owe back a part of a child order's share; the same key twice changes nothing.

    Args:
        key: What it is for, unique, for example ``17:refuse:4``.
        note: Why, for example ``refuse_part``.

    Raises:
        RefundTooLarge: More than is left of the share.
        IdempotencyMismatch: The key came before with other content.
    """
    payment = queries.lock(group_id=group_id)
    entry_key = f"refund_due:{key}"
    if not amount_idr or book.is_repeat(
        payment=payment,
        kind=MoneyKind.REFUND_DUE,
        entry_key=entry_key,
        amount_idr=amount_idr,
        bank_reference="",
    ):
        return
    left_idr = _sum(upt_order_id, MoneyKind.SETTLED) - _sum(upt_order_id, MoneyKind.REFUND_DUE)
    rules.ensure_refund(amount_idr=amount_idr, due_idr=left_idr)
    book.write(
        payment=payment,
        kind=MoneyKind.REFUND_DUE,
        amount_idr=amount_idr,
        upt_order_id=upt_order_id,
        entry_key=entry_key,
        note=note,
        actor=actor,
        at=at,
    )
    book.audit(
        actor=actor, action="payment.owe_refund", payment=payment, at=at, amount_idr=amount_idr
    )
    jobs.publish(RefundOwed(payment_id=payment.payment_id, amount_idr=amount_idr), at=at)


def _sum(upt_order_id: int, kind: MoneyKind) -> int:
    return int(
        db.session().scalar(
            select(func.coalesce(func.sum(MoneyEntry.amount_idr), 0)).where(
                MoneyEntry.upt_order_id == upt_order_id, MoneyEntry.kind == str(kind)
            )
        )
        or 0
    )
