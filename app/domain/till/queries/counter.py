"""What lies on the counter: drafts with today's prices and the pieces they would take."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from app.domain.catalog import queries as catalog_queries
from app.domain.catalog.types import Offer, ProductKind
from app.domain.stock import queries as stock_queries
from app.domain.stock import rules as stock_rules
from app.domain.stock.types import LotBalance
from app.domain.till import rules
from app.domain.till.models import (
    TillDraft,
    TillDraftLine,
    TillSale,
    TillSecondPrice,
    TillSeries,
)
from app.domain.till.types import (
    SHOWN_PLACES,
    TILL_SELL,
    Draft,
    DraftLine,
    Grade,
    LineShort,
    Pick,
    Removed,
    Want,
)
from app.infra import db
from app.kernel.actor import Actor


def lock_draft(*, upt_id: int, user_id: int) -> TillDraft | None:
    """Hold the counter of a person in a UPT."""
    statement = select(TillDraft).where(TillDraft.upt_id == upt_id, TillDraft.user_id == user_id)
    return db.session().scalar(db.for_update(statement).execution_options(populate_existing=True))


def lock_series(*, upt_id: int) -> TillSeries | None:
    """Hold the numbers and the drawer of a UPT."""
    statement = select(TillSeries).where(TillSeries.upt_id == upt_id)
    return db.session().scalar(db.for_update(statement).execution_options(populate_existing=True))


def find_by_key(*, entry_key: str) -> tuple[int, str, int] | None:
    """Return UPT, number and total of the sale that a form with this key made."""
    row = (
        db.read_session()
        .execute(
            select(TillSale.upt_id, TillSale.number, TillSale.total_idr).where(
                TillSale.entry_key == entry_key
            )
        )
        .first()
    )
    return (row[0], row[1], row[2]) if row else None


def _rows(draft_id: int) -> Sequence[TillDraftLine]:
    return (
        db.read_session()
        .scalars(
            select(TillDraftLine)
            .where(TillDraftLine.draft_id == draft_id)
            .order_by(TillDraftLine.id)
            .execution_options(populate_existing=True)
        )
        .all()
    )


def second_prices(*, variant_ids: Collection[int]) -> dict[int, int]:
    """Return what second-grade pieces cost, where somebody has said so."""
    if not variant_ids:
        return {}
    rows = db.read_session().execute(
        select(TillSecondPrice.variant_id, TillSecondPrice.price_idr).where(
            TillSecondPrice.variant_id.in_(variant_ids)
        )
    )
    return {row[0]: row[1] for row in rows}


def find_second_price(*, variant_id: int) -> int | None:
    """Return what a second-grade piece costs."""
    return second_prices(variant_ids=[variant_id]).get(variant_id)


def lots_of(*, upt_id: int, variant_ids: Collection[int], at: datetime) -> tuple[LotBalance, ...]:
    """Return the lots of goods in every place that the till looks at; lapsed promises are free."""
    if not variant_ids:
        return ()
    lots = stock_queries.lots_in(upt_id=upt_id, accounts=SHOWN_PLACES, variant_ids=variant_ids)
    if not any(lot.held for lot in lots):
        return lots
    lapsed = stock_queries.list_lapsed(
        at=at, keys=[(upt_id, variant_id) for variant_id in variant_ids]
    )
    freed: dict[tuple[int, str], int] = {}
    for hold in lapsed:
        key = (hold.lot_id, hold.from_account)
        freed[key] = freed.get(key, 0) + hold.quantity
    return tuple(
        replace(lot, held=lot.held - freed.get((lot.lot_id, lot.account.value), 0)) for lot in lots
    )


def to_want(*, row: TillDraftLine) -> Want:
    """Return the pieces that a line asks for."""
    return Want(row.id, row.variant_id, Grade(row.grade), row.lot_id, row.quantity)


def draft(*, actor: Actor, upt_id: int, at: datetime) -> Draft:
    """Return what lies on the actor's counter, priced and picked as it would be sold now.

    Raises:
        NotFound, NotAllowed: The actor may not sell there.
    """
    actor.ensure(TILL_SELL, upt_id=upt_id)
    draft_id = db.read_session().scalar(
        select(TillDraft.id).where(TillDraft.upt_id == upt_id, TillDraft.user_id == actor.user_id)
    )
    rows = _rows(draft_id) if draft_id is not None else ()
    if not rows:
        return Draft(())
    variant_ids = {row.variant_id for row in rows}
    offers = catalog_queries.offers(variant_ids=variant_ids)
    briefs = catalog_queries.variant_briefs(variant_ids=variant_ids)
    seconds = second_prices(variant_ids=variant_ids)
    lots = lots_of(upt_id=upt_id, variant_ids=variant_ids, at=at)
    live = [row for row in rows if not row.is_removed]
    picks, shorts = rules.plan(
        wants=[to_want(row=row) for row in live], lots=lots, on=stock_rules.selling_date(at=at)
    )
    short_of = {short.line_id: short for short in shorts}
    removed = next((row for row in reversed(rows) if row.is_removed), None)
    return Draft(
        lines=tuple(
            _line(
                row,
                offers[row.variant_id],
                is_active=briefs[row.variant_id].is_active,
                second_idr=seconds.get(row.variant_id, 0),
                picks=tuple(pick for pick in picks if pick.line_id == row.id),
                short=short_of.get(row.id),
            )
            for row in live
        ),
        removed=Removed(removed.id, full_name(offer=offers[removed.variant_id]), removed.quantity)
        if removed
        else None,
    )


def _line(
    row: TillDraftLine,
    offer: Offer,
    *,
    is_active: bool,
    second_idr: int,
    picks: tuple[Pick, ...],
    short: LineShort | None,
) -> DraftLine:
    grade = Grade(row.grade)
    price_idr = second_idr if grade is Grade.SECOND else offer.price_idr
    return DraftLine(
        line_id=row.id,
        variant_id=row.variant_id,
        sku=offer.sku,
        name=full_name(offer=offer),
        grade=grade,
        lot_id=row.lot_id,
        lot_code=row.lot_code,
        quantity=row.quantity,
        price_idr=price_idr,
        price_then_idr=row.price_idr,
        picks=picks,
        left=short.left if short else None,
        trouble=trouble(offer=offer, is_active=is_active, grade=grade, price_idr=price_idr),
    )


def trouble(*, offer: Offer, is_active: bool, grade: Grade, price_idr: int) -> str:
    """Return the code of what forbids selling these goods at all; empty when nothing does."""
    if offer.kind is ProductKind.SERVICE:
        return "till.is_service"
    if not is_active:
        return "till.inactive"
    if price_idr <= 0:
        return "till.no_second_price" if grade is Grade.SECOND else "till.no_price"
    return ""


def full_name(*, offer: Offer) -> str:
    """Return product and variant in one line."""
    return ", ".join(word for word in (offer.product_name, offer.variant_name) if word)
