"""Orders as buyers, UPT and the treasurer see them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select

from app.domain.orders.models import OrderEvent, OrderGroup, OrderLine, UptOrder
from app.domain.orders.queries.parcels import held_of, list_held, list_parcels
from app.domain.orders.types import (
    PERMISSION_VIEW,
    WAITING_FOR_UPT,
    BuyerOrderRow,
    GroupBrief,
    OrderEventRecord,
    OrderLineRecord,
    OrderPage,
    UptOrderPage,
    UptOrderRecord,
    UptOrderRow,
    UptOrderState,
    summary_state,
)
from app.domain.shipping.types import DeliveryMethod
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor

SEARCH_LIMIT: Final = 50


def find_group_id(*, number: str) -> int | None:
    """Return the id of the order with this number, or None."""
    return db.read_session().scalar(select(OrderGroup.id).where(OrderGroup.number == number))


def get_number(*, group_id: int) -> str:
    """Return the number of an order.

    Raises:
        NotFound: No such order.
    """
    number = db.read_session().scalar(select(OrderGroup.number).where(OrderGroup.id == group_id))
    if number is None:
        raise NotFound
    return number


def group_briefs(*, group_ids: Collection[int]) -> dict[int, GroupBrief]:
    """Return number and contact of orders by id; one statement."""
    rows = db.read_session().execute(
        select(
            OrderGroup.id, OrderGroup.number, OrderGroup.contact_name, OrderGroup.contact_phone
        ).where(OrderGroup.id.in_(sorted(group_ids)))
    )
    return {row.id: GroupBrief(row.number, row.contact_name, row.contact_phone) for row in rows}


def upt_order_numbers(*, upt_order_ids: Collection[int]) -> dict[int, str]:
    """Return the numbers of child orders by id."""
    if not upt_order_ids:
        return {}
    rows = db.read_session().execute(
        select(UptOrder.id, UptOrder.number).where(UptOrder.id.in_(sorted(upt_order_ids)))
    )
    return {row.id: row.number for row in rows}


def search_group_ids(*, text: str, limit: int = SEARCH_LIMIT) -> tuple[int, ...]:
    """Return the newest orders whose number or contact begins with or contains a text."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = db.read_session().scalars(
        select(OrderGroup.id)
        .where(
            or_(
                OrderGroup.number.like(f"{escaped.upper()}%", escape="\\"),
                func.lower(OrderGroup.contact_name).like(f"%{escaped.lower()}%", escape="\\"),
            )
        )
        .order_by(OrderGroup.id.desc())
        .limit(limit)
    )
    return tuple(rows)


def get_group(*, number: str) -> OrderPage:
    """Return an order as its buyer sees it; the number itself is the secret of the link.

    Raises:
        NotFound: No such order.
    """
    group = db.read_session().scalar(select(OrderGroup).where(OrderGroup.number == number))
    if group is None:
        raise NotFound
    children = _children(UptOrder.group_id == group.id)
    events = _events(OrderEvent.group_id == group.id, OrderEvent.is_public.is_(True))
    parcels = list_parcels(upt_order_ids=[child.upt_order_id for child in children])
    return OrderPage(group.record(), children, events, parcels)


def get_upt_order(*, actor: Actor, number: str) -> UptOrderPage:
    """Return a child order as its UPT sees it.

    Raises:
        NotFound: No such order, or of a UPT where the actor holds nothing.
        NotAllowed: ``order.view`` is not held there.
    """
    children = _children(UptOrder.number == number)
    if not children:
        raise NotFound
    actor.ensure(PERMISSION_VIEW, upt_id=children[0].upt_id)
    group = (
        db.read_session()
        .scalars(
            select(OrderGroup)
            .join(UptOrder, UptOrder.group_id == OrderGroup.id)
            .where(UptOrder.id == children[0].upt_order_id)
        )
        .one()
    )
    events = _events(OrderEvent.upt_order_id == children[0].upt_order_id)
    upt_order_id = children[0].upt_order_id
    return UptOrderPage(
        children[0],
        group.record(),
        events,
        list_parcels(upt_order_ids=(upt_order_id,)),
        list_held(upt_order_id=upt_order_id),
    )


