"""Goods that come back: asked for, approved or refused, counted, looked at.

What goes back to the shelf and what goes back to the buyer are two decisions with entries of their
own: counting moves pieces, inspecting grades them, and only the amount named there is owed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from app.domain.audit import services as audit_services
from app.domain.orders import queries, rules
from app.domain.orders.commands import (
    AnswerReturn,
    AskReturn,
    InspectReturn,
    ReceiveReturn,
)
from app.domain.orders.errors import NoPieces, OrderChanged, TooManyPieces
from app.domain.orders.events import ReturnMoved
from app.domain.orders.models import (
    OrderAlert,
    OrderReturn,
    OrderReturnLine,
    OrderReturnPhoto,
    OrderReturnPiece,
    UptOrder,
)
from app.domain.orders.services import clocks, pieces, return_goods
from app.domain.orders.types import (
    PERMISSION_FULFIL,
    AlertKind,
    AlertLevel,
    LockedReturn,
    LockedUptOrder,
    ReturnAction,
    ReturnRecord,
    ReturnState,
)
from app.domain.stock import services as stock_services
from app.domain.stock.types import Account, EntryKind, EntrySource, Move
from app.infra import db, jobs
from app.kernel.actor import Actor
from app.kernel.errors import IdempotencyMismatch


def ask_return(
    *,
    number: str,
    command: AskReturn,
    photo_ids: Sequence[int],
    actor: Actor,
    at: datetime,
) -> str:
    """Ask to send pieces of a child order back; the same entry key twice is one return.

    The surface has checked that the caller holds the link or owns the order.

    Returns:
        Number of the return.

    Raises:
        NotFound: No such order.
        ReturnTooLate: It is not delivered, or the days are over.
        ReturnUnderWay: Another one is open.
        TooManyPieces, NoPieces: The pieces named are not with the buyer.
        IdempotencyMismatch: The key came before for another order.
    """
    order = queries.lock_upt_order(number=number)
    known = (
        db.session()
        .execute(
            select(OrderReturn.number, OrderReturn.upt_order_id).where(
                OrderReturn.entry_key == command.entry_key
            )
        )
        .first()
    )
    if known is not None:
        if known.upt_order_id != order.upt_order_id:
            raise IdempotencyMismatch
        return str(known.number)
    delivered_at = db.session().scalar(
        select(UptOrder.delivered_at).where(UptOrder.id == order.upt_order_id)
    )
    rules.ensure_can_return(state=order.state, delivered_at=delivered_at, at=at)
    wanted = _wanted(order, command.pieces)
    count = db.session().scalar(
        select(func.count()).where(OrderReturn.upt_order_id == order.upt_order_id)
    )
    row = OrderReturn(
        upt_order_id=order.upt_order_id,
        number=f"{order.number}-R{(count or 0) + 1}",
        state=str(ReturnState.ASKED),
        version=1,
        reason=str(command.reason),
        note=command.note,
        answer="",
        entry_key=command.entry_key,
        asked_at=at,
        act_by_at=rules.return_clock(state=ReturnState.ASKED, at=at),
        refund_idr=0,
    )
    db.add(row)
    db.insert_rows(
        OrderReturnLine,
        [
            {
                "return_id": row.id, "order_line_id": line_id, "quantity": quantity,
                "received": 0, "sellable": 0, "second_grade": 0, "damaged": 0,
            }
            for line_id, quantity in sorted(wanted.items())
        ],
    )  # fmt: skip
    db.insert_rows(
        OrderReturnPhoto,
        [{"return_id": row.id, "asset_id": asset_id} for asset_id in dict.fromkeys(photo_ids)],
    )
    _told(order, row.id, row.number, "ask", ReturnState.ASKED, actor, at=at)
    return row.number


def answer_return(
    *, actor: Actor, number: str, command: AnswerReturn, is_approved: bool, at: datetime
) -> None:
    """Approve or refuse a return, with words for the buyer.

    Raises:
        NotFound, NotAllowed: ``order.fulfil`` is not held in the order's UPT.
        OrderChanged, IllegalTransition: See the classes.
    """
    order, found = _lock(actor, number, command.expected_version)
    action = ReturnAction.APPROVE if is_approved else ReturnAction.REFUSE
    changes: dict[str, Any] = {"answer": command.answer}
    if is_approved:
        changes["approved_by"] = actor.user_id
    _move(order, found, action, actor, changes, at=at)


def receive_return(*, actor: Actor, number: str, command: ReceiveReturn, at: datetime) -> None:
    """Count what came back: it goes from the customer to the place of returned goods.

    Raises:
        NotFound, NotAllowed: ``order.fulfil`` is not held in the order's UPT.
        OrderChanged, IllegalTransition: See the classes.
        TooManyPieces, NoPieces: More came than was asked for, or nothing.
        SameHands: The approver counts goods of high value.
    """
    order, found = _lock(actor, number, command.expected_version)
    rules.next_return_state(state=found.state, action=ReturnAction.RECEIVE)
    record = queries.get_return(number=number)
    counted = _counted(record, command.pieces)
    value_idr = sum(line.unit_price_idr * counted.get(line.line_id, 0) for line in record.lines)
    rules.ensure_other_hands(
        value_idr=value_idr, approved_by=found.approved_by, user_id=actor.user_id
    )
    taken = return_goods.from_lots(order=order, counted=counted)
    variants = _variants(order)
    moves = [
        Move(
            order.upt_id, variants[line_id], EntryKind.RETURNED, Account.CUSTOMER,
            Account.RETURNED, quantity, lot_id=lot_id,
        )
        for line_id, _, lot_id, quantity in taken
    ]  # fmt: skip
    _post(order, moves, f"{number}:receive", "order.return_received", actor, at=at)
    db.insert_rows(
        OrderReturnPiece,
        [
            {
                "return_id": found.return_id, "order_line_id": line_id, "hold_id": hold_id,
                "lot_id": lot_id, "quantity": quantity,
            }
            for line_id, hold_id, lot_id, quantity in taken
        ],
    )  # fmt: skip
    for line_id, quantity in counted.items():
        _change_line(found, line_id, received=quantity)
    pieces.count_returned(returned=counted)
    _move(order, found, ReturnAction.RECEIVE, actor, {}, at=at)


def inspect_return(
    *, actor: Actor, number: str, command: InspectReturn, at: datetime
) -> LockedUptOrder:
    """Grade what came back: to the shelf, to the second grade, or lost. The money is the caller's.

    Raises:
        NotFound, NotAllowed: ``order.fulfil`` is not held in the order's UPT.
        OrderChanged, IllegalTransition: See the classes.
        TooManyPieces: The grades of a line are not what was counted.
    """
    order, found = _lock(actor, number, command.expected_version)
    rules.next_return_state(state=found.state, action=ReturnAction.INSPECT)
    record = queries.get_return(number=number)
    ways = (
        (command.sellable, EntryKind.MOVED, Account.AVAILABLE),
        (command.second_grade, EntryKind.MOVED, Account.SECOND_GRADE),
        (command.damaged, EntryKind.DAMAGED, Account.LOSS),
    )
    for line in record.lines:
        graded = sum(grade.get(line.line_id, 0) for grade, _, _ in ways)
        if graded != line.received:
            raise TooManyPieces(line_id=line.line_id, left=line.received)
    left = queries.list_return_pieces(return_id=found.return_id)
    variants = _variants(order)
    moves = []
    for grade, kind, place in ways:
        for line_id, quantity in sorted(grade.items()):
            for lot_id, taken in return_goods.take(left=left, line_id=line_id, quantity=quantity):
                moves.append(
                    Move(
                        order.upt_id,
                        variants[line_id],
                        kind,
                        Account.RETURNED,
                        place,
                        taken,
                        lot_id=lot_id,
                    )
                )
    _post(order, moves, f"{number}:inspect", "order.return_inspected", actor, at=at)
    for line in record.lines:
        _change_line(
            found,
            line.line_id,
            sellable=command.sellable.get(line.line_id, 0),
            second_grade=command.second_grade.get(line.line_id, 0),
            damaged=command.damaged.get(line.line_id, 0),
        )
    changes: dict[str, Any] = {"refund_idr": command.refund_idr}
    if command.answer:
        changes["answer"] = command.answer
    _move(order, found, ReturnAction.INSPECT, actor, changes, at=at)
    return order


def watch_return(*, number: str, actor: Actor, at: datetime) -> int:
    """Tell the regional office of a return without answer, or close one whose goods never came."""
    found = queries.get_return(number=number)
    order = queries.lock_upt_order(number=queries.number_of_return(number=number))
    locked = queries.lock_return(number=number)
    if locked.version != found.version or found.act_by_at is None or at < found.act_by_at:
        return 0
    if locked.state is ReturnState.APPROVED:
        changes = {"answer": "Barang tidak kami terima dalam waktu yang disepakati."}
        _move(order, locked, ReturnAction.REFUSE, actor, changes, at=at)
        return 1
    known = db.session().scalar(
        select(OrderAlert.id).where(
            OrderAlert.upt_order_id == order.upt_order_id,
            OrderAlert.kind == str(AlertKind.RETURN_UNANSWERED),
            OrderAlert.due_at == found.act_by_at,
        )
    )
    if known is not None:
        return 0
    clocks.write(
        order=order,
        kind=AlertKind.RETURN_UNANSWERED,
        level=AlertLevel.KANWIL,
        due_at=found.act_by_at,
        actor=actor,
        at=at,
    )
    return 1


def _lock(actor: Actor, number: str, expected_version: int) -> tuple[LockedUptOrder, LockedReturn]:
    order = queries.lock_upt_order(number=queries.number_of_return(number=number))
    actor.ensure(PERMISSION_FULFIL, upt_id=order.upt_id)
    found = queries.lock_return(number=number)
    if found.version != expected_version:
        raise OrderChanged(number=number, state=order.state)
    return order, found


def _move(
    order: LockedUptOrder,
    found: LockedReturn,
    action: ReturnAction,
    actor: Actor,
    changes: Mapping[str, Any],
    *,
    at: datetime,
) -> None:
    state = rules.next_return_state(state=found.state, action=action)
    db.session().execute(
        update(OrderReturn)
        .where(OrderReturn.id == found.return_id)
        .values(
            state=str(state),
            version=found.version + 1,
            act_by_at=rules.return_clock(state=state, at=at),
            **changes,
        )
    )
    _told(order, found.return_id, found.number, str(action), state, actor, at=at)


def _told(
    order: LockedUptOrder,
    return_id: int,
    number: str,
    action: str,
    state: ReturnState,
    actor: Actor,
    *,
    at: datetime,
) -> None:
    audit_services.record(
        actor=actor,
        action=f"order.return_{action}",
        subject=f"return:{number}",
        at=at,
        upt_id=order.upt_id,
    )
    jobs.publish(
        ReturnMoved(return_id=return_id, upt_order_id=order.upt_order_id, state=str(state)), at=at
    )


def _wanted(order: LockedUptOrder, asked: Mapping[int, int]) -> dict[int, int]:
    lines = queries.list_lines(upt_order_ids=(order.upt_order_id,)).get(order.upt_order_id, ())
    there = {line.line_id: line.quantity_with_buyer for line in lines}
    return _within(there, asked)


def _counted(record: ReturnRecord, pieces_by_line: Mapping[int, int]) -> dict[int, int]:
    return _within({line.line_id: line.quantity for line in record.lines}, pieces_by_line)


def _within(there: Mapping[int, int], asked: Mapping[int, int]) -> dict[int, int]:
    wanted = {line_id: quantity for line_id, quantity in asked.items() if quantity}
    if not wanted:
        raise NoPieces
    for line_id, quantity in wanted.items():
        if quantity > there.get(line_id, 0):
            raise TooManyPieces(line_id=line_id, left=there.get(line_id, 0))
    return wanted


def _variants(order: LockedUptOrder) -> dict[int, int]:
    lines = queries.list_lines(upt_order_ids=(order.upt_order_id,)).get(order.upt_order_id, ())
    return {line.line_id: line.variant_id for line in lines}


def _post(
    order: LockedUptOrder, moves: list[Move], key: str, action: str, actor: Actor, *, at: datetime
) -> None:
    stock_services.post_moves(
        actor=actor,
        permission=PERMISSION_FULFIL,
        acting_upt_id=order.upt_id,
        action=action,
        moves=moves,
        source=EntrySource("return", key),
        happened_at=at,
        at=at,
    )


def _change_line(found: LockedReturn, line_id: int, **values: int) -> None:
    db.session().execute(
        update(OrderReturnLine)
        .where(
            OrderReturnLine.return_id == found.return_id, OrderReturnLine.order_line_id == line_id
        )
        .values(**values)
    )
