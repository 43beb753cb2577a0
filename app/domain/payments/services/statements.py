"""Writes of bank statements: a file is kept, its columns named, its rows imported, each row decided.

Money is written by checkout, which settles the order with it; these functions only note which row
it came from. A row is locked after the order and its payment.

Source: docs/algorithms/bank-statements.md.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select, update

from app.domain.audit import services as audit_services
from app.domain.payments import queries
from app.domain.payments.adapters import statement_file
from app.domain.payments.commands import ChooseColumns, IgnoreRow, UploadStatement
from app.domain.payments.errors import EntryUnfit, RowTaken, StatementNotReady
from app.domain.payments.models import BankAccount, BankFile, BankRow, MoneyEntry
from app.domain.payments.types import (
    PERMISSION_CONFIRM,
    Columns,
    FileState,
    MoneyKind,
    RowState,
)
from app.infra import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound


def stage_statement(
    *, actor: Actor, command: UploadStatement, name: str, content: bytes, at: datetime
) -> int:
    """Keep a file to be looked at; return its id. Nothing enters the books yet.

    Raises:
        NotAllowed: ``payment.confirm`` is not held nationally.
        NotFound: No such account.
        StatementRefused: It is no table that we read.
        StatementUnderWay: The same form is being kept in this moment.
    """
    actor.ensure_national(PERMISSION_CONFIRM)
    known = db.session().scalar(select(BankFile.id).where(BankFile.entry_key == command.entry_key))
    if known is not None:
        return known
    statement_file.read(content)
    account = _account(command, at)
    file = BankFile(
        account_id=account.id,
        name=name[:120],
        sha256=hashlib.sha256(content).hexdigest(),
        entry_key=command.entry_key,
        state=str(FileState.CHECKED),
        columns=account.columns,
        content=content,
        rows_new=0,
        rows_known=0,
        rows_out=0,
        uploaded_by=actor.user_id,
        uploaded_at=at,
    )
    db.add(file)
    return file.id


def choose_columns(*, actor: Actor, file_id: int, command: ChooseColumns) -> None:
    """Note under which headings a file holds what.

    Raises:
        NotAllowed: ``payment.confirm`` is not held nationally.
        NotFound: No such file.
        StatementNotReady: It was decided before.
    """
    actor.ensure_national(PERMISSION_CONFIRM)
    file = _lock_file(file_id)
    if file.state != FileState.CHECKED:
        raise StatementNotReady
    file.columns = json.dumps(command.model_dump(), ensure_ascii=False)
    db.session().flush()


def import_statement(*, actor: Actor, file_id: int, at: datetime) -> int:
    """Write the rows of a file that its account does not have yet; return how many.

    The same file again, or one that overlaps it, adds only what is new. The columns are remembered
    for the account's next file. A second call changes nothing.

    Raises:
        NotAllowed: ``payment.confirm`` is not held nationally.
        NotFound: No such file.
        StatementNotReady: It has unreadable rows or unnamed columns, or was discarded.
    """
    actor.ensure_national(PERMISSION_CONFIRM)
    account_id = db.session().scalar(select(BankFile.account_id).where(BankFile.id == file_id))
    account = db.session().scalar(
        db.for_update(select(BankAccount).where(BankAccount.id == account_id))
    )
    file = _lock_file(file_id)
    if file.state == FileState.IMPORTED:
        return file.rows_new
    preview = queries.preview_statement(actor=actor, file_id=file_id, at=at)
    checked = preview.checked
    if file.state != FileState.CHECKED or checked.faults or not checked.columns.is_complete:
        raise StatementNotReady
    fresh = preview.fresh
    db.append_rows(
        BankRow,
        [
            {
                "account_id": file.account_id, "file_id": file_id, "line": row.line,
                "happened_on": row.happened_on, "amount_idr": row.amount_idr,
                "description": row.description, "bank_reference": row.bank_reference,
                "fingerprint": row.fingerprint, "state": str(RowState.NEW), "reason": "",
            }
            for row in fresh
        ],
    )  # fmt: skip
    columns = json.dumps(asdict(checked.columns), ensure_ascii=False)
    file.state, file.content, file.imported_at = str(FileState.IMPORTED), None, at
    file.rows_new, file.rows_known = len(fresh), len(checked.rows) - len(fresh)
    file.rows_out, file.columns = checked.rows_out, columns
    assert account is not None
    account.columns = columns
    _audit(
        actor, "bank.imported", f"bank_file:{file_id}",
        {"rows": len(fresh), "amount_idr": preview.fresh_idr}, at=at,
    )  # fmt: skip
    return len(fresh)


def discard_statement(*, actor: Actor, file_id: int) -> None:
    """Let go of a file that was only looked at; a second call changes nothing.

    Raises:
        NotAllowed: ``payment.confirm`` is not held nationally.
        NotFound: No such file.
        StatementNotReady: It was imported.
    """
    actor.ensure_national(PERMISSION_CONFIRM)
    file = _lock_file(file_id)
    if file.state == FileState.IMPORTED:
        raise StatementNotReady
    file.state, file.content = str(FileState.DISCARDED), None
    db.session().flush()


def note_match(*, actor: Actor, row_id: int, entry_key: str, at: datetime) -> None:
    """Note that the money just written came from a bank row; the same again changes nothing.

    Raises:
        NotFound: No such row.
        RowTaken: It was matched otherwise, or put aside.
    """
    entry_id = db.session().scalar(select(MoneyEntry.id).where(MoneyEntry.entry_key == entry_key))
    row = _lock_row(row_id)
    if entry_id is not None and row.money_entry_id == entry_id:
        return
    if entry_id is None or row.state != RowState.NEW:
        raise RowTaken
    _decide(row, RowState.MATCHED, actor, at, entry_id=entry_id)


def link_row(*, actor: Actor, row_id: int, entry_id: int, at: datetime) -> None:
    """Say that a row is money which somebody typed by hand; no money is written.

    Raises:
        NotAllowed: ``payment.confirm`` is not held nationally.
        NotFound: No such row.
        RowTaken: The row was decided, or the money belongs to another row.
        EntryUnfit: It is no transfer typed by hand, or of another amount.
    """
    actor.ensure_national(PERMISSION_CONFIRM)
    row = _lock_row(row_id)
    if row.money_entry_id == entry_id:
        return
    if row.state != RowState.NEW:
        raise RowTaken
    entry = db.session().get(MoneyEntry, entry_id)
    if (
        entry is None
        or entry.kind != MoneyKind.RECEIVED
        or entry.amount_idr != row.amount_idr
        or entry.entry_key.startswith(("card:", "bank:"))
    ):
        raise EntryUnfit
    taken = db.session().scalar(select(BankRow.id).where(BankRow.money_entry_id == entry_id))
    if taken is not None:
        raise RowTaken
    _decide(row, RowState.MATCHED, actor, at, entry_id=entry_id)
    _audit(actor, "bank.row_linked", f"bank_row:{row_id}", {"entry_id": entry_id}, at=at)


def ignore_row(*, actor: Actor, row_id: int, command: IgnoreRow, at: datetime) -> None:
    """Put a row aside that pays no order, with the reason; the same again changes nothing.

    Raises:
        NotAllowed: ``payment.confirm`` is not held nationally.
        NotFound: No such row.
        RowTaken: It was matched.
    """
    actor.ensure_national(PERMISSION_CONFIRM)
    row = _lock_row(row_id)
    if row.state == RowState.IGNORED and row.reason == command.reason:
        return
    if row.state != RowState.NEW:
        raise RowTaken
    _decide(row, RowState.IGNORED, actor, at, reason=command.reason)
    _audit(
        actor, "bank.row_ignored", f"bank_row:{row_id}",
        {"amount_idr": row.amount_idr, "reason": command.reason}, at=at,
    )  # fmt: skip


def reopen_row(*, actor: Actor, row_id: int, at: datetime) -> None:
    """Take a row back that was put aside; a row that waits stays so.

    Raises:
        NotAllowed: ``payment.confirm`` is not held nationally.
        NotFound: No such row.
        RowTaken: It was matched; only a refund undoes that.
    """
    actor.ensure_national(PERMISSION_CONFIRM)
    row = _lock_row(row_id)
    if row.state == RowState.NEW:
        return
    if row.state != RowState.IGNORED:
        raise RowTaken
    _decide(row, RowState.NEW, actor, at)
    _audit(actor, "bank.row_reopened", f"bank_row:{row_id}", {}, at=at)


def _account(command: UploadStatement, at: datetime) -> BankAccount:
    if command.account_id is not None:
        account = db.session().get(BankAccount, command.account_id)
        if account is None:
            raise NotFound
        return account
    number = "".join(sign for sign in command.number if sign.isalnum())
    account = db.session().scalar(select(BankAccount).where(BankAccount.number == number))
    if account is None:
        columns = json.dumps(asdict(Columns()))
        account = BankAccount(bank=command.bank, number=number, columns=columns, created_at=at)
        db.add(account)
    return account


def _lock_file(file_id: int) -> BankFile:
    file = db.session().scalar(db.for_update(select(BankFile).where(BankFile.id == file_id)))
    if file is None:
        raise NotFound
    return file


def _lock_row(row_id: int) -> BankRow:
    statement = db.for_update(select(BankRow).where(BankRow.id == row_id))
    row = db.session().scalar(statement.execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    return row


def _decide(
    row: BankRow,
    state: RowState,
    actor: Actor,
    at: datetime,
    *,
    entry_id: int | None = None,
    reason: str = "",
) -> None:
    db.session().execute(
        update(BankRow)
        .where(BankRow.id == row.id)
        .values(
            state=str(state), reason=reason, money_entry_id=entry_id,
            decided_by=actor.user_id, decided_at=at,
        )
    )  # fmt: skip


def _audit(
    actor: Actor, action: str, subject: str, detail: dict[str, str | int | None], *, at: datetime
) -> None:
    audit_services.record(actor=actor, action=action, subject=subject, at=at, detail=detail)