def list_pages(*, actor: Actor, upt_id: int, numbers: Collection[str]) -> tuple[UptOrderPage, ...]:
    """Return child orders of a UPT for printing, without history, by number; unknown ones are left out.

    Raises:
        NotFound, NotAllowed: ``order.view`` is not held there.
    """
    actor.ensure(PERMISSION_VIEW, upt_id=upt_id)
    pairs = _children_by_group_of(
        (UptOrder.upt_id == upt_id) & UptOrder.number.in_(sorted(numbers))
    )
    groups = {
        group.id: group.record()
        for group in db.read_session().scalars(
            select(OrderGroup).where(OrderGroup.id.in_({group_id for group_id, _ in pairs}))
        )
    }
    held = held_of(upt_order_ids=[order.upt_order_id for _, order in pairs])
    return tuple(
        UptOrderPage(order, groups[group_id], (), (), held.get(order.upt_order_id, ()))
        for group_id, order in pairs
    )


def list_for_upt(
    *,
    actor: Actor,
    upt_id: int,
    states: Collection[UptOrderState] = (),
    text: str = "",
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[UptOrderRow]:
    """Return a page of a UPT's orders, newest first; no states means all.

    Args:
        text: Beginning of a number, part of a name, or an SKU; empty finds all.

    Raises:
        NotFound: The actor holds nothing in this UPT.
        NotAllowed: ``order.view`` is not held there.
    """
    actor.ensure(PERMISSION_VIEW, upt_id=upt_id)
    statement = (
        select(UptOrder, OrderGroup)
        .join(OrderGroup, OrderGroup.id == UptOrder.group_id)
        .where(UptOrder.upt_id == upt_id)
        .order_by(UptOrder.id.desc())
        .limit(size + 1)
    )
    if states:
        statement = statement.where(UptOrder.state.in_([str(state) for state in states]))
    if text:
        statement = statement.where(_matches(text))
    if values := decode_cursor(cursor, kinds=(int,)):
        statement = statement.where(UptOrder.id < values[0])
    found = db.read_session().execute(statement).all()
    shown = found[:size]
    lines = _lines([order.id for order, _ in shown])
    rows = tuple(_upt_order_row(order, group, lines.get(order.id, ())) for order, group in shown)
    after = encode_cursor([shown[-1][0].id]) if len(found) > size else None
    return Page(rows, after)


def count_waiting(*, actor: Actor, upt_ids: Collection[int]) -> dict[UptOrderState, int]:
    """Return how many orders of these UPT stand in each state; UPT out of reach do not count."""
    reach = actor.reach(PERMISSION_VIEW)
    visible = [upt_id for upt_id in sorted(upt_ids) if reach.covers(upt_id)]
    if not visible:
        return {}
    rows = db.read_session().execute(
        select(UptOrder.state, func.count())
        .where(UptOrder.upt_id.in_(visible))
        .group_by(UptOrder.state)
    )
    return {UptOrderState(state): count for state, count in rows}


def count_waiting_by_upt(*, actor: Actor, upt_ids: Collection[int]) -> dict[int, int]:
    """Return how many orders wait for each of these UPT to act; UPT out of reach are left out."""
    reach = actor.reach(PERMISSION_VIEW)
    visible = [upt_id for upt_id in sorted(upt_ids) if reach.covers(upt_id)]
    if not visible:
        return {}
    rows = db.read_session().execute(
        select(UptOrder.upt_id, func.count().label("waiting"))
        .where(
            UptOrder.upt_id.in_(visible),
            UptOrder.state.in_([str(state) for state in WAITING_FOR_UPT]),
        )
        .group_by(UptOrder.upt_id)
    )
    return {row.upt_id: row.waiting for row in rows}


def list_for_buyer(
    *, user_id: int, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[BuyerOrderRow]:
    """Return a page of a buyer's own orders, newest first."""
    statement = (
        select(OrderGroup)
        .where(OrderGroup.buyer_user_id == user_id)
        .order_by(OrderGroup.id.desc())
        .limit(size + 1)
    )
    if values := decode_cursor(cursor, kinds=(int,)):
        statement = statement.where(OrderGroup.id < values[0])
    found = db.read_session().scalars(statement).all()
    shown = found[:size]
    children: dict[int, list[UptOrderRecord]] = {}
    if shown:
        for group_id, child in _children_by_group([group.id for group in shown]):
            children.setdefault(group_id, []).append(child)
    rows = tuple(_buyer_row(group, children.get(group.id, [])) for group in shown)
    return Page(rows, encode_cursor([shown[-1].id]) if len(found) > size else None)


def list_lines(*, upt_order_ids: Collection[int]) -> dict[int, tuple[OrderLineRecord, ...]]:
    """Return the lines of each child order."""
    return _lines(sorted(upt_order_ids))


def _matches(text: str) -> ColumnElement[bool]:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    has_sku = (
        select(OrderLine.id)
        .where(
            OrderLine.upt_order_id == UptOrder.id,
            OrderLine.sku.like(f"{escaped.upper()}%", escape="\\"),
        )
        .exists()
    )
    return or_(
        UptOrder.number.like(f"{escaped.upper()}%", escape="\\"),
        func.lower(OrderGroup.contact_name).like(f"%{escaped.lower()}%", escape="\\"),
        has_sku,
    )


def _children(condition: ColumnElement[bool]) -> tuple[UptOrderRecord, ...]:
    rows = db.read_session().scalars(select(UptOrder).where(condition).order_by(UptOrder.id)).all()
    lines = _lines([row.id for row in rows])
    return tuple(row.record(lines.get(row.id, ())) for row in rows)


def _children_by_group(group_ids: Sequence[int]) -> list[tuple[int, UptOrderRecord]]:
    return _children_by_group_of(UptOrder.group_id.in_(group_ids))


def _children_by_group_of(condition: ColumnElement[bool]) -> list[tuple[int, UptOrderRecord]]:
    rows = db.read_session().scalars(select(UptOrder).where(condition).order_by(UptOrder.id)).all()
    lines = _lines([row.id for row in rows])
    return [(row.group_id, row.record(lines.get(row.id, ()))) for row in rows]


def _lines(upt_order_ids: Sequence[int]) -> dict[int, tuple[OrderLineRecord, ...]]:
    if not upt_order_ids:
        return {}
    rows = db.read_session().scalars(
        select(OrderLine).where(OrderLine.upt_order_id.in_(upt_order_ids)).order_by(OrderLine.id)
    )
    found: dict[int, list[OrderLineRecord]] = {}
    for row in rows:
        found.setdefault(row.upt_order_id, []).append(row.record())
    return {upt_order_id: tuple(lines) for upt_order_id, lines in found.items()}


def _events(*conditions: ColumnElement[bool]) -> tuple[OrderEventRecord, ...]:
    rows = db.read_session().scalars(
        select(OrderEvent).where(*conditions).order_by(OrderEvent.id).limit(500)
    )
    return tuple(row.record() for row in rows)


def _upt_order_row(
    order: UptOrder, group: OrderGroup, lines: tuple[OrderLineRecord, ...]
) -> UptOrderRow:
    return UptOrderRow(
        number=order.number,
        group_number=group.number,
        upt_id=order.upt_id,
        state=UptOrderState(order.state),
        version=order.version,
        placed_at=group.placed_at,
        contact_name=group.contact_name,
        regency=group.regency or "",
        delivery_method=DeliveryMethod(order.delivery_method),
        total_idr=order.total_idr,
        quantity_total=sum(line.quantity for line in lines),
        line_count=len(lines),
        first_product_name=lines[0].product_name if lines else "",
        act_by_at=order.act_by_at,
        promised_on=order.promised_on,
    )


def _buyer_row(group: OrderGroup, children: Sequence[UptOrderRecord]) -> BuyerOrderRow:
    lines = [line for child in children for line in child.lines]
    covers: Mapping[int, None] = dict.fromkeys(
        line.cover_asset_id for line in lines if line.cover_asset_id is not None
    )
    return BuyerOrderRow(
        number=group.number,
        placed_at=group.placed_at,
        total_idr=group.total_idr,
        state=summary_state(tuple(child.state for child in children)),
        upt_ids=tuple(child.upt_id for child in children),
        quantity_total=sum(line.quantity for line in lines),
        product_names=tuple(dict.fromkeys(line.product_name for line in lines)),
        cover_asset_ids=tuple(covers),
    )
