"""Which facts lead to a letter, and the clock by which letters leave."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from app.domain.notifications import flows, rules, services
from app.domain.notifications.types import MailKind
from app.domain.orders import queries as order_queries
from app.domain.orders.events import OrderClosedUnpaid, OrderPaid, OrderPlaced, UptOrderMoved
from app.domain.payments import queries as payment_queries
from app.domain.payments.events import RefundOwed, RefundSent, ReviewOpened
from app.infra import jobs


def _placed(event: OrderPlaced, /, *, at: datetime) -> None:
    _note(MailKind.ORDER_PLACED, event.group_id, at=at)


def _paid(event: OrderPaid, /, *, at: datetime) -> None:
    _note(MailKind.ORDER_PAID, event.group_id, at=at)


def _closed(event: OrderClosedUnpaid, /, *, at: datetime) -> None:
    is_expired = event.state == "expired"
    kind = MailKind.ORDER_EXPIRED if is_expired else MailKind.ORDER_CANCELLED
    _note(kind, event.group_id, at=at)


def _note(kind: MailKind, group_id: int, *, at: datetime) -> None:
    services.note(key=f"{kind}:group:{group_id}", kind=kind, group_id=group_id, at=at)


def _moved(event: UptOrderMoved, /, *, at: datetime) -> None:
    kind = rules.KIND_OF_ACTION.get(event.action)
    if kind is None:
        return
    step = order_queries.latest_event_id(upt_order_id=event.upt_order_id, event=event.action)
    services.note(
        key=f"{kind}:step:{step}",
        kind=kind,
        group_id=event.group_id,
        upt_order_id=event.upt_order_id,
        at=at,
    )


def _review(event: ReviewOpened, /, *, at: datetime) -> None:
    review_id = payment_queries.latest_review_id(payment_id=event.payment_id)
    kind = MailKind.MONEY_IN_REVIEW
    group_id = payment_queries.group_of(payment_id=event.payment_id)
    services.note(key=f"{kind}:{review_id}", kind=kind, group_id=group_id, at=at)


def _refund_owed(event: RefundOwed, /, *, at: datetime) -> None:
    sums = payment_queries.sums_by_payment(payment_ids=(event.payment_id,))[event.payment_id]
    owed = sums.owed_settled_idr + sums.owed_unsettled_idr
    _note_money(MailKind.REFUND_OWED, event.payment_id, owed, sums.refund_due_idr, at=at)


def _refund_sent(event: RefundSent, /, *, at: datetime) -> None:
    sums = payment_queries.sums_by_payment(payment_ids=(event.payment_id,))[event.payment_id]
    _note_money(MailKind.REFUND_SENT, event.payment_id, sums.refunded_idr, sums.refunded_idr, at=at)


def _note_money(
    kind: MailKind, payment_id: int, total_idr: int, amount_idr: int, *, at: datetime
) -> None:
    """Note a letter that names a total; two facts seen at once are one letter."""
    services.note(
        key=f"{kind}:payment:{payment_id}:{total_idr}",
        kind=kind,
        group_id=payment_queries.group_of(payment_id=payment_id),
        amount_idr=amount_idr,
        at=at,
    )


def _send_due(at: datetime) -> None:
    flows.send_due(at=at)


HANDLERS: Final[tuple[jobs.Handler, ...]] = (
    jobs.Handler("notifications.order_placed", OrderPlaced, _placed),
    jobs.Handler("notifications.order_paid", OrderPaid, _paid),
    jobs.Handler("notifications.order_closed_unpaid", OrderClosedUnpaid, _closed),
    jobs.Handler("notifications.upt_order_moved", UptOrderMoved, _moved),
    jobs.Handler("notifications.review_opened", ReviewOpened, _review),
    jobs.Handler("notifications.refund_owed", RefundOwed, _refund_owed),
    jobs.Handler("notifications.refund_sent", RefundSent, _refund_sent),
)
PERIODICS: Final = (jobs.Periodic("notifications.send_due", timedelta(seconds=10), _send_due),)
