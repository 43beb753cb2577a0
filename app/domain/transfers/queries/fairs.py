"""Loans to fairs as lists and pages, and the row that a step locks."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, select, true

from app.domain.stock.types import Account
from app.domain.transfers import rules
from app.domain.transfers.models import FairEvent, FairLineRow, FairLoan
from app.domain.transfers.queries import history
from app.domain.transfers.types import (
    STOCK_VIEW,
    FairLine,
    FairPage,
    FairRecord,
    FairRow,
    FairState,
    ListFilter,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor


def list_fairs(
    *,
    actor: Actor,
    upt_id: int,
    today: date,
    show: ListFilter = ListFilter.ALL,
    cursor: str | None = None,
) -> Page[FairRow]:
    """Return the loans of a UPT, newest first.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    place = decode_cursor(cursor, kinds=(int,))
    found = (
        db.read_session()
        .scalars(
            select(FairLoan)
            .where(
                FairLoan.upt_id == upt_id,
                _shown(show, today=today),
                *(() if place is None else (FairLoan.id < place[0],)),
            )
            .order_by(FairLoan.id.desc())
            .limit(PAGE_SIZE + 1)
        )
        .all()
    )
    records = [to_record(row=row) for row in found[:PAGE_SIZE]]
    items = tuple(
        FairRow(record, rules.fair_is_late(record=record, today=today)) for record in records
    )
    after = encode_cursor((records[-1].loan_id,)) if len(found) > PAGE_SIZE else None
    return Page(items, after=after)


def _shown(show: ListFilter, *, today: date) -> ColumnElement[bool]:
    out = FairLoan.state == FairState.OUT.value
    if show is ListFilter.OPEN:
        return FairLoan.state.in_((FairState.DRAFT.value, FairState.OUT.value))
    if show is ListFilter.LATE:
        return and_(out, FairLoan.ends_on < today)
    return true()


def get_fair(*, actor: Actor, number: str, today: date) -> FairPage:
    """Return a loan with its lines, its history and what it sold.

    Raises:
        NotFound: No such loan, or nothing to do with its UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    row = db.read_session().scalar(select(FairLoan).where(FairLoan.number == number))
    if row is None:
        raise NotFound
    record = to_record(row=row)
    actor.ensure(STOCK_VIEW, upt_id=record.upt_id)
    events = history.list_events(model=FairEvent, document_id=record.loan_id)
    return FairPage(
        record=record,
        lines=list_fair_lines(loan_id=record.loan_id),
        events=events,
        sales=rules.sales_of(events),
        is_late=rules.fair_is_late(record=record, today=today),
    )


def lock_fair(*, number: str) -> FairRecord:
    """Lock a loan until the end of the transaction.

    Raises:
        NotFound: There is none with this number.
    """
    row = db.session().scalar(
        db.for_update(select(FairLoan).where(FairLoan.number == number)).execution_options(
            populate_existing=True
        )
    )
    if row is None:
        raise NotFound
    return to_record(row=row)


def list_fair_lines(*, loan_id: int) -> tuple[FairLine, ...]:
    """Return the lines of a loan in order."""
    rows = db.read_session().scalars(
        select(FairLineRow)
        .where(FairLineRow.loan_id == loan_id)
        .order_by(FairLineRow.position)
        .execution_options(populate_existing=True)
    )
    return tuple(
        FairLine(
            line_id=row.id,
            position=row.position,
            variant_id=row.variant_id,
            from_place=Account(row.from_place),
            lot_id=row.lot_id,
            lot_code=row.lot_code,
            expires_on=row.expires_on,
            quantity=row.quantity,
            sold=row.sold,
            returned=row.returned,
            lost=row.lost,
            price_idr=row.price_idr,
        )
        for row in rows
    )


def to_record(*, row: FairLoan) -> FairRecord:
    """Return what other packages may see of a row."""
    return FairRecord(
        loan_id=row.id,
        number=row.number,
        upt_id=row.upt_id,
        state=FairState(row.state),
        version=row.version,
        name=row.name,
        place=row.place,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        responsible=row.responsible,
        note=row.note,
        pieces_sent=row.pieces_sent,
        pieces_settled=row.pieces_settled,
        created_at=row.created_at,
        sent_at=row.sent_at,
        ended_at=row.ended_at,
    )
