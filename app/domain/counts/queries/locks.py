"""What writing a count locks and reads, in the order of docs/algorithms/locking.md.

A sheet is locked before the head of its ledger. Writers of numbers share the sheet with each other, so
that many people count at once, but not with whoever hands it in.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, column, delete, func, select, table

from app.domain.catalog import queries as catalog_queries
from app.domain.counts import rules
from app.domain.counts.models import CountCampaign, CountEvent, CountRow, CountSheet
from app.domain.counts.rules import Goods, KnownGoods, KnownRow, Where
from app.domain.counts.types import MAKERS, Scope, ScopeKind
from app.domain.stock import rules as stock_rules
from app.domain.stock.types import Account
from app.infra import db
from app.infra.db import UtcDateTime
from app.kernel.errors import NotFound

_ENTRY: Final = table(
    "stock_entry",
    column("id"),
    column("variant_id"),
    column("lot_id"),
    column("phase"),
    column("from_account"),
    column("to_account"),
    column("quantity"),
    column("happened_at", UtcDateTime),
)
_VARIANT: Final = table(
    "variant", column("id"), column("upt_id"), column("product_id"), column("sku"),
    column("name"), column("price_idr"),
)  # fmt: skip
_PRODUCT: Final = table("product", column("id"), column("name"), column("category_id"))


def lock_sheet(*, count_id: int) -> CountSheet:
    """Lock a sheet against every other writer.

    Raises:
        NotFound: No such sheet.
    """
    sheet: CountSheet = _one(_sheet(count_id).with_for_update())
    return sheet


def share_sheet(*, count_id: int) -> CountSheet:
    """Keep a sheet in its state while numbers are written; others may write numbers too.

    Raises:
        NotFound: No such sheet.
    """
    sheet: CountSheet = _one(_sheet(count_id).with_for_update(read=True))
    return sheet


def _sheet(count_id: int) -> Select[Any]:
    return (
        select(CountSheet)
        .where(CountSheet.id == count_id)
        .execution_options(populate_existing=True)
    )


def _one(statement: Select[Any]) -> Any:
    found = db.session().scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def lock_campaign(*, campaign_id: int, is_shared: bool = False) -> CountCampaign:
    """Lock a campaign; sharing keeps it open while a sheet is made for it.

    Raises:
        NotFound: No such campaign.
    """
    statement = (
        select(CountCampaign)
        .where(CountCampaign.id == campaign_id)
        .execution_options(populate_existing=True)
    )
    campaign: CountCampaign = _one(statement.with_for_update(read=is_shared))
    return campaign


def find_by_key(*, entry_key: str) -> CountSheet | None:
    """Return the sheet that this form opened before."""
    return db.read_session().scalar(select(CountSheet).where(CountSheet.entry_key == entry_key))


def find_campaign_by_key(*, entry_key: str) -> CountCampaign | None:
    """Return the campaign that this form opened before."""
    return db.read_session().scalar(
        select(CountCampaign).where(CountCampaign.entry_key == entry_key)
    )


def lock_rows(*, count_id: int, row_ids: Collection[int]) -> dict[int, CountRow]:
    """Lock rows of a sheet in the order of their ids.

    Raises:
        NotFound: One of them is not on this sheet.
    """
    rows = db.session().scalars(
        select(CountRow)
        .where(CountRow.sheet_id == count_id, CountRow.id.in_(row_ids))
        .order_by(CountRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {row.id: row for row in rows}
    if len(found) != len(set(row_ids)):
        raise NotFound
    return found


def known_rows(*, count_id: int) -> tuple[KnownRow, ...]:
    """Return every row of a sheet as typed rows are matched against it, in one statement."""
    rows: Any = db.read_session().execute(
        select(
            CountRow.id, CountRow.variant_id, CountRow.lot_code, CountRow.account,
            CountRow.lot_id, CountRow.sku, CountRow.quantity, CountRow.note, CountRow.version,
            CountRow.is_added,
        )
        .where(CountRow.sheet_id == count_id)
        .order_by(CountRow.number)
    )  # fmt: skip
    return tuple(KnownRow(row[0], (row[1], row[2], Account(row[3])), *row[4:]) for row in rows)


def goods_of(*, upt_id: int, scope: Scope) -> dict[int, KnownGoods]:
    """Return the variants of a UPT that a scope covers, with label and price, in one statement."""
    statement = (
        select(
            _VARIANT.c.id, _VARIANT.c.sku, _PRODUCT.c.name.label("product_name"),
            _VARIANT.c.name, _VARIANT.c.price_idr,
        )
        .join(_PRODUCT, _PRODUCT.c.id == _VARIANT.c.product_id)
        .where(_VARIANT.c.upt_id == upt_id)
    )  # fmt: skip
    if scope.kind is ScopeKind.CATEGORY:
        statement = statement.where(_PRODUCT.c.category_id.in_(_family(scope.category_id)))
    elif scope.kind is ScopeKind.GOODS:
        statement = statement.where(_VARIANT.c.id.in_(scope.variant_ids))
    return {
        row.id: KnownGoods(
            row.id,
            row.sku,
            f"{row.product_name}, {row.name}" if row.name else row.product_name,
            row.price_idr,
        )
        for row in db.read_session().execute(statement)
    }


def _family(category_id: int | None) -> list[int]:
    return [
        record.category_id
        for record in catalog_queries.list_categories()
        if category_id in (record.category_id, record.parent_id)
    ]


def open_goods(*, upt_id: int) -> dict[Goods, int]:
    """Return what stands on the unfinished sheets of a UPT, with the sheet."""
    rows = db.session().execute(
        select(CountRow.variant_id, CountRow.lot_code, CountRow.account, CountRow.sheet_id).where(
            CountRow.upt_id == upt_id, CountRow.is_open
        )
    )
    return {(row[0], row[1], Account(row[2])): row[3] for row in rows}


def moved_since(
    *,
    upt_id: int,
    sequence: int,
    until: datetime,
    variant_ids: Collection[int] | None = None,
) -> dict[Where, int]:
    """Return what came less what went by balance, written after a position, in one statement.

    Args:
        until: Only what had happened by then.
        variant_ids: Only these; None takes all.
    """
    statement = (
        select(
            _ENTRY.c.variant_id, _ENTRY.c.lot_id, _ENTRY.c.phase, _ENTRY.c.from_account,
            _ENTRY.c.to_account, func.sum(_ENTRY.c.quantity),
        )
        .where(
            _ENTRY.c.id > stock_rules.entry_id(upt_id=upt_id, sequence=sequence),
            _ENTRY.c.id < stock_rules.entry_id(upt_id=upt_id + 1, sequence=0),
            _ENTRY.c.happened_at <= until,
        )
        .group_by(
            _ENTRY.c.variant_id, _ENTRY.c.lot_id, _ENTRY.c.phase, _ENTRY.c.from_account,
            _ENTRY.c.to_account,
        )
    )  # fmt: skip
    if variant_ids is not None:
        statement = statement.where(_ENTRY.c.variant_id.in_(variant_ids))
    rows = db.read_session().execute(statement)
    return rules.net_moves((*row[:5], int(row[5])) for row in rows)


def rows_left(*, count_id: int) -> int:
    """Return how many rows are not ticked."""
    return _count(count_id, CountRow.quantity.is_(None))


def recount_left(*, count_id: int) -> int:
    """Return how many rows wait for their second number."""
    return _count(count_id, CountRow.is_recount_asked)


def _count(count_id: int, condition: Any) -> int:
    statement = (
        select(func.count()).select_from(CountRow).where(CountRow.sheet_id == count_id, condition)
    )
    return db.read_session().scalar(statement) or 0


def list_makers(*, count_id: int) -> frozenset[int]:
    """Return everybody who opened, counted or handed in a sheet."""
    rows = db.read_session().scalars(
        select(CountEvent.actor_user_id)
        .where(
            CountEvent.sheet_id == count_id,
            CountEvent.event.in_([event.value for event in MAKERS]),
        )
        .distinct()
    )
    return frozenset(user_id for user_id in rows if user_id is not None)


def added_ids(*, count_id: int, after_number: int) -> list[int]:
    """Return the rows added to a sheet behind a number, in their order."""
    return list(
        db.session().scalars(
            select(CountRow.id)
            .where(CountRow.sheet_id == count_id, CountRow.number > after_number)
            .order_by(CountRow.number)
        )
    )


def find_row_id(*, count_id: int, variant_id: int, lot_code: str, account: Account) -> int | None:
    """Return the row of a sheet for these goods."""
    return db.read_session().scalar(
        select(CountRow.id).where(
            CountRow.sheet_id == count_id,
            CountRow.variant_id == variant_id,
            CountRow.lot_code == lot_code,
            CountRow.account == account.value,
        )
    )


def drop_goods(*, count_id: int, goods: Collection[Goods]) -> None:
    """Take rows off a sheet that is being opened, before anybody has seen it."""
    for variant_id, lot_code, account in goods:
        db.session().execute(
            delete(CountRow).where(
                CountRow.sheet_id == count_id,
                CountRow.variant_id == variant_id,
                CountRow.lot_code == lot_code,
                CountRow.account == account.value,
            )
        )
