"""Posting rows: a thousand in a posting, each posting named after the file and its first line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import update

from app.domain.catalog import services as catalog_services
from app.domain.counts import queries as counts_queries
from app.domain.counts import services as counts_services
from app.domain.counts.types import TypedRow
from app.domain.identity import queries as identity_queries
from app.domain.imports import queries, rules
from app.domain.imports.errors import ImportStopped, TargetUnfit
from app.domain.imports.models import ImportFile, ImportRow
from app.domain.imports.types import (
    PRODUCT_EDIT,
    SOURCE_KIND,
    STOCK_COUNT,
    STOCK_IMPORT,
    STOCK_VIEW,
    FileState,
    Mode,
    RowState,
    StagedRow,
)
from app.domain.stock import services as stock_services
from app.domain.stock.types import NOTE_MAX, EntrySource
from app.domain.upt import queries as upt_queries
from app.infra import db
from app.kernel import clock
from app.kernel.actor import Actor, ActorKind, Reach, system

_POWERS: Final = (STOCK_IMPORT, STOCK_VIEW, STOCK_COUNT, PRODUCT_EDIT)


def post_chunk(*, file_id: int, rows: Sequence[StagedRow], at: datetime) -> bool:
    """Post some rows of a running file as one posting; return whether the next may follow.

    The rows are marked in the same transaction, so a row is posted exactly if it is marked, whenever
    the worker is killed.

    Raises:
        NotFound: No such file.
        ImportStopped: A row was posted meanwhile by another worker.
        DomainError: What the ledger, the count or the catalogue refuses.
    """
    file = queries.lock_file(file_id=file_id)
    if file.state != FileState.RUNNING.value or file.wants_stop:
        return False
    _post(file, rows, at=at)
    return True


def post_whole(*, file_id: int, chunks: Sequence[Sequence[StagedRow]], at: datetime) -> None:
    """Post all rows of a running file, in as many postings as they need, and close it.

    One transaction: the rows of the file are in the books together or not at all.

    Raises:
        NotFound: No such file.
        DomainError: What the ledger, the count or the catalogue refuses; nothing was posted.
    """
    file = queries.lock_file(file_id=file_id)
    if file.state != FileState.RUNNING.value or file.wants_stop:
        return
    if file.mode == Mode.RECEIPTS:
        for chunk in chunks:
            _post(file, chunk, at=at)
    else:
        _post(file, [row for chunk in chunks for row in chunk], at=at)
    file.state, file.finished_at = FileState.DONE.value, at


def _post(file: ImportFile, rows: Sequence[StagedRow], *, at: datetime) -> None:
    actor = _acting(file)
    source = EntrySource(SOURCE_KIND, f"{file.fingerprint}:{rows[0].number}")
    if file.mode == Mode.RECEIPTS:
        _receive(actor, file, rows, source, at=at)
    elif file.mode == Mode.PRICES:
        catalog_services.set_prices(
            actor=actor,
            upt_id=file.upt_id,
            prices={row.variant_id or 0: row.price_idr or 0 for row in rows},
            at=at,
        )
    else:
        _enter(actor, file, rows, source, at=at)
    _mark(file, rows)


def _acting(file: ImportFile) -> Actor:
    """Return who confirmed the file, with the powers that were checked then, for its UPT only."""
    if file.confirmed_by is None:
        return system("imports")
    reach = Reach(upt_ids=frozenset({file.upt_id}))
    names = identity_queries.staff_names(user_ids={file.confirmed_by})
    return Actor(
        kind=ActorKind.USER,
        user_id=file.confirmed_by,
        label=names.get(file.confirmed_by, ""),
        powers=dict.fromkeys(_POWERS, reach),
    )


def _receive(
    actor: Actor, file: ImportFile, rows: Sequence[StagedRow], source: EntrySource, *, at: datetime
) -> None:
    stock_services.post_moves(
        actor=actor,
        permission=STOCK_IMPORT,
        acting_upt_id=file.upt_id,
        action="stock.imported",
        moves=rules.moves(upt_id=file.upt_id, rows=rows),
        source=source,
        happened_at=_happened_at(file, rows[0].happened_on),
        at=at,
        note=f"Impor {file.id}: {file.name}"[:NOTE_MAX],
    )


def _happened_at(file: ImportFile, on: date | None) -> datetime:
    """Return the instant meant by a local date: that of confirming for the same day, else noon."""
    confirmed_at = file.confirmed_at or file.uploaded_at
    if on is None:
        return confirmed_at
    zone = upt_queries.briefs(upt_ids=[file.upt_id])[file.upt_id].timezone
    if on == clock.local_date(at=confirmed_at, timezone=zone):
        return confirmed_at
    return datetime.combine(on, time(12), ZoneInfo(zone))


def _enter(
    actor: Actor, file: ImportFile, rows: Sequence[StagedRow], source: EntrySource, *, at: datetime
) -> None:
    sheet = counts_queries.find_by_code(actor=actor, code=file.target)
    if sheet is None:
        raise TargetUnfit(file.target)
    counts_services.enter_rows(
        actor=actor,
        count_id=sheet.count_id,
        rows=typed(rows=rows),
        source=source,
        at=at,
        sequence=file.target_sequence,
    )


def typed(*, rows: Sequence[StagedRow]) -> tuple[TypedRow, ...]:
    """Return counted rows as count sheets take them."""
    return tuple(
        TypedRow(
            row_number=row.number,
            sku=row.sku,
            quantity=row.quantity or 0,
            lot_code=row.lot_code,
            place=row.place,
            note=row.note,
        )
        for row in rows
    )


def _mark(file: ImportFile, rows: Sequence[StagedRow]) -> None:
    numbers = [row.number for row in rows]
    marked = 0
    for start in range(0, len(numbers), 5_000):
        marked += len(
            db.session()
            .execute(
                update(ImportRow)
                .where(
                    ImportRow.file_id == file.id,
                    ImportRow.number.in_(numbers[start : start + 5_000]),
                    ImportRow.state != RowState.POSTED.value,
                )
                .values(state=RowState.POSTED.value)
                .returning(ImportRow.number),
                execution_options={"synchronize_session": False},
            )
            .all()
        )
    if marked != len(rows):
        raise ImportStopped
    file.rows_posted += marked
