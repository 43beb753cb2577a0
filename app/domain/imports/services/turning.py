"""What people and the worker decide about a file: confirm, cancel, go on, begin, stop, finish."""

from __future__ import annotations

from datetime import datetime

from app.domain.audit import services as audit_services
from app.domain.imports import queries
from app.domain.imports.errors import ImportNotReady, ImportRepeated
from app.domain.imports.events import ImportConfirmed
from app.domain.imports.models import ImportFile
from app.domain.imports.types import (
    MOVING,
    PRODUCT_EDIT,
    STOCK_ADJUST,
    STOCK_COUNT,
    STOCK_IMPORT,
    FileRecord,
    FileState,
    Mode,
)
from app.infra import db, jobs
from app.kernel.actor import Actor


def ensure_may(*, actor: Actor, upt_id: int, mode: Mode) -> None:
    """Refuse unless the actor may bring in such a list.

    Raises:
        NotFound: The actor has nothing to do with this UPT.
        NotAllowed: ``stock.import``, or what the list does, is not allowed there.
    """
    actor.ensure(STOCK_IMPORT, upt_id=upt_id)
    if mode is Mode.PRICES:
        actor.ensure(PRODUCT_EDIT, upt_id=upt_id)
    if mode is Mode.COUNT:
        actor.ensure(STOCK_COUNT, upt_id=upt_id)


def confirm(
    *, actor: Actor, file_id: int, is_whole: bool, with_known: bool, at: datetime
) -> FileRecord:
    """Decide that a file be posted; the worker does it. Confirming it again changes nothing.

    Args:
        is_whole: All rows or none: a file with wrong rows is refused. Else the good rows.
        with_known: Take rows again that were imported before.

    Raises:
        NotFound: No such file, or of a UPT with which the actor has nothing to do.
        NotAllowed: The actor may not bring in such a list.
        ImportNotReady: It has wrong rows, nothing to post, or is over.
        ImportRepeated: The same content was confirmed before, as another file.
    """
    file = _lock(actor, file_id)
    if file.state in MOVING or file.state == FileState.DONE:
        return queries.record(row=file)
    if file.state != FileState.CHECKED.value or not file.has_rows:
        raise ImportNotReady
    if is_whole and file.rows_wrong:
        raise ImportNotReady
    if file.mode == Mode.RECEIPTS and queries.has_opening(file_id=file_id):
        actor.ensure(STOCK_ADJUST, upt_id=file.upt_id)
    file.is_whole, file.with_known = is_whole, with_known
    if not queries.record(row=file).rows_chosen:
        raise ImportNotReady
    earlier = queries.find_earlier(file=queries.record(row=file))
    if earlier is not None:
        raise ImportRepeated(earlier.file_id, earlier.confirmed_at)
    file.confirmed_by, file.confirmed_at = actor.user_id, at
    _queue(actor, file, "import.confirmed", at=at)
    return queries.record(row=file)


def _lock(actor: Actor, file_id: int) -> ImportFile:
    """Return the row of a file, held; the power is checked before the lock is asked for."""
    mode = queries.get_file(actor=actor, file_id=file_id).mode
    file = queries.lock_file(file_id=file_id)
    ensure_may(actor=actor, upt_id=file.upt_id, mode=mode)
    return file


def _queue(actor: Actor, file: ImportFile, action: str, *, at: datetime) -> None:
    file.state, file.wants_stop, file.stop_code = FileState.QUEUED.value, False, ""
    file.finished_at = None
    db.session().flush()
    _tell(actor, file, action, at=at)
    jobs.publish(ImportConfirmed(file.id), at=at)


def _tell(actor: Actor, file: ImportFile, action: str, *, at: datetime) -> None:
    audit_services.record(
        actor=actor,
        action=action,
        subject=f"import:{file.id}",
        at=at,
        upt_id=file.upt_id,
        detail={
            "mode": file.mode,
            "rows": file.rows_total,
            "posted": file.rows_posted,
            "whole": int(file.is_whole),
        },
    )


def go_on(*, actor: Actor, file_id: int, at: datetime) -> FileRecord:
    """Let the rest of a halted file follow.

    Raises:
        NotFound: No such file, or of a UPT with which the actor has nothing to do.
        NotAllowed: The actor may not bring in such a list.
        ImportNotReady: It is not halted.
    """
    file = _lock(actor, file_id)
    if file.state in MOVING:
        return queries.record(row=file)
    if file.state != FileState.HALTED.value:
        raise ImportNotReady
    _queue(actor, file, "import.resumed", at=at)
    return queries.record(row=file)


def cancel(*, actor: Actor, file_id: int, at: datetime) -> FileRecord:
    """Stop a file: at once before it runs, else before its next step. What is posted stays.

    Raises:
        NotFound: No such file, or of a UPT with which the actor has nothing to do.
        NotAllowed: The actor may not bring in such a list.
        ImportNotReady: It is over already.
    """
    file = _lock(actor, file_id)
    if file.state == FileState.RUNNING.value:
        file.wants_stop = True
        jobs.publish(ImportConfirmed(file.id), at=at)
    elif file.state in (FileState.CHECKED.value, FileState.QUEUED.value):
        _halt(file, "", at=at)
    elif file.state != FileState.CANCELLED.value:
        raise ImportNotReady
    _tell(actor, file, "import.cancelled", at=at)
    return queries.record(row=file)


def _halt(file: ImportFile, code: str, *, at: datetime) -> None:
    state = FileState.HALTED if file.rows_posted else FileState.CANCELLED
    file.state, file.stop_code, file.finished_at = state.value, code, at
    file.wants_stop = False


def begin(*, file_id: int, at: datetime) -> FileRecord | None:
    """Take a confirmed file up, or again after the worker was killed; None when there is nothing to do.

    Raises:
        NotFound: No such file.
    """
    file = queries.lock_file(file_id=file_id)
    if FileState(file.state) not in MOVING:
        return None
    if file.wants_stop:
        _halt(file, "", at=at)
        return None
    file.state = FileState.RUNNING.value
    return queries.record(row=file)


def stop(*, file_id: int, code: str, at: datetime) -> None:
    """Write down why a file could not be posted, or not further.

    Args:
        code: Message of the refusal; empty when somebody asked for it.

    Raises:
        NotFound: No such file.
    """
    file = queries.lock_file(file_id=file_id)
    if FileState(file.state) in MOVING:
        _halt(file, code, at=at)


def finish(*, file_id: int, at: datetime) -> None:
    """Close a file whose rows are all posted.

    Raises:
        NotFound: No such file.
    """
    file = queries.lock_file(file_id=file_id)
    if file.state == FileState.RUNNING.value:
        file.state, file.finished_at = FileState.DONE.value, at
