"""Opening a sheet: the book is frozen while nobody can move it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.domain.counts import queries, rules
from app.domain.counts.errors import CampaignClosed, CountOverlaps
from app.domain.counts.models import CountRow, CountSheet
from app.domain.counts.rules import KnownGoods
from app.domain.counts.services import history
from app.domain.counts.types import (
    STOCK_COUNT,
    CampaignState,
    CountRecord,
    CountState,
    EventKind,
    Scope,
    SheetLine,
)
from app.domain.stock import queries as stock_queries
from app.domain.stock.types import GENESIS_HASH
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel.actor import Actor


def open_count(
    *,
    actor: Actor,
    upt_id: int,
    scope: Scope,
    code: str,
    entry_key: str,
    at: datetime,
    campaign_id: int | None = None,
) -> CountRecord:
    """Open a sheet: freeze what the ledger says about the scope, with its position and hash.

    The rows are written before the head of the ledger is locked, so that nobody waits for a long
    sheet. Stands the head where it stood before the reading, then the rows are what it says; else they
    are mended under the lock.

    Args:
        scope: Not used with a campaign, whose own scope holds.
        code: Name of the sheet on paper, drawn by the surface.
        entry_key: The same key again answers with the same sheet.

    Raises:
        NotFound: No such campaign, or nothing to do with the UPT.
        NotAllowed: ``stock.count`` is not held there.
        CountOverlaps: Goods in the scope stand on another unfinished sheet.
        CampaignClosed: The campaign has ended or does not reach the UPT.
        CampaignTaken: The UPT has a sheet for the campaign already.

    Source: docs/algorithms/stock-count.md, section 1.
    """
    actor.ensure(STOCK_COUNT, upt_id=upt_id)
    known = queries.find_by_key(entry_key=entry_key)
    if known is not None and known.upt_id == upt_id:
        return queries.get_count(actor=actor, count_id=known.id)
    if campaign_id is not None:
        scope = _scope_of_campaign(campaign_id, upt_id)
    goods = queries.goods_of(upt_id=upt_id, scope=scope)
    before = stock_queries.list_heads(upt_id=upt_id).get(upt_id)
    lines = _lines(upt_id, scope, goods) if before else []
    _ensure_apart(upt_id, lines)
    sheet = CountSheet(
        code=code, entry_key=entry_key, upt_id=upt_id, campaign_id=campaign_id,
        scope_kind=scope.kind.value, scope_place=scope.place and scope.place.value,
        scope_category_id=scope.category_id,
        scope_goods=" ".join(str(variant_id) for variant_id in scope.variant_ids),
        state=CountState.COUNTING.value, version=1, ledger_sequence=0, ledger_hash=GENESIS_HASH,
        opened_by=actor.user_id, opened_at=at, handed_in_at=None, decided_by=None,
        decided_at=None, reason="", row_count=len(lines), differing=None, gain_idr=None,
        loss_idr=None,
    )  # fmt: skip
    db.add(sheet)
    _write(sheet, lines, after=0)
    head = stock_queries.lock_heads(upt_ids={upt_id}).get(upt_id)
    if head is not None:
        if before is None or head.sequence != before.sequence:
            lines = _mend(sheet, lines, _lines(upt_id, scope, goods))
        sheet.ledger_sequence, sheet.ledger_hash = head.sequence, head.hash
    history.tell(
        actor=actor, sheet=sheet, kind=EventKind.OPENED, at=at,
        detail={"rows": sheet.row_count, "sequence": sheet.ledger_sequence},
    )  # fmt: skip
    return queries.record_of(sheet=sheet, left=sheet.row_count, asked=0)


def _write(sheet: CountSheet, lines: Sequence[SheetLine], *, after: int) -> None:
    db.append_rows(
        CountRow,
        [
            row_of(sheet=sheet, line=line, number=number)
            for number, line in enumerate(lines, start=after + 1)
        ],
    )


def _mend(
    sheet: CountSheet, written: Sequence[SheetLine], right: Sequence[SheetLine]
) -> list[SheetLine]:
    """Bring rows that were written at an earlier position to the one that is locked now."""
    there = {rules.goods_key(line): line for line in written}
    wanted = {rules.goods_key(line): line for line in right}
    wrong = [
        key for key, line in there.items()
        if key not in wanted or wanted[key].book_quantity != line.book_quantity
    ]  # fmt: skip
    queries.drop_goods(count_id=sheet.id, goods=wrong)
    fresh = [line for key, line in wanted.items() if key in wrong or key not in there]
    _write(sheet, fresh, after=len(written))
    sheet.row_count = len(right)
    return list(right)


def _scope_of_campaign(campaign_id: int, upt_id: int) -> Scope:
    campaign = queries.lock_campaign(campaign_id=campaign_id, is_shared=True)
    upt = upt_queries.briefs(upt_ids=[upt_id])[upt_id]
    is_reached = campaign.kanwil_id in (None, upt.kanwil_id)
    if campaign.state != CampaignState.OPEN.value or not is_reached:
        raise CampaignClosed
    return queries.scope_of(row=campaign)


def _lines(upt_id: int, scope: Scope, goods: dict[int, KnownGoods]) -> list[SheetLine]:
    lots = stock_queries.lots_in(
        upt_id=upt_id, accounts=rules.places_of(scope), variant_ids=scope.variant_ids or None
    )
    return rules.in_walking_order(
        SheetLine(
            variant_id=lot.variant_id,
            lot_id=lot.lot_id,
            account=lot.account,
            lot_code=lot.code,
            expires_on=lot.expires_on,
            sku=goods[lot.variant_id].sku,
            name=goods[lot.variant_id].name,
            price_idr=goods[lot.variant_id].price_idr,
            book_quantity=lot.on_hand,
        )
        for lot in lots
        if lot.variant_id in goods
    )


def _ensure_apart(upt_id: int, lines: list[SheetLine]) -> None:
    taken = queries.open_goods(upt_id=upt_id)
    for line in lines:
        sheet_id = taken.get((line.variant_id, line.lot_code, line.account))
        if sheet_id is not None:
            other = db.session().get(CountSheet, sheet_id)
            raise CountOverlaps(other.code if other else "")


def row_of(*, sheet: CountSheet, line: SheetLine, number: int) -> dict[str, Any]:
    """Return the values of a new row, not counted yet."""
    return {
        "sheet_id": sheet.id, "upt_id": sheet.upt_id, "number": number,
        "variant_id": line.variant_id, "lot_id": line.lot_id, "account": line.account.value,
        "lot_code": line.lot_code, "expires_on": line.expires_on, "sku": line.sku,
        "name": line.name, "price_idr": line.price_idr, "book_quantity": line.book_quantity,
        "is_added": False, "is_open": True, "quantity": None, "moved_quantity": 0, "note": "",
        "version": 1, "counted_by": None, "counted_at": None, "is_recount_asked": False,
        "recount_quantity": None, "recount_moved": 0, "reason": "", "reason_note": "",
        "entry_id": None, "is_left": False,
    }  # fmt: skip
