"""Goods that come back and the money for them: two decisions, one transaction."""

from __future__ import annotations

from datetime import datetime

from app.domain.orders import services as orders_services
from app.domain.orders.commands import InspectReturn
from app.domain.payments import services as payments_services
from app.kernel.actor import Actor


def inspect_return(*, actor: Actor, number: str, command: InspectReturn, at: datetime) -> int:
    """Grade what came back and owe back the amount named; return it.

    Raises:
        NotFound, NotAllowed: ``order.fulfil`` is not held in the order's UPT.
        OrderChanged, IllegalTransition, TooManyPieces: See the classes.
        RefundTooLarge: More than is left of the order's share; nothing was changed.
    """
    order = orders_services.inspect_return(actor=actor, number=number, command=command, at=at)
    payments_services.owe_part(
        group_id=order.group_id,
        upt_order_id=order.upt_order_id,
        amount_idr=command.refund_idr,
        key=f"return:{number}",
        note="return",
        actor=actor,
        at=at,
    )
    return command.refund_idr
