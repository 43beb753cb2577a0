"""Reads of card payment: tries, notices, money to be sent back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, or_, select

from app.domain.payments.models import (
    GatewayEvent,
    MoneyEntry,
    Payment,
    PaymentAttempt,
    RefundAttempt,
)
from app.domain.payments.types import (
    AttemptRecord,
    AttemptState,
    CardMoney,
    Due,
    MoneyKind,
    RefundOrder,
    RefundState,
    RefundUnderway,
    StoredEvent,
)
from app.infra import db

_ATTEMPT: Final = (
    PaymentAttempt.id, PaymentAttempt.payment_id, Payment.group_id, PaymentAttempt.key,
    PaymentAttempt.amount_idr, PaymentAttempt.state, PaymentAttempt.page_id, PaymentAttempt.url,
    PaymentAttempt.intent_id, PaymentAttempt.expires_at,
)  # fmt: skip


def find_open_attempt(*, payment_id: int) -> AttemptRecord | None:
    """Return the open try of a payment."""
    rows = _attempts(
        PaymentAttempt.payment_id == payment_id, PaymentAttempt.state == AttemptState.OPEN
    )
    return rows[0] if rows else None


def find_attempt(
    *, page_id: str | None = None, intent_id: str | None = None, key: str | None = None
) -> AttemptRecord | None:
    """Return the try that a notice is about, by whatever it names."""
    named = [
        column == value
        for column, value in (
            (PaymentAttempt.page_id, page_id), (PaymentAttempt.intent_id, intent_id),
            (PaymentAttempt.key, key),
        )
        if value is not None
    ]  # fmt: skip
    rows = _attempts(or_(*named)) if named else []
    return rows[0] if rows else None


def list_open_attempts(
    *, opened_before: datetime | None = None, group_ids: Collection[int] | None = None, limit: int
) -> list[AttemptRecord]:
    """Return open tries, oldest first, of some orders or of all."""
    conditions: list[Any] = [PaymentAttempt.state == AttemptState.OPEN]
    if opened_before is not None:
        conditions.append(PaymentAttempt.created_at < opened_before)
    if group_ids is not None:
        conditions.append(Payment.group_id.in_(group_ids))
    return _attempts(*conditions, limit=limit)


def list_attempts(*, payment_id: int, limit: int) -> list[AttemptRecord]:
    """Return the newest tries of a payment."""
    return _attempts(PaymentAttempt.payment_id == payment_id, limit=limit, newest=True)


def _attempts(*conditions: Any, limit: int = 1, newest: bool = False) -> list[AttemptRecord]:
    statement = (
        select(*_ATTEMPT)
        .join(Payment, Payment.id == PaymentAttempt.payment_id)
        .where(*conditions)
        .order_by(PaymentAttempt.id.desc() if newest else PaymentAttempt.id)
        .limit(limit)
    )
    return [_record(row) for row in db.read_session().execute(statement)]


def _record(row: Any) -> AttemptRecord:
    return AttemptRecord(
        attempt_id=row[0], payment_id=row[1], group_id=row[2], key=row[3], amount_idr=row[4],
        state=AttemptState(row[5]), page_id=row[6], url=row[7], intent_id=row[8],
        expires_at=row[9],
    )  # fmt: skip


def find_event(*, gateway_event_id: int) -> StoredEvent | None:
    """Return a kept notice."""
    row = db.read_session().execute(
        select(
            GatewayEvent.id, GatewayEvent.provider, GatewayEvent.kind, GatewayEvent.page_id,
            GatewayEvent.intent_id, GatewayEvent.attempt_key, GatewayEvent.is_live,
            GatewayEvent.state,
        ).where(GatewayEvent.id == gateway_event_id)
    ).first()  # fmt: skip
    return StoredEvent(*row) if row else None


def list_dues(*, payment_id: int) -> tuple[Due, ...]:
    """Return what is owed back and not yet sent, by child order; None for unsettled money."""
    owed: dict[int | None, int] = {}
    rows = db.read_session().execute(
        select(MoneyEntry.upt_order_id, MoneyEntry.kind, func.sum(MoneyEntry.amount_idr))
        .where(
            MoneyEntry.payment_id == payment_id,
            MoneyEntry.kind.in_([str(MoneyKind.REFUND_DUE), str(MoneyKind.REFUNDED)]),
        )
        .group_by(MoneyEntry.upt_order_id, MoneyEntry.kind)
    )
    for upt_order_id, kind, amount_idr in rows:
        sign = 1 if kind == MoneyKind.REFUND_DUE else -1
        owed[upt_order_id] = owed.get(upt_order_id, 0) + sign * int(amount_idr)
    ordered = sorted(owed.items(), key=lambda item: item[0] or 0)
    return tuple(Due(upt_order_id, amount_idr) for upt_order_id, amount_idr in ordered)


def list_refund_attempts(*, payment_id: int) -> tuple[RefundUnderway, ...]:
    """Return everything ever sent back by card for a payment."""
    rows = db.read_session().execute(
        select(
            RefundAttempt.upt_order_id, RefundAttempt.intent_id, RefundAttempt.amount_idr,
            RefundAttempt.state,
        )
        .where(RefundAttempt.payment_id == payment_id)
        .order_by(RefundAttempt.id)
    )  # fmt: skip
    return tuple(RefundUnderway(*row[:3], RefundState(row[3])) for row in rows)


def underway_idr(*, payment_id: int, upt_order_id: int | None) -> int:
    """Return what is on its way back by card, for one child order or for unsettled money."""
    return sum(
        refund.amount_idr
        for refund in list_refund_attempts(payment_id=payment_id)
        if refund.upt_order_id == upt_order_id and refund.state is RefundState.OPEN
    )


def list_card_money(*, payment_id: int) -> tuple[CardMoney, ...]:
    """Return what cards brought for a payment, by the provider's name for the money."""
    rows = db.read_session().execute(
        select(MoneyEntry.bank_reference, MoneyEntry.amount_idr)
        .where(
            MoneyEntry.payment_id == payment_id,
            MoneyEntry.kind == MoneyKind.RECEIVED,
            MoneyEntry.entry_key.startswith("card:"),
        )
        .order_by(MoneyEntry.id)
    )
    return tuple(CardMoney(*row) for row in rows)


