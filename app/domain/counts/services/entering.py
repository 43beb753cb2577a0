"""Writing numbers: one row or many, each against the version of the row that its writer saw."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from app.domain.audit import services as audit_services
from app.domain.counts import queries, rules
from app.domain.counts.errors import RowKnown, RowsUnfit
from app.domain.counts.models import CountRow, CountSheet
from app.domain.counts.rules import KnownRow, NewRow, Where
from app.domain.counts.services import history, opening
from app.domain.counts.types import (
    STOCK_COUNT,
    BlindRow,
    CountState,
    EventKind,
    RowConflict,
    RowWrite,
    SaveOutcome,
    SheetLine,
    TypedCheck,
    TypedRow,
)
from app.domain.stock import queries as stock_queries
from app.domain.stock.types import Account, EntrySource
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import FieldError, Invalid, NotFound


def count_rows(
    *,
    actor: Actor,
    count_id: int,
    writes: Sequence[RowWrite],
    at: datetime,
    counted_at: datetime | None = None,
) -> SaveOutcome:
    """Write numbers for rows of a sheet; a row that changed meanwhile is left as it stands.

    A repeat of what stands there already changes nothing, whatever version it names.

    Args:
        counted_at: When the shelf was looked at; what the ledger moved until then is netted out.
            None means the numbers are told as of the sheet itself.

    Raises:
        NotFound: No such sheet or row, or nothing to do with the UPT.
        NotAllowed: ``stock.count`` is not held there.
        CountClosed: The sheet is not being counted.
    """
    sheet = queries.share_sheet(count_id=count_id)
    _ensure_counting(actor, sheet)
    rows = queries.lock_rows(count_id=count_id, row_ids=[write.row_id for write in writes])
    changed: list[tuple[CountRow, RowWrite]] = []
    conflicts: list[RowConflict] = []
    for write in sorted(writes, key=lambda write: write.row_id):
        row = rows[write.row_id]
        if row.quantity == write.quantity and row.note == write.note:
            continue
        if row.version != write.version:
            conflicts.append(RowConflict(queries.blind_of(row=row), write))
        else:
            changed.append((row, write))
    moved = _moved(sheet, counted_at, at, {row.variant_id for row, _ in changed})
    values = [
        _number_of(row.id, row.version, _where(row), write.quantity, write.note, moved, actor, at)
        for row, write in changed
    ]
    db.change_rows(CountRow, values)
    history.remember(
        lines=[
            history.event(
                actor=actor, sheet=sheet, kind=EventKind.CLEARED if value["quantity"] is None else EventKind.COUNTED,
                at=at, row_id=value["id"], quantity=value["quantity"], note=value["note"],
            )
            for value in values
        ]
    )  # fmt: skip
    saved = tuple(
        _after(queries.blind_of(row=row), value)
        for (row, _), value in zip(changed, values, strict=True)
    )
    unchanged = len(writes) - len(changed) - len(conflicts)
    return SaveOutcome(saved, tuple(conflicts), unchanged)


def _ensure_counting(actor: Actor, sheet: CountSheet) -> None:
    actor.ensure(STOCK_COUNT, upt_id=sheet.upt_id)
    rules.ensure_state(found=CountState(sheet.state), wanted=(CountState.COUNTING,))


def _where(row: CountRow) -> Where | None:
    return (row.variant_id, row.lot_id, Account(row.account)) if row.lot_id else None


def _moved(
    sheet: CountSheet,
    counted_at: datetime | None,
    at: datetime,
    variant_ids: Collection[int] | None,
) -> dict[Where, int]:
    """Return what moved between the sheet and the look at the shelf."""
    if counted_at is not None and counted_at > at:
        raise Invalid(FieldError("counted_at", "counts.counted_in_future"))
    until = rules.counted_at(told=counted_at, opened_at=sheet.opened_at)
    if until is None or (variant_ids is not None and not variant_ids):
        return {}
    return queries.moved_since(
        upt_id=sheet.upt_id, sequence=sheet.ledger_sequence, until=until, variant_ids=variant_ids
    )


def _number_of(
    row_id: int,
    version: int,
    where: Where | None,
    quantity: int | None,
    note: str,
    moved: dict[Where, int],
    actor: Actor,
    at: datetime,
) -> dict[str, Any]:
    is_counted = quantity is not None
    return {
        "id": row_id,
        "quantity": quantity,
        "note": note,
        "moved_quantity": moved.get(where, 0) if where and is_counted else 0,
        "version": version + 1,
        "counted_by": actor.user_id if is_counted else None,
        "counted_at": at if is_counted else None,
    }


def _after(row: BlindRow, value: dict[str, Any]) -> BlindRow:
    return replace(
        row, quantity=value["quantity"], note=value["note"], version=value["version"],
        counted_by=value["counted_by"], counted_at=value["counted_at"],
    )  # fmt: skip


def enter_rows(
    *,
    actor: Actor,
    count_id: int,
    rows: Sequence[TypedRow],
    source: EntrySource,
    at: datetime,
    counted_at: datetime | None = None,
    sequence: int | None = None,
    is_replacing: bool = False,
) -> TypedCheck:
    """Write many numbers at once by code, lot and place; all of them or none.

    Rows that carry the number already are passed over, so the same file twice changes nothing.
    ``queries.check_rows`` says beforehand what would happen.

    Args:
        source: What brought the numbers, for the audit trail.
        counted_at: See ``count_rows``; files are told as of the sheet unless they say a time.
        sequence: Ledger position that the file names; must be the sheet's.
        is_replacing: Whether other numbers that somebody counted may be written over.

    Raises:
        NotFound: No such sheet, or nothing to do with the UPT.
        NotAllowed: ``stock.count`` is not held there.
        CountClosed: The sheet is not being counted.
        RowsUnfit: Carries every error of every row; nothing was written.
        CountOverlaps: A row to be added stands on another unfinished sheet.
    """
    sheet = queries.lock_sheet(count_id=count_id)
    _ensure_counting(actor, sheet)
    queries.ensure_position(sheet=sheet, sequence=sequence)
    found = queries.match_rows(sheet=sheet, rows=rows, is_replacing=is_replacing)
    if found.errors:
        raise RowsUnfit(found.errors)
    moved = _moved(sheet, counted_at, at, None)
    _write_known(actor, sheet, found.known, moved, at=at)
    _add(actor, sheet, found.new, moved, at=at)
    if found.known or found.new:
        audit_services.record(
            actor=actor,
            action="count.entered",
            subject=f"count:{sheet.code}",
            at=at,
            upt_id=sheet.upt_id,
            detail={
                "rows": len(found.known),
                "added": len(found.new),
                "source": f"{source.kind}:{source.key}",
            },
        )
    return TypedCheck((), len(found.known), len(found.new), found.unchanged)


def _write_known(
    actor: Actor,
    sheet: CountSheet,
    known: Sequence[tuple[KnownRow, TypedRow]],
    moved: dict[Where, int],
    *,
    at: datetime,
) -> None:
    values = []
    for row, typed in sorted(known, key=lambda pair: pair[0].row_id):
        where = (row.goods[0], row.lot_id, row.goods[2]) if row.lot_id else None
        values.append(
            _number_of(row.row_id, row.version, where, typed.quantity, typed.note, moved, actor, at)
        )
    db.change_rows(CountRow, values)
    history.remember(
        lines=[
            history.event(
                actor=actor, sheet=sheet, kind=EventKind.COUNTED, at=at,
                row_id=value["id"], quantity=value["quantity"], note=value["note"],
            )
            for value in values
        ]
    )  # fmt: skip


def _add(
    actor: Actor,
    sheet: CountSheet,
    new: Sequence[NewRow],
    moved: dict[Where, int],
    *,
    expires_on: date | None = None,
    at: datetime,
) -> None:
    """Write rows found beside the sheet, ticked; their book is zero at the sheet's position."""
    if not new:
        return
    lots = stock_queries.list_lots_of(
        upt_ids=[sheet.upt_id], variant_ids={row.goods.variant_id for row in new}
    )
    last = sheet.row_count
    values = []
    for number, row in enumerate(new, start=last + 1):
        known = lots.get((sheet.upt_id, row.goods.variant_id, row.lot_code))
        lot_id = known[0].lot_id if known else None
        line = SheetLine(
            row.goods.variant_id, lot_id or 0, row.account, row.lot_code,
            known[0].expires_on if known else expires_on, row.goods.sku, row.goods.name,
            row.goods.price_idr, 0,
        )  # fmt: skip
        where = (row.goods.variant_id, lot_id, row.account) if lot_id else None
        counted = _number_of(0, 0, where, row.quantity, row.note, moved, actor, at)
        del counted["id"]
        values.append(
            {
                **opening.row_of(sheet=sheet, line=line, number=number),
                "lot_id": lot_id,
                "is_added": True,
                **counted,
            }
        )
    sheet.row_count = last + len(new)
    db.append_rows(CountRow, values)
    history.remember(
        lines=[
            history.event(
                actor=actor, sheet=sheet, kind=EventKind.ADDED, at=at, quantity=row.quantity, note=row.note,
                row_id=row_id,
            )
            for row_id, row in zip(
                queries.added_ids(count_id=sheet.id, after_number=last), new, strict=True
            )
        ]
    )  # fmt: skip


