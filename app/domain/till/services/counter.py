"""Writes of the counter. A draft promises nothing, so these take its own row and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, select, text

from app.domain.audit import services as audit_services
from app.domain.catalog import queries as catalog_queries
from app.domain.stock import queries as stock_queries
from app.domain.stock import rules as stock_rules
from app.domain.stock.types import LotBalance
from app.domain.till import queries, rules
from app.domain.till.errors import SecondPriceUnfit, Unsellable
from app.domain.till.models import TillDraft, TillDraftLine, TillSecondPrice
from app.domain.till.types import LINES_MAX, PRODUCT_EDIT, TILL_SELL, Grade, Want
from app.infra import db
from app.infra.db import UtcDateTime
from app.kernel.actor import Actor
from app.kernel.errors import NotAllowed, NotFound
from app.kernel.quantity import CART_QUANTITY_MAX

_NEW_DRAFT: Final = text(
    "INSERT INTO till_draft (upt_id, user_id, recent_keys, updated_at)"
    " VALUES (:upt_id, :user_id, '', :at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("at", type_=UtcDateTime))


def scan(
    *,
    actor: Actor,
    upt_id: int,
    variant_id: int,
    grade: Grade,
    lot_code: str | None,
    entry_key: str,
    at: datetime,
) -> None:
    """Lay one piece on the actor's counter; a scan that comes again changes nothing.

    Args:
        lot_code: The lot that the label names; None lets the till choose.

    Raises:
        NotFound: No such goods in this UPT, or nothing to do with the UPT.
        NotAllowed: ``till.sell`` is not held there.
        Unsellable: The goods cannot be sold, or nothing more of them is there; says why.
    """
    draft = lock(actor=actor, upt_id=upt_id, at=at)
    if entry_key in draft.recent_keys.split():
        return
    offer = catalog_queries.offers(variant_ids=[variant_id]).get(variant_id)
    if offer is None or offer.upt_id != upt_id:
        raise NotFound
    brief = catalog_queries.variant_briefs(variant_ids=[variant_id])[variant_id]
    price_idr = offer.price_idr
    if grade is Grade.SECOND:
        price_idr = queries.find_second_price(variant_id=variant_id) or 0
    trouble = queries.trouble(
        offer=offer, is_active=brief.is_active, grade=grade, price_idr=price_idr
    )
    if trouble:
        raise Unsellable(trouble, name=queries.full_name(offer=offer))
    lot_id = _lot_id(upt_id, variant_id, lot_code)
    rows = _drop_removed(draft.id)
    same = next(
        (
            row
            for row in rows
            if (row.variant_id, row.grade, row.lot_id) == (variant_id, grade, lot_id)
        ),
        None,
    )
    _ensure_left(
        [queries.to_want(row=row) for row in rows],
        Want(same.id if same else 0, variant_id, grade, lot_id, same.quantity + 1 if same else 1),
        queries.lots_of(
            upt_id=upt_id, variant_ids={row.variant_id for row in rows} | {variant_id}, at=at
        ),
        at=at,
    )
    if same is None and len(rows) >= LINES_MAX:
        raise Unsellable("till.draft_full", lines_max=LINES_MAX)
    if same is None:
        db.add(
            TillDraftLine(
                draft_id=draft.id, variant_id=variant_id, grade=grade.value, lot_id=lot_id,
                lot_code=lot_code or "", quantity=1, price_idr=price_idr, is_removed=False,
            )
        )  # fmt: skip
    else:
        same.quantity += 1
    draft.recent_keys = rules.keep_key(keys=draft.recent_keys, key=entry_key)
    draft.updated_at = at


def _lot_id(upt_id: int, variant_id: int, lot_code: str | None) -> int | None:
    if not lot_code:
        return None
    lot = stock_queries.find_lot(upt_id=upt_id, variant_id=variant_id, code=lot_code)
    if lot is None:
        raise Unsellable("till.lot_unknown", lot_code=lot_code)
    return lot.lot_id


def _ensure_left(
    others: Sequence[Want], want: Want, lots: Sequence[LotBalance], *, at: datetime
) -> None:
    if want.quantity > CART_QUANTITY_MAX:
        raise Unsellable("till.line_full", quantity_max=CART_QUANTITY_MAX)
    on = stock_rules.selling_date(at=at)
    wants = [other for other in others if other.line_id != want.line_id] + [want]
    _, shorts = rules.plan(wants=wants, lots=lots, on=on)
    short = next((one for one in shorts if one.variant_id == want.variant_id), None)
    if short is None:
        return
    fitting = rules.candidates(want=want, lots=lots, on=on)
    left = sum(lot.on_hand - lot.held for lot in fitting)
    if left > 0:
        raise Unsellable("till.only_left", left=left)
    own = [
        lot
        for lot in lots
        if lot.variant_id == want.variant_id and want.lot_id in (None, lot.lot_id)
    ]
    raise Unsellable(rules.why_none(grade=want.grade, lots=own, on=on))


def set_quantity(*, actor: Actor, upt_id: int, line_id: int, quantity: int, at: datetime) -> None:
    """Set the pieces of a line; zero takes it off, from where it can be laid back.

    Raises:
        NotFound: No such line on this counter.
        NotAllowed: ``till.sell`` is not held there.
    """
    draft = lock(actor=actor, upt_id=upt_id, at=at)
    _drop_removed(draft.id, but=line_id)
    row = _line(draft.id, line_id)
    row.is_removed = quantity == 0
    row.quantity = quantity or row.quantity
    draft.updated_at = at


def put_back(*, actor: Actor, upt_id: int, line_id: int, at: datetime) -> None:
    """Lay a line back that was taken off last.

    Raises:
        NotFound: No such line on this counter.
        NotAllowed: ``till.sell`` is not held there.
    """
    draft = lock(actor=actor, upt_id=upt_id, at=at)
    _line(draft.id, line_id).is_removed = False
    draft.updated_at = at


def clear(*, actor: Actor, upt_id: int, at: datetime) -> None:
    """Take everything off the counter.

    Raises:
        NotFound, NotAllowed: The actor may not sell there.
    """
    draft = lock(actor=actor, upt_id=upt_id, at=at)
    empty(draft_id=draft.id)


def empty(*, draft_id: int) -> None:
    """Remove all lines of a locked draft."""
    db.session().execute(delete(TillDraftLine).where(TillDraftLine.draft_id == draft_id))


def set_second_price(
    *, actor: Actor, upt_id: int, variant_id: int, price_idr: int, at: datetime
) -> None:
    """Say what second-grade pieces cost.

    Raises:
        NotFound: No such goods in this UPT, or nothing to do with the UPT.
        NotAllowed: ``product.edit`` is not held there.
        SecondPriceUnfit: Not below the price of whole goods.
    """
    actor.ensure(PRODUCT_EDIT, upt_id=upt_id)
    offer = catalog_queries.offers(variant_ids=[variant_id]).get(variant_id)
    if offer is None or offer.upt_id != upt_id:
        raise NotFound
    if price_idr >= offer.price_idr:
        raise SecondPriceUnfit(offer.price_idr)
    row = db.session().get(TillSecondPrice, variant_id, with_for_update=True)
    before = row.price_idr if row else None
    if before == price_idr:
        return
    if row is None:
        row = TillSecondPrice(variant_id=variant_id)
        db.session().add(row)
    row.price_idr, row.set_by, row.set_at = price_idr, actor.user_id or 0, at
    db.session().flush()
    audit_services.record(
        actor=actor,
        action="till.second_priced",
        subject=f"variant:{variant_id}",
        at=at,
        upt_id=upt_id,
        detail={"before_idr": before, "price_idr": price_idr},
    )


def lock(*, actor: Actor, upt_id: int, at: datetime) -> TillDraft:
    """Hold the actor's counter, making it for the first scan.

    Raises:
        NotFound: Nothing to do with the UPT.
        NotAllowed: ``till.sell`` is not held there, or the actor is not a person.
    """
    actor.ensure(TILL_SELL, upt_id=upt_id)
    if actor.user_id is None:
        raise NotAllowed(TILL_SELL)
    draft = queries.lock_draft(upt_id=upt_id, user_id=actor.user_id)
    if draft is None:
        values = {"upt_id": upt_id, "user_id": actor.user_id, "at": at}
        db.session().execute(_NEW_DRAFT, values)
        draft = queries.lock_draft(upt_id=upt_id, user_id=actor.user_id)
    assert draft is not None
    return draft


def _line(draft_id: int, line_id: int) -> TillDraftLine:
    row = db.session().scalar(
        select(TillDraftLine).where(TillDraftLine.id == line_id, TillDraftLine.draft_id == draft_id)
    )
    if row is None:
        raise NotFound
    return row


def _drop_removed(draft_id: int, *, but: int = 0) -> Sequence[TillDraftLine]:
    """Forget lines taken off earlier; return those that lie there."""
    db.session().execute(
        delete(TillDraftLine).where(
            TillDraftLine.draft_id == draft_id,
            TillDraftLine.is_removed,
            TillDraftLine.id != but,
        )
    )
    return (
        db.session()
        .scalars(
            select(TillDraftLine)
            .where(TillDraftLine.draft_id == draft_id)
            .order_by(TillDraftLine.id)
        )
        .all()
    )
