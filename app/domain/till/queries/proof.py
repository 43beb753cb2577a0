"""Proof that receipts, money and the ledger tell the same story."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Integer, and_, case, cast, column, func, or_, select, table
from sqlalchemy.orm import aliased

from app.domain.till.models import TillLine, TillPayment, TillSale
from app.domain.till.types import SOURCE
from app.infra import db

_ENTRY = table(
    "stock_entry",
    *(column(name) for name in (
        "id", "upt_id", "variant_id", "lot_id", "quantity", "source_kind", "source_key",
    )),
)  # fmt: skip


def list_upt_ids() -> tuple[int, ...]:
    """Return every UPT whose till sold something."""
    found = db.read_session().scalars(select(TillSale.upt_id).distinct().order_by(TillSale.upt_id))
    return tuple(found)


def find_faults(*, upt_id: int) -> tuple[str, ...]:
    """Return what does not add up in the till of a UPT, in words; nothing when all is well.

    Looked at: lines against totals, money against totals, numbers without gaps, undoings against
    what they take back, every line against its entry in the ledger, and every entry of the till
    against its line.
    """
    session = db.read_session()
    lines = (
        select(TillLine.sale_id, func.sum(TillLine.amount_idr).label("amount_idr"))
        .group_by(TillLine.sale_id)
        .subquery()
    )
    wrong_sums = session.scalars(
        select(TillSale.number)
        .outerjoin(lines, lines.c.sale_id == TillSale.id)
        .outerjoin(TillPayment, TillPayment.sale_id == TillSale.id)
        .where(
            TillSale.upt_id == upt_id,
            or_(
                func.coalesce(lines.c.amount_idr, 0) != TillSale.total_idr,
                func.coalesce(TillPayment.amount_idr, 0) != TillSale.total_idr,
            ),
        )
    )
    series = session.execute(
        select(
            TillSale.year, func.count(), func.min(TillSale.sequence), func.max(TillSale.sequence)
        )
        .where(TillSale.upt_id == upt_id)
        .group_by(TillSale.year)
    )
    undone = aliased(TillSale)
    wrong_undoings = session.scalars(
        select(TillSale.number)
        .join(undone, undone.id == TillSale.undoes_id)
        .where(
            TillSale.upt_id == upt_id,
            or_(undone.total_idr + TillSale.total_idr != 0, undone.upt_id != upt_id),
        )
    )
    return (
        *(f"sums of {number}" for number in wrong_sums),
        *(
            f"numbers of {year}"
            for year, count, lowest, highest in series
            if (lowest, highest) != (1, count)
        ),
        *(f"undoing {number}" for number in wrong_undoings),
        *(f"ledger of {number}" for number in _without_entry(upt_id)),
        *(f"no receipt for {key}" for key in _without_line(upt_id)),
    )


def _without_entry(upt_id: int) -> Iterable[str]:
    """Return receipts with a line that the ledger does not know, or knows with other pieces."""
    pieces = cast(
        case((TillLine.quantity < 0, -TillLine.quantity), else_=TillLine.quantity), Integer
    )
    return db.read_session().scalars(
        select(TillSale.number)
        .join(TillLine, TillLine.sale_id == TillSale.id)
        .outerjoin(
            _ENTRY,
            and_(
                _ENTRY.c.id == TillLine.entry_id,
                _ENTRY.c.upt_id == upt_id,
                _ENTRY.c.variant_id == TillLine.variant_id,
                _ENTRY.c.lot_id == TillLine.lot_id,
                _ENTRY.c.quantity == pieces,
                _ENTRY.c.source_kind == SOURCE,
            ),
        )
        .where(TillSale.upt_id == upt_id, _ENTRY.c.id.is_(None))
    )


def _without_line(upt_id: int) -> Iterable[str]:
    """Return sources of the till in the ledger that no receipt tells of."""
    return db.read_session().scalars(
        select(_ENTRY.c.source_key)
        .outerjoin(TillLine, TillLine.entry_id == _ENTRY.c.id)
        .where(_ENTRY.c.upt_id == upt_id, _ENTRY.c.source_kind == SOURCE, TillLine.id.is_(None))
        .distinct()
        .order_by(_ENTRY.c.source_key)
    )