def add_row(
    *,
    actor: Actor,
    count_id: int,
    variant_id: int,
    place: Account,
    lot_code: str | None,
    expires_on: date | None,
    quantity: int,
    note: str,
    at: datetime,
    counted_at: datetime | None = None,
) -> int:
    """Add goods that were found and are not on the sheet; return the row.

    Args:
        lot_code: None takes the only lot of the goods, or the code for pieces without a label.
        counted_at: See ``count_rows``.

    Raises:
        NotFound: No such sheet or variant, or nothing to do with the UPT.
        NotAllowed: ``stock.count`` is not held there.
        CountClosed: The sheet is not being counted.
        Invalid: The goods or the place are outside the sheet's scope.
        RowKnown: They stand on the sheet already; names the row.
        CountOverlaps: They stand on another unfinished sheet.
    """
    sheet = queries.lock_sheet(count_id=count_id)
    _ensure_counting(actor, sheet)
    scope = queries.scope_of(row=sheet)
    whole = queries.goods_of(upt_id=sheet.upt_id, scope=rules.everything())
    if variant_id not in whole:
        raise NotFound
    if variant_id not in queries.goods_of(upt_id=sheet.upt_id, scope=scope):
        raise Invalid(FieldError("variant_id", "counts.goods_outside"))
    if place not in rules.places_of(scope):
        raise Invalid(FieldError("place", "counts.place_unknown"))
    code = lot_code or _only_lot(sheet, variant_id)
    known = queries.find_row_id(
        count_id=count_id, variant_id=variant_id, lot_code=code, account=place
    )
    if known is not None:
        raise RowKnown(known)
    moved = _moved(sheet, counted_at, at, {variant_id})
    row = NewRow(whole[variant_id], place, code, quantity, note)
    _add(actor, sheet, [row], moved, expires_on=expires_on, at=at)
    return queries.added_ids(count_id=count_id, after_number=sheet.row_count - 1)[0]


def _only_lot(sheet: CountSheet, variant_id: int) -> str:
    lots = stock_queries.list_lots_of(upt_ids=[sheet.upt_id], variant_ids=[variant_id])
    codes = [code for _, _, code in lots]
    return codes[0] if len(codes) == 1 else rules.unknown_lot_code(on=sheet.opened_at.date())
