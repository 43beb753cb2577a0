"""Reads of papers; the text is checked against its hash whenever one is opened."""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import func, select

from app.domain.documents import rules
from app.domain.documents.models import Paper, PaperSeries
from app.domain.documents.types import PaperBrief, PaperKind, PaperRecord
from app.domain.orders.types import PERMISSION_VIEW
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.paging import PAGE_SIZE, Page, decode_cursor, encode_cursor

_ORDER = {kind: position for position, kind in enumerate(PaperKind)}


def lock_series(*, upt_id: int, kind: PaperKind, year: int) -> PaperSeries | None:
    """Hold the numbers of one kind of paper of a UPT in a year."""
    return db.session().scalar(
        db.for_update(
            select(PaperSeries).where(
                PaperSeries.upt_id == upt_id,
                PaperSeries.kind == str(kind),
                PaperSeries.year == year,
            )
        )
    )


def list_papers(*, upt_order_ids: Collection[int]) -> tuple[PaperBrief, ...]:
    """Return the papers of child orders, for whoever may see the order; by order, then kind."""
    rows = db.read_session().scalars(
        select(Paper).where(Paper.upt_order_id.in_(sorted(upt_order_ids))).order_by(Paper.id)
    )
    found = [_brief(row) for row in rows]
    return tuple(sorted(found, key=lambda brief: (brief.upt_order_id, _ORDER[brief.kind])))


def list_for_upt(
    *, actor: Actor, upt_id: int, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[PaperBrief]:
    """Return a page of a UPT's papers, newest first.

    Raises:
        NotFound: The actor holds nothing in this UPT.
        NotAllowed: ``order.view`` is not held there.
    """
    actor.ensure(PERMISSION_VIEW, upt_id=upt_id)
    statement = select(Paper).where(Paper.upt_id == upt_id)
    if values := decode_cursor(cursor, kinds=(int,)):
        statement = statement.where(Paper.id < values[0])
    rows = db.read_session().scalars(statement.order_by(Paper.id.desc()).limit(size + 1)).all()
    after = encode_cursor([rows[size - 1].id]) if len(rows) > size else None
    return Page(tuple(_brief(row) for row in rows[:size]), after)


def get_for_upt(*, actor: Actor, number: str) -> PaperRecord:
    """Return a paper for the desk.

    Raises:
        NotFound: No such paper, or of a UPT where the actor holds nothing.
        NotAllowed: ``order.view`` is not held there.
    """
    found = _get(Paper.number == number)
    actor.ensure(PERMISSION_VIEW, upt_id=found.upt_id)
    return found


def get_for_order(*, upt_order_ids: Collection[int], number: str) -> PaperRecord:
    """Return a paper of these child orders, for whoever may see the order.

    Raises:
        NotFound: None of them has a paper of this number.
    """
    found = _get(Paper.number == number)
    if found.brief.upt_order_id not in upt_order_ids:
        raise NotFound
    return found


def find_by_token(*, token: str) -> PaperRecord:
    """Return the paper behind a public address.

    Raises:
        NotFound: No such paper.
    """
    return _get(Paper.token == token)


def list_faults() -> tuple[str, ...]:
    """Return the numbers of papers whose text was changed, and series that have gaps."""
    session = db.read_session()
    found = [
        row.number
        for row in session.execute(
            select(Paper.number, Paper.content, Paper.sha256).order_by(Paper.id)
        )
        if rules.sha256(row.content) != row.sha256
    ]
    series = session.execute(
        select(Paper.upt_id, Paper.kind, Paper.year, func.count(), func.max(Paper.sequence))
        .group_by(Paper.upt_id, Paper.kind, Paper.year)
        .order_by(Paper.upt_id, Paper.kind, Paper.year)
    )
    found += [
        f"{kind}:{upt_id}:{year}" for upt_id, kind, year, count, last in series if count != last
    ]
    return tuple(found)


def _get(condition: object) -> PaperRecord:
    row = db.read_session().scalar(select(Paper).where(condition))  # type: ignore[arg-type]  # always a column expression
    if row is None:
        raise NotFound
    return PaperRecord(
        brief=_brief(row),
        upt_id=row.upt_id,
        issued_at=row.issued_at,
        sha256=row.sha256,
        content=json.loads(row.content),
        is_whole=rules.sha256(row.content) == row.sha256,
    )


def _brief(row: Paper) -> PaperBrief:
    return PaperBrief(
        kind=PaperKind(row.kind),
        number=row.number,
        upt_order_id=row.upt_order_id,
        total_idr=row.total_idr,
        issued_on=row.issued_on,
        token=row.token,
    )
