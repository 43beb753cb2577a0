"""Reads of letters, and what a letter is made from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.domain.notifications.models import Mail
from app.domain.notifications.ports import SHOP, ShopFace
from app.domain.notifications.types import ClaimedMail, MailKind, MailState, Story
from app.domain.orders import queries as order_queries
from app.domain.payments import queries as payment_queries
from app.domain.upt import queries as upt_queries
from app.infra import db, ports

_DUE = (str(MailState.WAITING), str(MailState.SENDING))


def lock_due(*, at: datetime) -> ClaimedMail | None:
    """Hold the letter that is due longest, passing over those that others hold."""
    row = db.session().scalar(
        select(Mail)
        .where(Mail.state.in_(_DUE), Mail.next_try_at <= at)
        .order_by(Mail.next_try_at, Mail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    return ClaimedMail(
        mail_id=row.id,
        key=row.key,
        kind=MailKind(row.kind),
        group_id=row.group_id,
        upt_order_id=row.upt_order_id,
        amount_idr=row.amount_idr,
        attempts=row.attempts,
    )


def story(*, mail: ClaimedMail) -> Story:
    """Return what a letter speaks of, as it is now.

    Raises:
        NotFound: The order has no payment or is not there.
    """
    page = order_queries.get_group(number=order_queries.get_number(group_id=mail.group_id))
    briefs = upt_queries.briefs(upt_ids={order.upt_id for order in page.upt_orders})
    part = next((o for o in page.upt_orders if o.upt_order_id == mail.upt_order_id), None)
    shop: ShopFace = ports.plugged(SHOP)  # type: ignore[assignment]  # plugged in by bootstrap
    return Story(
        page=page,
        payment=payment_queries.get_payment(group_id=mail.group_id),
        part=part,
        units={upt_id: brief.short_name for upt_id, brief in briefs.items()},
        timezone=briefs[part.upt_id].timezone if part else "Asia/Jakarta",
        address=shop.order_address(page.group.number),
        account=shop.account(),
        amount_idr=mail.amount_idr,
    )


def keys_of_orders(*, group_ids: tuple[int, ...]) -> tuple[str, ...]:
    """Return the keys of all letters about some orders."""
    rows = db.read_session().scalars(
        select(Mail.key).where(Mail.group_id.in_(group_ids)).order_by(Mail.id)
    )
    return tuple(rows)


def states(*, group_id: int) -> tuple[tuple[MailKind, MailState], ...]:
    """Return kind and state of the letters about an order, oldest first."""
    rows = db.read_session().execute(
        select(Mail.kind, Mail.state).where(Mail.group_id == group_id).order_by(Mail.id)
    )
    return tuple((MailKind(kind), MailState(state)) for kind, state in rows)
