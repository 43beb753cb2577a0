"""Being forgotten: the database first, then the letters that the demo keeps as files."""

from __future__ import annotations

from datetime import datetime

from app.domain.buyers import services
from app.domain.buyers.commands import EraseAccount
from app.domain.notifications import queries as mail_queries
from app.infra import db, mail


def erase(*, user_id: int, command: EraseAccount, at: datetime) -> None:
    """Forget a person.

    Raises:
        WrongPassword, StaffAccount, OrdersOpen: See ``services.erase``; nothing changed.
    """
    group_ids = db.transact(lambda: services.erase(user_id=user_id, command=command, at=at))
    box = mail.outbox()
    if box is not None and group_ids:
        for key in mail_queries.keys_of_orders(group_ids=group_ids):
            box.forget(key)
