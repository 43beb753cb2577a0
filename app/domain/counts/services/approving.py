"""Approval by a second person, and the one posting that follows from it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from app.domain.counts import queries, rules
from app.domain.counts.errors import LossNotFree, ReasonsMissing
from app.domain.counts.models import CountPosting, CountRow, CountSheet
from app.domain.counts.services import deciding, history
from app.domain.counts.types import STOCK_APPROVE, CountState, DifferenceRow, EventKind, StuckRow
from app.domain.stock import queries as stock_queries
from app.domain.stock import services as stock_services
from app.domain.stock.types import GENESIS_HASH, PostedMove
from app.infra import db
from app.kernel.actor import Actor


def approve(
    *,
    actor: Actor,
    count_id: int,
    version: int | None,
    at: datetime,
    left_row_ids: Collection[int] = (),
) -> None:
    """Bring the book to the shelf: each difference moved once, as of the sheet's position.

    What was sold, received or moved since stays, because a difference is an amount and not a level.

    Args:
        version: Version of the sheet that the page showed; None does not ask.
        left_row_ids: Losses that the approver saw could not be taken, and leaves unposted.

    Raises:
        NotFound: No such sheet, or nothing to do with the UPT.
        NotAllowed: ``stock.approve`` is not held there.
        OwnCount: The actor opened, counted or handed in this sheet.
        CountClosed, CountChanged: The sheet moved on meanwhile.
        RecountsLeft: Second numbers are awaited.
        ReasonsMissing: Large differences have no reason.
        LossNotFree: Other rows than those named cannot be taken; nothing was posted.
        UniqueTaken: A one-of-a-kind piece was found that the books have elsewhere.

    Source: docs/algorithms/stock-count.md, section 4.
    """
    sheet = queries.lock_sheet(count_id=count_id)
    actor.ensure(STOCK_APPROVE, upt_id=sheet.upt_id)
    if sheet.state == CountState.APPROVED.value and sheet.decided_by == actor.user_id:
        return
    rules.ensure_state(found=CountState(sheet.state), wanted=(CountState.HANDED_IN,))
    rules.ensure_version(found=sheet.version, given=version)
    rules.ensure_second_person(user_id=actor.user_id, makers=queries.list_makers(count_id=count_id))
    deciding.ensure_no_recounts(count_id=count_id)
    rows = queries.list_differing(count_id=count_id)
    missing = sum(row.needs_reason and row.reason is None for row in rows)
    if missing:
        raise ReasonsMissing(missing)
    deciding.close_rows(count_id=count_id)
    stuck = _stuck(sheet, rows)
    if {row.row_id for row in stuck} != set(left_row_ids):
        raise LossNotFree(stuck)
    left = {row.row_id for row in stuck}
    posted = _post(actor, sheet, [row for row in rows if row.row_id not in left], at=at)
    _close(actor, sheet, rows, posted, left, at=at)


def _stuck(sheet: CountSheet, rows: Sequence[DifferenceRow]) -> tuple[StuckRow, ...]:
    """Return the losses that cannot be taken, with the ledger's head locked until the end."""
    stock_queries.lock_heads(upt_ids={sheet.upt_id})
    losses = {row.variant_id for row in rows if row.difference < 0}
    if not losses:
        return ()
    lots = stock_queries.lots_in(upt_id=sheet.upt_id)
    free = {(lot.variant_id, lot.lot_id, lot.account): lot.on_hand - lot.held for lot in lots}
    return rules.find_stuck(rows=rows, free=free)


def _post(
    actor: Actor, sheet: CountSheet, rows: Sequence[DifferenceRow], *, at: datetime
) -> dict[int, int]:
    """Post the differences in one posting; return the entry of each row."""
    planned = rules.plan(upt_id=sheet.upt_id, rows=rows)
    if not planned:
        return {}
    posted: tuple[PostedMove, ...] = stock_services.post_moves(
        actor=actor,
        permission=STOCK_APPROVE,
        acting_upt_id=sheet.upt_id,
        action="count.posted",
        moves=[step.move for step in planned],
        source=rules.source_of(sheet.code),
        happened_at=sheet.opened_at,
        at=at,
        reason="count",
        note=sheet.code,
    )
    return {
        row_id: entry.entry_id
        for step, entry in zip(planned, posted, strict=True)
        for row_id in step.row_ids
    }


def _close(
    actor: Actor,
    sheet: CountSheet,
    rows: Sequence[DifferenceRow],
    posted: dict[int, int],
    left: set[int],
    *,
    at: datetime,
) -> None:
    values: list[dict[str, Any]] = [
        {"id": row_id, "entry_id": posted.get(row_id), "is_left": row_id in left}
        for row_id in sorted([*posted, *left])
    ]
    db.change_rows(CountRow, values)
    done = rules.total(row for row in rows if row.row_id not in left)
    sheet.state = CountState.APPROVED.value
    sheet.version += 1
    sheet.decided_by = actor.user_id
    sheet.decided_at = at
    sheet.gain_idr, sheet.loss_idr = done.gain_idr, done.loss_idr
    head = stock_queries.list_heads(upt_id=sheet.upt_id).get(sheet.upt_id)
    db.add(
        CountPosting(
            sheet_id=sheet.id,
            upt_id=sheet.upt_id,
            source_key=sheet.code,
            approved_by=actor.user_id,
            approved_at=at,
            sequence=head.sequence if head else 0,
            hash=head.hash if head else GENESIS_HASH,
            posted_rows=len(posted),
            left_rows=len(left),
            gain_idr=done.gain_idr,
            loss_idr=done.loss_idr,
        )
    )
    history.tell(
        actor=actor, sheet=sheet, kind=EventKind.APPROVED, at=at,
        detail={"posted": len(posted), "left": len(left), "gain_idr": done.gain_idr,
                "loss_idr": done.loss_idr},
    )  # fmt: skip
