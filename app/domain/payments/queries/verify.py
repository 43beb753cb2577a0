"""Every payment recomputed from its rows; names what does not add up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import func, select

from app.domain.orders import queries as orders_queries
from app.domain.payments import rules
from app.domain.payments.models import MoneyEntry, Payment, PaymentReview, PaymentShare
from app.domain.payments.types import (
    ClosedReason,
    MoneyFault,
    MoneyKind,
    MoneyReport,
    MoneySums,
    ShareSums,
    VerifiedPayment,
)
from app.infra import db

CHUNK: Final = 500


def verify() -> MoneyReport:
    """Recompute every payment and every order total; works in chunks, writes nothing.

    Source: docs/algorithms/payments.md, section "What must add up".
    """
    faults = [
        MoneyFault(number, "total of the order is not the sum of its lines and fees")
        for number in orders_queries.list_wrong_totals()
    ]
    payments = 0
    sums = MoneySums()
    for payment in _payments():
        payments += 1
        sums += payment.sums
        faults += [MoneyFault(payment.reference, what) for what in rules.faults(payment=payment)]
    entries = db.read_session().scalar(select(func.count()).select_from(MoneyEntry)) or 0
    return MoneyReport(
        payments=payments,
        entries=entries,
        received_idr=sums.received_idr,
        settled_idr=sums.settled_idr,
        in_review_idr=sums.unsettled_idr,
        owed_unsettled_idr=sums.owed_unsettled_idr,
        owed_idr=sums.refund_due_idr,
        refunded_idr=sums.refunded_idr,
        faults=tuple(faults),
    )


def _payments() -> Iterator[VerifiedPayment]:
    last_id = 0
    while rows := _chunk(last_id):
        last_id = rows[-1].id
        payment_ids = [row.id for row in rows]
        amounts = _amounts(payment_ids)
        shares = _shares(payment_ids)
        reviewed = set(
            db.read_session().scalars(
                select(PaymentReview.payment_id).where(
                    PaymentReview.payment_id.in_(payment_ids), PaymentReview.state == "open"
                )
            )
        )
        for row in rows:
            yield VerifiedPayment(
                reference=row.reference,
                expected_idr=row.expected_idr,
                closed=None if row.closed_reason is None else ClosedReason(row.closed_reason),
                unsettled=_share(amounts, row.id, None, 0),
                shares=tuple(
                    _share(amounts, row.id, upt_order_id, amount_idr)
                    for upt_order_id, amount_idr in shares.get(row.id, ())
                ),
                has_open_review=row.id in reviewed,
            )


def _chunk(last_id: int) -> list[Payment]:
    return list(
        db.read_session().scalars(
            select(Payment).where(Payment.id > last_id).order_by(Payment.id).limit(CHUNK)
        )
    )


def _amounts(payment_ids: list[int]) -> dict[tuple[int, int | None, str], int]:
    rows = db.read_session().execute(
        select(
            MoneyEntry.payment_id,
            MoneyEntry.upt_order_id,
            MoneyEntry.kind,
            func.sum(MoneyEntry.amount_idr),
        )
        .where(MoneyEntry.payment_id.in_(payment_ids))
        .group_by(MoneyEntry.payment_id, MoneyEntry.upt_order_id, MoneyEntry.kind)
    )
    return {(payment_id, order_id, kind): int(idr) for payment_id, order_id, kind, idr in rows}


def _shares(payment_ids: list[int]) -> dict[int, list[tuple[int, int]]]:
    rows = db.read_session().execute(
        select(PaymentShare.payment_id, PaymentShare.upt_order_id, PaymentShare.amount_idr).where(
            PaymentShare.payment_id.in_(payment_ids)
        )
    )
    found: dict[int, list[tuple[int, int]]] = {}
    for payment_id, upt_order_id, amount_idr in rows:
        found.setdefault(payment_id, []).append((upt_order_id, amount_idr))
    return found


def _share(
    amounts: dict[tuple[int, int | None, str], int],
    payment_id: int,
    upt_order_id: int | None,
    amount_idr: int,
) -> ShareSums:
    def of(kind: MoneyKind) -> int:
        return amounts.get((payment_id, upt_order_id, str(kind)), 0)

    return ShareSums(
        amount_idr=amount_idr,
        received_idr=of(MoneyKind.RECEIVED),
        settled_idr=of(MoneyKind.SETTLED),
        owed_idr=of(MoneyKind.REFUND_DUE),
        refunded_idr=of(MoneyKind.REFUNDED),
    )
