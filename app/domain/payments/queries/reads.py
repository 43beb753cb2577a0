"""Reads of payments; every figure is a sum over money rows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import ColumnElement, case, func, or_, select

from app.domain.orders import queries as orders_queries
from app.domain.payments import rules
from app.domain.payments.models import MoneyEntry, Payment, PaymentReview, PaymentShare
from app.domain.payments.types import (
    PERMISSION_VIEW,
    ClosedReason,
    LockedPayment,
    MoneyEntryRecord,
    MoneyKind,
    MoneySums,
    PaymentMethod,
    PaymentPage,
    PaymentRecord,
    RefundDue,
    ReviewOutcome,
    ReviewReason,
    ReviewRecord,
    ShareRecord,
    WaitingTransfer,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor

LIST_LIMIT: Final = 200


def find_group_id(*, reference: str) -> int | None:
    """Return the order that a transfer reference belongs to, or None."""
    return db.read_session().scalar(select(Payment.group_id).where(Payment.reference == reference))


def find_review_group_id(*, review_id: int) -> int | None:
    """Return the order that a review is about, or None."""
    return db.read_session().scalar(
        select(Payment.group_id)
        .join(PaymentReview, PaymentReview.payment_id == Payment.id)
        .where(PaymentReview.id == review_id)
    )


def lock(*, group_id: int) -> LockedPayment:
    """Hold the payment of an order and return its sums.

    Raises:
        NotFound: The order has no payment.
    """
    row = db.session().scalar(db.for_update(select(Payment).where(Payment.group_id == group_id)))
    if row is None:
        raise NotFound
    return LockedPayment(
        payment_id=row.id,
        group_id=group_id,
        reference=row.reference,
        expected_idr=row.expected_idr,
        closed_reason=_closed(row),
        sums=sums_by_payment(payment_ids=(row.id,))[row.id],
    )


def sums_by_payment(*, payment_ids: Collection[int]) -> dict[int, MoneySums]:
    """Return the sums of each payment; one statement."""
    rows = db.read_session().execute(
        select(
            MoneyEntry.payment_id,
            MoneyEntry.kind,
            MoneyEntry.upt_order_id.is_not(None),
            func.sum(MoneyEntry.amount_idr),
        )
        .where(MoneyEntry.payment_id.in_(sorted(payment_ids)))
        .group_by(MoneyEntry.payment_id, MoneyEntry.kind, MoneyEntry.upt_order_id.is_not(None))
    )
    amounts: dict[int, dict[tuple[str, bool], int]] = {key: {} for key in payment_ids}
    for payment_id, kind, has_order, amount_idr in rows:
        amounts[payment_id][kind, bool(has_order)] = int(amount_idr)
    return {payment_id: _sums(found) for payment_id, found in amounts.items()}


def get_payment(*, group_id: int) -> PaymentRecord:
    """Return the payment of an order, for whoever may see the order.

    Raises:
        NotFound: The order has no payment.
    """
    row = db.read_session().scalar(select(Payment).where(Payment.group_id == group_id))
    if row is None:
        raise NotFound
    return _record(row, sums_by_payment(payment_ids=(row.id,))[row.id])


def get_payment_page(*, actor: Actor, reference: str) -> PaymentPage:
    """Return everything about one payment, for the treasurer.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
        NotFound: No such payment.
    """
    actor.ensure_national(PERMISSION_VIEW)
    row = db.read_session().scalar(select(Payment).where(Payment.reference == reference))
    if row is None:
        raise NotFound
    payment = _record(row, sums_by_payment(payment_ids=(row.id,))[row.id])
    brief = orders_queries.group_briefs(group_ids=(row.group_id,))[row.group_id]
    orders = {
        order.upt_order_id: order
        for order in orders_queries.get_group(number=brief.number).upt_orders
    }
    numbers = {upt_order_id: order.number for upt_order_id, order in orders.items()}
    entries = (
        db.read_session()
        .scalars(select(MoneyEntry).where(MoneyEntry.payment_id == row.id).order_by(MoneyEntry.id))
        .all()
    )
    amounts: dict[tuple[int, str], int] = {}
    for entry in entries:
        key = (entry.upt_order_id or 0, entry.kind)
        amounts[key] = amounts.get(key, 0) + entry.amount_idr
    shares = tuple(
        ShareRecord(
            upt_order_id=upt_order_id,
            upt_order_number=numbers[upt_order_id],
            upt_id=orders[upt_order_id].upt_id,
            amount_idr=amount_idr,
            settled_idr=amounts.get((upt_order_id, MoneyKind.SETTLED), 0),
            owed_idr=amounts.get((upt_order_id, MoneyKind.REFUND_DUE), 0),
            refunded_idr=amounts.get((upt_order_id, MoneyKind.REFUNDED), 0),
        )
        for upt_order_id, amount_idr in list_shares(payment_id=row.id).items()
    )
    return PaymentPage(
        payment=payment,
        order_number=brief.number,
        contact_name=brief.contact_name,
        contact_phone=brief.contact_phone,
        shares=shares,
        entries=tuple(_entry_record(entry, numbers) for entry in entries),
        reviews=_reviews(payment_id=row.id),
    )


def list_shares(*, payment_id: int) -> dict[int, int]:
    """Return the share of each child order in rupiah, in the order of their ids."""
    rows = db.read_session().execute(
        select(PaymentShare.upt_order_id, PaymentShare.amount_idr)
        .where(PaymentShare.payment_id == payment_id)
        .order_by(PaymentShare.upt_order_id)
    )
    return {row.upt_order_id: row.amount_idr for row in rows}


def list_waiting(
    *, actor: Actor, text: str = "", cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[WaitingTransfer]:
    """Return a page of payments that wait for money, oldest first.

    Args:
        text: Beginning of a reference or order number, the exact amount, or a part of the buyer's
            name.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
    """
    actor.ensure_national(PERMISSION_VIEW)
    statement = (
        select(Payment).where(Payment.closed_reason.is_(None)).order_by(Payment.id).limit(size + 1)
    )
    if text.strip():
        reference = "".join(sign for sign in text.upper() if sign.isalnum())[:8]
        group_ids = orders_queries.search_group_ids(text=text.strip())
        has_reference = Payment.reference.startswith(reference) & (reference != "")
        has_amount = Payment.expected_idr == rules.typed_amount_idr(text=text)
        statement = statement.where(or_(has_reference, has_amount, Payment.group_id.in_(group_ids)))
    if values := decode_cursor(cursor, kinds=(int,)):
        statement = statement.where(Payment.id > values[0])
    found = db.read_session().scalars(statement).all()
    shown = found[:size]
    sums = sums_by_payment(payment_ids=[row.id for row in shown]) if shown else {}
    briefs = orders_queries.group_briefs(group_ids=[row.group_id for row in shown]) if shown else {}
    rows = tuple(
        WaitingTransfer(
            reference=row.reference,
            order_number=briefs[row.group_id].number,
            contact_name=briefs[row.group_id].contact_name,
            expected_idr=row.expected_idr,
            received_idr=sums[row.id].received_idr,
            pay_by_at=row.pay_by_at,
            created_at=row.created_at,
        )
        for row in shown
    )
    return Page(rows, encode_cursor([shown[-1].id]) if len(found) > size else None)


def list_reviews(*, actor: Actor) -> tuple[ReviewRecord, ...]:
    """Return the open reviews, oldest first.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
    """
    actor.ensure_national(PERMISSION_VIEW)
    return _reviews()


def list_refunds_due(*, actor: Actor) -> tuple[RefundDue, ...]:
    """Return money that must go back, longest owed first.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
    """
    actor.ensure_national(PERMISSION_VIEW)
    signed = func.sum(MoneyEntry.amount_idr * _sign(MoneyEntry.kind == MoneyKind.REFUND_DUE))
    rows = (
        db.read_session()
        .execute(
            select(
                Payment.reference,
                Payment.group_id,
                MoneyEntry.upt_order_id,
                signed.label("due_idr"),
                func.min(MoneyEntry.written_at).label("since"),
            )
            .join(Payment, Payment.id == MoneyEntry.payment_id)
            .where(MoneyEntry.kind.in_([str(MoneyKind.REFUND_DUE), str(MoneyKind.REFUNDED)]))
            .group_by(Payment.reference, Payment.group_id, MoneyEntry.upt_order_id)
            .having(signed > 0)
            .order_by(func.min(MoneyEntry.written_at), Payment.reference)
            .limit(LIST_LIMIT)
        )
        .all()
    )
    briefs = orders_queries.group_briefs(group_ids={row.group_id for row in rows}) if rows else {}
    numbers = orders_queries.upt_order_numbers(
        upt_order_ids={row.upt_order_id for row in rows if row.upt_order_id is not None}
    )
    return tuple(
        RefundDue(
            reference=row.reference,
            order_number=briefs[row.group_id].number,
            upt_order_number=numbers.get(row.upt_order_id),
            contact_name=briefs[row.group_id].contact_name,
            contact_phone=briefs[row.group_id].contact_phone,
            due_idr=int(row.due_idr),
            since=row.since,
        )
        for row in rows
    )


def due_idr(*, payment_id: int, upt_order_id: int | None) -> int:
    """Return what is owed and not yet sent back, for one child order or for unsettled money."""
    owner = (
        MoneyEntry.upt_order_id.is_(None)
        if upt_order_id is None
        else MoneyEntry.upt_order_id == upt_order_id
    )
    found = db.read_session().scalar(
        select(
            func.sum(MoneyEntry.amount_idr * _sign(MoneyEntry.kind == MoneyKind.REFUND_DUE))
        ).where(
            MoneyEntry.payment_id == payment_id,
            owner,
            MoneyEntry.kind.in_([str(MoneyKind.REFUND_DUE), str(MoneyKind.REFUNDED)]),
        )
    )
    return int(found or 0)


def _sign(is_owed: ColumnElement[bool]) -> ColumnElement[int]:
    return case((is_owed, 1), else_=-1)


def _closed(row: Payment) -> ClosedReason | None:
    return None if row.closed_reason is None else ClosedReason(row.closed_reason)


def _sums(amounts: dict[tuple[str, bool], int]) -> MoneySums:
    return MoneySums(
        received_idr=amounts.get((MoneyKind.RECEIVED, False), 0),
        settled_idr=amounts.get((MoneyKind.SETTLED, True), 0),
        owed_settled_idr=amounts.get((MoneyKind.REFUND_DUE, True), 0),
        owed_unsettled_idr=amounts.get((MoneyKind.REFUND_DUE, False), 0),
        refunded_settled_idr=amounts.get((MoneyKind.REFUNDED, True), 0),
        refunded_unsettled_idr=amounts.get((MoneyKind.REFUNDED, False), 0),
    )


def _record(row: Payment, sums: MoneySums) -> PaymentRecord:
    return PaymentRecord(
        payment_id=row.id,
        group_id=row.group_id,
        method=PaymentMethod(row.method),
        reference=row.reference,
        expected_idr=row.expected_idr,
        pay_by_at=row.pay_by_at,
        closed_reason=_closed(row),
        state=rules.payment_state(
            sums=sums, expected_idr=row.expected_idr, is_open=row.closed_reason is None
        ),
        sums=sums,
        created_at=row.created_at,
    )


def _entry_record(row: MoneyEntry, numbers: dict[int, str]) -> MoneyEntryRecord:
    return MoneyEntryRecord(
        entry_id=row.id,
        kind=MoneyKind(row.kind),
        amount_idr=row.amount_idr,
        upt_order_number=None if row.upt_order_id is None else numbers[row.upt_order_id],
        bank_reference=row.bank_reference,
        happened_on=row.happened_on,
        written_at=row.written_at,
        note=row.note,
    )


def _reviews(*, payment_id: int | None = None) -> tuple[ReviewRecord, ...]:
    statement = (
        select(PaymentReview, Payment)
        .join(Payment, Payment.id == PaymentReview.payment_id)
        .order_by(PaymentReview.id)
        .limit(LIST_LIMIT)
    )
    if payment_id is None:
        statement = statement.where(PaymentReview.state == "open")
    else:
        statement = statement.where(PaymentReview.payment_id == payment_id)
    rows = db.read_session().execute(statement).all()
    if not rows:
        return ()
    sums = sums_by_payment(payment_ids={payment.id for _, payment in rows})
    briefs = orders_queries.group_briefs(group_ids={payment.group_id for _, payment in rows})
    return tuple(
        ReviewRecord(
            review_id=review.id,
            payment_id=payment.id,
            reference=payment.reference,
            order_number=briefs[payment.group_id].number,
            contact_name=briefs[payment.group_id].contact_name,
            reason=ReviewReason(review.reason),
            expected_idr=payment.expected_idr,
            unsettled_idr=sums[payment.id].unsettled_idr,
            opened_at=review.opened_at,
            is_open=review.state == "open",
            outcome=None if review.outcome is None else ReviewOutcome(review.outcome),
        )
        for review, payment in rows
    )
