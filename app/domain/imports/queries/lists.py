"""The lists that go out, row by row: stock, prices, receipts of a time, the card of an item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, case, column, select, table

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import GoodsRow
from app.domain.imports.types import ORIGIN_NAMES, PLACE_NAMES, STOCK_VIEW, Good, Origin
from app.domain.stock import queries as stock_queries
from app.domain.stock import rules as stock_rules
from app.domain.stock.types import PLACES, Account, EntryKind
from app.infra import db
from app.infra.db import UtcDateTime
from app.kernel.actor import Actor

_BLOCK: Final = 1_000

_ENTRY: Final = table(
    "stock_entry",
    column("id", BigInteger), column("sequence"), column("kind"), column("phase"),
    column("variant_id"), column("lot_id"), column("from_account"), column("to_account"),
    column("quantity"), column("note"), column("source_kind"),
    column("happened_at", UtcDateTime), column("written_at", UtcDateTime),
)  # fmt: skip
_LOT: Final = table("stock_lot", column("id"), column("code"), column("expires_on"))
_PLACES: Final = [place.value for place in PLACES]

_ARRIVALS: Final[Mapping[str, str]] = {
    EntryKind.PRODUCED.value: ORIGIN_NAMES[Origin.PRODUCTION],
    EntryKind.PURCHASED.value: ORIGIN_NAMES[Origin.PURCHASE],
    EntryKind.OPENING.value: ORIGIN_NAMES[Origin.OPENING],
    EntryKind.TRANSFER_RECEIVED.value: "kiriman UPT lain",
}

Line = tuple[str | int | date | None, ...]


def goods_by_sku(*, upt_id: int) -> dict[str, Good]:
    """Return every variant of a UPT by its code, in one statement."""
    return {row.sku: _good(row) for row in catalog_queries.goods_of_upt(upt_id=upt_id)}


def _good(row: GoodsRow) -> Good:
    return Good(
        variant_id=row.variant_id,
        sku=row.sku,
        name=row.product_name,
        variant_name=row.variant_name,
        price_idr=row.price_idr,
        is_active=row.is_active,
        is_unique=row.kind.value == "unique",
    )


def stock_list(*, actor: Actor, upt_id: int) -> Iterator[Line]:
    """Give what lies where: code, names, place, lot, its dates, pieces, promised pieces.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    goods = {good.variant_id: good for good in goods_by_sku(upt_id=upt_id).values()}
    lots = stock_queries.lots_in(upt_id=upt_id, accounts=PLACES)
    order = {variant_id: number for number, variant_id in enumerate(goods)}
    return (
        (
            goods[lot.variant_id].sku,
            goods[lot.variant_id].name,
            goods[lot.variant_id].variant_name,
            PLACE_NAMES[lot.account],
            lot.code,
            lot.produced_on,
            lot.expires_on,
            lot.on_hand,
            lot.held,
        )
        for lot in sorted(lots, key=lambda lot: order[lot.variant_id])
    )


def price_list(*, actor: Actor, upt_id: int) -> Iterator[Line]:
    """Give code, names and price of every variant that has one.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    return (
        (
            good.sku,
            good.name,
            good.variant_name,
            good.price_idr,
            "ya" if good.is_active else "tidak",
        )
        for good in goods_by_sku(upt_id=upt_id).values()
        if good.price_idr is not None
    )


def receipts(*, actor: Actor, upt_id: int, since: datetime, until: datetime) -> Iterator[Line]:
    """Give what came in between two instants, as told, in the order of the ledger.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    goods = {good.variant_id: good for good in goods_by_sku(upt_id=upt_id).values()}
    first, last = _ids_of(upt_id)
    statement = (
        select(_ENTRY, _LOT.c.code, _LOT.c.expires_on)
        .join(_LOT, _LOT.c.id == _ENTRY.c.lot_id)
        .where(
            _ENTRY.c.id.between(first, last),
            _ENTRY.c.kind.in_(list(_ARRIVALS)),
            _ENTRY.c.happened_at >= since,
            _ENTRY.c.happened_at < until,
        )
    )
    return (
        (
            row.happened_at,
            goods[row.variant_id].sku,
            goods[row.variant_id].name,
            goods[row.variant_id].variant_name,
            row.quantity,
            _ARRIVALS[row.kind],
            PLACE_NAMES.get(Account(row.to_account), row.to_account),
            row.code,
            row.expires_on,
            row.note,
            row.sequence,
        )
        for row in _stream(statement)
    )


def stock_card(*, actor: Actor, upt_id: int, variant_id: int) -> Iterator[Line]:
    """Give every entry of an item, oldest first, with the pieces inside the UPT after it.

    Raises:
        NotFound: No such item in this UPT, or nothing to do with the UPT.
        NotAllowed: ``stock.view`` is not held there.
    """
    actor.ensure(STOCK_VIEW, upt_id=upt_id)
    stock_queries.ensure_variant(upt_id=upt_id, variant_id=variant_id)
    first, last = _ids_of(upt_id)
    moves = _ENTRY.c.phase.in_(("move", "post"))
    enters = case((moves & _ENTRY.c.to_account.in_(_PLACES), _ENTRY.c.quantity), else_=0)
    leaves = case((moves & _ENTRY.c.from_account.in_(_PLACES), _ENTRY.c.quantity), else_=0)
    statement = (
        select(_ENTRY, _LOT.c.code, enters.label("enters"), leaves.label("leaves"))
        .join(_LOT, _LOT.c.id == _ENTRY.c.lot_id)
        .where(_ENTRY.c.variant_id == variant_id, _ENTRY.c.id.between(first, last))
    )
    return _with_balance(_stream(statement))


def _with_balance(rows: Iterator[Any]) -> Iterator[Line]:
    balance = 0
    for row in rows:
        balance += row.enters - row.leaves
        yield (
            row.sequence,
            row.happened_at,
            row.written_at,
            row.kind,
            row.from_account,
            row.to_account,
            row.code,
            row.enters or None,
            row.leaves or None,
            balance,
            row.note,
        )


def _ids_of(upt_id: int) -> tuple[int, int]:
    return (
        stock_rules.entry_id(upt_id=upt_id, sequence=1),
        stock_rules.entry_id(upt_id=upt_id + 1, sequence=0) - 1,
    )


def _stream(statement: Any) -> Iterator[Any]:
    """Give the rows by the id of their entry, a block at a time: the ledger only grows at its end."""
    last = 0
    while True:
        page = statement.where(_ENTRY.c.id > last).order_by(_ENTRY.c.id).limit(_BLOCK)
        rows = db.read_session().execute(page).all()
        yield from rows
        if len(rows) < _BLOCK:
            return
        last = rows[-1].id
