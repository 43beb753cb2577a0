"""What of an order is held, sent, said and asked back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, column, func, or_, select, table

from app.domain.orders.models import (
    OrderAlert,
    OrderLine,
    OrderLineHold,
    OrderNote,
    OrderParcel,
    OrderParcelPiece,
    OrderReturn,
    UptOrder,
)
from app.domain.orders.rules import REMIND_BEFORE
from app.domain.orders.types import (
    PERMISSION_VIEW,
    AlertKind,
    AlertLevel,
    AlertRecord,
    HeldPieces,
    NoteKind,
    NoteRecord,
    ParcelPieces,
    ParcelRecord,
    ParcelState,
    UptOrderState,
)
from app.infra import db
from app.kernel.actor import Actor

ALERTS_MAX: Final = 50
NOTES_MAX: Final = 200
CLOCKED: Final = (
    UptOrderState.PLACED,
    UptOrderState.ACCEPTED,
    UptOrderState.PREPARING,
    UptOrderState.PART_SHIPPED,
)

_HOLD: Final = table("stock_hold", column("entry_id"), column("lot_id"))
_LOT: Final = table("stock_lot", column("id"), column("code"), column("expires_on"))
_HELD: Final = (
    select(
        OrderLine.id, OrderLineHold.hold_id, OrderLineHold.quantity,
        func.coalesce(_LOT.c.code, ""), OrderLine.upt_order_id,
    )
    .join(OrderLineHold, OrderLineHold.order_line_id == OrderLine.id)
    .outerjoin(_HOLD, _HOLD.c.entry_id == OrderLineHold.hold_id)
    .outerjoin(_LOT, _LOT.c.id == _HOLD.c.lot_id)
    .order_by(
        OrderLine.id, _LOT.c.expires_on.is_(None), _LOT.c.expires_on, OrderLineHold.hold_id
    )
)  # fmt: skip


def list_held(*, upt_order_id: int) -> tuple[HeldPieces, ...]:
    """Return what waits behind the lines of a child order, by line, the first lot to expire first."""
    return held_of(upt_order_ids=(upt_order_id,)).get(upt_order_id, ())


def held_of(*, upt_order_ids: Collection[int]) -> dict[int, tuple[HeldPieces, ...]]:
    """Return what waits behind the lines of several child orders, in one statement."""
    found: dict[int, list[HeldPieces]] = {}
    for row in db.read_session().execute(
        _HELD.where(OrderLine.upt_order_id.in_(sorted(upt_order_ids)))
    ):
        found.setdefault(row.upt_order_id, []).append(HeldPieces(*row[:4]))
    return {upt_order_id: tuple(held) for upt_order_id, held in found.items()}


def lots_of_holds(*, hold_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """Return id and code of the lot of each hold."""
    rows = db.read_session().execute(
        select(_HOLD.c.entry_id, _LOT.c.id, _LOT.c.code)
        .join(_LOT, _LOT.c.id == _HOLD.c.lot_id)
        .where(_HOLD.c.entry_id.in_(sorted(hold_ids)))
    )
    return {entry_id: (lot_id, code) for entry_id, lot_id, code in rows}


def list_parcels(*, upt_order_ids: Collection[int]) -> tuple[ParcelRecord, ...]:
    """Return the parcels of child orders, in the order in which they left."""
    rows = db.read_session().execute(
        select(
            OrderParcel.id, OrderParcel.upt_order_id, OrderParcel.position, OrderParcel.state,
            OrderParcel.carrier, OrderParcel.tracking_number, OrderParcel.sent_at,
            OrderParcel.closed_at, OrderParcel.note, OrderParcelPiece.order_line_id,
            OrderParcelPiece.hold_id, OrderParcelPiece.quantity,
        )
        .join(OrderParcelPiece, OrderParcelPiece.parcel_id == OrderParcel.id)
        .where(OrderParcel.upt_order_id.in_(sorted(upt_order_ids)))
        .order_by(OrderParcel.upt_order_id, OrderParcel.position, OrderParcelPiece.id)
    )  # fmt: skip
    heads: dict[int, Any] = {}
    pieces: dict[int, list[ParcelPieces]] = {}
    for row in rows:
        heads.setdefault(row.id, row)
        pieces.setdefault(row.id, []).append(
            ParcelPieces(row.order_line_id, row.hold_id, row.quantity)
        )
    return tuple(
        ParcelRecord(
            parcel_id=parcel_id,
            upt_order_id=head.upt_order_id,
            position=head.position,
            state=ParcelState(head.state),
            carrier=head.carrier,
            tracking_number=head.tracking_number,
            sent_at=head.sent_at,
            closed_at=head.closed_at,
            note=head.note,
            pieces=tuple(pieces[parcel_id]),
        )
        for parcel_id, head in heads.items()
    )


def list_notes(*, upt_order_ids: Collection[int]) -> tuple[NoteRecord, ...]:
    """Return what was said about child orders, oldest first."""
    rows = db.read_session().scalars(
        select(OrderNote)
        .where(OrderNote.upt_order_id.in_(sorted(upt_order_ids)))
        .order_by(OrderNote.id)
        .limit(NOTES_MAX)
    )
    return tuple(
        NoteRecord(row.id, row.upt_order_id, NoteKind(row.kind), row.actor_label, row.at, row.text)
        for row in rows
    )


def list_alerts(
    *, actor: Actor, levels: Sequence[AlertLevel] = (AlertLevel.KANWIL, AlertLevel.NATIONAL)
) -> tuple[AlertRecord, ...]:
    """Return what still waits although somebody was told, in the reach of a person, oldest first.

    An alert counts as long as the clock that it is about is the order's present one.
    """
    reach = actor.reach(PERMISSION_VIEW)
    statement = (
        select(
            OrderAlert.id, OrderAlert.upt_order_id, UptOrder.number, OrderAlert.upt_id,
            OrderAlert.kind, OrderAlert.level, OrderAlert.at,
        )
        .join(UptOrder, UptOrder.id == OrderAlert.upt_order_id)
        .where(
            OrderAlert.level.in_([str(level) for level in levels]),
            or_(
                and_(
                    UptOrder.act_by_at == OrderAlert.due_at,
                    UptOrder.state.in_([str(state) for state in CLOCKED]),
                ),
                and_(
                    OrderAlert.kind == AlertKind.RETURN_UNANSWERED,
                    select(OrderReturn.id)
                    .where(
                        OrderReturn.upt_order_id == OrderAlert.upt_order_id,
                        OrderReturn.act_by_at == OrderAlert.due_at,
                    )
                    .exists(),
                ),
            ),
        )
        .order_by(OrderAlert.id.desc())
        .limit(ALERTS_MAX)
    )  # fmt: skip
    if not reach.is_national:
        statement = statement.where(OrderAlert.upt_id.in_(sorted(reach.upt_ids)))
    found: dict[int, AlertRecord] = {}
    for row in db.read_session().execute(statement):
        record = AlertRecord(*row[:4], AlertKind(row.kind), AlertLevel(row.level), row.at)
        found.setdefault(record.upt_order_id, record)
    return tuple(reversed(found.values()))


def list_clocked(*, at: datetime, after_id: int, limit: int = 200) -> list[tuple[int, str]]:
    """Return child orders whose clock ends soon or ended, by id, with their numbers."""
    rows = db.read_session().execute(
        select(UptOrder.id, UptOrder.number)
        .where(
            UptOrder.state.in_([str(state) for state in CLOCKED]),
            UptOrder.act_by_at <= at + REMIND_BEFORE,
            UptOrder.id > after_id,
        )
        .order_by(UptOrder.id)
        .limit(limit)
    )
    return [(row.id, row.number) for row in rows]


def list_wrong_quantities() -> tuple[str, ...]:
    """Return orders of which a line is not ordered = cancelled + held + shipped, piece by piece.

    What is held must stand in open holds of the ledger, what was shipped in parcels.
    """
    open_hold = table("stock_hold", column("entry_id"), column("state"), column("quantity"))
    held = (
        select(OrderLineHold.order_line_id, func.sum(open_hold.c.quantity).label("pieces"))
        .join(open_hold, open_hold.c.entry_id == OrderLineHold.hold_id)
        .where(open_hold.c.state == "open")
        .group_by(OrderLineHold.order_line_id)
        .subquery()
    )
    sent = (
        select(OrderParcelPiece.order_line_id, func.sum(OrderParcelPiece.quantity).label("pieces"))
        .join(OrderParcel, OrderParcel.id == OrderParcelPiece.parcel_id)
        .where(OrderParcel.state != ParcelState.LOST)
        .group_by(OrderParcelPiece.order_line_id)
        .subquery()
    )
    held_pieces = func.coalesce(held.c.pieces, 0)
    sent_pieces = func.coalesce(sent.c.pieces, 0)
    rows = db.read_session().scalars(
        select(UptOrder.number)
        .join(OrderLine, OrderLine.upt_order_id == UptOrder.id)
        .outerjoin(held, held.c.order_line_id == OrderLine.id)
        .outerjoin(sent, sent.c.order_line_id == OrderLine.id)
        .where(
            UptOrder.state != UptOrderState.HELD,
            or_(
                OrderLine.quantity
                != OrderLine.quantity_cancelled + OrderLine.quantity_shipped + held_pieces,
                OrderLine.quantity_shipped - OrderLine.quantity_lost != sent_pieces,
            ),
        )
        .distinct()
        .order_by(UptOrder.number)
    )
    return tuple(rows)