_OPEN_REFUNDS: Final = (
    select(
        RefundAttempt.id, RefundAttempt.payment_id, Payment.group_id, RefundAttempt.upt_order_id,
        RefundAttempt.key, RefundAttempt.intent_id, RefundAttempt.amount_idr,
    )
    .join(Payment, Payment.id == RefundAttempt.payment_id)
    .where(RefundAttempt.state == RefundState.OPEN)
    .order_by(RefundAttempt.id)
)  # fmt: skip


def list_open_refunds(*, payment_id: int) -> tuple[RefundOrder, ...]:
    """Return money of a payment that waits to be sent back by card."""
    statement = _OPEN_REFUNDS.where(RefundAttempt.payment_id == payment_id)
    return tuple(RefundOrder(*row) for row in db.read_session().execute(statement))


def list_groups_with_card_dues(*, limit: int) -> tuple[int, ...]:
    """Return orders that a card paid and that are owed money, oldest first."""
    paid_by_card = (
        select(MoneyEntry.payment_id)
        .where(MoneyEntry.kind == MoneyKind.RECEIVED, MoneyEntry.entry_key.startswith("card:"))
        .scalar_subquery()
    )
    owed = _total(MoneyKind.REFUND_DUE)
    sent = _total(MoneyKind.REFUNDED)
    rows = db.read_session().scalars(
        select(Payment.group_id)
        .where(Payment.id.in_(paid_by_card), owed > sent)
        .order_by(Payment.id)
        .limit(limit)
    )
    return tuple(rows)


def _total(kind: MoneyKind) -> Any:
    return func.coalesce(
        select(func.sum(MoneyEntry.amount_idr))
        .where(MoneyEntry.payment_id == Payment.id, MoneyEntry.kind == kind)
        .correlate(Payment)
        .scalar_subquery(),
        0,
    )


def card_money_since(*, since: datetime) -> dict[str, int]:
    """Return card money written since an instant, by the provider's name for it."""
    rows = db.read_session().execute(
        select(MoneyEntry.bank_reference, MoneyEntry.amount_idr).where(
            MoneyEntry.kind == MoneyKind.RECEIVED,
            MoneyEntry.entry_key.startswith("card:"),
            MoneyEntry.written_at >= since,
        )
    )
    return {row[0]: row[1] for row in rows}
