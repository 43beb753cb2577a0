"""One receipt, as the desk and its buyer see it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from app.domain.stock.types import Account
from app.domain.till.models import TillLine, TillPayment, TillSale
from app.domain.till.types import (
    TILL_SELL,
    Grade,
    Payment,
    PayMethod,
    Sale,
    SaleKind,
    SaleLine,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound


def get_sale(*, actor: Actor, upt_id: int, number: str) -> Sale:
    """Return a receipt of a UPT.

    Raises:
        NotFound: No such receipt there, or nothing to do with the UPT.
        NotAllowed: ``till.sell`` is not held there.
    """
    actor.ensure(TILL_SELL, upt_id=upt_id)
    return _read(and_(TillSale.upt_id == upt_id, TillSale.number == number))


def find_by_token(*, token: str) -> Sale:
    """Return the receipt behind a secret address.

    Raises:
        NotFound: There is none.
    """
    return _read(TillSale.token == token)


def _read(condition: ColumnElement[bool]) -> Sale:
    session = db.read_session()
    found = session.execute(
        select(TillSale, TillPayment)
        .join(TillPayment, TillPayment.sale_id == TillSale.id)
        .where(condition)
    ).first()
    if found is None:
        raise NotFound
    row, paid = found
    other = session.scalar(
        select(TillSale).where(
            or_(TillSale.undoes_id == row.id, TillSale.id == (row.undoes_id or 0))
        )
    )
    lines = session.scalars(
        select(TillLine).where(TillLine.sale_id == row.id).order_by(TillLine.position)
    )
    return Sale(
        sale_id=row.id,
        upt_id=row.upt_id,
        number=row.number,
        kind=SaleKind(row.kind),
        day=row.day,
        sold_at=row.sold_at,
        token=row.token,
        actor_user_id=row.actor_user_id,
        reason=row.reason,
        total_idr=row.total_idr,
        lines=tuple(_line(line) for line in lines),
        payment=_payment(paid),
        other_number=other.number if other else None,
        other_token=other.token if other else None,
        other_at=other.sold_at if other else None,
        other_reason=other.reason if other else "",
    )


def _line(row: Any) -> SaleLine:
    return SaleLine(
        variant_id=row.variant_id,
        lot_id=row.lot_id,
        entry_id=row.entry_id,
        sku=row.sku,
        name=row.name,
        grade=Grade(row.grade),
        account=Account(row.account),
        lot_code=row.lot_code,
        expires_on=row.expires_on,
        quantity=row.quantity,
        price_idr=row.price_idr,
        amount_idr=row.amount_idr,
    )


def _payment(row: Any) -> Payment:
    return Payment(
        method=PayMethod(row.method),
        amount_idr=row.amount_idr,
        given_idr=row.given_idr,
        change_idr=row.change_idr,
        reference=row.reference,
    )
