"""Reads of card money for the treasurer: what was tried, said and sent back; the comparisons."""

from __future__ import annotations

import json
from typing import Final

from sqlalchemy import or_, select

from app.domain.payments.models import (
    GatewayEvent,
    PaymentAttempt,
    ReconciliationRun,
    RefundAttempt,
)
from app.domain.payments.queries.cards import list_attempts
from app.domain.payments.types import (
    PERMISSION_VIEW,
    AttemptRecord,
    AttemptState,
    CardTrail,
    GatewayDifference,
    ReconciliationRecord,
    RefundState,
    RunState,
    SeenNotice,
    SentBack,
    TriedCard,
)
from app.infra import db
from app.kernel.actor import Actor

_SHOWN: Final = 30
LOOKED_AT: Final = 5
"""Tries of one payment that a person may have looked at again, newest first."""


def card_trail(*, actor: Actor, payment_id: int) -> CardTrail:
    """Return what a provider and we said about a payment; three statements at most.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
    """
    actor.ensure_national(PERMISSION_VIEW)
    tries = (
        db.read_session()
        .scalars(
            select(PaymentAttempt)
            .where(PaymentAttempt.payment_id == payment_id)
            .order_by(PaymentAttempt.id.desc())
            .limit(_SHOWN)
        )
        .all()
    )
    if not tries:
        return CardTrail((), (), ())
    notices = db.read_session().execute(
        select(
            GatewayEvent.kind, GatewayEvent.event_id, GatewayEvent.outcome, GatewayEvent.received_at
        )
        .where(
            or_(
                GatewayEvent.page_id.in_([row.page_id for row in tries if row.page_id]),
                GatewayEvent.intent_id.in_([row.intent_id for row in tries if row.intent_id]),
                GatewayEvent.attempt_key.in_([row.key for row in tries]),
            )
        )
        .order_by(GatewayEvent.id.desc())
        .limit(_SHOWN)
    )
    refunds = db.read_session().scalars(
        select(RefundAttempt)
        .where(RefundAttempt.payment_id == payment_id)
        .order_by(RefundAttempt.id.desc())
        .limit(_SHOWN)
    )
    return CardTrail(
        tries=tuple(
            TriedCard(
                AttemptState(row.state), row.amount_idr, row.page_id, row.intent_id,
                row.created_at, row.closed_at,
            )
            for row in tries
        ),
        notices=tuple(SeenNotice(*row) for row in notices),
        refunds=tuple(
            SentBack(
                RefundState(row.state), row.amount_idr, row.intent_id, row.refund_id,
                row.created_at,
            )
            for row in refunds
        ),
    )  # fmt: skip


def list_pages_of(*, payment_id: int) -> list[AttemptRecord]:
    """Return the newest tries of a payment, whatever became of them, to be looked at again."""
    return list_attempts(payment_id=payment_id, limit=LOOKED_AT)


def list_reconciliations(*, actor: Actor, limit: int = 14) -> tuple[ReconciliationRecord, ...]:
    """Return the newest comparisons with the provider.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
    """
    actor.ensure_national(PERMISSION_VIEW)
    rows = db.read_session().scalars(
        select(ReconciliationRun).order_by(ReconciliationRun.id.desc()).limit(limit)
    )
    return tuple(
        ReconciliationRecord(
            run_id=row.id,
            provider=row.provider,
            state=RunState(row.state),
            since=row.since,
            ran_at=row.ran_at,
            differences=tuple(GatewayDifference(*pair) for pair in json.loads(row.differences)),
            count=row.count,
        )
        for row in rows
    )


def count_differences(*, actor: Actor) -> int:
    """Return how many differences the last comparison found; 1 when it could not be made.

    Raises:
        NotAllowed: ``payment.view`` is not held nationally.
    """
    newest = list_reconciliations(actor=actor, limit=1)
    if not newest:
        return 0
    return max(newest[0].count, int(newest[0].state is RunState.FAILED))
