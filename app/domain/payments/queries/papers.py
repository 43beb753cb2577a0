"""What letters and papers ask about payments."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from app.domain.payments.models import MoneyEntry, Payment, PaymentReview
from app.domain.payments.types import MoneyKind
from app.infra import db
from app.kernel.errors import NotFound


def group_of(*, payment_id: int) -> int:
    """Return the order that a payment belongs to.

    Raises:
        NotFound: No such payment.
    """
    group_id = db.read_session().scalar(select(Payment.group_id).where(Payment.id == payment_id))
    if group_id is None:
        raise NotFound
    return group_id


def latest_review_id(*, payment_id: int) -> int | None:
    """Return the newest review of a payment."""
    return db.read_session().scalar(
        select(func.max(PaymentReview.id)).where(PaymentReview.payment_id == payment_id)
    )


def sums_by_child(*, group_id: int) -> dict[int, dict[MoneyKind, int]]:
    """Return the sums of the money rows of each child order by kind."""
    rows = db.read_session().execute(
        select(MoneyEntry.upt_order_id, MoneyEntry.kind, func.sum(MoneyEntry.amount_idr))
        .join(Payment, Payment.id == MoneyEntry.payment_id)
        .where(Payment.group_id == group_id, MoneyEntry.upt_order_id.is_not(None))
        .group_by(MoneyEntry.upt_order_id, MoneyEntry.kind)
    )
    found: dict[int, dict[MoneyKind, int]] = {}
    for upt_order_id, kind, amount_idr in rows:
        assert upt_order_id is not None
        found.setdefault(upt_order_id, {})[MoneyKind(kind)] = int(amount_idr)
    return found


def received_on(*, group_id: int) -> date | None:
    """Return the day on which the last money for an order came in."""
    return db.read_session().scalar(
        select(func.max(MoneyEntry.happened_on))
        .join(Payment, Payment.id == MoneyEntry.payment_id)
        .where(Payment.group_id == group_id, MoneyEntry.kind == MoneyKind.RECEIVED)
    )
