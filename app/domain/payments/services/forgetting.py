"""Taking a person's data out of what providers told us; money rows stay."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import or_, select, update

from app.domain.payments.models import GatewayEvent, Payment, PaymentAttempt
from app.infra import db

FORGOTTEN: Final = '{"forgotten":true}'


def forget_notices(*, group_ids: Collection[int]) -> None:
    """Blank the content of notices about orders: what they said was never believed anyway."""
    tries = (
        select(PaymentAttempt.page_id, PaymentAttempt.intent_id, PaymentAttempt.key)
        .join(Payment, Payment.id == PaymentAttempt.payment_id)
        .where(Payment.group_id.in_(sorted(group_ids)))
    )
    found = db.session().execute(tries).all()
    if not found:
        return
    pages, intents, keys = (
        [value for value in column if value] for column in zip(*found, strict=True)
    )
    db.session().execute(
        update(GatewayEvent)
        .where(
            or_(
                GatewayEvent.page_id.in_(pages),
                GatewayEvent.intent_id.in_(intents),
                GatewayEvent.attempt_key.in_(keys),
            )
        )
        .values(content=FORGOTTEN)
    )
