"""Keeping files with their rows, and cleaning away what came to nothing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, or_, select, update

from app.domain.audit import services as audit_services
from app.domain.imports import rules
from app.domain.imports.models import ImportContent, ImportFile, ImportRow
from app.domain.imports.types import (
    KEEP_CONTENT_DAYS,
    KEEP_STAGED_DAYS,
    STOCK_IMPORT,
    CheckedFile,
    FileState,
    RowState,
    StagedRow,
)
from app.infra import db
from app.kernel.actor import Actor

_AT_ONCE: Final = 5_000
_FILES_AT_ONCE: Final = 20


def stage(*, actor: Actor, upt_id: int, checked: CheckedFile, entry_key: str, at: datetime) -> int:
    """Keep a file and its rows as they were understood; return its id. Nothing else happens yet.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.import`` is not held there.
        ImportRepeated: A form with this key brought a file already.
    """
    actor.ensure(STOCK_IMPORT, upt_id=upt_id)
    counts = {state: sum(row.state is state for row in checked.rows) for state in RowState}
    good = [row for row in checked.rows if row.state is RowState.READY]
    file = ImportFile(
        upt_id=upt_id,
        mode=checked.mode.value,
        state=FileState.CHECKED.value,
        name=checked.name,
        format=checked.format,
        target=checked.target,
        target_sequence=checked.target_sequence,
        fingerprint=checked.fingerprint,
        entry_key=entry_key,
        unread=json.dumps(checked.unread, ensure_ascii=False),
        rows_total=len(checked.rows),
        rows_blank=checked.rows_blank,
        rows_wrong=counts[RowState.WRONG],
        rows_known=counts[RowState.KNOWN],
        rows_same=counts[RowState.SAME],
        rows_posted=0,
        pieces=sum(row.quantity or 0 for row in good),
        goods=len({row.variant_id for row in good}),
        is_whole=True,
        with_known=False,
        wants_stop=False,
        uploaded_by=actor.user_id,
        uploaded_at=at,
        stop_code="",
        has_rows=True,
    )
    db.add(file)
    db.add(ImportContent(file_id=file.id, content=checked.content))
    for start in range(0, len(checked.rows), _AT_ONCE):
        rows = [_row(file.id, row) for row in checked.rows[start : start + _AT_ONCE]]
        db.append_rows(ImportRow, rows)
    audit_services.record(
        actor=actor,
        action="import.checked",
        subject=f"import:{file.id}",
        at=at,
        upt_id=upt_id,
        detail={"mode": file.mode, "rows": file.rows_total, "wrong": file.rows_wrong},
    )
    return file.id


def _row(file_id: int, row: StagedRow) -> dict[str, Any]:
    return {
        "file_id": file_id,
        "number": row.number,
        "state": row.state.value,
        "sku": row.sku,
        "variant_id": row.variant_id,
        "quantity": row.quantity,
        "price_idr": row.price_idr,
        "before_idr": row.before_idr,
        "place": row.place,
        "origin": row.origin.value if row.origin else "",
        "lot_code": row.lot_code,
        "produced_on": row.produced_on,
        "expires_on": row.expires_on,
        "happened_on": row.happened_on,
        "document": row.document,
        "note": row.note,
        "row_key": row.row_key,
        "errors": rules.write_errors(row) if row.errors else "",
    }


def clean(*, at: datetime) -> int:
    """Let go of the rows of some files that came to nothing, and of old files; return how many.

    What was posted keeps its rows for ever: they say which line of which file made which entry.
    """
    staged = and_(
        ImportFile.state.in_((FileState.CHECKED.value, FileState.CANCELLED.value)),
        ImportFile.has_rows,
        ImportFile.uploaded_at < at - timedelta(days=KEEP_STAGED_DAYS),
    )
    old = and_(
        ImportFile.state == FileState.DONE.value,
        ImportFile.uploaded_at < at - timedelta(days=KEEP_CONTENT_DAYS),
        select(ImportContent.file_id).where(ImportContent.file_id == ImportFile.id).exists(),
    )
    session = db.session()
    files = session.execute(
        db.for_update(
            select(ImportFile.id, ImportFile.state)
            .where(or_(staged, old))
            .order_by(ImportFile.id)
            .limit(_FILES_AT_ONCE)
        )
    ).all()
    unposted = [row.id for row in files if row.state != FileState.DONE.value]
    session.execute(
        delete(ImportContent).where(ImportContent.file_id.in_([row.id for row in files]))
    )
    session.execute(delete(ImportRow).where(ImportRow.file_id.in_(unposted)))
    session.execute(
        update(ImportFile)
        .where(ImportFile.id.in_(unposted))
        .values(has_rows=False, state=FileState.CANCELLED.value)
    )
    return len(files)
