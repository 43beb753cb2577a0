"""From the last tick to the decision: handing in, second numbers, reasons, sending back, cancelling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update

from app.domain.counts import queries, rules
from app.domain.counts.errors import CountChanged, RecountsLeft, RowsLeft
from app.domain.counts.models import CountRow, CountSheet
from app.domain.counts.services import history
from app.domain.counts.types import (
    STOCK_APPROVE,
    STOCK_COUNT,
    CountState,
    DifferenceReason,
    EventKind,
)
from app.domain.stock.types import Account
from app.infra import db
from app.kernel.actor import Actor


def hand_in(*, actor: Actor, count_id: int, version: int | None, at: datetime) -> None:
    """End the counting: from now on the differences are shown.

    Args:
        version: Version of the sheet that the page showed; None does not ask.

    Raises:
        NotFound: No such sheet, or nothing to do with the UPT.
        NotAllowed: ``stock.count`` is not held there.
        CountClosed, CountChanged: The sheet moved on meanwhile.
        RowsLeft: Not every row is ticked.
    """
    sheet = queries.lock_sheet(count_id=count_id)
    actor.ensure(STOCK_COUNT, upt_id=sheet.upt_id)
    if sheet.state == CountState.HANDED_IN.value and version == sheet.version - 1:
        return
    rules.ensure_state(found=CountState(sheet.state), wanted=(CountState.COUNTING,))
    rules.ensure_version(found=sheet.version, given=version)
    left = queries.rows_left(count_id=count_id)
    if left:
        raise RowsLeft(left)
    sheet.state = CountState.HANDED_IN.value
    sheet.handed_in_at = at
    sheet.version += 1
    refresh_totals(sheet=sheet)
    history.tell(
        actor=actor, sheet=sheet, kind=EventKind.HANDED_IN, at=at,
        detail={"rows": sheet.row_count, "differing": sheet.differing},
    )  # fmt: skip


def refresh_totals(*, sheet: CountSheet) -> None:
    """Keep the sums of a sheet beside it, so that a map of many sheets adds nothing up."""
    found = queries.totals_of(count_id=sheet.id)
    sheet.differing = found.differing
    sheet.gain_idr = found.gain_idr
    sheet.loss_idr = found.loss_idr


def ask_recount(*, actor: Actor, count_id: int, row_ids: Sequence[int], at: datetime) -> int:
    """Ask for a second number; the first one stays. Return how many rows were asked for anew.

    Raises:
        NotFound: No such sheet or row, or nothing to do with the UPT.
        NotAllowed: Neither ``stock.count`` nor ``stock.approve`` is held there.
        CountClosed: The sheet is not handed in.
    """
    sheet = queries.share_sheet(count_id=count_id)
    if not actor.may(STOCK_APPROVE, upt_id=sheet.upt_id):
        actor.ensure(STOCK_COUNT, upt_id=sheet.upt_id)
    rules.ensure_state(found=CountState(sheet.state), wanted=(CountState.HANDED_IN,))
    rows = queries.lock_rows(count_id=count_id, row_ids=row_ids)
    asked = [row for row in rows.values() if not row.is_recount_asked]
    db.change_rows(
        CountRow,
        [{"id": row.id, "is_recount_asked": True, "version": row.version + 1} for row in asked],
    )
    history.remember(
        lines=[
            history.event(
                actor=actor, sheet=sheet, kind=EventKind.RECOUNT_ASKED, at=at, row_id=row.id
            )
            for row in asked
        ]
    )
    return len(asked)


def enter_recount(
    *,
    actor: Actor,
    count_id: int,
    row_id: int,
    quantity: int,
    note: str,
    version: int,
    at: datetime,
) -> None:
    """Write the second number of a row, as the shelf is now; both numbers are kept.

    Raises:
        NotFound: No such sheet or row, or nothing to do with the UPT.
        NotAllowed: ``stock.count`` is not held there.
        CountClosed: The sheet is not handed in, or no second number was asked for.
        CountChanged: Somebody else wrote the row meanwhile.
    """
    sheet = queries.lock_sheet(count_id=count_id)
    actor.ensure(STOCK_COUNT, upt_id=sheet.upt_id)
    row = queries.lock_rows(count_id=count_id, row_ids=[row_id])[row_id]
    is_repeat = row.version == version + 1 and row.recount_quantity == quantity
    if not row.is_recount_asked and is_repeat:
        return
    wanted = (CountState.HANDED_IN,) if row.is_recount_asked else ()
    rules.ensure_state(found=CountState(sheet.state), wanted=wanted)
    rules.ensure_version(found=row.version, given=version)
    moved = 0
    if row.lot_id:
        where = (row.variant_id, row.lot_id, Account(row.account))
        moves = queries.moved_since(
            upt_id=sheet.upt_id, sequence=sheet.ledger_sequence, until=at,
            variant_ids=[row.variant_id],
        )  # fmt: skip
        moved = moves.get(where, 0)
    row.is_recount_asked = False
    row.recount_quantity = quantity
    row.recount_moved = moved
    row.version += 1
    if note:
        row.note = note
    db.session().flush()
    refresh_totals(sheet=sheet)
    history.remember(
        lines=[
            history.event(
                actor=actor, sheet=sheet, kind=EventKind.RECOUNTED, at=at, row_id=row_id, quantity=quantity,
                note=note,
            )
        ]
    )  # fmt: skip


def give_reasons(
    *,
    actor: Actor,
    count_id: int,
    reasons: Sequence[tuple[int, int, DifferenceReason | None, str]],
    at: datetime,
) -> int:
    """Say why rows differ, as (row, its version, reason, words); return how many changed.

    Raises:
        NotFound: No such sheet or row, or nothing to do with the UPT.
        NotAllowed: Neither ``stock.count`` nor ``stock.approve`` is held there.
        CountClosed: The sheet is not handed in.
        CountChanged: A row changed since the page was shown; nothing was written.
    """
    sheet = queries.share_sheet(count_id=count_id)
    if not actor.may(STOCK_APPROVE, upt_id=sheet.upt_id):
        actor.ensure(STOCK_COUNT, upt_id=sheet.upt_id)
    rules.ensure_state(found=CountState(sheet.state), wanted=(CountState.HANDED_IN,))
    rows = queries.lock_rows(count_id=count_id, row_ids=[row_id for row_id, *_ in reasons])
    values: list[dict[str, Any]] = []
    for row_id, version, reason, words in reasons:
        row, word = rows[row_id], reason.value if reason else ""
        if (row.reason, row.reason_note) == (word, words):
            continue
        if row.version != version:
            raise CountChanged
        values.append({"id": row_id, "reason": word, "reason_note": words, "version": version + 1})
    db.change_rows(CountRow, values)
    history.remember(
        lines=[
            history.event(
                actor=actor, sheet=sheet, kind=EventKind.REASONED, at=at, row_id=value["id"],
                note=f"{value['reason']} {value['reason_note']}".strip()[:200],
            )
            for value in values
        ]
    )  # fmt: skip
    return len(values)


def send_back(
    *, actor: Actor, count_id: int, version: int | None, reason: str, at: datetime
) -> None:
    """Give the sheet back to its counters; all numbers stay and can be changed again.

    Raises:
        NotFound: No such sheet, or nothing to do with the UPT.
        NotAllowed: ``stock.approve`` is not held there.
        CountClosed, CountChanged: The sheet moved on meanwhile.
    """
    sheet = queries.lock_sheet(count_id=count_id)
    actor.ensure(STOCK_APPROVE, upt_id=sheet.upt_id)
    rules.ensure_state(found=CountState(sheet.state), wanted=(CountState.HANDED_IN,))
    rules.ensure_version(found=sheet.version, given=version)
    sheet.state = CountState.COUNTING.value
    sheet.version += 1
    sheet.reason = reason
    sheet.handed_in_at = None
    sheet.differing = sheet.gain_idr = sheet.loss_idr = None
    db.session().execute(
        update(CountRow)
        .where(CountRow.sheet_id == count_id, CountRow.recount_quantity.is_not(None))
        .values(
            quantity=CountRow.recount_quantity, moved_quantity=CountRow.recount_moved,
            recount_quantity=None, recount_moved=0, version=CountRow.version + 1,
        )
    )  # fmt: skip
    db.session().execute(
        update(CountRow)
        .where(CountRow.sheet_id == count_id, CountRow.is_recount_asked)
        .values(is_recount_asked=False, version=CountRow.version + 1)
    )
    history.tell(actor=actor, sheet=sheet, kind=EventKind.SENT_BACK, at=at, note=reason)


def cancel(*, actor: Actor, count_id: int, version: int | None, reason: str, at: datetime) -> None:
    """End a sheet without posting anything; its numbers stay readable in the history.

    Raises:
        NotFound: No such sheet, or nothing to do with the UPT.
        NotAllowed: While counting ``stock.count`` is needed, afterwards ``stock.approve``.
        CountClosed, CountChanged: The sheet moved on meanwhile.
    """
    sheet = queries.lock_sheet(count_id=count_id)
    is_counting = sheet.state == CountState.COUNTING.value
    actor.ensure(STOCK_COUNT if is_counting else STOCK_APPROVE, upt_id=sheet.upt_id)
    rules.ensure_state(
        found=CountState(sheet.state), wanted=(CountState.COUNTING, CountState.HANDED_IN)
    )
    rules.ensure_version(found=sheet.version, given=version)
    sheet.state = CountState.CANCELLED.value
    sheet.version += 1
    sheet.reason = reason
    sheet.decided_by = actor.user_id
    sheet.decided_at = at
    close_rows(count_id=count_id)
    history.tell(actor=actor, sheet=sheet, kind=EventKind.CANCELLED, at=at, note=reason)


def close_rows(*, count_id: int) -> None:
    """Let other sheets count these goods again, in one statement."""
    db.session().execute(
        update(CountRow).where(CountRow.sheet_id == count_id).values(is_open=False)
    )


def ensure_no_recounts(*, count_id: int) -> None:
    """Refuse while second numbers are awaited.

    Raises:
        RecountsLeft: Some are.
    """
    left = queries.recount_left(count_id=count_id)
    if left:
        raise RecountsLeft(left)
