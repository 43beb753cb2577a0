"""Transfers as lists and pages, and the row that a step locks."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, column, func, or_, select, table

from app.domain.stock.types import Account
from app.domain.transfers import rules
from app.domain.transfers.models import Transfer, TransferEvent, TransferLineRow
from app.domain.transfers.queries import history
from app.domain.transfers.types import (
    LATE_AFTER,
    ON_THE_WAY,
    STOCK_VIEW,
    ListFilter,
    TransferLine,
    TransferPage,
    TransferRecord,
    TransferRow,
    TransferState,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor

_VARIANT: Final = table("variant", column("id"), column("upt_id"), column("sku"))
_UNSEEN: Final = (TransferState.DRAFT, TransferState.DISCARDED)
"""States in which a transfer concerns its sender alone."""


def list_transfers(
    *,
    actor: Actor,
    upt_id: int,
    at: datetime,
    today: date,
    show: ListFilter = ListFilter.ALL,
    cursor: str | None = None,
) -> Page[TransferRow]:
    """Return transfers from and to a UPT, newest first.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    own = Transfer.sender_upt_id == upt_id
    incoming = and_(Transfer.receiver_upt_id == upt_id, Transfer.state.not_in(_UNSEEN))
    place = decode_cursor(cursor, kinds=(int,))
    lines = (
        select(func.count())
        .where(TransferLineRow.transfer_id == Transfer.id)
        .correlate(Transfer)
        .scalar_subquery()
    )
    rows = (
        db.read_session()
        .execute(
            select(Transfer, lines)
            .where(
                _shown(show, own, incoming, at=at, today=today),
                *(() if place is None else (Transfer.id < place[0],)),
            )
            .order_by(Transfer.id.desc())
            .limit(PAGE_SIZE + 1)
        )
        .all()
    )
    items = []
    for row, line_count in rows[:PAGE_SIZE]:
        record = to_record(row=row)
        items.append(
            TransferRow(
                record=record,
                line_count=line_count,
                is_incoming=record.receiver_upt_id == upt_id,
                days_on_the_way=rules.days_between(start=record.sent_at, end=record.ended_at or at),
                is_late=rules.transfer_is_late(record=record, at=at, today=today),
            )
        )
    after = encode_cursor((items[-1].record.transfer_id,)) if len(rows) > PAGE_SIZE else None
    return Page(tuple(items), after=after)


def _shown(
    show: ListFilter,
    own: ColumnElement[bool],
    incoming: ColumnElement[bool],
    *,
    at: datetime,
    today: date,
) -> ColumnElement[bool]:
    open_ = Transfer.state.in_(ON_THE_WAY)
    both = or_(own, incoming)
    late = or_(
        Transfer.due_on < today,
        and_(Transfer.due_on.is_(None), Transfer.sent_at < at - LATE_AFTER),
    )
    return {
        ListFilter.ALL: both,
        ListFilter.OPEN: and_(both, Transfer.state.in_((TransferState.DRAFT, *ON_THE_WAY))),
        ListFilter.INCOMING: incoming,
        ListFilter.OUTGOING: own,
        ListFilter.LATE: and_(both, open_, late),
    }[show]


def get_transfer(*, actor: Actor, number: str, at: datetime, today: date) -> TransferPage:
    """Return a transfer with its lines and its history, for both sides of it.

    Raises:
        NotFound: No such transfer, or neither side is within the actor's reach; a draft is seen by
            its sender alone.
        NotAllowed: ``stock.view`` is held on neither side, though the actor works there.
    """
    row = db.read_session().scalar(select(Transfer).where(Transfer.number == number))
    if row is None:
        raise NotFound
    record = to_record(row=row)
    is_shown = record.state not in _UNSEEN
    if not (is_shown and actor.may(STOCK_VIEW, upt_id=record.receiver_upt_id)):
        actor.ensure(STOCK_VIEW, upt_id=record.sender_upt_id)
    return TransferPage(
        record=record,
        lines=list_transfer_lines(transfer_id=record.transfer_id),
        events=history.list_events(model=TransferEvent, document_id=record.transfer_id),
        is_late=rules.transfer_is_late(record=record, at=at, today=today),
        days_on_the_way=rules.days_between(start=record.sent_at, end=record.ended_at or at),
    )


def lock_transfer(*, number: str) -> TransferRecord:
    """Lock a transfer until the end of the transaction.

    Raises:
        NotFound: There is none with this number.
    """
    row = db.session().scalar(
        db.for_update(select(Transfer).where(Transfer.number == number)).execution_options(
            populate_existing=True
        )
    )
    if row is None:
        raise NotFound
    return to_record(row=row)


def list_transfer_lines(*, transfer_id: int) -> tuple[TransferLine, ...]:
    """Return the lines of a transfer in order."""
    rows = db.read_session().scalars(
        select(TransferLineRow)
        .where(TransferLineRow.transfer_id == transfer_id)
        .order_by(TransferLineRow.position)
        .execution_options(populate_existing=True)
    )
    return tuple(
        TransferLine(
            line_id=row.id,
            position=row.position,
            variant_id=row.variant_id,
            from_place=Account(row.from_place),
            lot_id=row.lot_id,
            lot_code=row.lot_code,
            produced_on=row.produced_on,
            expires_on=row.expires_on,
            quantity=row.quantity,
            received=row.received,
            returned=row.returned,
            lost=row.lost,
            receiver_variant_id=row.receiver_variant_id,
        )
        for row in rows
    )


def find_by_sku(*, upt_id: int, skus: Collection[str]) -> dict[str, int]:
    """Return a UPT's own variants by code, in one statement; unknown codes are left out."""
    if not skus:
        return {}
    rows: Any = db.read_session().execute(
        select(_VARIANT.c.sku, _VARIANT.c.id).where(
            _VARIANT.c.upt_id == upt_id, _VARIANT.c.sku.in_(sorted(skus))
        )
    )
    return {row.sku: row.id for row in rows}


def to_record(*, row: Transfer) -> TransferRecord:
    """Return what other packages may see of a row."""
    return TransferRecord(
        transfer_id=row.id,
        number=row.number,
        sender_upt_id=row.sender_upt_id,
        receiver_upt_id=row.receiver_upt_id,
        state=TransferState(row.state),
        version=row.version,
        carrier=row.carrier,
        note=row.note,
        due_on=row.due_on,
        pieces_sent=row.pieces_sent,
        pieces_settled=row.pieces_settled,
        created_at=row.created_at,
        sent_at=row.sent_at,
        ended_at=row.ended_at,
    )
