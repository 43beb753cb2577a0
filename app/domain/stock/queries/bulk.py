"""What a posting of many moves reads, each in one statement whatever the number of moves.

Call them with the heads locked; see ``locks``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import and_, column, func, select, table, true
from sqlalchemy.orm import aliased

from app.domain.stock.models import StockBalance, StockEntry, StockLot
from app.domain.stock.rules import EntryLine, Key, LotFree
from app.domain.stock.types import (
    UNGUARDED,
    Account,
    EntryKind,
    EntrySource,
    LotRecord,
    LotState,
    PostedMove,
)
from app.infra import db
from app.kernel.errors import NotFound

_AT_ONCE: Final = 5_000
"""Values in one IN list; databases refuse lists without end."""

_UNIQUE: Final = "unique"
_VARIANT: Final = table("variant", column("id"), column("upt_id"), column("product_id"))
_PRODUCT: Final = table("product", column("id"), column("kind"))
_FREE: Final = StockBalance.in_posted - StockBalance.out_posted - StockBalance.out_pending
_GOODS: Final = [
    account.value
    for account in Account
    if account not in UNGUARDED and account is not Account.CAPACITY
]


def _in_batches(ids: Iterable[int]) -> Iterable[list[int]]:
    ordered = sorted(set(ids))
    return (ordered[at : at + _AT_ONCE] for at in range(0, len(ordered), _AT_ONCE))


def ensure_variants(*, keys: Collection[Key]) -> frozenset[int]:
    """Refuse variants that are not the UPT's own; return the ids of one-of-a-kind goods.

    Raises:
        NotFound: One of them is not.
    """
    owners: dict[int, int] = {}
    unique: set[int] = set()
    for ids in _in_batches(variant_id for _, variant_id in keys):
        rows = db.session().execute(
            select(_VARIANT.c.id, _VARIANT.c.upt_id, _PRODUCT.c.kind)
            .join(_PRODUCT, _PRODUCT.c.id == _VARIANT.c.product_id)
            .where(_VARIANT.c.id.in_(ids))
        )
        for row in rows:
            owners[row.id] = row.upt_id
            if row.kind == _UNIQUE:
                unique.add(row.id)
    if any(owners.get(variant_id) != upt_id for upt_id, variant_id in keys):
        raise NotFound
    return frozenset(unique)


def goods_in_books(*, variant_ids: Collection[int]) -> dict[int, int]:
    """Return how many pieces of each variant lie anywhere in the books, with carriers too."""
    rows = db.session().execute(
        select(
            StockBalance.variant_id, func.sum(StockBalance.in_posted - StockBalance.out_posted)
        )
        .where(StockBalance.variant_id.in_(variant_ids), StockBalance.account.in_(_GOODS))
        .group_by(StockBalance.variant_id)
    )  # fmt: skip
    return {row[0]: int(row[1]) for row in rows}


def free_lots(
    *, upt_ids: Collection[int], variant_ids: Collection[int], accounts: Collection[Account]
) -> list[LotFree]:
    """Return what is free of these variants by lot in these accounts."""
    found = []
    for ids in _in_batches(variant_ids):
        rows = db.session().execute(
            select(
                StockBalance.upt_id, StockBalance.variant_id, StockBalance.lot_id,
                StockBalance.account, _FREE.label("free"), StockLot.expires_on, StockLot.state,
            )
            .join(StockLot, StockLot.id == StockBalance.lot_id)
            .where(
                StockBalance.upt_id.in_(upt_ids),
                StockBalance.variant_id.in_(ids),
                StockBalance.account.in_([account.value for account in accounts]),
            )
        )  # fmt: skip
        found += [
            LotFree(
                upt_id=row.upt_id,
                variant_id=row.variant_id,
                lot_id=row.lot_id,
                free=row.free,
                expires_on=row.expires_on,
                is_open=row.state == LotState.OPEN.value,
                account=Account(row.account),
            )
            for row in rows
        ]
    return found


def list_lots_of(
    *, upt_ids: Collection[int], variant_ids: Collection[int], codes: Collection[str] | None = None
) -> dict[tuple[int, int, str], tuple[LotRecord, bool]]:
    """Return the lots of these variants by UPT, variant and code, and whether each is open.

    Args:
        codes: Only lots with one of these codes; None, or very many, reads all.
    """
    wanted = true() if codes is None or len(codes) > _AT_ONCE else StockLot.code.in_(codes)
    found = {}
    for ids in _in_batches(variant_ids):
        rows = db.session().execute(
            select(
                StockLot.upt_id, StockLot.variant_id, StockLot.code, StockLot.id,
                StockLot.produced_on, StockLot.expires_on, StockLot.state,
            )
            .where(StockLot.upt_id.in_(upt_ids), StockLot.variant_id.in_(ids), wanted)
            .order_by(StockLot.id)
        )  # fmt: skip
        for row in rows:
            record = LotRecord(row.id, row.code, row.produced_on, row.expires_on, 0, 0)
            is_open = row.state == LotState.OPEN.value
            found[row.upt_id, row.variant_id, row.code] = (record, is_open)
    return found


def list_posted(*, source: EntrySource, upt_ids: Collection[int]) -> tuple[PostedMove, ...]:
    """Return the entries that one posting wrote, in the order of the ledger."""
    rows = db.session().execute(
        select(
            StockEntry.id, StockEntry.upt_id, StockEntry.variant_id, StockEntry.lot_id,
            StockEntry.kind, StockEntry.from_account, StockEntry.to_account, StockEntry.quantity,
        )
        .where(
            StockEntry.upt_id.in_(upt_ids),
            StockEntry.source_kind == source.kind,
            StockEntry.source_key == source.key,
        )
        .order_by(StockEntry.id)
    )  # fmt: skip
    return tuple(
        PostedMove(*row[:4], EntryKind(row[4]), Account(row[5]), Account(row[6]), row[7])
        for row in rows
    )


def list_to_reverse(*, upt_id: int, source: EntrySource) -> Sequence[EntryLine]:
    """Return the entries of a posting with what reversing them needs to know."""
    reversing = aliased(StockEntry)
    rows: Any = db.session().execute(
        select(
            StockEntry.id, StockEntry.phase, StockEntry.variant_id, StockEntry.lot_id,
            StockEntry.from_account, StockEntry.to_account, StockEntry.quantity,
            StockEntry.reverses_id, reversing.id.is_not(None), func.coalesce(_FREE, 0),
        )
        .outerjoin(reversing, reversing.reverses_id == StockEntry.id)
        .outerjoin(
            StockBalance,
            and_(
                StockBalance.upt_id == StockEntry.upt_id,
                StockBalance.variant_id == StockEntry.variant_id,
                StockBalance.lot_id == StockEntry.lot_id,
                StockBalance.account == StockEntry.to_account,
            ),
        )
        .where(
            StockEntry.upt_id == upt_id,
            StockEntry.source_kind == source.kind,
            StockEntry.source_key == source.key,
        )
        .order_by(StockEntry.id)
    )  # fmt: skip
    return [EntryLine(*row) for row in rows]
