"""Writes of letters: noted once for a fact, marked when they left or were put off."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from app.domain.notifications import queries, rules
from app.domain.notifications.models import Mail
from app.domain.notifications.types import ATTEMPTS_MAX, LEASE, ClaimedMail, MailKind, MailState
from app.infra import db


def note(
    *,
    key: str,
    kind: MailKind,
    group_id: int,
    at: datetime,
    upt_order_id: int | None = None,
    amount_idr: int | None = None,
) -> None:
    """Note that a letter shall leave; the same key again changes nothing.

    Args:
        key: Names the fact and the kind; two facts never share one.
    """
    if db.session().scalar(select(Mail.id).where(Mail.key == key)) is not None:
        return
    db.add(
        Mail(
            key=key,
            kind=str(kind),
            group_id=group_id,
            upt_order_id=upt_order_id,
            amount_idr=amount_idr,
            state=str(MailState.WAITING),
            attempts=0,
            next_try_at=at,
            created_at=at,
            last_error="",
        )
    )


def claim(*, at: datetime) -> ClaimedMail | None:
    """Take the letter that is due longest under a lease, or return None."""
    found = queries.lock_due(at=at)
    if found is not None:
        _change(
            found.mail_id,
            state=str(MailState.SENDING),
            attempts=found.attempts + 1,
            next_try_at=at + LEASE,
        )
    return found


def mark_sent(*, mail_id: int, at: datetime) -> None:
    """Write down that a letter left."""
    _change(mail_id, state=str(MailState.SENT), sent_at=at, last_error="")


def mark_ended(*, mail_id: int, state: MailState, why: str) -> None:
    """Write down that a letter will not leave."""
    _change(mail_id, state=str(state), last_error=why[:200])


def put_off(*, mail: ClaimedMail, why: str, at: datetime) -> None:
    """Let a letter wait for its next try, longer each time, and give it up in the end."""
    attempts = mail.attempts + 1
    if attempts >= ATTEMPTS_MAX:
        mark_ended(mail_id=mail.mail_id, state=MailState.GIVEN_UP, why=why)
        return
    _change(
        mail.mail_id,
        state=str(MailState.WAITING),
        next_try_at=at + rules.retry_delay(attempts=attempts),
        last_error=why[:200],
    )


def _change(mail_id: int, **values: object) -> None:
    db.session().execute(update(Mail).where(Mail.id == mail_id).values(**values))
