"""Proof that every approved sheet and the ledger tell the same story."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Select, and_, column, func, literal, or_, select, table, union_all

from app.domain.counts.models import CountPosting, CountRow, CountSheet
from app.domain.counts.queries.differences import DIFFERENCE
from app.domain.counts.types import COUNTABLE, SOURCE_KIND, CountState
from app.infra import db

FAULTS_MAX: Final = 1_000
"""More goods than this are not named one by one."""

_ENTRY = table(
    "stock_entry",
    *(column(name) for name in (
        "upt_id", "sequence", "hash", "phase", "variant_id", "lot_id", "from_account",
        "to_account", "quantity", "source_kind", "source_key",
    )),
)  # fmt: skip
_LOT = table("stock_lot", column("id"), column("code"))


def find_faults(*, upt_id: int | None = None) -> tuple[str, ...]:
    """Return what does not add up in the counts of a UPT, or of all, in words.

    Looked at: that each sheet rests on the ledger's hash at its position, that each approved sheet
    has its one posting and no other has any, that rows posted and left are as many as the posting
    says, and that what the ledger moved for a sheet is, for each lot and place, counted minus book.
    """
    return (*_positions(upt_id), *_postings(upt_id), *_differences(upt_id))


def _of(upt_id: int | None) -> list[Any]:
    return [] if upt_id is None else [CountSheet.upt_id == upt_id]


def _positions(upt_id: int | None) -> Iterator[str]:
    found = db.read_session().scalars(
        select(CountSheet.code)
        .outerjoin(
            _ENTRY,
            and_(
                _ENTRY.c.upt_id == CountSheet.upt_id,
                _ENTRY.c.sequence == CountSheet.ledger_sequence,
            ),
        )
        .where(
            CountSheet.ledger_sequence > 0,
            func.coalesce(_ENTRY.c.hash, "") != CountSheet.ledger_hash,
            *_of(upt_id),
        )
        .order_by(CountSheet.id)
    )
    return (f"position of {code}" for code in found)


def _postings(upt_id: int | None) -> Iterator[str]:
    rows = (
        select(
            CountRow.sheet_id.label("sheet_id"),
            func.count(CountRow.entry_id).label("posted"),
            func.count().filter(CountRow.is_left).label("left"),
        )
        .group_by(CountRow.sheet_id)
        .subquery()
        .c
    )
    approved = CountSheet.state == CountState.APPROVED.value
    found = db.read_session().scalars(
        select(CountSheet.code)
        .outerjoin(CountPosting, CountPosting.sheet_id == CountSheet.id)
        .outerjoin(rows.sheet_id.table, rows.sheet_id == CountSheet.id)
        .where(
            or_(
                approved != CountPosting.sheet_id.is_not(None),
                and_(
                    approved,
                    or_(
                        CountPosting.posted_rows != func.coalesce(rows.posted, 0),
                        CountPosting.left_rows != func.coalesce(rows.left, 0),
                        CountPosting.source_key != CountSheet.code,
                    ),
                ),
            ),
            *_of(upt_id),
        )
        .order_by(CountSheet.id)
    )
    return (f"posting of {code}" for code in found)


def _differences(upt_id: int | None) -> Iterator[str]:
    wanted = (
        select(
            CountSheet.code, CountRow.variant_id, CountRow.lot_code, CountRow.account,
            DIFFERENCE.label("pieces"),
        )
        .join(CountRow, CountRow.sheet_id == CountSheet.id)
        .where(
            CountSheet.state == CountState.APPROVED.value, ~CountRow.is_left, DIFFERENCE != 0,
            *_of(upt_id),
        )
    )  # fmt: skip
    both = (
        union_all(wanted, _moved(upt_id, "to_account"), _moved(upt_id, "from_account")).subquery().c
    )
    pieces = func.sum(both.pieces)
    rows = db.read_session().execute(
        select(both.code, both.variant_id, both.lot_code, both.account, pieces)
        .group_by(both.code, both.variant_id, both.lot_code, both.account)
        .having(pieces != 0)
        .order_by(both.code, both.variant_id)
        .limit(FAULTS_MAX)
    )
    for code, variant_id, lot_code, account, off in rows:
        yield f"ledger of {code}: variant {variant_id}, lot {lot_code}, {account} off by {off}"


def _moved(upt_id: int | None, side: str) -> Select[*tuple[Any, ...]]:
    """Return what the ledger moved for counts on one side, with the sign that takes it off."""
    sign = literal(-1 if side == "to_account" else 1)
    account = _ENTRY.c[side]
    statement = (
        select(
            _ENTRY.c.source_key, _ENTRY.c.variant_id, _LOT.c.code, account,
            sign * _ENTRY.c.quantity,
        )
        .join(_LOT, _LOT.c.id == _ENTRY.c.lot_id)
        .where(
            _ENTRY.c.source_kind == SOURCE_KIND,
            _ENTRY.c.phase == "move",
            account.in_([place.value for place in COUNTABLE]),
        )
    )  # fmt: skip
    return statement if upt_id is None else statement.where(_ENTRY.c.upt_id == upt_id)
