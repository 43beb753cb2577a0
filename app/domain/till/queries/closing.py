"""The drawer: what should lie in it, and its last counts."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select

from app.domain.till.models import TillClose, TillPayment, TillSale
from app.domain.till.types import TILL_SELL, CloseRecord, Drawer, PayMethod
from app.infra import db
from app.kernel.actor import Actor

CLOSES_SHOWN: Final = 10


def drawer(*, actor: Actor, upt_id: int) -> Drawer:
    """Return what should lie in the drawer of a UPT: what was left in it, and cash since then.

    Raises:
        NotFound, NotAllowed: The actor may not sell there.
    """
    actor.ensure(TILL_SELL, upt_id=upt_id)
    session = db.read_session()
    last = session.scalar(
        select(TillClose).where(TillClose.upt_id == upt_id).order_by(TillClose.id.desc()).limit(1)
    )
    since_id = last.last_sale_id if last else 0
    row = session.execute(
        select(
            func.coalesce(
                func.sum(TillPayment.amount_idr).filter(TillPayment.method == PayMethod.CASH.value),
                0,
            ),
            func.count(),
            func.coalesce(func.max(TillSale.id), since_id),
        )
        .select_from(TillSale)
        .join(TillPayment, TillPayment.sale_id == TillSale.id)
        .where(TillSale.upt_id == upt_id, TillSale.id > since_id)
    ).one()
    return Drawer(
        opening_idr=last.left_idr if last else 0,
        cash_idr=int(row[0]),
        sales=int(row[1]),
        since=last.closed_at if last else None,
        last_sale_id=int(row[2]),
    )


def last_closes(*, actor: Actor, upt_id: int) -> tuple[CloseRecord, ...]:
    """Return the last counts of the drawer, newest first.

    Raises:
        NotFound, NotAllowed: The actor may not sell there.
    """
    actor.ensure(TILL_SELL, upt_id=upt_id)
    rows = db.read_session().scalars(
        select(TillClose)
        .where(TillClose.upt_id == upt_id)
        .order_by(TillClose.id.desc())
        .limit(CLOSES_SHOWN)
    )
    return tuple(
        CloseRecord(
            close_id=row.id,
            day=row.day,
            closed_at=row.closed_at,
            actor_user_id=row.actor_user_id,
            opening_idr=row.opening_idr,
            cash_idr=row.cash_idr,
            counted_idr=row.counted_idr,
            left_idr=row.left_idr,
            reason=row.reason,
        )
        for row in rows
    )
